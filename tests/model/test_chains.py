"""Chains of the outcome model: their spans, and the kernel that places interval-dated reports."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.errors import ModelError
from forecast.model.chains import FIRST, IDLE, RUNNING, build_chains
from forecast.model.witness import Report, cell_factors
from forecast.study.models import AtStake, Driver
from tests.toys import fact, priors, seen, toy_study

TOY = toy_study()


def span(start, end=None, recipient="RUS"):
    return AtStake(
        recipient, date.fromisoformat(start), end and date.fromisoformat(end), date(2022, 1, 1)
    )


def chains_of(*records, at_stake=TOY.at_stake, as_of=date(2022, 12, 31), **changes):
    study = replace(TOY, at_stake=tuple(at_stake), **changes)
    return build_chains(seen(study, *records, as_of=as_of), priors())


class TestSpans:
    def test_each_pair_with_the_recipient_has_a_chain(self):
        chains = chains_of()
        assert chains.labels == ("CHN->RUS from 2022-Q1", "IRN->RUS from 2022-Q1")
        assert chains.pair.tolist() == [0, 2]
        assert chains.recipients == ("RUS",)
        assert chains.mode.tolist() == [[FIRST] * 2, *[[RUNNING] * 2] * 3]
        assert chains.open.tolist() == [True, True]

    def test_a_chain_is_idle_outside_its_span(self):
        chains = chains_of(
            at_stake=[span("2022-04-10", "2022-08-01"), span("2022-10-01", recipient="CHN")]
        )
        assert chains.start == 1
        assert chains.recipients == ("RUS", "CHN")
        assert chains.mode.T.tolist() == [
            [FIRST, RUNNING, IDLE],
            [IDLE, IDLE, FIRST],
            [FIRST, RUNNING, IDLE],
            [IDLE, IDLE, FIRST],
        ]
        assert chains.open.tolist() == [False, True, False, True]
        assert (chains.kernel[2, 0, 0, 0] == 1).all()

    def test_an_end_after_the_as_of_date_is_not_known_to_be_one(self):
        (first, _) = chains_of(
            at_stake=[span("2022-01-01", "2022-08-01")], as_of=date(2022, 7, 1)
        ).open
        assert first

    def test_two_spans_of_one_recipient_are_two_chains(self):
        chains = chains_of(at_stake=[span("2022-01-01", "2022-03-31"), span("2022-04-01")])
        assert len(chains.labels) == 4
        assert chains.mode[:, 0].tolist() == [FIRST, IDLE, IDLE, IDLE]
        assert chains.mode[:, 1].tolist() == [IDLE, FIRST, RUNNING, RUNNING]

    @pytest.mark.parametrize("order", [1, -1])
    def test_two_spans_of_one_recipient_may_not_share_a_period(self, order):
        spans = [span("2022-01-01", "2022-04-01"), span("2022-04-20")][::order]
        with pytest.raises(ModelError, match="two spans at stake of RUS share a period"):
            chains_of(at_stake=spans)

    @pytest.mark.parametrize(
        ("spans", "expected"),
        [
            ([span("2020-01-01", "2021-12-31")], None),
            ([span("2020-01-01", "2022-01-01")], [FIRST, IDLE, IDLE, IDLE]),
            ([span("2020-01-01", "2021-12-31"), span("2022-07-01")], [FIRST, RUNNING]),
            ([span("2020-01-01")], [FIRST, RUNNING, RUNNING, RUNNING]),
        ],
    )
    def test_a_span_counts_from_the_start_of_the_study(self, spans, expected):
        chains = chains_of(at_stake=spans)
        if expected is None:
            assert chains is None
        else:
            assert chains.mode.T.tolist() == [expected] * 2

    def test_nothing_at_stake_gives_no_chains(self):
        assert chains_of(at_stake=[]) is None

    def test_drivers_stand_at_their_pair_and_period(self):
        drivers = [
            Driver("CHN", "RUS", "2022-Q2", "front", 0.5, date(2022, 1, 1)),
            Driver("IRN", "RUS", "2022-Q4", "oil", 2.0, date(2022, 1, 1)),
            Driver("IRN", "CHN", "2022-Q4", "oil", 9.0, date(2022, 1, 1)),
            Driver("CHN", "RUS", "2021-Q4", "front", 9.0, date(2022, 1, 1)),
        ]
        grid = chains_of(drivers=tuple(drivers)).drivers
        assert grid.shape == (4, 2, 2)
        assert grid[1, 0, 0] == 0.5
        assert grid[3, 1, 1] == 2.0
        assert np.count_nonzero(grid) == 2


def reading(*records, **changes):
    """Return the panel's chains and, for the pair CHN->RUS, factors of any reports and period."""
    chains = chains_of(*records, **changes)
    calendar = TOY.calendar

    def factors(period, reports):
        known = chains.witness.known_share(
            calendar.start(period), calendar.end(period), date(2022, 12, 31)
        )
        return cell_factors(chains.witness, reports, known)

    return chains, factors


