"""Replays a stretch of days: what would have been said on each, on what was known by its end."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal

import pandas as pd

from forecast.errors import FitError, RunError, StudyError
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import Vintage, read_as_of
from forecast.explain.basis import Basis, ImpossibleError, State, state_at
from forecast.explain.steps import steps_between
from forecast.explain.update import Update, reweigh
from forecast.forecasts.questions import QuestionForecast
from forecast.panel import build_panel
from forecast.priors import Priors, load_priors
from forecast.runs.basis import Saved, load_basis, stale, vintage_of
from forecast.runs.files import runs_directory
from forecast.runs.fit import RunSettings, run_identifier
from forecast.runs.make import make_run
from forecast.runs.replay_days import Day, Row, load_day, place_of, save_day
from forecast.runs.replay_rows import Seen, as_day, question_row, with_gate
from forecast.runs.since import with_refit
from forecast.runs.update import REFITTED, REWEIGHTED, refit_settings
from forecast.study.models import Study

Refits = Literal["gate", "structure", "never"]
REFITS: tuple[Refits, ...] = ("gate", "structure", "never")
#: What a day may be beside ``reweighted`` and ``refitted``.
BASE, DOUBTFUL, IMPOSSIBLE = "base", "not trusted", "not possible"

Say = Callable[[str], None]
Tell = Callable[[date, int, int], None]


@dataclass(frozen=True)
class Choices:
    """What a user may choose of a replay.

    Attributes
    ----------
    pairs
        Labels of the pairs whose rungs are told; by default those of the questions whose window
        meets the days.
    refit
        When the model is fitted again: where the ``gate`` refuses the weights, only where the
        ``structure`` changes, or ``never``. Days that would have needed it are marked.
    settings
        Of the first fit, where none is named; later fits are made as the first one was.
    """

    pairs: tuple[str, ...] = ()
    refit: Refits = "gate"
    settings: RunSettings = field(default_factory=RunSettings)


@dataclass
class _Walk:
    """Where a replay stands: the fit that it weighs, and what was known and said the day before."""

    study: Study
    ledger: Ledger
    priors: Priors
    choices: Choices
    fit: Saved
    before: Vintage
    previous: Mapping[str, float]
    _basis: Basis | None = None

    @property
    def basis(self) -> Basis:
        """The draws of the fit, loaded when a day is not yet known."""
        if self._basis is None:
            self._basis = load_basis(self.fit, self.study, self.ledger, self.priors)
        return self._basis

    @property
    def wanted(self) -> tuple[str, ...]:
        """The choices that decide the rows of a day."""
        return (self.choices.refit, *self.choices.pairs)

    def move(self, day: Day, after: Vintage) -> None:
        """Go on to the next day; after one that tells nothing, from the day before it."""
        if day.about["path"] == IMPOSSIBLE:
            return
        if day.fit != self.fit.id:
            self.fit, self._basis = Saved(self.fit.directory.parent / day.fit), None
        self.before, self.previous = after, day.probabilities


def replay_days(
    study: Study,
    ledger: Ledger,
    first: date,
    last: date,
    *,
    run: Saved | None = None,
    choices: Choices | None = None,
    say: Say = lambda text: None,
    tell: Tell = lambda day, done, total: None,
) -> Iterator[Day]:
    """Go through days, each relative to the last fit, on what was known by its end.

    Each day the draws of the last fit are weighed for what is known then; where the gate refuses,
    or the model has parts that the fit knows nothing of, it is fitted again as of that day, and
    the days after weigh the new fit. Where that fit's diagnostics fail, the day says so and the
    one before goes on. Fits are written as runs; of the other days only rows are
    kept, each as soon as it is made: a replay that was interrupted goes on where it ended.

    Parameters
    ----------
    first, last : date
    run : Saved, optional
        Where to begin: a run of an earlier day. By default a fit as of the day before the first.
    tell : callable
        Told before each day which it is, how many are done and how many there are.

    Yields
    ------
    Day
        First that of the run it begins with.

    Raises
    ------
    RunError
        If the run is not of an earlier day, or its draws no longer serve.
    """
    choices = choices or Choices()
    _check(study, first, last, choices)
    if run is not None and str(run.manifest["as_of"]) >= first.isoformat():
        raise RunError(
            f"{first} is not after the run that is to be replayed from",
            where=run.id,
            expected=f"a first day after {run.manifest['as_of']}",
            remedy="name an earlier run, or none",
        )
    run = run or _fitted(study, ledger, first - timedelta(days=1), choices.settings, say)
    priors = load_priors(study.prior_sets, study.directory)
    if why := stale(run.fit, study, priors):
        raise RunError(why, where=run.fit.id, remedy="make a new fit with `forecast run`")
    if not choices.pairs:
        choices = Choices(_asked(study, first, last), choices.refit, choices.settings)
    known = vintage_of(run, study, ledger)
    walk = _Walk(study, ledger, priors, choices, run.fit, known, run.probabilities)
    yield _remembered(walk, known, partial(_base, walk, run))
    count = (last - first).days + 1
    for done in range(count):
        day = first + timedelta(days=done)
        tell(day, done, count)
        after = read_as_of(ledger, day, pairs=study.pairs)
        made = _remembered(walk, after, partial(_day, walk, after, say))
        walk.move(made, after)
        yield made


def _check(study: Study, first: date, last: date, choices: Choices) -> None:
    if last < first:
        raise StudyError(
            f"{last} is before {first}", where="replay", expected="a last day from the first on"
        )
    known = [pair.label for pair in study.pairs]
    for label in choices.pairs:
        if label not in known:
            raise StudyError(
                f"there is no pair {label!r}",
                where=f"study {study.id}",
                expected=f"one of {', '.join(known)}",
            )


def _asked(study: Study, first: date, last: date) -> tuple[str, ...]:
    """Return the pairs of the questions whose window meets the days."""
    asked = [q.pair.label for q in study.questions if q.opens <= last and q.closes >= first]
    return tuple(dict.fromkeys(asked)) or tuple(pair.label for pair in study.pairs[:1])


def _fitted(study: Study, ledger: Ledger, as_of: date, settings: RunSettings, say: Say) -> Saved:
    """Return the run of a fit, made unless the very same one is there."""
    priors = load_priors(study.prior_sets, study.directory)
    vintage = read_as_of(ledger, as_of, pairs=study.pairs)
    # A base is read for its draws alone; one that has its reasons too has the same.
    for kept in (replace(settings, reasons=False), replace(settings, reasons=True)):
        name = run_identifier(study, vintage, priors, kept)
        directory = runs_directory(study.directory) / name
        if (directory / "manifest.json").is_file():
            say(f"Taking the fit {name}, which is there already")
            return Saved(directory)
    settings = replace(settings, reasons=False)
    say(f"Fitting as of {as_of}")
    return Saved(make_run(study, ledger, as_of, settings=settings, progress=False))


def _remembered(walk: _Walk, after: Vintage, make: Callable[[], Day]) -> Day:
    place = place_of(
        walk.study,
        walk.priors,
        fit=walk.fit.id,
        before=walk.before,
        after=after,
        previous=walk.previous,
        choices=walk.wanted,
    )
    kept = load_day(place)
    if kept is not None and (walk.fit.directory.parent / kept.fit / "manifest.json").is_file():
        return kept
    save_day(place, make())
    found = load_day(place)
    assert found is not None
    return found


def _base(walk: _Walk, run: Saved) -> Day:
    state = state_at(walk.basis, walk.before)
    rows = _rows(state.forecast(walk.study.questions), {}, state, BASE, "")
    return as_day(_seen(walk, walk.before, state), rows, fit=run.fit.id, path=BASE)


def _day(walk: _Walk, after: Vintage, say: Say) -> Day:
    try:
        update = reweigh(walk.basis, walk.before, after, walk.previous)
    except ImpossibleError as error:
        arrived = [(s.cause, name) for s in steps_between(walk.before, after) for name in s.records]
        seen = _seen(walk, after, None)
        return as_day(seen, [], fit=walk.fit.id, path=IMPOSSIBLE, why=error.what, arrived=arrived)
    state, why = update.state, update.refused
    refits = {"gate": bool(why), "structure": state is None, "never": False}
    if refits[walk.choices.refit]:
        return _refit(walk, after, update, say)
    return _weighed(walk, after, update, why)


def _weighed(walk: _Walk, after: Vintage, update: Update, why: str) -> Day:
    """Tell what the weights say, to be trusted where there is no reason why not."""
    state = update.state
    path = REWEIGHTED if not why else DOUBTFUL if state is not None else IMPOSSIBLE
    rows = _rows(update.forecasts, _by_question(update.changes), state, path, why)
    return as_day(
        _seen(walk, after, state),
        rows,
        fit=walk.fit.id,
        path=path,
        why=why,
        arrived=_arrived(update),
    )


def _refit(walk: _Walk, after: Vintage, update: Update, say: Say) -> Day:
    say(f"{after.as_of}: refitting, since {update.refused}")
    settings = refit_settings(walk.fit, after.as_of)
    failed = ""
    try:
        made = _fitted(walk.study, walk.ledger, after.as_of, settings, say)
        if made.forecasts["status"] == "failed":
            failed = f"the fit {made.id} failed its diagnostics"
    except FitError as error:
        failed = f"the fit failed: {error.what}"
    if failed:
        say(f"{after.as_of}: {failed}; going on with {walk.fit.id}")
        return _weighed(walk, after, update, f"{update.refused}; {failed}")
    basis = load_basis(made, walk.study, walk.ledger, walk.priors)
    state = state_at(basis, basis.vintage)
    changes = with_refit(update.changes, dict(walk.previous), made.probabilities)
    forecasts = state.forecast(walk.study.questions)
    rows = _rows(forecasts, _by_question(changes), state, REFITTED, update.refused)
    day = as_day(
        _seen(walk, after, state),
        rows,
        fit=made.id,
        path=REFITTED,
        why=update.refused,
        arrived=_arrived(update),
    )
    # What the weights were found to be is why the day was fitted again.
    gate = update.gates.iloc[-1]
    return with_gate(day, gate["k_hat"], gate["ess"])


def _rows(
    forecasts: Iterable[QuestionForecast],
    changes: Mapping[str, Mapping[Any, Any]],
    state: State | None,
    path: str,
    why: str,
) -> list[Row]:
    if state is None:
        return []
    made = [one for one in forecasts if one.probability is not None]
    return [question_row(one, changes.get(one.id, {}), state, path, why) for one in made]


def _by_question(changes: pd.DataFrame) -> dict[str, Mapping[Any, Any]]:
    return {str(row["question"]): row for row in changes.to_dict("records")}


def _arrived(update: Update) -> list[tuple[str, str]]:
    return [(cause, name) for cause, names in update.records.items() for name in names]


def _seen(walk: _Walk, after: Vintage, state: State | None) -> Seen:
    # A panel of the day knows what it does not use, even where no draw speaks of it.
    panel = state.panel if state else build_panel(walk.study, after, priors=walk.priors)
    return Seen(walk.study, walk.before, after, panel, state, walk.choices.pairs)
