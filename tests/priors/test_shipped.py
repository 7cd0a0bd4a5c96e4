"""The prior sets that come with the program hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.model.witness import Report, build_witness, cell_factors
from forecast.priors.load import read_prior_set, shipped_prior_sets
from forecast.study.models import Ladder
from tests.toys import priors

LADDER = Ladder(
    ("none", "rhetorical", "economic", "dual-use", "lethal", "troops"), ("rhetorical", "troops")
)


@pytest.mark.parametrize("name", ["signals-2026", "witness-2026"])
def test_a_shipped_set_loads_under_its_own_name_and_gives_its_reasons(name):
    prior_set, digest = read_prior_set(shipped_prior_sets()[name])
    assert prior_set.id == name
    assert len(digest) == 64
    assert prior_set.provenance
    assert all(prior.source for prior in prior_set.parameters.values())


@pytest.mark.parametrize("which", ["true_share", "false_share"])
@pytest.mark.parametrize("by", ["source", "information"])
def test_shares_of_reports_sum_to_one(which, by):
    shares = priors().table(f"{which}_{by}")
    assert sorted(shares) == list("ABCDEF" if by == "source" else "123456")
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("table", ["detection", "false_rate", "nothing_by_source"])
def test_chances_lie_between_none_and_one(table):
    assert all(0.0 < chance < 1.0 for chance in priors().table(table).values())


def lift(grade, known):
    """Return how far one report of state arms lifts the odds of a cell over silence."""
    witness = build_witness(priors(), LADDER, 4.0)
    share = np.full(6, known)
    report = Report(4, "state", (("agency", grade),))
    told = cell_factors(witness, [report], share)
    silent = cell_factors(witness, [], share)
    return (told / silent)[4, 0], (told / silent)[3, 0]


@pytest.mark.parametrize(
    ("grade", "known", "expected"),
    [
        # A1: q true 0.20 * 0.45, q false 0.0025 * 0.05, one false report in 25: lambda 18,000.
        ("A1", 0.0, 1.0 + 0.6 * 18000.0),
        ("A1", 1.0, 1.0 + 0.6 * 18000.0 / 0.4),
        # E5: q true 0.02 * 0.01, q false 0.15 * 0.18: lambda 5/27.
        ("E5", 0.0, 1.0 + 0.6 * 5.0 / 27.0),
        ("E5", 1.0, 1.0 + 0.6 * 5.0 / 27.0 / 0.4),
    ],
)
def test_a_sure_report_of_arms_is_decisive_and_a_rumour_is_not(grade, known, expected):
    reached, below = lift(grade, known)
    assert reached == pytest.approx(expected, rel=1e-12)
    assert below == 1.0
    assert reached >= 2000 if grade == "A1" else reached <= 1.4
