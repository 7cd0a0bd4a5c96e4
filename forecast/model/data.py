"""From a panel and priors to the arrays that the model reads: indices, exposures, weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from forecast.errors import ModelError
from forecast.model.chains import PERIODS_PER_YEAR, Chains, build_chains
from forecast.model.credibility import (
    panel_chances,
    probability_true,
    relative_log_weights,
    true_count_distribution,
)
from forecast.panel import Panel
from forecast.panel.rows import rows as walk
from forecast.priors import Priors
from forecast.study.models import Indicator

KINDS = ("count", "binary", "ordinal", "continuous")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Likelihood terms of one kind, in long form; every array has length ``n`` first.

    Attributes
    ----------
    indicator : int array
        Position among the indicators of the model.
    pair, partner : int arrays
        Pairs whose mean alignment the term reads (equal where the indicator is directed).
    domain, first, last : int arrays
        Domain, and first and last period of the term.
    value : float array
        Count, 0/1, level, or standardised value.
    extra : mapping of arrays
        ``exposure``, ``true_values`` and ``log_weights`` (n, J) for counts; ``credible`` for the
        others; ``lag``, ``has_lag`` and ``series`` for continuous ones.
    """

    indicator: np.ndarray
    pair: np.ndarray
    partner: np.ndarray
    domain: np.ndarray
    first: np.ndarray
    last: np.ndarray
    value: np.ndarray
    extra: Mapping[str, np.ndarray]

    @property
    def n(self) -> int:
        """Number of terms."""
        return len(self.value)


@dataclass(frozen=True, kw_only=True)
class ModelData:
    """All that the model reads beside its parameters.

    Attributes
    ----------
    coords
        Named coordinates, plain strings.
    supporter, recipient
        Position of each pair's supporter and recipient, shape (pair,).
    steps
        Share of each period after each shock, shape (shock, period).
    periods_per_year
        4 for quarters.
    indicators
        The signals of the study, in the order of the coordinate ``indicator``.
    terms
        By kind; a kind without data has no entry.
    chains
        The outcome model's chains, or None where nothing is at stake.
    """

    coords: Mapping[str, tuple[str, ...]]
    supporter: np.ndarray
    recipient: np.ndarray
    steps: np.ndarray
    periods_per_year: float
    indicators: tuple[Indicator, ...]
    terms: Mapping[str, Terms]
    chains: Chains | None


def build_data(panel: Panel, priors: Priors) -> ModelData:
    """Turn a panel into arrays.

    Indicators of the study without any observation stay in the coordinates of their parameters, so
    that their loading is shown with its prior; they have no term.

    Raises
    ------
    ModelError
        If the study has neither signals nor anything at stake.
    """
    study = panel.study
    indicators = tuple(i for i in study.indicators.values() if i.measures == "alignment")
    chains = build_chains(panel, priors)
    if not indicators and chains is None:
        raise ModelError(
            "the study has neither signals nor anything at stake as of this date",
            where=f"study {study.id} as of {panel.as_of}",
            expected="an indicator that measures alignment, or an [[at_stake]] span",
            remedy="add one, or choose a later as-of date",
        )
    supporters = tuple(dict.fromkeys(pair.supporter for pair in study.pairs))
    recipients = tuple(dict.fromkeys(pair.recipient for pair in study.pairs))
    shocks = tuple(shock for shock in study.shocks if shock.date <= panel.as_of)
    periods = len(panel.periods)
    steps = np.array(
        [
            [
                study.calendar.share(t, shock.date, study.calendar.end(periods))
                for t in range(periods)
            ]
            for shock in shocks
        ]
    ).reshape(len(shocks), periods)
    return ModelData(
        coords=_coords(panel, indicators, supporters, recipients, tuple(s.id for s in shocks)),
        supporter=np.array([supporters.index(pair.supporter) for pair in study.pairs]),
        recipient=np.array([recipients.index(pair.recipient) for pair in study.pairs]),
        steps=steps,
        periods_per_year=PERIODS_PER_YEAR[study.calendar.frequency],
        indicators=indicators,
        terms=signal_terms(panel, priors, panel.signals),
        chains=chains,
    )


