"""Weight of evidence: what a forecast would be without a record, a source, an indicator, a cluster.

The weight of evidence toward a question is the change of its log-odds in bits (Good 1985, *Weight
of evidence: a brief survey*): ``log2 odds(all) - log2 odds(without)``. Leaving a record out takes
its part out of the likelihood and out of what the question counts; reporting delays and what grades
are worth stay as all records teach them. Weights of single records do not add up to that of all.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecast.errors import FitError, QuestionError
from forecast.evidence.record import Record
from forecast.explain.basis import State
from forecast.explain.variants import changed_chains, log_ratios
from forecast.forecasts.questions import (
    QuestionForecast,
    chance_per_draw,
    monte_carlo_error,
)
from forecast.forecasts.world import World
from forecast.inference.importance import Weights, weigh
from forecast.panel.parts import Difference, Parts
from forecast.study.events import event_indicators, parse_event
from forecast.study.models import Question

#: What records are put together by.
UNITS = ("record", "cluster", "source", "indicator", "domain")
COLUMNS = (
    "unit",
    "name",
    "records",
    "bits",
    "error",
    "without",
    "k_hat",
    "ess",
    "path",
    "why",
)
REWEIGHTED, REFITTED, DOUBTFUL = "reweighted", "refitted", "not trusted"
# Forward paths a draw, and draws, where a record changes the rungs of the past: many such records
# are tried, with the same random numbers.
_PATHS = 40
_DRAWS = 400

Refit = Callable[[frozenset[str]], tuple[float, float]]
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Explanation:
    """What moved the forecast of one question.

    Attributes
    ----------
    forecast : QuestionForecast
        With all records.
    weights : DataFrame
        One row a record, cluster, source, indicator or domain (``unit``, ``name``): how many
        ``records`` it has, its ``bits`` with their Monte Carlo ``error``, the probability
        ``without`` it, ``k_hat`` and ``ess`` of the weights, the ``path`` (``reweighted``,
        ``refitted``, or ``not trusted`` where the gate failed and no refit was made) and ``why``.
    records : dict of str to Record
        Those in use, by id.
    unused : DataFrame
        ``record`` and ``why``: what the forecast did not use.
    """

    question: Question
    forecast: QuestionForecast
    weights: pd.DataFrame
    records: dict[str, Record]
    unused: pd.DataFrame

    def of(self, unit: str) -> pd.DataFrame:
        """Return the rows of one kind of unit, the heaviest first."""
        chosen = self.weights[self.weights["unit"] == unit]
        order = chosen["bits"].abs().sort_values(ascending=False, kind="stable").index
        return chosen.loc[order].reset_index(drop=True)

    def strongest(self, count: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the records that speak most for the event, and most against it."""
        records = self.of("record")
        records = records[records["path"] != DOUBTFUL]
        return records[records["bits"] > 0].head(count), records[records["bits"] < 0].head(count)


def units_of(
    state: State, records: dict[str, Record], kinds: Sequence[str] = UNITS
) -> list[tuple[str, str, frozenset[str]]]:
    """Return (unit, name, ids) of all records and of what they are put together by.

    A cluster, source, indicator or domain of one record is that record again, and is left out but
    for indicators and domains, which a reader looks for.
    """
    study = state.basis.study
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, record in records.items():
        indicator = study.indicators[record.indicator]
        groups["record", name].add(name)
        groups["source", record.source_name].add(name)
        groups["indicator", record.indicator].add(name)
        groups["domain", indicator.domain].add(name)
        if record.cluster:
            groups["cluster", record.cluster].add(name)
    return [
        (unit, name, frozenset(ids))
        for (unit, name), ids in sorted(groups.items(), key=lambda one: UNITS.index(one[0][0]))
        if unit in kinds and name and (len(ids) > 1 or unit not in ("cluster", "source"))
    ]


def explain(
    state: State,
    question: Question,
    *,
    kinds: Sequence[str] = UNITS,
    refit: Refit | None = None,
    refit_kinds: Sequence[str] = ("record",),
    most: int | None = None,
    tell: Tell = lambda done, total: None,
) -> Explanation:
    """Weigh the evidence for one question; see :func:`explain_all`."""
    return explain_all(
        state, [question], kinds=kinds, refit=refit, refit_kinds=refit_kinds, most=most, tell=tell
    )[0]