def forward(kernel, state, firms):
    """Sum over rungs and layers with a kernel, in plain NumPy."""
    layers, size = kernel.shape[1], kernel.shape[3]
    cells = np.zeros((layers, size, size))
    cells[0, 0, 0] = 1.0
    for time in range(len(kernel)):
        moved = state[time].T @ cells @ firms[time]
        cells = np.einsum("agf,abgf->bgf", moved, kernel[time])
    assert np.allclose(cells[1:], 0.0), "an interval-dated report was left without a place"
    return cells.sum()


def arms(day, name, grade="B2", who="state"):
    return fact("arms", day, id=name, grade=grade, attribution=who, source_name=name)


def told(record):
    return Report(2, record.attribution, ((record.source_name, record.grade),))


def half_year(month, name, **changes):
    return replace(arms(month, name), date_precision="half-year", **changes)


@pytest.mark.parametrize(
    "reports",
    [
        [(arms("2022", "a"), (0, 1, 2, 3))],
        [(arms("2022", "a"), (0, 1, 2, 3)), (arms("2022-08-01", "b"), (2,))],
        [(arms("2022", "a"), (0, 1, 2, 3)), (arms("2022", "b", "C3", "firm"), (0, 1, 2, 3))],
        [
            (arms("2022", "a", "D4"), (0, 1, 2, 3)),
            (half_year("2022-01", "b"), (0, 1)),
            (half_year("2022-07", "c"), (2, 3)),
        ],
    ],
    ids=["one", "beside a dated one", "two", "three that overlap"],
)
def test_the_kernel_gives_the_plain_mean_over_all_placements(reports):
    records = [record for record, _ in reports]
    chains, factors = reading(*records)
    rng = np.random.default_rng(1)
    state, firms = rng.dirichlet(np.ones(3), (2, 4, 3))
    expected = []
    for places in itertools.product(*(candidates for _, candidates in reports)):
        kernel = np.array(
            [
                factors(
                    time, [told(r) for r, at in zip(records, places, strict=True) if at == time]
                )
                for time in range(4)
            ]
        )
        expected.append(forward(kernel[:, None, None], state, firms))
    used = chains.layers[0]
    assert forward(chains.kernel[:, 0, :used, :used], state, firms) == pytest.approx(
        np.mean(expected), rel=1e-12
    )


def test_layers_are_used_again_by_intervals_that_do_not_overlap():
    chains, _ = reading(half_year("2022-01", "b"), half_year("2022-07", "c"))
    assert chains.layers.tolist() == [2, 1]


def test_an_interval_cut_to_one_period_of_the_chain_is_placed_there():
    at_stake = [span("2022-10-01")]
    chains, factors = reading(arms("2022", "a"), at_stake=at_stake)
    assert chains.layers.tolist() == [1, 1]
    assert chains.kernel[0, 0, 0, 0] == pytest.approx(factors(3, [told(arms("2022", "a"))]))


def test_a_report_touches_its_own_pair_alone():
    chains, factors = reading(arms("2022-08-01", "a"))
    assert chains.kernel[2, 0, 0, 0] == pytest.approx(factors(2, [told(arms("2022", "a"))]))
    assert chains.kernel[2, 1, 0, 0] == pytest.approx(factors(2, []))
    assert chains.kernel[1, 0, 0, 0] == pytest.approx(factors(1, []))