def _coords(
    panel: Panel,
    indicators: tuple[Indicator, ...],
    supporters: tuple[str, ...],
    recipients: tuple[str, ...],
    shocks: tuple[str, ...],
) -> dict[str, tuple[str, ...]]:
    study = panel.study
    rungs = study.ladder.rungs
    return {
        "pair": tuple(pair.label for pair in study.pairs),
        "domain": study.domains,
        "period": panel.periods,
        "supporter": supporters,
        "recipient": recipients,
        "shock": shocks,
        "indicator": tuple(i.name for i in indicators),
        "count_indicator": tuple(i.name for i in indicators if i.kind == "count"),
        "continuous_indicator": tuple(i.name for i in indicators if i.kind == "continuous"),
        "signed_indicator": tuple(i.name for i in indicators if i.polarity and not i.reference),
        "free_indicator": tuple(i.name for i in indicators if not i.polarity),
        "level_step": tuple(
            f"{i.name}: {low} to {high}"
            for i in indicators
            if i.kind == "ordinal"
            for low, high in pairwise(i.levels[1:])
        ),
        "series": tuple(f"{name} {pair}" for name, pair in series_of(panel)[0]),
        "rung": rungs,
        "rung_step": tuple(f"{low} to {high}" for low, high in pairwise(rungs[1:])),
        "axis": ("state", "firms"),
        "equation": ("first", "onset", "continuation"),
        "driver": tuple(dict.fromkeys(driver.name for driver in panel.drivers)),
    }


def signal_terms(panel: Panel, priors: Priors, signals: pd.DataFrame) -> dict[str, Terms]:
    """Return the likelihood terms of rows in the columns of a panel's signals, by kind.

    The rows may be others than the panel's own; what depends on all rows together (the series that
    have an effect of their own, typical rates) is the panel's.
    """
    indicators = tuple(i for i in panel.study.indicators.values() if i.measures == "alignment")
    builders = {"count": _count_extra, "continuous": _continuous_extra}
    terms: dict[str, Terms] = {}
    for kind in KINDS:
        rows = signals[signals["kind"] == kind]
        if len(rows):
            extra = builders.get(kind, _statement_extra)(panel, priors, rows)
            terms[kind] = _terms(panel, rows, indicators, extra)
    return terms


def _terms(
    panel: Panel,
    rows: pd.DataFrame,
    indicators: tuple[Indicator, ...],
    extra: dict[str, np.ndarray],
) -> Terms:
    study = panel.study
    names = [i.name for i in indicators]
    pairs = [pair.label for pair in study.pairs]
    values = rows["value"].to_numpy(float)
    if rows["kind"].iloc[0] == "continuous":
        values = _standardise(panel, rows, "value")
    return Terms(
        indicator=_positions(rows["indicator"], names),
        pair=_positions(rows["pair"], pairs),
        partner=_positions(rows["partner"], pairs),
        domain=_positions(rows["domain"], list(study.domains)),
        first=_positions(rows["first"], list(panel.periods)),
        last=_positions(rows["last"], list(panel.periods)),
        value=values,
        extra=extra,
    )


def _positions(column: pd.Series, labels: list[str]) -> np.ndarray:
    where = {label: position for position, label in enumerate(labels)}
    return np.array([where[label] for label in column], dtype=np.int64)


def _chances(panel: Panel, priors: Priors, rows: pd.DataFrame) -> list[tuple[float, ...]]:
    chances = panel_chances(panel, priors)
    return [
        tuple(probability_true(priors, g, chances) for g in grades) for grades in rows["grades"]
    ]


