"""Sections 2 to 4 of ``docs/model.md``: alignment, and the likelihood of every signal."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import expit, gammaln, logsumexp

from forecast.study.models import Indicator
from tests.reference.inputs import Case, rows


def alignment(case: Case) -> np.ndarray:
    """Return x by pair, domain and period."""
    pairs, domains, periods = len(case.pairs), len(case.domains), len(case.days)
    x = np.zeros((pairs, domains, periods))
    if not case.indicators:
        return x
    levels = level(case)
    for p, k in itertools.product(range(pairs), range(domains)):
        path = path_of(case, p, k)
        for t in range(periods):
            x[p, k, t] = levels[p, k] + path[t] + shocks_so_far(case, p, k, t)
    return x


def level(case: Case) -> np.ndarray:
    made = np.zeros((len(case.pairs), len(case.domains)))
    place = 0
    for part, member in case.level_parts:
        scale = case.values["level_scale"][place]
        common = case.values[f"{part}_level_raw"]
        for p, m in member.items():
            made[p, :] += scale * common[m]
        place += 1
        if len(case.domains) > 1:
            scale = case.values["level_scale"][place]
            by_domain = case.values[f"{part}_domain_level_raw"]
            for p, m in member.items():
                made[p, :] += scale * by_domain[:, m]
            place += 1
    return made


def shocks_so_far(case: Case, p: int, k: int, t: int) -> float:
    total = 0.0
    first, last = case.days[t]
    for e, day in enumerate(case.shock_days):
        after = (last - max(first, day)).days + 1
        step = max(0, after) / ((last - first).days + 1)
        spread = case.values["shock_scale"][e] * case.values["shock_raw"][e, p, k]
        total += step * (case.values["shock_mean"][e, k] + spread)
    return total


def path_of(case: Case, p: int, k: int) -> list[float]:
    """Return an AR(1) that begins in its stationary law (2.3)."""
    raw, scale = case.values["path_raw"][k, p], case.values["path_scale"][k]
    rho = 2 ** (-1 / (case.values["path_half_life"][k] * case.per_year))
    path = [scale * raw[0]]
    for t in range(1, len(case.days)):
        path.append(rho * path[-1] + scale * math.sqrt(1 - rho**2) * raw[t])
    return path


def signed_loading(case: Case, indicator: Indicator) -> float:
    if indicator.reference:
        return indicator.polarity
    free = [one.name for one in case.indicators if not one.reference and one.polarity == 0]
    signed = [one.name for one in case.indicators if not one.reference and one.polarity != 0]
    if indicator.polarity == 0:
        return case.values["loading_free"][free.index(indicator.name)]
    return indicator.polarity * case.values["loading"][signed.index(indicator.name)]


def predictor(case: Case, x: np.ndarray, row: Any) -> float:
    """Return eta of a row of the signals table (3)."""
    indicator = case.panel.study.indicators[row.indicator]
    labels = [pair.label for pair in case.pairs]
    k = case.domains.index(indicator.domain)
    first, last = case.position(row.first), case.position(row.last)
    both = [x[labels.index(one), k, first : last + 1] for one in (row.pair, row.partner)]
    z = (both[0].sum() + both[1].sum()) / (2 * (last - first + 1))
    kappa = case.values["intercept"][case.indicators.index(indicator)]
    return kappa + signed_loading(case, indicator) * z


def signal_terms(case: Case, x: np.ndarray) -> dict[str, list[float]]:
    """Return the log-density of each row, by kind in the order of the table."""
    terms: dict[str, list[float]] = {}
    densities = {"count": count, "binary": binary, "ordinal": ordinal, "continuous": continuous}
    for row in rows(case.panel.signals):
        kind = case.panel.study.indicators[row.indicator].kind
        terms.setdefault(kind, []).append(densities[kind](case, row, predictor(case, x, row)))
    return terms


def true_probability(case: Case, grades: Sequence[str]) -> float:
    """Return the chance that an act is true by the grades of its sources (4.1)."""
    source, information = (case.priors.tables[f"true_by_{n}"] for n in ("source", "information"))
    return 1 - math.prod(1 - source[grade[0]] * information[grade[1]] for grade in grades)


def count(case: Case, row: Any, eta: float) -> float:
    phi = case.values["dispersion"][case.of_kind("count").index(row.indicator)]
    weights = {0: 1.0}
    for events, grades in zip(row.counts, row.grades, strict=True):
        true = true_probability(case, grades)
        new: dict[int, float] = {}
        for total, weight in weights.items():
            new[total] = new.get(total, 0.0) + weight * (1 - true)
            new[total + int(events)] = new.get(total + int(events), 0.0) + weight * true
        weights = new
    log_mu = math.log(row.exposure) + eta
    return logsumexp([math.log(w) + negative_binomial(j, log_mu, phi) for j, w in weights.items()])


def negative_binomial(j: int, log_mu: float, phi: float) -> float:
    mu = math.exp(log_mu)
    constant = gammaln(j + phi) - gammaln(phi) - gammaln(j + 1)
    return constant - phi * math.log1p(mu / phi) + j * (log_mu - math.log(mu + phi))


def binary(case: Case, row: Any, eta: float) -> float:
    taken = -math.expm1(-math.exp(eta))
    if_false = case.priors.constants["false_report_binary"]
    true = true_probability(case, row.grades[0])
    if row.value == 1:
        return math.log(true * taken + (1 - true) * if_false)
    return math.log(true * (1 - taken) + (1 - true) * (1 - if_false))


def ordinal(case: Case, row: Any, eta: float) -> float:
    levels = len(case.panel.study.indicators[row.indicator].levels)
    threshold, at_least = 0.0, [1.0]
    for n in range(1, levels):
        if n > 1:
            threshold += case.values["level_gap"][case.gapped.index((row.indicator, n - 1))]
        at_least.append(expit(eta - threshold))
    at_least.append(0.0)
    stated = int(row.value)
    true = true_probability(case, row.grades[0])
    return math.log(true * (at_least[stated] - at_least[stated + 1]) + (1 - true) / levels)


def continuous(case: Case, row: Any, eta: float) -> float:
    indicator = case.panel.study.indicators[row.indicator]
    place = case.of_kind("continuous").index(indicator.name)
    mean = eta
    if indicator.lagged:
        if not math.isnan(row.lag):
            mean += case.values["lag_weight"][place] * standardised(indicator, row.lag)
        if (row.indicator, row.pair) in case.series:
            own = case.values["series_raw"][case.series.index((row.indicator, row.pair))]
            mean += case.values["series_scale"] * own
    value, scale = standardised(indicator, row.value), case.values["noise_scale"][place]
    df, true = case.priors.constants["continuous_df"], true_probability(case, row.grades[0])
    return logsumexp(
        [student_t(value, df, mean, scale), student_t(value, df, 0.0, 1.0)], b=[true, 1 - true]
    )


def standardised(indicator: Indicator, value: float) -> float:
    moved = math.log(value) if indicator.transform == "log" else value
    return (moved - indicator.location) / indicator.scale


def student_t(value: float, df: float, mean: float, scale: float) -> float:
    constant = gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * math.log(df * math.pi)
    off = (value - mean) / scale
    return constant - math.log(scale) - (df + 1) / 2 * math.log1p(off**2 / df)
