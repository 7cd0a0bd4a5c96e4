"""How long an event takes to become known, and what share of past events is known by a date.

Events that are not reported yet have no record, so that short delays are seen too often: an event
``h`` days before the as-of date has a record only if its delay is at most ``h``. Each record
therefore counts by ``f(d) / F(h)`` (docs/model.md, section 1.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, logit, ndtr

from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage
from forecast.panel.acts import canonical_pair
from forecast.priors import Priors
from forecast.study.models import Indicator, Study

DAYS_A_YEAR = 365.25
# Lags at which the known share is kept: every day of two years, then ever rarer.
_LAGS = np.unique(np.concatenate([np.arange(731), np.geomspace(731, 73_100, 120).round()]))
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)


@dataclass(frozen=True, kw_only=True)
class DelayPrior:
    """What is believed of delays before any is seen (the table ``reporting_delay``).

    ``same_day`` is the share known on the event's last day, ``tail_median`` and ``tail_sigma`` are
    of the log-normal delay of the others, in days. ``_sd`` is the doubt about the common value on
    its log-odds or logarithm, ``_spread`` how far indicators differ from it.
    """

    same_day: float
    same_day_sd: float
    same_day_spread: float
    tail_median: float
    tail_median_sd: float
    tail_median_spread: float
    tail_sigma: float
    tail_sigma_sd: float


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Delays on record, counted: arrays of one length.

    Attributes
    ----------
    group
        Number of the indicator.
    delay, horizon
        Days from the event's last day to the first record of it, and to the as-of date.
    count
        Number of events with this delay and horizon.
    """

    group: np.ndarray
    delay: np.ndarray
    horizon: np.ndarray
    count: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Delays:
    """What share of the events of each indicator is known some days after them.

    Attributes
    ----------
    shares
        By indicator, the share known at each lag of a fixed grid, posterior mean.
    same_day, tail_median
        By indicator, the posterior mode of its parameters.
    tail_sigma
        The posterior mode of the common spread of the tail.
    events
        By indicator, the number of events that were learnt from.
    releases
        Days from a year's end to the release of its figure, of indicators that declare them.
    report_years
        By rung, the mean delay of reports on the ladder in years, where it was learnt.
    """

    shares: Mapping[str, np.ndarray]
    same_day: Mapping[str, float]
    tail_median: Mapping[str, float]
    tail_sigma: float
    events: Mapping[str, int]
    releases: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    report_years: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def known(self, indicator: str, lags: np.ndarray) -> np.ndarray:
        """Return the share of an indicator's events known ``lags`` days after them."""
        return np.asarray(np.interp(lags, _LAGS, self.shares[indicator]))

    def known_on(self, indicator: str, days: np.ndarray, as_of: date) -> np.ndarray:
        """Return the share of the events of each day that is known on the as-of date.

        Days are ordinal numbers; one after the as-of date has none. A figure released by the year
        is unknown until its release, and known from then on.
        """
        lags = as_of.toordinal() - days
        if indicator in self.releases:
            # The last year whose figure is out by now.
            newest = (as_of - timedelta(days=self.releases[indicator]) + timedelta(days=1)).year - 1
            known = (days <= date(newest, 12, 31).toordinal()).astype(float)
        else:
            known = self.known(indicator, lags)
        return np.where(lags >= 0, known, 0.0)