def _count_extra(panel: Panel, priors: Priors, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    chances = _chances(panel, priors, rows)
    spread = [
        true_count_distribution(counts, chance)
        for counts, chance in zip(rows["counts"], chances, strict=True)
    ]
    references = _references(panel, priors, rows)
    width = max(len(values) for values, _ in spread)
    true_values = np.zeros((len(rows), width))
    log_weights = np.full((len(rows), width), -np.inf)
    for row, (values, weight) in enumerate(spread):
        true_values[row, : len(values)] = values
        with np.errstate(divide="ignore"):
            log_weight = np.log(weight)
        if references is not None:
            log_weight = relative_log_weights(values, log_weight, float(references[row]))
        log_weights[row, : len(values)] = log_weight
    return {
        "exposure": rows["exposure"].to_numpy(float),
        "true_values": true_values,
        # A finite floor keeps the gradient of log-sum-exp finite; exp(-745) is 0 in doubles.
        "log_weights": np.maximum(log_weights, -745.0),
    }


def _references(panel: Panel, priors: Priors, rows: pd.DataFrame) -> np.ndarray | None:
    """Return the expected count of each cell at its indicator's typical rate, where wanted.

    The typical rate is that of the reported events, each counted by its chance of being true, with
    half an event added so that it is never 0.
    """
    if panel.study.switches.false_counts == "rarity":
        return None
    cells = panel.signals[panel.signals["kind"] == "count"]
    chances = _chances(panel, priors, cells)
    true = np.array(
        [np.dot(n, p) for n, p in zip(cells["counts"], chances, strict=True)], dtype=float
    )
    table = pd.DataFrame(
        {"indicator": cells["indicator"], "true": true, "exposure": cells["exposure"]}
    )
    total = table.groupby("indicator")[["true", "exposure"]].sum()
    rate = (total["true"] + 0.5) / total["exposure"]
    return np.asarray(rows["indicator"].map(rate).to_numpy(float) * rows["exposure"])


def _statement_extra(panel: Panel, priors: Priors, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    return {"credible": np.array([chance[0] for chance in _chances(panel, priors, rows)])}


def _continuous_extra(panel: Panel, priors: Priors, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    lag = _standardise(panel, rows, "lag")
    series, counts = series_of(panel)
    position = [
        series.index((row.indicator, row.pair)) if counts[row.indicator] > 1 else -1
        for row in walk(rows)
    ]
    lagged = [panel.study.indicators[str(name)].lagged for name in rows["indicator"]]
    return {
        "credible": np.array([chance[0] for chance in _chances(panel, priors, rows)]),
        "lagged": np.array(lagged, dtype=float),
        "lag": np.nan_to_num(lag, nan=0.0),
        "series": np.array(position, dtype=np.int64),
    }


def series_of(panel: Panel) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """List the (indicator, pair) series of lagged values, and how many each indicator has."""
    rows = panel.signals[panel.signals["kind"] == "continuous"]
    keys = sorted(
        {(r.indicator, r.pair) for r in walk(rows) if panel.study.indicators[r.indicator].lagged}
    )
    counts: dict[str, int] = dict.fromkeys(rows["indicator"], 0)
    for name, _ in keys:
        counts[name] += 1
    return [key for key in keys if counts[key[0]] > 1], counts


def degrees_of_freedom(priors: Priors, data: ModelData) -> float:
    """Return those of the Student-t noise of continuous signals; 4 where a study has none."""
    return priors.constant("continuous_df") if data.coords["continuous_indicator"] else 4.0


def standardise(indicator: Indicator, values: np.ndarray) -> np.ndarray:
    """Put raw values of a continuous indicator on its declared scale (NaN stays NaN)."""
    raw = np.log(values) if indicator.transform == "log" else np.asarray(values, float)
    return (raw - indicator.location) / indicator.scale


def _standardise(panel: Panel, rows: pd.DataFrame, column: str) -> np.ndarray:
    return np.array(
        [
            float(standardise(panel.study.indicators[name], np.array(float(value))))
            for name, value in zip(rows["indicator"], rows[column], strict=True)
        ]
    )
