"""Likelihoods of the signals: one observed node per kind, in long form over acts and zeros."""

from typing import Any

import numpy as np

from forecast.model.data import ModelData, Terms
from forecast.model.likelihoods import (
    binary_logp,
    continuous_logp,
    count_logp,
    ordinal_logp,
)
from forecast.model.variables import intercept_moments, variable
from forecast.priors import Priors


def add_signals(alignment: Any, data: ModelData, priors: Priors) -> None:
    """Add intercepts, loadings and the likelihoods of all signals to the model in context.

    Parameters
    ----------
    alignment : tensor, shape (pair, domain, period)
    """
    import pymc as pm

    mean, sd = intercept_moments(priors, [i.kind for i in data.indicators], data.periods_per_year)
    intercept = pm.Normal("intercept", mean, sd, dims="indicator")
    loading = _add_loadings(data, priors)
    cells = AlignmentCells(alignment, (len(data.coords["domain"]), len(data.coords["period"])))
    adders = {
        "count": _add_counts,
        "binary": _add_binary,
        "ordinal": _add_ordinal,
        "continuous": _add_continuous,
    }
    for kind, terms in data.terms.items():
        predictor = intercept[terms.indicator] + loading[terms.indicator] * cells.read(terms)
        adders[kind](predictor, terms, data, priors)


def _add_loadings(data: ModelData, priors: Priors) -> Any:
    """Return the signed loading of every indicator: the reference ones are 1 times polarity."""
    import pymc as pm
    import pytensor.tensor as pt

    names = data.coords["indicator"]
    # Gathered from one row, not written into another: reading what was written would be rewritten
    # by the positions read, and every panel would have a program of its own.
    parts = [pt.as_tensor(np.array([float(i.polarity) for i in data.indicators]))]
    source = np.arange(len(names))
    used = len(names)
    for coord, prior, signed in (
        ("signed_indicator", "loading", True),
        ("free_indicator", "loading_free", False),
    ):
        members = data.coords[coord]
        if members:
            where = np.array([names.index(name) for name in members])
            raw = variable(prior, priors[prior], coord)
            sign = np.array([float(data.indicators[p].polarity) for p in where]) if signed else 1.0
            parts.append(raw * sign)
            source[where] = used + np.arange(len(where))
            used += len(where)
    loading = pt.concatenate(parts)[source]
    return pm.Deterministic("signed_loading", loading, dims="indicator")


class AlignmentCells:
    """Reads mean alignment over periods and, for mutual indicators, over both directions.

    Terms of one period gather from a flat table, once: scatters dominate the gradient otherwise.
    """

    def __init__(self, alignment: Any, shape: tuple[int, int]) -> None:
        self.alignment = alignment
        self.shape = shape  # domains, periods

    def read(self, terms: Terms) -> Any:
        """Return the mean alignment that each term reads, shape (term,)."""
        import pytensor.tensor as pt

        single = terms.first == terms.last
        tables, index = [], np.zeros(terms.n, dtype=np.int64)
        beyond = int((~single).sum())
        if beyond:
            tables.append(self._interval(terms, np.flatnonzero(~single)))
            index[~single] = np.arange(beyond)
        if np.any(single):
            table, index[single] = self._single(terms, np.flatnonzero(single))
            tables.append(table)
            index[single] += beyond
        return pt.concatenate(tables)[index]

    def _single(self, terms: Terms, rows: np.ndarray) -> tuple[Any, np.ndarray]:
        """Return the means of all couples that are read, flat, and which of them each row reads."""
        import pytensor.tensor as pt

        pair, partner = terms.pair[rows], terms.partner[rows]
        couples = np.unique(np.stack([pair, partner], axis=1), axis=0)
        position = {tuple(couple): row for row, couple in enumerate(couples.tolist())}
        # Padded like the terms themselves (forecast.model.padding): a pair's first term is no news.
        couples = np.concatenate([couples, np.repeat(couples[:1], -len(couples) % 32, axis=0)])
        couple = np.array(
            [position[a, b] for a, b in zip(pair.tolist(), partner.tolist(), strict=True)],
            dtype=np.int64,
        )
        mean = 0.5 * (self.alignment[couples[:, 0]] + self.alignment[couples[:, 1]])
        domains, periods = self.shape
        index = (couple * domains + terms.domain[rows]) * periods + terms.first[rows]
        return pt.reshape(mean, (-1,)), index

    def _interval(self, terms: Terms, rows: np.ndarray) -> Any:
        import pytensor.tensor as pt

        total = pt.cumsum(self.alignment, axis=2)
        before = pt.concatenate([pt.zeros_like(total[:, :, :1]), total], axis=2)
        first, last, domain = terms.first[rows], terms.last[rows], terms.domain[rows]
        both = [
            before[pair, domain, last + 1] - before[pair, domain, first]
            for pair in (terms.pair[rows], terms.partner[rows])
        ]
        return 0.5 * (both[0] + both[1]) / (last - first + 1.0)