def estimate_delays(
    study: Study,
    vintage: Vintage,
    priors: Priors,
    first_known: Mapping[str, date] = MappingProxyType({}),
) -> Delays:
    """Estimate the reporting delays of a study from what a vintage tells of them.

    Parameters
    ----------
    first_known
        By record id, the day on which its first version became known, where the standing version
        is a correction of a later day.
    """
    indicators = tuple(study.indicators.values())
    names = tuple(one.name for one in indicators)
    seen = first_reports(study, vintage, first_known)
    prior = DelayPrior(**priors.table("reporting_delay"))
    observed = count_delays(seen, names, vintage.as_of)
    mode, hessian = fit_delays(observed, len(names), prior)
    shares = known_shares(mode, hessian, len(names))
    events = np.bincount(observed.group, observed.count, minlength=len(names)).astype(int)
    size = len(names)
    return Delays(
        shares=dict(zip(names, shares, strict=True)),
        same_day=dict(zip(names, expit(mode[3 : 3 + size]).tolist(), strict=True)),
        tail_median=dict(zip(names, np.exp(mode[3 + size :]).tolist(), strict=True)),
        tail_sigma=float(np.exp(mode[2])),
        events=dict(zip(names, events.tolist(), strict=True)),
        releases={one.name: one.release_lag for one in indicators if one.release_lag is not None},
        report_years=_report_years(study, seen, priors, vintage.as_of),
    )


def first_reports(
    study: Study, vintage: Vintage, first_known: Mapping[str, date] = MappingProxyType({})
) -> list[tuple[Indicator, int, int]]:
    """Return indicator, delay and horizon in days of each event's first record.

    Only of what measures something: an assessment kept out of the likelihood is no report. The
    first record of a cluster makes its event known; it counts if its date of knowledge is
    exact (a file's vintage is no delay). A zero is no event, and what is expected after the as-of
    date has not had the chance to be late.
    """
    first: dict[tuple[object, ...], tuple[date, Record]] = {}
    for record in vintage.records:
        indicator = study.indicators.get(record.indicator)
        if indicator is None or indicator.measures == "none" or indicator.release_lag is not None:
            continue
        if record.last > vintage.as_of or _is_zero(indicator, record):
            continue
        known = min(record.known, first_known.get(record.id, record.known))
        key = (
            record.indicator,
            canonical_pair(indicator, record.pair),
            study.calendar.index(record.last),
            record.cluster or f"record {record.id}",
        )
        if key not in first or (known, record.id) < (first[key][0], first[key][1].id):
            first[key] = (known, record)
    return [
        (
            study.indicators[record.indicator],
            max(0, (known - record.last).days),
            (vintage.as_of - record.last).days,
        )
        for known, record in first.values()
        if record.known_at_basis == "exact"
    ]


def _is_zero(indicator: Indicator, record: Record) -> bool:
    event = indicator.kind == "count" or indicator.measures == "outcome"
    return event and record.number <= 0


def count_delays(
    seen: list[tuple[Indicator, int, int]], names: tuple[str, ...], as_of: date
) -> Observed:
    """Count events with the same indicator, delay and horizon."""
    where = {name: number for number, name in enumerate(names)}
    table = np.array([(where[one.name], d, h) for one, d, h in seen], dtype=np.int64)
    rows, count = np.unique(table.reshape(-1, 3), axis=0, return_counts=True)
    return Observed(group=rows[:, 0], delay=rows[:, 1], horizon=rows[:, 2], count=count)


def fit_delays(observed: Observed, groups: int, prior: DelayPrior) -> tuple[np.ndarray, np.ndarray]:
    """Return the posterior mode of all parameters, and the negative Hessian there.

    The parameters are the common log-odds of a report on the day, the common log median of the
    tail, its log sigma, then log-odds and log medians by indicator.
    """
    centre = np.array([logit(prior.same_day), np.log(prior.tail_median), np.log(prior.tail_sigma)])
    start = np.concatenate([centre, np.full(groups, centre[0]), np.full(groups, centre[1])])
    objective = _Objective(observed, groups, prior, centre)
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 500, "ftol": 1e-12}
    )
    return found.x, objective.hessian(found.x)