def explain_all(
    state: State,
    questions: Sequence[Question],
    *,
    kinds: Sequence[str] = UNITS,
    refit: Refit | None = None,
    refit_kinds: Sequence[str] = ("record",),
    most: int | None = None,
    tell: Tell = lambda done, total: None,
) -> list[Explanation]:
    """Weigh the evidence for questions, by leaving it out piece by piece.

    Parameters
    ----------
    state : State
        The forecast that is explained.
    kinds
        Of ``UNITS``.
    refit
        Returns, of a fit without some records, the probability of the (one) question and its
        Monte Carlo error; where the gate fails its answer stands instead of the weights'.
    refit_kinds
        Units that are worth a refit.
    most
        Refit no more than these, those first whose weights, such as they are, say most.
    tell
        Told how many pieces are done, and of how many.

    Raises
    ------
    QuestionError
        If a question has no probability as of the state's date.
    """
    if refit is not None and len(questions) != 1:
        raise ValueError("a refit answers one question")
    forecasts = state.forecast(questions)
    for question, forecast in zip(questions, forecasts, strict=True):
        if forecast.per_draw is None:
            raise QuestionError(
                f"{question.id} has no probability to explain: {forecast.reason}",
                where=question.id,
                expected="a question that is open and modelled",
                remedy="choose another question, or an earlier --as-of",
            )
    parts = Parts.of(state.panel, state.vintage)
    used = parts.used | decisive_records(state, questions)
    units = units_of(state, used, kinds)
    differences = [parts.without(ids) for _, _, ids in units]
    ratios = log_ratios(state, differences)
    pieces = _Pieces(state, questions, forecasts)
    rows: list[list[dict[str, object]]] = [[] for _ in questions]
    for number, ((unit, name, ids), difference) in enumerate(zip(units, differences, strict=True)):
        weights = weigh(state.log_ratio + ratios[number], state.draws.chains)
        for position, found in enumerate(pieces.without(difference, weights)):
            row: dict[str, object] = {"unit": unit, "name": name, "records": len(ids)}
            row |= _row(found, weights)
            rows[position].append(row)
        tell(number + 1, len(units))
    if refit is not None:
        _refit_heaviest(rows[0], units, forecasts[0], (refit, refit_kinds, most))
    return [
        Explanation(
            question=question,
            forecast=forecast,
            weights=pd.DataFrame(own, columns=list(COLUMNS)),
            records=used,
            unused=state.panel.unused[~state.panel.unused["record"].isin(list(used))],
        )
        for question, forecast, own in zip(questions, forecasts, rows, strict=True)
    ]


def _refit_heaviest(
    rows: list[dict[str, object]],
    units: Sequence[tuple[str, str, frozenset[str]]],
    forecast: QuestionForecast,
    how: tuple[Refit, Sequence[str], int | None],
) -> None:
    """Put refits in the place of what the gate refused, the heaviest first."""
    refit, kinds, most = how
    refused = [
        number
        for number, row in enumerate(rows)
        if row["path"] == DOUBTFUL and units[number][0] in kinds
    ]
    refused.sort(key=lambda number: -abs(float(str(rows[number]["bits"]))))
    for number in refused[:most]:
        try:
            rows[number] |= _refitted(refit(units[number][2]), forecast)
        except FitError as error:
            # One fit that fails takes nothing of what is known of the others.
            rows[number]["why"] = f"{rows[number]['why']}; the refit failed: {error.what}"


def decisive_records(state: State, questions: Sequence[Question]) -> dict[str, Record]:
    """Return the records that a question counts itself, used by the likelihood or not."""
    names = {name for one in questions for name in event_indicators(parse_event(one.event))}
    pairs = {pair for one in questions for pair in (one.pair, one.pair.reverse)}
    found = {
        record
        for act in state.panel.acts
        if act.indicator in names and act.pair in pairs
        for record in act.records
    }
    return {record.id: record for record in state.vintage.records if record.id in found}


def bits(probability: float) -> float:
    """Return the log-odds of a probability in bits."""
    if probability <= 0.0:
        return -math.inf
    return math.inf if probability >= 1.0 else math.log2(probability / (1.0 - probability))


def bits_between(after: float, before: float) -> float:
    """Return the weight of evidence that leads from one probability to another, in bits."""
    return 0.0 if after == before else bits(after) - bits(before)


@dataclass(frozen=True)
class _Found:
    """The probability with and without a piece of evidence, and the error of the bits between."""

    all: float
    without: float
    error: float


def _row(found: _Found, weights: Weights) -> dict[str, object]:
    decided = found.all in (0.0, 1.0) and found.without != found.all
    return {
        "bits": bits_between(found.all, found.without),
        "error": found.error,
        "without": found.without,
        "k_hat": weights.k_hat,
        "ess": weights.ess,
        "path": REWEIGHTED if weights.ok else DOUBTFUL,
        "why": weights.refused or ("it decides the question" if decided else ""),
    }


def _refitted(answer: tuple[float, float], forecast: QuestionForecast) -> dict[str, object]:
    without, error = answer
    assert forecast.probability is not None
    own = (forecast.mc_error or 0.0) * steepness(forecast.probability)
    bits_error = math.hypot(own, error * steepness(without))
    found = _Found(forecast.probability, without, bits_error)
    row = _row(found, Weights(np.ones(1), math.nan, math.nan))
    return {name: row[name] for name in ("bits", "error", "without")} | {"path": REFITTED}


