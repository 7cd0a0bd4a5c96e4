"""Imagined reports on the ladder: one report of a rung by one side, of any grade, or silence.

The law is the story of docs/model.md, section 6, told forward from what is on record now. With
``F`` the share of true reports known at the as-of date and ``F'`` at the end of the next period, a
side that reaches the rung, and of which no report came so far, is truly reported by then with
chance ``g = d (F' - F) / (1 - d F)``, with grades from the shares of true reports; else, and where
it does not reach it, a false report comes with chance ``e = eps (F' - F)``, with grades from the
shares of false ones. Relative to a side that does not reach the rung, a report so has the factor
``(1 - d F' + d lambda) / (1 - d F)`` and silence ``(1 - d F') / (1 - d F)``: exactly that by which
the fit's emission of the cell changes.

Where the question itself is about reports, or about acts of one kind, a report that settles it does
so on every path (on record), or on those that reach the rung (of an act, by its chance to have
taken place); anything else then lowers the question's chance on each path so far that all together
leave it as it was. A false report that is good enough settles a question on record too, which its
forecast leaves out unless it is about formal charges: what can be seen then adds up to a bit more.
"""

from dataclasses import dataclass

import numpy as np

from forecast.errors import QuestionError
from forecast.explain.observations import Imagined, show
from forecast.explain.scene import Scene
from forecast.forecasts.report_events import kind_share
from forecast.model.witness import Witness
from forecast.study.events import FORMAL_CHARGE, AnyEvent, Event, RungEvent
from forecast.study.models import Indicator, Pair

SIDES = {"state": "the state", "firm": "firms"}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What reports are about: a rung and a side, and where the question asks for it a kind."""

    rung: int
    name: str
    side: str
    pair: Pair
    kind: Indicator | None = None

    @property
    def words(self) -> str:
        """The subject in words."""
        what = self.kind.name if self.kind else f"{self.name} support"
        return f"{what} by {SIDES[self.side]}"


def subjects_of(scene: Scene, pair: Pair) -> list[Subject]:
    """List what can be reported of a pair; nothing where its support is not at stake."""
    world = scene.world
    chains = world.draws.data.chains
    if chains is None or world.chain(pair.label) is None:
        return []
    study, found = world.panel.study, []
    kinds = _kinds_asked(scene) if pair == scene.question.pair else []
    for rung, name in list(enumerate(study.ladder.rungs))[1:]:
        for side in SIDES:
            if side == "firm" and not chains.witness.firms_allowed[rung]:
                continue
            own: list[Indicator | None] = [kind for kind in kinds if kind.rung == name]
            found += [
                Subject(rung=rung, name=name, side=side, pair=pair, kind=kind)
                for kind in own or [None]
            ]
    return found


def _kinds_asked(scene: Scene) -> list[Indicator]:
    """Return the kinds of act that the question asks about."""
    indicators = scene.world.panel.study.indicators
    asked = [
        indicators[part.indicator]
        for part in scene.parts
        if isinstance(part, AnyEvent) and part.indicator != FORMAL_CHARGE
    ]
    return list({kind.name: kind for kind in asked if kind.measures == "outcome"}.values())


def imagine_report(scene: Scene, subject: Subject) -> Imagined:
    """Imagine one report, of each grade in turn, or silence.

    Raises
    ------
    QuestionError
        If no indicator reports the rung, or a report of it and the side is on record for the
        period.
    """
    watched = _watched(scene, subject)
    _insist_on_silence(scene, subject)
    witness = _witness(scene)
    grades = list(witness.true_share)
    reports = report_chances(scene, subject)
    silence = 1.0 - reports.sum(axis=0)
    chances = np.vstack([reports, silence])
    factors = np.ones_like(chances)
    for part in scene.parts:
        factors *= _factors(scene, subject, part, reports)
    reach = _reaches(scene, subject)
    columns = []
    for side, inside in enumerate((1.0 - reach, reach)):
        mass = inside.mean(axis=1)[:, None]
        missed = (inside * (1.0 - scene.chance)).mean(axis=1)[:, None]
        own = chances[:, side] * mass
        columns.append((own, own - chances[:, side] * factors[:, side] * missed))
    mass = columns[0][0] + columns[1][0]
    hits = np.clip(columns[0][1], 0.0, columns[0][0]) + np.clip(columns[1][1], 0.0, columns[1][0])
    wanted = list(dict.fromkeys(["A1", scene.grade, "E5"]))
    shown = [*(grades.index(grade) for grade in wanted), len(grades)]
    order = [*shown, *(one for one in range(len(mass.T)) if one not in shown)]
    about = {"indicator": subject.words, "watched": watched, "pair": subject.pair}
    words = [f"{_article(grade)} {grade} report of {subject.words}" for grade in wanted]
    return show(scene, about, (mass[:, order], hits[:, order]), [*words, "silence"])


def _watched(scene: Scene, subject: Subject) -> tuple[Indicator, ...]:
    """Return the indicators that may report the subject."""
    if subject.kind:
        return (subject.kind,)
    study = scene.world.panel.study
    kinds = tuple(one for one in study.indicators.values() if one.rung == subject.name)
    if not kinds:
        raise QuestionError(
            "no indicator of the study reports it", expected="an indicator of the rung"
        )
    return kinds


def report_chances(scene: Scene, subject: Subject) -> np.ndarray:
    """Return P(a report of each grade) of a side that does not reach the rung, and one that does.

    Returns
    -------
    array, shape (grade, 2)
    """
    true, false = _arrivals(scene, subject)
    witness = _witness(scene)
    share = kind_share(scene.world, subject.kind) if subject.kind else 1.0
    of_true = np.array(list(witness.true_share.values()))
    of_false = np.array([witness.false_share[grade] for grade in witness.true_share])
    of_true, of_false = of_true / of_true.sum(), of_false / of_false.sum()
    invented = false * share * of_false
    return np.stack([invented, true * share * of_true + (1.0 - true * share) * invented], axis=1)


def _arrivals(scene: Scene, subject: Subject) -> tuple[float, float]:
    """Return the chances that a true and a false report become known in the imagined time."""
    witness, calendar = _witness(scene), scene.world.panel.study.calendar
    begin, end = calendar.start(scene.period), calendar.end(scene.period)
    later = float(witness.known_share(begin, end, scene.known_on)[subject.rung])
    now = 0.0
    if begin <= scene.world.as_of:
        now = float(witness.known_share(begin, end, scene.world.as_of)[subject.rung])
    detection = float(witness.detection[subject.rung])
    gained = max(0.0, later - now)
    return detection * gained / (1.0 - detection * now), float(
        witness.false_rate[subject.rung]
    ) * gained


def _reaches(scene: Scene, subject: Subject) -> np.ndarray:
    """Return 1 on the paths on which the side reaches the rung in the period, (draw, path)."""
    world = scene.world
    chain = world.chain(subject.pair.label)
    assert chain is not None
    slot = world.slots(scene.period, scene.period)
    axis = list(SIDES).index(subject.side)
    return np.asarray(world.rungs(chain)[:, :, slot, axis][:, :, 0] >= subject.rung, dtype=float)


def _factors(scene: Scene, subject: Subject, part: Event, reports: np.ndarray) -> np.ndarray:
    """Return by what the chance that a part is *not* so is multiplied, (grade or silence, 2)."""
    grades = list(_witness(scene).true_share)
    factors = np.ones((len(grades) + 1, 2))
    if subject.pair != scene.question.pair or not scene.in_window:
        return factors
    if _asks_acts(scene, subject, part):
        factors[:-1, 1] = _act_doubt(scene, subject, grades)
        told = reports[:, 1]
        factors[-1, 1] = (1.0 - told @ factors[:-1, 1]) / (1.0 - told.sum())
        return factors
    settling = np.array([_settles(scene, subject, part, grade) for grade in grades])
    if settling.any():
        others = 1.0 / (1.0 - reports[settling].sum(axis=0))
        if not _charges(part):
            others[0] = 1.0  # Such a forecast leaves false reports out.
        factors[:] = others
        factors[:-1][settling] = 0.0
    return factors


def _charges(part: Event) -> bool:
    return isinstance(part, AnyEvent) and part.indicator == FORMAL_CHARGE


def _asks_acts(scene: Scene, subject: Subject, part: Event) -> bool:
    """Say whether a part asks if acts of the subject's kind took place, on record or not."""
    return (
        not scene.record
        and isinstance(part, AnyEvent)
        and subject.kind is not None
        and part.indicator == subject.kind.name
        and _concerns(part.by, subject)
    )