class _Objective:
    """Minus the log posterior of the delays, with its gradient."""

    def __init__(
        self, observed: Observed, groups: int, prior: DelayPrior, centre: np.ndarray
    ) -> None:
        self.groups, self.centre = groups, centre
        self.common_sd = np.array([prior.same_day_sd, prior.tail_median_sd, prior.tail_sigma_sd])
        self.spread = (prior.same_day_spread, prior.tail_median_spread)
        # What two terms have in common is counted once: the delay in f, the horizon in F.
        self.delays = _grouped(observed.group, observed.delay, observed.count)
        self.horizons = _grouped(observed.group, observed.horizon, observed.count)

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        size = self.groups
        common, odds, median = theta[:3], theta[3 : 3 + size], theta[3 + size :]
        off = (common - self.centre) / self.common_sd
        apart = [(odds - common[0]) / self.spread[0], (median - common[1]) / self.spread[1]]
        value = 0.5 * (off @ off + apart[0] @ apart[0] + apart[1] @ apart[1])
        gradient = np.zeros_like(theta)
        gradient[:3] = off / self.common_sd
        for number, (part, spread) in enumerate(zip(apart, self.spread, strict=True)):
            gradient[number] -= part.sum() / spread
            begin = 3 + number * size
            gradient[begin : begin + size] += part / spread
        for (group, days, count), term, sign in (
            (self.delays, log_delay, -1.0),
            (self.horizons, log_known, 1.0),
        ):
            log, slopes = term(days, odds[group], median[group], common[2])
            value += sign * float(count @ log)
            weighted = sign * count * slopes
            gradient[3 : 3 + size] += np.bincount(group, weighted[0], minlength=size)
            gradient[3 + size :] += np.bincount(group, weighted[1], minlength=size)
            gradient[2] += weighted[2].sum()
        return value, gradient

    def hessian(self, theta: np.ndarray, step: float = 1e-4) -> np.ndarray:
        """Return the Hessian by central differences, all indicators at once.

        Indicators meet in the common parameters alone, so that one direction serves them all.
        """
        size = self.groups
        blocks = [slice(0, 1), slice(1, 2), slice(2, 3), slice(3, 3 + size), slice(3 + size, None)]
        hessian = np.zeros((len(theta), len(theta)))
        for block in blocks:
            move = np.zeros_like(theta)
            move[block] = step
            change = (self(theta + move)[1] - self(theta - move)[1]) / (2.0 * step)
            members = np.arange(len(theta))[block]
            if len(members) == 1 and members[0] < 3:
                hessian[members[0]] = change
            else:
                for other in (3, 3 + size):
                    hessian[members, np.arange(other, other + size)] = change[other : other + size]
        hessian[3:, :3] = hessian[:3, 3:].T
        return np.asarray(0.5 * (hessian + hessian.T))


