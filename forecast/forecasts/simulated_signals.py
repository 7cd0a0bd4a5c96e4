"""Simulate signals, true and false ones, so that the likelihood is their exact density.

* **Binary, ordinal, continuous.** A statement with grades of credibility ``pi`` is true with
  chance ``pi``: its value then comes from the indicator's likelihood, and else from the law of
  false reports (a fixed chance, uniform over the levels, Student-t on the declared scale). Grades
  are part of the structure. The lag of a series is its last *reported* value.
* **Counts.** The true number ``N`` of a cell is negative binomial. Beside the true acts stand false
  ones: with mean credibility ``a`` of a report, their number given ``N = j`` is that of failures
  before success ``j + 1`` at chance ``a``. A true act has grade ``g`` with chance proportional to
  ``share(g) pi(g)``, a false one to ``share(g) (1 - pi(g))``. Then the chance of the reported acts
  given ``j`` true ones is ``a prod(share) P(j of them are true)``, and the likelihood's sum over
  ``j`` is exact up to a constant.

Every act of a count is one event of one source, and no zero is stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.errors import ModelError
from forecast.forecasts.draws import Draws
from forecast.forecasts.fitted import predictors
from forecast.model.credibility import probability_true
from forecast.model.data import Terms, standardise
from forecast.panel import Panel
from forecast.priors import Priors
from forecast.study.models import Indicator


@dataclass(frozen=True)
class Grades:
    """How reported acts of counts are graded.

    Attributes
    ----------
    shares : mapping of str to float
        Share of each grade among reports, true and false together; sums to 1.
    most : int
        A cell with more acts is refused: the likelihood sums over them one by one.
    """

    shares: Mapping[str, float]
    most: int = 100

    def split(self, priors: Priors) -> tuple[list[str], float, np.ndarray, np.ndarray]:
        """Return the grades, their mean credibility, and their shares among true and false acts."""
        names = list(self.shares)
        share = np.array([self.shares[name] for name in names])
        credible = np.array([probability_true(priors, [name]) for name in names])
        mean = float(share @ credible)
        false = share * (1.0 - credible)
        return names, mean, share * credible / mean, false / false.sum()


def simulate_signals(
    template: Panel, draws: Draws, *, priors: Priors, rng: np.random.Generator, grades: Grades
) -> pd.DataFrame:
    """Return the signals of a template with simulated values, in the columns of a panel."""
    signals = template.signals.copy()
    for kind, terms in draws.data.terms.items():
        rows = signals.index[signals["kind"] == kind]
        eta = predictors(draws, terms)[0]
        if kind == "count":
            _fill_counts(signals, rows, _count_values(draws, terms, eta, grades, priors, rng))
            continue
        credible = terms.extra["credible"]
        if kind == "binary":
            chance_false = priors.constant("false_report_binary")
            values = draw_binary(eta, credible, chance_false, rng)
        elif kind == "ordinal":
            values = _ordinal_values(draws, terms, eta, rng)
        else:
            frame = signals.loc[rows]
            df = priors.constant("continuous_df")
            values, lags = _continuous_values(frame, template, draws, (eta, credible, df), rng)
            signals.loc[rows, "lag"] = lags
        signals.loc[rows, "value"] = values
        signals.loc[rows, "counts"] = pd.Series([(float(v),) for v in values], index=rows)
    return signals


def draw_counts(
    mean: np.ndarray, shape: np.ndarray, chance: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the true and the false acts of cells.

    Parameters
    ----------
    mean, shape : arrays
        Of the negative binomial.
    chance : float
        Mean credibility of a report.
    """
    # A rate past 1e9 would overflow the generator, and is refused by any sensible limit.
    rate = np.minimum(mean * rng.gamma(shape) / shape, 1e9)
    true = rng.poisson(rate)
    return true, rng.negative_binomial(true + 1, chance)