def _settles(scene: Scene, subject: Subject, part: Event, grade: str) -> bool:
    """Say whether a report of a grade makes a part true on the record."""
    good = grade[0] <= "B" and grade[1] <= "2"
    match part:
        case AnyEvent(rung=rung) if _charges(part):
            return rung == subject.name and grade[0] == "A"
        case AnyEvent(indicator=name, by=by) if scene.record and subject.kind is not None:
            return good and name == subject.kind.name and _concerns(by, subject)
        case RungEvent(op=op, rung=name, by=by) if scene.record:
            lowest = scene.world.panel.study.ladder.rungs.index(name) + (op == ">")
            return good and subject.rung >= lowest and _concerns(by, subject)
    return False


def _act_doubt(scene: Scene, subject: Subject, grades: list[str]) -> np.ndarray:
    """Return P(no act of the kind) after a report of each grade over that before, on the rung."""
    witness = _witness(scene)
    assert subject.kind is not None
    shares = scene.window.share
    before = kind_share(scene.world, subject.kind) * shares[scene.period - scene.window.first]
    detection = float(witness.detection[subject.rung])
    odds = np.array([detection * witness.likelihood_ratio(subject.rung, [g]) for g in grades])
    after = np.maximum(before, odds / (1.0 + odds))
    return np.asarray((1.0 - after) / (1.0 - before)) if before < 1.0 else np.ones(len(grades))


def _concerns(by: str, subject: Subject) -> bool:
    return by == "any" or subject.side == "state"


def _insist_on_silence(scene: Scene, subject: Subject) -> None:
    panel = scene.world.panel
    rows = panel.reports[
        (panel.reports["pair"] == subject.pair.label)
        & (panel.reports["rung"] == subject.name)
        & (panel.reports["attribution"] == subject.side)
        & ~panel.reports["nothing"].astype(bool)
    ]
    index = panel.study.calendar.parse
    for first, last, records in zip(rows["first"], rows["last"], rows["records"], strict=True):
        if index(first) <= scene.period <= index(last):
            raise QuestionError(
                f"a report is on record for {scene.label} ({', '.join(records)})",
                expected="a period without one",
            )


def _witness(scene: Scene) -> Witness:
    chains = scene.world.draws.data.chains
    assert chains is not None
    return chains.witness


def _article(grade: str) -> str:
    return "an" if grade[0] in "AEF" else "a"
