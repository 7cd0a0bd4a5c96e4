"""Factors of the joint cells (state, firms), worked by hand on a ladder of three rungs.

Rungs are none, rhetorical (ruled out for firms) and lethal. Detection is 0.25 and 0.60 a
quarter, false reports 0.02 and 0.04.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from forecast.errors import PriorError
from forecast.model.witness import Report, build_witness, cell_factors, reaches
from forecast.study.models import Ladder
from tests.toys import LADDER, tables

TABLES = {
    "detection": {"rhetorical": 0.25, "lethal": 0.6},
    "delay_years": {"rhetorical": 0.05, "lethal": 0.35},
    "false_rate": {"rhetorical": 0.02, "lethal": 0.04},
    "true_share_source": {"A": 0.3, "B": 0.4, "C": 0.22, "E": 0.08},
    "true_share_information": {"1": 0.5, "2": 0.32, "3": 0.1, "5": 0.08},
    "false_share_source": {"A": 0.05, "B": 0.1, "C": 0.25, "E": 0.6},
    "false_share_information": {"1": 0.05, "2": 0.15, "3": 0.2, "5": 0.6},
    "nothing_by_source": {"A": 0.15, "B": 0.25, "C": 0.55, "E": 0.95},
}
OWN = tables(**TABLES)
WITNESS = build_witness(OWN, LADDER, 4.0)
KNOWN = np.array([0.0, 0.8, 0.5])
TALK = 1 - 0.25 * 0.8
ARMS = 1 - 0.6 * 0.5
# Silence by (state, firms): firms on the rung of arms were never expected to be heard talking.
SILENCE = np.array(
    [
        [1, 1, ARMS],
        [TALK, TALK, TALK * ARMS],
        [TALK * ARMS, TALK * ARMS, TALK * ARMS**2],
    ]
)
B2 = 0.4 * 0.32 / (0.04 * 0.1 * 0.15)
C3 = 0.22 * 0.1 / (0.04 * 0.25 * 0.2)
E5 = 0.08 * 0.08 / (0.04 * 0.6 * 0.6)


def arms(*grades, who="state", nothing=False, name="s"):
    sources = tuple((f"{name}{number}", grade) for number, grade in enumerate(grades))
    return Report(2, who, sources, nothing)


def factors(*reports, known=KNOWN):
    return cell_factors(WITNESS, reports, known)


def test_silence_speaks_against_each_axis_that_reaches_a_rung():
    assert factors() == pytest.approx(SILENCE, rel=1e-12)


def test_silence_of_a_period_nobody_can_know_yet_says_nothing():
    assert (factors(known=np.zeros(3)) == 1.0).all()


STATE = np.array([[0, 0, 0], [0, 0, 0], [1, 1, 1]])
FIRMS = STATE.T
EITHER = STATE | FIRMS


@pytest.mark.parametrize(("who", "true"), [("state", STATE), ("firm", FIRMS), ("unknown", EITHER)])
def test_a_report_adds_its_weight_in_the_cells_where_it_is_true(who, true):
    # Where both axes reach the rung, one made the report and the other stayed silent.
    lift = 1 + 0.6 * B2 * true / ARMS
    assert factors(arms("B2", who=who)) == pytest.approx(SILENCE * lift, rel=1e-12)
    assert (factors(arms("B2", who=who))[0, 0]) == 1.0


def test_a_second_source_adds_the_root_of_its_ratio_where_that_helps():
    assert WITNESS.likelihood_ratio(2, ["B2"]) == pytest.approx(B2)
    assert WITNESS.likelihood_ratio(2, ["C3", "B2"]) == pytest.approx(B2 * math.sqrt(C3))
    assert E5 < 1
    assert WITNESS.likelihood_ratio(2, ["E5", "B2"]) == pytest.approx(B2)
    assert WITNESS.likelihood_ratio(2, ["C3", "B2", "C3"]) == pytest.approx(B2 * math.sqrt(C3))


def test_two_reports_of_one_axis_and_rung_count_like_two_sources_of_one():
    apart = factors(arms("B2", name="a"), arms("C3", name="b"))
    assert apart == pytest.approx(factors(arms("B2", "C3")), rel=1e-12)


def test_a_source_that_reports_twice_counts_once():
    assert factors(arms("B2"), arms("B2")) == pytest.approx(factors(arms("B2")), rel=1e-12)
    assert factors(arms("C3"), arms("B2")) == pytest.approx(factors(arms("B2")), rel=1e-12)


def test_reports_of_both_axes_lift_the_cell_where_both_are_true():
    both = factors(arms("B2"), arms("C3", who="firm"))
    expected = TALK * (ARMS + 0.6 * B2) * (ARMS + 0.6 * C3)
    assert both[2, 2] == pytest.approx(expected, rel=1e-12)
    assert both[2, 0] == pytest.approx(TALK * (ARMS + 0.6 * B2), rel=1e-12)


def test_a_finding_of_nothing_lowers_the_cells_that_it_denies():
    found = factors(arms("B2", nothing=True))
    assert found == pytest.approx(SILENCE * np.where(STATE, 0.25, 1.0), rel=1e-12)
    several = factors(arms("C3", "A2", nothing=True), arms("E1", nothing=True))
    assert several == pytest.approx(SILENCE * np.where(STATE, 0.15, 1.0), rel=1e-12)


def test_firms_never_reach_a_rung_that_is_ruled_out_for_them():
    talk = Report(1, "firm", (("agency", "A1"),))
    assert factors(talk) == pytest.approx(SILENCE, rel=1e-12)
    assert factors(Report(1, "firm", (("agency", "A1"),), nothing=True)) == pytest.approx(
        SILENCE, rel=1e-12
    )
    assert not reaches(WITNESS.firms_allowed, 1, "firm").any()
    unknown = Report(1, "unknown", (("agency", "A1"),))
    assert factors(unknown)[0] == pytest.approx(SILENCE[0], rel=1e-12)
    assert (factors(unknown)[1:] > 100 * SILENCE[1:]).all()


@pytest.mark.parametrize(
    ("per_year", "detection", "false"),
    [(4.0, 0.6, 0.04), (12.0, 1 - 0.4 ** (1 / 3), 0.04 / 3), (1.0, 1 - 0.4**4, 0.16)],
)
def test_chances_of_a_quarter_are_moved_to_the_period(per_year, detection, false):
    witness = build_witness(OWN, LADDER, per_year)
    assert witness.detection[2] == pytest.approx(detection, rel=1e-12)
    assert witness.false_rate[2] == pytest.approx(false, rel=1e-12)
    assert witness.delay_years[2] == 0.35
    assert witness.firms_allowed.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        (date(2026, 7, 1), date(2026, 9, 30), 101),
        (date(2026, 10, 1), date(2026, 12, 31), 27),
        (date(2026, 11, 24), date(2026, 12, 31), 0),
        (date(2026, 12, 1), date(2026, 12, 31), 0),
    ],
    ids=["ended", "running", "begun today", "not begun"],
)
def test_the_share_known_grows_from_the_middle_of_the_days_gone_by(begin, end, days):
    share = WITNESS.known_share(begin, end, date(2026, 11, 24))
    expected = [0.0, *(1 - math.exp(-days / 365.25 / delay) for delay in (0.05, 0.35))]
    assert share == pytest.approx(expected, rel=1e-12)


def test_a_rung_without_numbers_is_named():
    with pytest.raises(PriorError, match="'detection' lacks the rungs war, bases"):
        build_witness(OWN, Ladder(("none", "war", "lethal", "bases")), 4.0)