def draw_binary(
    predictor: np.ndarray, credible: np.ndarray, chance_false: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw whether stated opportunities are reported as taken."""
    with np.errstate(over="ignore"):
        chance = -np.expm1(-np.exp(predictor))
    chance = np.where(rng.random(len(predictor)) < credible, chance, chance_false)
    return np.asarray(rng.random(len(predictor)) < chance, dtype=float)


def draw_ordinal(
    predictor: np.ndarray, thresholds: np.ndarray, credible: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw reported levels of one indicator, numbered from 0."""
    above = 0.5 * (1.0 + np.tanh(0.5 * (predictor[:, None] - thresholds)))
    level = np.sum(rng.random((len(predictor), 1)) < above, axis=1)
    false = rng.integers(len(thresholds) + 1, size=len(predictor))
    return np.where(rng.random(len(predictor)) < credible, level, false).astype(float)


def _count_values(
    draws: Draws,
    terms: Terms,
    eta: np.ndarray,
    grades: Grades,
    priors: Priors,
    rng: np.random.Generator,
) -> list[tuple[str, ...]]:
    """Return for each cell the grades of its reported acts."""
    names, members = draws.data.coords["indicator"], draws.data.coords["count_indicator"]
    own = [members.index(names[i]) for i in terms.indicator]
    labels, mean, true_shares, false_shares = grades.split(priors)
    with np.errstate(over="ignore"):
        rate = terms.extra["exposure"] * np.exp(eta)
    true, false = draw_counts(rate, draws["dispersion"][0, own], mean, rng)
    if np.max(true + false) > grades.most:
        raise ModelError(
            f"a simulated cell has {np.max(true + false)} acts",
            expected=f"{grades.most} at most",
            remedy="draw the parameters again, or raise the limit",
        )
    cells = []
    for some_true, some_false in zip(true, false, strict=True):
        chosen = [
            *rng.choice(len(labels), size=some_true, p=true_shares),
            *rng.choice(len(labels), size=some_false, p=false_shares),
        ]
        cells.append(tuple(labels[i] for i in chosen))
    return cells


def _fill_counts(signals: pd.DataFrame, rows: pd.Index, cells: list[tuple[str, ...]]) -> None:
    signals.loc[rows, "value"] = [float(len(cell)) for cell in cells]
    columns = {
        "counts": [(1.0,) * len(cell) for cell in cells],
        "grades": [tuple((grade,) for grade in cell) for cell in cells],
        "records": [tuple(f"act {row}.{n}" for n in range(len(c))) for row, c in enumerate(cells)],
    }
    for name, values in columns.items():
        signals.loc[rows, name] = pd.Series(values, index=rows)


def _ordinal_values(
    draws: Draws, terms: Terms, eta: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    values = np.empty(terms.n)
    for position, indicator in enumerate(draws.data.indicators):
        rows = terms.indicator == position
        if rows.any():
            thresholds = level_thresholds(draws, indicator)
            values[rows] = draw_ordinal(eta[rows], thresholds, terms.extra["credible"][rows], rng)
    return values


def level_thresholds(draws: Draws, indicator: Indicator) -> np.ndarray:
    """Return the thresholds of an ordinal indicator in the first draw, the lowest of them 0."""
    steps = draws.data.coords["level_step"]
    pairs = zip(indicator.levels[1:-1], indicator.levels[2:], strict=True)
    where = [steps.index(f"{indicator.name}: {low} to {high}") for low, high in pairs]
    gaps = draws["level_gap"][0, where] if where else np.zeros(0)
    return np.concatenate([[0.0], np.cumsum(gaps)])


def _continuous_values(
    frame: pd.DataFrame,
    template: Panel,
    draws: Draws,
    law: tuple[np.ndarray, np.ndarray, float],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return raw values and their lags, each series in the order of time."""
    eta, credible, df = law
    members, series = draws.data.coords["continuous_indicator"], draws.data.coords["series"]
    index = {label: position for position, label in enumerate(template.periods)}
    first, last = frame["first"].map(index).to_numpy(), frame["last"].map(index).to_numpy()
    values, lags = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    names, pairs = frame["indicator"].to_numpy(), frame["pair"].to_numpy()
    for row in np.lexsort((first, last)):
        indicator = template.study.indicators[names[row]]
        own = members.index(indicator.name)
        mean = eta[row]
        if indicator.lagged:
            same = (names == names[row]) & (pairs == pairs[row]) & (last < first[row])
            if before := sorted(np.flatnonzero(same), key=lambda n: (last[n], first[n])):
                lags[row] = values[before[-1]]
                mean += draws["lag_weight"][0, own] * float(
                    standardise(indicator, np.array(lags[row]))
                )
            label = f"{indicator.name} {pairs[row]}"
            if label in series:
                mean += draws["series_scale"][0] * draws["series_raw"][0, series.index(label)]
        noise = rng.standard_t(df)
        true = rng.random() < credible[row]
        standard = mean + draws["noise_scale"][0, own] * noise if true else noise
        raw = indicator.location + indicator.scale * standard
        values[row] = np.exp(raw) if indicator.transform == "log" else raw
    return values, lags
