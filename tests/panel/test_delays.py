"""Reporting delays: what is learnt of them from records that are cut off by the as-of date."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import ndtr
from scipy.stats import norm

from forecast.evidence.vintage import Vintage
from forecast.panel import build_panel
from forecast.panel.cells import exposures
from forecast.panel.delays import (
    _LAGS,
    DelayPrior,
    Observed,
    _Objective,
    count_delays,
    estimate_delays,
    first_reports,
    fit_delays,
    known_shares,
    log_delay,
    log_known,
    mean_delay,
)
from forecast.study.models import Pair, Switches
from tests.toys import ARMS, VISITS, covered, fact, priors, seen, toy_study

AS_OF = date(2022, 12, 31)
PRIOR = DelayPrior(**priors().table("reporting_delay"))
NAMES = ("prompt", "late", "rare")
CHN = Pair("CHN", "RUS")


def simulated(rng, *, events, same_day, median, sigma, window):
    """Return delays and horizons of those events of the last days that are known by now."""
    horizon = rng.integers(0, window, size=events)
    later = np.ceil(median * np.exp(sigma * rng.standard_normal(events)))
    delay = np.where(rng.random(events) < same_day, 0, later).astype(int)
    known = delay <= horizon
    return delay[known], horizon[known]


def counted(*groups):
    rows = [
        (number, d, h)
        for number, (delay, horizon) in enumerate(groups)
        for d, h in zip(delay, horizon, strict=True)
    ]
    table, count = np.unique(np.array(rows).reshape(-1, 3), axis=0, return_counts=True)
    return Observed(group=table[:, 0], delay=table[:, 1], horizon=table[:, 2], count=count)


def share(mode, hessian, groups, group, lag):

    return float(np.interp(lag, _LAGS, known_shares(mode, hessian, groups)[group]))


def delayed(study, *records, as_of=AS_OF, **more):
    known = tuple(one for one in records if one.known <= as_of)
    return estimate_delays(study, Vintage(as_of, known, ""), priors(), **more)


class TestDistribution:
    DAYS = np.arange(0.0, 4000.0)
    AT = (np.full(4000, 0.3), np.full(4000, np.log(20.0)), np.log(1.2))

    def test_chances_of_single_days_add_up_to_the_share_known(self):
        mass, known = log_delay(self.DAYS, *self.AT)[0], log_known(self.DAYS, *self.AT)[0]
        assert np.cumsum(np.exp(mass)) == pytest.approx(np.exp(known), abs=1e-12)

    def test_by_hand(self):
        # 57 % on the day; of the others, the median is 20 days, and Phi(log(60/20)/1.2) = 82 %.
        same = 1.0 / (1.0 + np.exp(-0.3))
        known = np.exp(
            log_known(np.array([0.0, 20.0, 60.0]), *[a[:3] for a in self.AT[:2]], self.AT[2])[0]
        )
        expected = [same, same + 0.5 * (1 - same), same + (1 - same) * norm.cdf(np.log(3) / 1.2)]
        assert known == pytest.approx(expected, abs=1e-14)

    def test_no_day_is_impossible_however_late(self):
        log, slopes = log_delay(np.array([1e6]), np.zeros(1), np.zeros(1), -3.0)
        assert np.isfinite(log).all()
        assert np.isfinite(slopes).all()


def test_the_gradient_and_the_hessian_are_those_of_the_objective():
    rng = np.random.default_rng(1)
    data = counted(
        simulated(rng, events=40, same_day=0.5, median=20, sigma=1.0, window=100),
        simulated(rng, events=40, same_day=0.2, median=5, sigma=1.0, window=100),
    )
    centre = np.array([0.8, 3.0, 0.4])
    objective = _Objective(data, 2, PRIOR, centre)
    at = np.array([0.6, 2.8, 0.3, 0.1, -0.5, 2.5, 2.0])
    numeric = approx_fprime(at, lambda theta: objective(theta)[0], 1e-6)
    assert objective(at)[1] == pytest.approx(numeric, abs=2e-3)
    rows = [approx_fprime(at, lambda theta, n=n: objective(theta)[1][n], 1e-6) for n in range(7)]
    assert objective.hessian(at) == pytest.approx(np.array(rows), abs=1e-2)


@pytest.fixture(scope="module")
def sample():
    """Return six thousand events of 120 days: half known on the day, half after a median of 60."""
    rng = np.random.default_rng(20260101)
    return simulated(rng, events=6000, window=120, same_day=0.5, median=60.0, sigma=0.8)


@pytest.fixture(scope="module")
def fit():
    """Return the fit of a prompt indicator, a late one, one with one event and one with none."""
    rng = np.random.default_rng(7)
    law = {"sigma": 1.0, "window": 2000}
    groups = [
        simulated(rng, events=300, same_day=0.95, median=10, **law),
        simulated(rng, events=300, same_day=0.3, median=40, **law),
        (np.array([0]), np.array([1000])),
        (np.zeros(0, int), np.zeros(0, int)),
    ]
    return fit_delays(counted(*groups), 4, PRIOR)


class TestRecovery:
    def true_share(self, lag):
        return 0.5 + 0.5 * ndtr(np.log(lag / 60.0) / 0.8)

    def test_records_alone_show_too_short_delays(self, sample):
        delay, _ = sample
        # Of all events 75 % are known after 60 days; among records of 120 days it is far more.
        assert self.true_share(60.0) == 0.75
        assert np.mean(delay <= 60) > 0.9

    @pytest.mark.parametrize("lag", [0.0, 15.0, 30.0, 60.0, 90.0])
    def test_the_share_known_is_recovered(self, sample, lag):
        mode, hessian = fit_delays(counted(sample), 1, PRIOR)
        true = 0.5 if lag == 0 else self.true_share(lag)
        # The shares have standard errors of about .015; one sample, fixed.
        assert share(mode, hessian, 1, 0, lag) == pytest.approx(true, abs=0.05)

    def test_the_same_data_give_the_same_numbers(self, sample):
        first, second = (fit_delays(counted(sample), 1, PRIOR)[0] for _ in range(2))
        assert (first == second).all()


class TestPooling:
    def test_many_events_speak_for_themselves(self, fit):
        assert share(*fit, 4, 0, 0) == pytest.approx(0.95, abs=0.04)
        assert share(*fit, 4, 1, 0) == pytest.approx(0.30, abs=0.06)

    def test_few_events_lean_on_the_others(self, fit):
        prompt, late, one, none = (share(*fit, 4, group, 0) for group in range(4))
        assert late < none < one < prompt

    def test_doubt_lowers_the_share_known_by_the_mode(self, fit):
        mode, hessian = fit
        sure = 1.0 / (1.0 + np.exp(-mode[3 + 3]))
        assert share(mode, hessian, 4, 3, 0) < sure


def test_without_any_event_the_prior_is_what_is_known():
    nothing = count_delays([], NAMES, AS_OF)
    mode, hessian = fit_delays(nothing, 3, PRIOR)
    assert 1.0 / (1.0 + np.exp(-mode[:1])) == pytest.approx(0.7)
    assert np.exp(mode[1]) == pytest.approx(20.0)
    assert share(mode, hessian, 3, 1, 0) == pytest.approx(0.68, abs=0.03)


def test_fifty_thousand_events_take_less_than_a_second():
    rng = np.random.default_rng(9)
    groups = [
        simulated(rng, events=1300, same_day=0.6, median=30, sigma=1.5, window=5000)
        for _ in range(40)
    ]
    data = counted(*groups)
    started = time.process_time()
    mode, hessian = fit_delays(data, 40, PRIOR)
    known_shares(mode, hessian, 40)
    assert data.count.sum() > 50_000
    assert time.process_time() - started < 3.0  # measured .5 s; a shared machine is slower


class TestWhichRecordsCount:
    STUDY = toy_study()

    def delays(self, *records, as_of=AS_OF, **more):
        study = replace(self.STUDY, **more)
        return [(d, h) for _, d, h in first_reports(study, Vintage(as_of, records, ""))]

    def test_days_from_the_last_day_of_the_event(self):
        record = fact("visits", "2022-05", known_at="2022-06-10")
        assert self.delays(record) == [(10, 214)]

    def test_what_was_announced_was_known_on_the_day(self):
        assert self.delays(fact("visits", "2022-05-10", known_at="2022-04-01")) == [(0, 235)]

    @pytest.mark.parametrize("basis", ["month_end", "file_vintage"])
    def test_other_bases_are_no_delay(self, basis):
        assert self.delays(fact("visits", known_at_basis=basis)) == []

    def test_the_first_record_of_a_cluster_is_the_event_known(self):
        later = fact("visits", id="E2", cluster="K", known_at="2022-08-31")
        first = fact("visits", id="E1", cluster="K", known_at="2022-05-12")
        assert self.delays(later, first) == [(2, 235)]
        vague = replace(first, known_at_basis="month_end")
        assert self.delays(later, vague) == []

    def test_zeros_and_expected_events_and_what_measures_nothing_do_not_count(self):
        assert (
            self.delays(
                fact("visits", id="E1", number=0),
                fact("arms", id="E2", number=0),
                fact("visits", "2023-05-10", id="E3"),
                fact("mediation", id="E4"),
            )
            == []
        )

    def test_series_released_by_the_year_do_not_count(self):
        yearly = {"visits": replace(VISITS, release_lag=90)}
        assert self.delays(fact("visits"), indicators=yearly) == []

    def test_a_correction_is_no_late_report(self):
        corrected = fact("visits", known_at="2022-11-30")
        vintage = Vintage(AS_OF, (corrected,), "")
        first = {"E1": date(2022, 5, 13)}
        assert [d for _, d, _ in first_reports(self.STUDY, vintage, first)] == [3]


def test_nothing_known_after_the_date_can_matter():
    """Planted records of the future leave every exposure as it was."""
    study = toy_study(
        switches=Switches(),
        prior_sets=("signals-2026", "witness-2026"),
        coverage=(covered("visits"),),
    )
    now = [
        fact("visits", f"2022-0{m}-01", id=f"E{m}", known_at=f"2022-0{m}-05") for m in range(1, 7)
    ]
    planted = [
        fact("visits", f"2022-0{m}-02", id=f"F{m}", known_at="2022-11-30") for m in range(1, 7)
    ]
    as_of = date(2022, 6, 30)
    assert seen(study, *now, *planted, as_of=as_of).signals.equals(
        seen(study, *now, as_of=as_of).signals
    )
    later = seen(study, *now, *planted, as_of=date(2022, 11, 30)).delays
    assert later.known("visits", np.array([30.0])) < 0.8


class TestExposure:
    STUDY = toy_study(coverage=(covered("visits", start="2022-04-01"),))

    def test_each_covered_day_counts_by_the_share_of_its_events_that_is_known(self):
        delays = delayed(self.STUDY)
        as_of = date(2022, 5, 10)
        found = exposures(self.STUDY, VISITS, CHN, as_of, delays)
        expected = delays.known("visits", np.arange(40.0)).sum() / 91
        assert found == pytest.approx([0.0, expected])

    def test_the_recent_past_is_known_less_than_the_old(self):
        study = toy_study(coverage=(covered("visits"),))
        shares = exposures(study, VISITS, CHN, AS_OF, delayed(study))
        assert all(a > b for a, b in pairwise(shares))
        assert 0.7 < shares[3] < shares[0] < 1.0

    def test_a_yearly_release_is_unknown_before_it_and_known_from_it_on(self):
        indicators = {"visits": replace(VISITS, release_lag=75)}
        study = toy_study(coverage=(covered("visits"),))
        study = replace(study, indicators=indicators)
        release = date(2022, 12, 31) + timedelta(days=75)
        early = exposures(study, VISITS, CHN, release - timedelta(days=1), delayed(study))
        assert early[:4] == [0.0] * 4
        assert exposures(study, VISITS, CHN, release, delayed(study))[:4] == [1.0] * 4

    def test_a_stated_zero_keeps_its_full_exposure(self):
        study = replace(self.STUDY, switches=Switches())
        stated = fact("visits", "2022-11-10", number=0, known_at="2022-11-10")
        panel = build_panel(study, Vintage(AS_OF, (stated,), ""), priors=priors())
        rows = panel.signals.set_index(["indicator", "pair", "first"])["exposure"]
        assert rows["visits", "CHN->RUS", "2022-Q4"] == 1.0
        assert rows["visits", "CHN->RUS", "2022-Q3"] < 1.0


class TestReports:
    """The mean delay of reports on the ladder, exponential as the witness model has it."""

    def test_without_cut_and_prior_it_is_that_of_a_geometric_law(self):
        # Delays 0, 1, 5: mean 2, so exp(-1/D) = 2/3.
        observed = np.array([[0, 1, 5], [10**7] * 3])
        assert mean_delay(observed, median=3.0, sd=50.0) == pytest.approx(
            1.0 / np.log(1.5), rel=1e-3
        )

    def test_what_is_cut_off_is_allowed_for(self):
        rng = np.random.default_rng(3)
        horizon = rng.integers(0, 60, size=20_000)
        delay = np.floor(rng.exponential(50.0, size=20_000)).astype(int)
        known = delay <= horizon
        observed = np.array([delay[known], horizon[known]])
        assert delay[known].mean() < 20.0
        # 8,000 delays under horizons about as long as the mean: standard error about 2.5 days.
        assert mean_delay(observed, median=50.0, sd=50.0) == pytest.approx(50.0, abs=9.0)

    def test_few_reports_leave_it_to_the_prior_set(self):
        records = [
            fact("arms", f"2022-05-{d:02}", id=f"E{d}", known_at=f"2022-05-{d + 2:02}")
            for d in range(1, 13)
        ]
        study = toy_study(indicators=[ARMS])
        assert delayed(study, *records[:9]).report_years == {}
        learnt = delayed(study, *records).report_years["lethal"]
        # Twelve delays of two days against a prior of 0.35 years with sd .5 on the log.
        assert 2.0 / 365.25 < learnt < 0.35