def steepness(probability: float) -> float:
    """Return by how many bits the log-odds change for a unit of probability; NaN at 0 and 1."""
    spread = probability * (1.0 - probability)
    return 1.0 / (spread * math.log(2.0)) if spread > 0.0 else math.nan


class _Pieces:
    """Answers what questions' probabilities are without a piece of evidence.

    Where the piece is one that a question reads itself, beside the draws' weights, the change of
    its log-odds is found on some of the draws, with fewer paths and the same random numbers, and
    added to what the weights do.
    """

    def __init__(
        self, state: State, questions: Sequence[Question], forecasts: Sequence[QuestionForecast]
    ) -> None:
        self.state = state
        self.questions = questions
        self.full = [np.asarray(one.per_draw).ravel() for one in forecasts]
        self.events = [event_indicators(parse_event(one.event)) for one in questions]
        self.before: dict[int, np.ndarray] = {}
        self.some = _spread(state.draws.count, state.draws.chains)
        thin = state.draws.chosen(self.some)
        paths = min(_PATHS, state.world.paths)
        self.world = replace(state.world.with_paths(paths), draws=thin, _filters={})

    def without(self, difference: Difference, weights: Weights) -> list[_Found]:
        """Return the probability of each question with and without what makes a difference."""
        touched = [
            number
            for number, question in enumerate(self.questions)
            if self._touches(difference, number, question)
        ]
        world = self._world_without(difference) if touched else None
        found = []
        for number in range(len(self.questions)):
            chances = None
            if world is not None and number in touched:
                if number not in self.before:
                    self.before[number] = chance_per_draw(self.world, self.questions[number])
                after = chance_per_draw(world, self.questions[number])
                chances = (self.before[number], after)
            found.append(self._compare(self.full[number], chances, weights))
        return found

    def _touches(self, difference: Difference, number: int, question: Question) -> bool:
        """Say whether a question reads the records beside the draws' weights."""
        own = (question.pair, question.pair.reverse)
        study = self.state.basis.study
        for indicator, pair in difference.keys:
            if indicator in self.events[number] and pair in own:
                return True
            if study.indicators[indicator].measures == "outcome" and pair == question.pair:
                return True
        return False

    def _world_without(self, difference: Difference) -> World:
        state = self.state
        panel = difference.apply(state.panel)
        data = replace(state.data, chains=changed_chains(state, difference))
        draws = replace(self.world.draws, data=data)
        world = replace(self.world, panel=panel, draws=draws, _filters={}, _rungs={}, _places={})
        world.share_paths(self.world)
        return world

    def _compare(
        self, full: np.ndarray, chances: tuple[np.ndarray, np.ndarray] | None, weights: Weights
    ) -> _Found:
        """Compare a question with and without a piece; ``chances`` are those of some draws."""
        draws, new = self.state.draws, weights.values
        # Exact where all draws agree: a decided question is at 0 or 1, not beside it.
        p, q = draws.mean(full), replace(draws, weights=new).mean(full)
        here, there, error = steepness(p), steepness(q), 0.0
        if math.isfinite(here + there):
            # The two means share their draws, and so does the difference of their log-odds.
            each = here * draws.shares * (full - p) - there * new * (full - q)
            error = monte_carlo_error(draws.count * each.reshape(draws.chains, -1))
        if chances is not None:
            q, own = self._shifted(q, chances, new[self.some] / new[self.some].sum())
            error = math.hypot(error, own)
        if not math.isfinite(steepness(p) + steepness(q)):
            error = 0.0 if p == q else math.nan
        return _Found(p, q, error)

    def _shifted(
        self, q: float, chances: tuple[np.ndarray, np.ndarray], own: np.ndarray
    ) -> tuple[float, float]:
        """Carry a change over from some draws to all, in log-odds, with its error in bits.

        A difference of probabilities may be larger than what there is to take it from where that is
        small, and would then say falsely that a piece decides.
        """
        before, after = float(own @ chances[0]), float(own @ chances[1])
        here, there = steepness(before), steepness(after)
        if not math.isfinite(here + there + steepness(q)):
            return min(1.0, max(0.0, q + after - before)), 0.0
        odds = 2.0 ** (bits(q) + bits(after) - bits(before))
        each = there * (chances[1] - after) - here * (chances[0] - before)
        return odds / (1.0 + odds), monte_carlo_error(
            each.reshape(self.state.draws.chains, -1), own
        )


def _spread(count: int, chains: int) -> np.ndarray:
    """Return the positions of some draws, as many of each chain."""
    each = count // chains
    step = max(1, count // _DRAWS)
    return np.asarray((np.arange(chains)[:, None] * each + np.arange(0, each, step)).ravel())