def _observe(name: str, value: np.ndarray, parameters: list[Any], logp: Any, random: Any) -> None:
    import pymc as pm

    pm.modelcontext(None).add_coord(f"{name}_term", np.arange(len(value)))
    signature = ",".join("(j)" if np.ndim(p) == 2 else "()" for p in parameters) + "->()"
    pm.CustomDist(
        name,
        *parameters,
        logp=logp,
        random=random,
        signature=signature,
        observed=value,
        dims=f"{name}_term",
    )


def _add_counts(predictor: Any, terms: Terms, data: ModelData, priors: Priors) -> None:
    import pytensor.tensor as pt

    dispersion = variable("dispersion", priors["dispersion"], "count_indicator")
    names, members = data.coords["indicator"], data.coords["count_indicator"]
    own = np.array([members.index(names[i]) for i in terms.indicator])
    mean = terms.extra["exposure"] * pt.exp(predictor)
    logp = count_logp(terms.value, terms.extra["true_values"], terms.extra["log_weights"])
    _observe("count", terms.value, [mean, dispersion[own]], logp, None)


def _add_binary(predictor: Any, terms: Terms, data: ModelData, priors: Priors) -> None:
    chance_false = priors.constant("false_report_binary")
    logp = binary_logp(terms.extra["credible"], chance_false)
    _observe("binary", terms.value, [predictor], logp, None)


def _add_ordinal(predictor: Any, terms: Terms, data: ModelData, priors: Priors) -> None:
    import pytensor.tensor as pt

    gap = None
    if data.coords["level_step"]:
        gap = variable("level_gap", priors["level_gap"], "level_step")
    rows, levels = [], max(len(i.levels) for i in data.indicators if i.kind == "ordinal")
    position = 0
    for indicator in data.indicators:
        own: list[Any] = [0.0]
        for _ in indicator.levels[2:]:
            assert gap is not None
            own.append(own[-1] + gap[position])
            position += 1
        # Beyond the last level the threshold is so far that its probability is exactly 0.
        own += [800.0] * (levels - 1 - len(own))
        rows.append(pt.stack([pt.as_tensor(one) for one in own]))
    thresholds = pt.stack(rows)[terms.indicator]
    logp = ordinal_logp(
        np.array([float(len(data.indicators[i].levels)) for i in terms.indicator]),
        terms.extra["credible"],
    )
    _observe_ordinal(terms, predictor, thresholds, logp)


def _observe_ordinal(terms: Terms, predictor: Any, thresholds: Any, logp: Any) -> None:
    import pymc as pm

    pm.modelcontext(None).add_coord("ordinal_term", np.arange(terms.n))
    pm.CustomDist(
        "ordinal",
        predictor,
        thresholds,
        logp=logp,
        signature="(),(l)->()",
        observed=terms.value,
        dims="ordinal_term",
    )


def _add_continuous(predictor: Any, terms: Terms, data: ModelData, priors: Priors) -> None:
    import pytensor.tensor as pt

    names, members = data.coords["indicator"], data.coords["continuous_indicator"]
    own = np.array([members.index(names[i]) for i in terms.indicator])
    scale = variable("noise_scale", priors["noise_scale"], "continuous_indicator")
    mean = predictor
    if np.any(terms.extra["lagged"]):
        weight = variable("lag_weight", priors["lag_weight"], "continuous_indicator")
        mean = mean + weight[own] * terms.extra["lagged"] * terms.extra["lag"]
    if data.coords["series"]:
        spread = variable("series_scale", priors["series_scale"])
        import pymc as pm

        raw = pm.Normal("series_raw", 0.0, 1.0, dims="series")
        padded = pt.concatenate([raw, pt.zeros(1)])
        mean = mean + spread * padded[terms.extra["series"]]
    df = priors.constant("continuous_df")
    logp = continuous_logp(terms.extra["credible"], df)
    _observe("continuous", terms.value, [mean, scale[own]], logp, None)
