"""What an imagined observation is held against: the question's chance on every simulated path."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forecast.errors import QuestionError
from forecast.explain.information import Joint
from forecast.forecasts.events import event_chance
from forecast.forecasts.questions import why_no_forecast
from forecast.forecasts.window import Window, make_window
from forecast.forecasts.world import World
from forecast.model.credibility import panel_chances
from forecast.panel.acts import canonical_pair
from forecast.priors import Priors, load_priors
from forecast.study.events import AnyEvent, CountEvent, Event, LevelEvent, OrEvent, ValueEvent
from forecast.study.events import parse_event as parse
from forecast.study.models import Indicator, Judgement, Pair, Question

#: Of the current period so much must be left for it to be the one that is watched.
LEFT = 1.0 / 3.0
SignalEvent = AnyEvent | CountEvent | LevelEvent | ValueEvent


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A question on simulated worlds, and the period in which something is imagined.

    Attributes
    ----------
    record : bool
        The question resolves on the record.
    chance : array, shape (draw, path)
        The question's chance on every path.
    period : int
        Number of the period in which something is seen: in the days of it after the as-of date.
    share : float
        Share of the period that lies after the as-of date.
    known_on : date
        The end of the period after it: what is reported by then is what is seen.
    grade : str
        Admiralty grade of what is seen.
    chances : mapping of str to float
        P(true) by grade.
    """

    world: World
    priors: Priors
    question: Question | Judgement
    window: Window
    record: bool
    chance: np.ndarray
    period: int
    share: float
    known_on: date
    grade: str
    chances: dict[str, float]

    @property
    def label(self) -> str:
        """Label of the period."""
        return self.world.panel.study.calendar.label(self.period)

    @property
    def parts(self) -> tuple[Event, ...]:
        """The events of which one at least makes the question true."""
        event = parse(self.question.event)
        return event.parts if isinstance(event, OrEvent) else (event,)

    @property
    def first_day(self) -> date:
        """First day on which something is imagined."""
        begins = self.world.panel.study.calendar.start(self.period)
        return max(begins, self.world.as_of + timedelta(days=1))

    @property
    def in_window(self) -> bool:
        """Whether some of the imagined days lie in the question's window."""
        ends = self.world.panel.study.calendar.end(self.period)
        return self.window.opens <= ends and self.first_day <= self.window.closes

    def asked(self, indicator: Indicator, pair: Pair) -> list[SignalEvent]:
        """Return the parts of the question that ask about this very signal of this pair."""
        if canonical_pair(indicator, pair) != canonical_pair(indicator, self.question.pair):
            return []
        return [
            part
            for part in self.parts
            if isinstance(part, SignalEvent) and part.indicator == indicator.name
        ]

    def without(self, parts: list[SignalEvent]) -> np.ndarray:
        """Return the chance that another part of the question is true, shape (draw, path)."""
        others = tuple(part for part in self.parts if part not in parts)
        if not others:
            return np.zeros_like(self.chance)
        pair, event = self.question.pair, OrEvent(others)
        return event_chance(self.world, event, pair, self.window, record=self.record)

    def joint(self, mass: np.ndarray, hits: np.ndarray, *, sampled: bool = False) -> Joint:
        """Return the joint chances of outcomes and question from means by draw."""
        return Joint(
            shares=self.world.draws.shares,
            mass=mass,
            hits=np.clip(hits, 0.0, mass),
            chance=self.chance.mean(axis=1),
            sampled=sampled,
        )


def make_scene(
    world: World,
    question: Question | Judgement,
    *,
    period: str | None,
    grade: str,
    priors: Priors | None,
) -> Scene:
    """Forecast a question on every path, and choose the period that is watched.

    Raises
    ------
    QuestionError
        If the question has no probability as of this date, or the period or the grade is none that
        can be imagined.
    """
    panel = world.panel
    if reason := why_no_forecast(panel, question):
        raise QuestionError(
            f"{question.id} has no forecast to move: {reason}",
            expected="a question that is open on the as-of date and modelled",
            remedy="choose another question or another run",
        )
    study = panel.study
    priors = priors or load_priors(study.prior_sets, study.directory)
    chances = panel_chances(panel, priors)
    if grade not in chances:
        raise QuestionError(
            f"{grade!r} is not a grade",
            expected="a letter and a digit, such as B2",
            remedy="give the grade of what would be seen",
        )
    window = make_window(study.calendar, question.opens, question.closes)
    record = isinstance(question, Question) and question.resolves_on == "record"
    number = _period(world, period)
    return Scene(
        world=world,
        priors=priors,
        question=question,
        window=window,
        record=record,
        chance=event_chance(world, parse(question.event), question.pair, window, record=record),
        period=number,
        share=_left(world, number),
        known_on=study.calendar.end(number + 1),
        grade=grade,
        chances=chances,
    )


def _period(world: World, label: str | None) -> int:
    """Return the number of the period that is watched."""
    calendar = world.panel.study.calendar
    last = world.now + world.ahead
    if label is None:
        chosen = world.now if _left(world, world.now) >= LEFT else world.now + 1
    else:
        chosen = calendar.parse(label)
    if not world.now <= chosen <= last or _left(world, chosen) == 0.0:
        first = world.now if _left(world, world.now) > 0.0 else world.now + 1
        raise QuestionError(
            f"nothing can be imagined in {calendar.label(chosen)}",
            where=f"as of {world.as_of}",
            expected=f"a period from {calendar.label(first)} to {calendar.label(last)}",
            remedy="choose a period that is not over and is simulated",
        )
    return chosen


def _left(world: World, period: int) -> float:
    """Return the share of a period that lies after the as-of date."""
    calendar = world.panel.study.calendar
    return calendar.share(period, world.as_of + timedelta(days=1), calendar.end(period))