def _grouped(
    group: np.ndarray, days: np.ndarray, count: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, place = np.unique(np.column_stack([group, days]), axis=0, return_inverse=True)
    total = np.bincount(place.ravel(), count, minlength=len(rows))
    return rows[:, 0], rows[:, 1].astype(float), total


def log_delay(
    days: np.ndarray, odds: np.ndarray, median: np.ndarray, log_sigma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``log f(days)`` and its slopes in log-odds, log median and log sigma."""
    sigma = np.exp(log_sigma)
    later = days > 0
    upper = (np.log(np.maximum(days, 1.0)) - median) / sigma
    lower = np.where(days > 1, (np.log(np.maximum(days - 1.0, 1.0)) - median) / sigma, -40.0)
    # On the right side of the median the difference is taken of upper tails, which are not near 1.
    flip = lower > 0
    mass = np.where(flip, ndtr(-lower) - ndtr(-upper), ndtr(upper) - ndtr(lower))
    mass = np.maximum(mass, 1e-300)
    high, low = _density(upper), _density(lower)
    same = expit(odds)
    log = np.where(later, np.log1p(-same) + np.log(mass), np.log(same))
    slopes = np.stack(
        [
            np.where(later, -same, 1.0 - same),
            np.where(later, -(high - low) / sigma / mass, 0.0),
            np.where(later, -(upper * high - lower * low) / mass, 0.0),
        ]
    )
    return log, slopes


def log_known(
    days: np.ndarray, odds: np.ndarray, median: np.ndarray, log_sigma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``log F(days)`` and its slopes in log-odds, log median and log sigma."""
    sigma = np.exp(log_sigma)
    reach = np.where(days > 0, (np.log(np.maximum(days, 1.0)) - median) / sigma, -40.0)
    same, tail, density = expit(odds), ndtr(reach), _density(reach)
    known = same + (1.0 - same) * tail
    slopes = np.stack(
        [
            same * (1.0 - same) * (1.0 - tail) / known,
            -(1.0 - same) * density / sigma / known,
            -(1.0 - same) * reach * density / known,
        ]
    )
    return np.log(known), slopes


def _density(at: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-0.5 * at**2) / np.sqrt(2.0 * np.pi))


def known_shares(mode: np.ndarray, hessian: np.ndarray, groups: int) -> np.ndarray:
    """Return F by indicator over the grid of lags, averaged over the Laplace posterior.

    Gauss-Hermite nodes in the three parameters of an indicator: no random number is drawn.
    """
    covariance = np.linalg.inv(hessian)
    nodes = np.stack([a.ravel() for a in np.meshgrid(_NODES, _NODES, _NODES)])
    weights = np.prod(np.meshgrid(_WEIGHTS, _WEIGHTS, _WEIGHTS), axis=0).ravel()
    weights = weights / weights.sum()
    logs = np.log(np.maximum(_LAGS, 1.0))
    shares = np.empty((groups, len(_LAGS)))
    for group in range(groups):
        own = [3 + group, 3 + groups + group, 2]
        root = np.linalg.cholesky(covariance[np.ix_(own, own)])
        odds, median, log_sigma = mode[own][:, None] + root @ nodes
        reach = (logs - median[:, None]) / np.exp(log_sigma)[:, None]
        tail = np.where(_LAGS > 0, ndtr(reach), 0.0)
        same = expit(odds)[:, None]
        shares[group] = weights @ (same + (1.0 - same) * tail)
    return np.minimum(np.maximum.accumulate(shares, axis=1), 1.0)


def _report_years(
    study: Study, seen: list[tuple[Indicator, int, int]], priors: Priors, as_of: date
) -> dict[str, float]:
    """Return the mean delay of reports by rung, of the rungs with enough of them."""
    by_rung: dict[str, list[tuple[int, int]]] = {}
    for indicator, delay, horizon in seen:
        if indicator.rung is not None:
            by_rung.setdefault(indicator.rung, []).append((delay, horizon))
    if not by_rung:
        return {}
    learning, years = priors.table("delay_learning"), priors.table("delay_years")
    return {
        rung: mean_delay(
            np.array(by_rung[rung]).T,
            median=years[rung] * DAYS_A_YEAR,
            sd=learning["sd"],
        )
        / DAYS_A_YEAR
        for rung in study.ladder.rungs[1:]
        if len(by_rung.get(rung, ())) >= learning["reports"] and rung in years
    }


def mean_delay(observed: np.ndarray, *, median: float, sd: float) -> float:
    """Return the mean of an exponential delay in days, learnt from delays cut off by their horizon.

    In whole days: ``P(d) = exp(-d/D) (1 - exp(-1/D))`` and ``F(h) = 1 - exp(-(h + 1)/D)``. ``D`` is
    the posterior mode of its logarithm under a normal prior; without a prior and without
    horizons it would be ``1 / log(1 + 1/mean)``.

    Parameters
    ----------
    observed : int array, shape (2, report)
        Delays and horizons.
    median, sd
        Of the log-normal prior of ``D``.
    """
    delay, horizon = observed

    def loss(log_mean: float) -> float:
        rate = np.exp(-log_mean)
        log = -delay * rate + np.log(-np.expm1(-rate)) - np.log(-np.expm1(-(horizon + 1) * rate))
        return float(0.5 * ((log_mean - np.log(median)) / sd) ** 2 - log.sum())

    centre = float(np.log(median))
    found = minimize_scalar(loss, bounds=(centre - 12.0 * sd, centre + 12.0 * sd), method="bounded")
    return float(np.exp(found.x))
