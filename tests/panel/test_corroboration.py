"""Which reports count as confirmed: those that a distinct good source repeats later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forecast.panel.corroboration import is_good, tally_reports
from tests.toys import CHARGE, INDICATORS, fact, toy_study

STUDY = toy_study(indicators=[*INDICATORS, replace(CHARGE, name="hint")])
FIRST = fact("visits", id="E1", cluster="K", grade="D3", known_at="2022-05-12")


def later(**changes):
    given = {
        "id": "E2",
        "cluster": "K",
        "grade": "B2",
        "known_at": "2022-06-01",
        "source_name": "b",
    }
    return fact("visits", **(given | changes))


def tally(*records, withdrawn=()):
    return tally_reports(STUDY, records, withdrawn)


def test_a_later_report_of_a_good_distinct_source_confirms_the_earlier_one():
    assert tally(FIRST, later()) == {"D3": (1, 0)}


@pytest.mark.parametrize(
    "changes",
    [
        {"grade": "C2"},
        {"grade": "B3"},
        {"source_name": "agency"},
        {"known_at": "2022-05-12"},
        {"known_at": "2022-05-11", "grade": "C1"},
        {"cluster": "L"},
        {"cluster": ""},
        {"pair": "IRN->RUS"},
        {"number": 0},
    ],
)
def test_nothing_less_does(changes):
    assert tally(FIRST, later(**changes)) == {}


def test_a_denial_does_not_confirm_the_charge():
    charge = fact("charge", id="E1", cluster="K", grade="C3", known_at="2022-05-12")
    denial = fact("charge", id="E2", cluster="K", number=0.0, source_name="b", grade="A1")
    assert tally(charge, denial) == {}


def test_both_directions_of_a_mutual_act_are_one():
    first = replace(FIRST, indicator="patrols")
    second = replace(later(pair="RUS->CHN"), indicator="patrols")
    assert tally(first, second) == {"D3": (1, 0)}


def test_reports_on_the_ladder_have_tables_of_their_own():
    assert tally(replace(FIRST, indicator="arms"), replace(later(), indicator="arms")) == {}


def test_what_was_withdrawn_counts_by_the_grades_that_it_had():
    found = tally(FIRST, later(), withdrawn=[("D3",), ("D3", "E5")])
    assert found == {"D3": (1, 2), "E5": (0, 1)}


@pytest.mark.parametrize(
    ("grade", "good"), [("A1", True), ("B2", True), ("B3", False), ("C1", False), ("F6", False)]
)
def test_good_means_b2_or_better(grade, good):
    assert is_good(grade) is good
