"""What the fitted model says of the observations: rates per indicator, zeros included."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecast.forecasts.draws import Draws
from forecast.model.data import Terms


def predictors(draws: Draws, terms: Terms) -> np.ndarray:
    """Return the predictor of every likelihood term, shape (draw, term)."""
    total = np.cumsum(draws["alignment"], axis=3)
    before = np.concatenate([np.zeros_like(total[..., :1]), total], axis=3)

    def mean(pair: np.ndarray) -> np.ndarray:
        span = (
            before[:, pair, terms.domain, terms.last + 1]
            - before[:, pair, terms.domain, terms.first]
        )
        return np.asarray(span / (terms.last - terms.first + 1.0))

    state = 0.5 * (mean(terms.pair) + mean(terms.partner))
    own = terms.indicator
    return np.asarray(draws["intercept"][:, own] + draws["signed_loading"][:, own] * state)


def _expected(draws: Draws, kind: str, terms: Terms) -> np.ndarray:
    """Return the expected value of every term if it is truly reported, shape (draw, term)."""
    eta = predictors(draws, terms)
    if kind == "count":
        return np.asarray(terms.extra["exposure"] * np.exp(eta))
    if kind == "binary":
        return np.asarray(-np.expm1(-np.exp(eta)))
    if kind == "ordinal":
        return _expected_levels(draws, terms, eta)
    names, members = draws.data.coords["indicator"], draws.data.coords["continuous_indicator"]
    own = [members.index(names[i]) for i in terms.indicator]
    if "lag_weight" in draws:
        eta = eta + draws["lag_weight"][:, own] * terms.extra["lagged"] * terms.extra["lag"]
    if "series_raw" in draws:
        effects = draws["series_scale"][:, None] * draws["series_raw"]
        padded = np.concatenate([effects, np.zeros((draws.count, 1))], axis=1)
        eta = eta + padded[:, terms.extra["series"]]
    return eta


def _expected_levels(draws: Draws, terms: Terms, eta: np.ndarray) -> np.ndarray:
    steps = draws.data.coords["level_step"]
    expected = np.zeros_like(eta)
    for position, indicator in enumerate(draws.data.indicators):
        rows = terms.indicator == position
        if indicator.kind != "ordinal" or not rows.any():
            continue
        threshold = np.zeros((draws.count, 1))
        expected[:, rows] += 0.5 * (1.0 + np.tanh(0.5 * eta[:, rows]))
        for low, high in zip(indicator.levels[1:-1], indicator.levels[2:], strict=True):
            gap = draws["level_gap"][:, [steps.index(f"{indicator.name}: {low} to {high}")]]
            threshold = threshold + gap
            expected[:, rows] += 0.5 * (1.0 + np.tanh(0.5 * (eta[:, rows] - threshold)))
    return expected


def fitted_rates(draws: Draws, pairs: Sequence[str] = ()) -> pd.DataFrame:
    """Compare observed with fitted means per indicator, over all pairs and for chosen ones.

    Returns
    -------
    DataFrame
        indicator, kind, pair_group, n_cells, n_zero, observed, fitted, q05, q95. Counts are events
        per period at full exposure; ordinals are mean levels from 0; continuous values are on the
        declared scale.
    """
    rows: list[dict[str, object]] = []
    positions = [draws.data.coords["pair"].index(pair) for pair in pairs]
    for kind, terms in draws.data.terms.items():
        expected = _expected(draws, kind, terms)
        exposure = terms.extra.get("exposure", np.ones(terms.n))
        for position, indicator in enumerate(draws.data.indicators):
            own = terms.indicator == position
            groups = [("all pairs", own)]
            groups += [
                (pair, own & ((terms.pair == p) | (terms.partner == p)))
                for pair, p in zip(pairs, positions, strict=True)
            ]
            for name, chosen in groups:
                if chosen.any():
                    rows.append(
                        _compare(
                            (indicator.name, kind, name),
                            terms.value[chosen],
                            expected[:, chosen],
                            exposure[chosen],
                        )
                    )
    columns = ["indicator", "kind", "pair_group", "n_cells", "n_zero"]
    return pd.DataFrame(rows, columns=[*columns, "observed", "fitted", "q05", "q95"])


def _compare(
    key: tuple[str, str, str], value: np.ndarray, expected: np.ndarray, exposure: np.ndarray
) -> dict[str, object]:
    total = exposure.sum()
    fitted = expected.sum(axis=1) / total
    return {
        "indicator": key[0],
        "kind": key[1],
        "pair_group": key[2],
        "n_cells": len(value),
        "n_zero": int((value == 0).sum()),
        "observed": float(value.sum() / total),
        "fitted": float(fitted.mean()),
        "q05": float(np.quantile(fitted, 0.05)),
        "q95": float(np.quantile(fitted, 0.95)),
    }
