"""Records become acts: what merges, what never does, and whose value and grades stand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest

from forecast.panel.acts import acts_of, best_grades, grade_order
from tests.toys import CHARGE, INDICATORS, fact, toy_study

STUDY = toy_study(indicators=[*INDICATORS, replace(CHARGE, name="hint")])
LAST = 3


def acts(*records, study=STUDY):
    return acts_of(study, records, LAST)


def test_records_of_one_cluster_indicator_pair_and_period_are_one_act():
    (act,) = acts(
        fact("visits", "2022-04-02", id="E1", cluster="K", source_name="b", grade="C3"),
        fact("visits", "2022-06-30", id="E2", cluster="K", source_name="a", grade="B2"),
    )
    assert (act.first, act.last) == (1, 1)
    assert (act.begin, act.end) == (date(2022, 4, 2), date(2022, 6, 30))
    assert act.sources == (("a", "B2"), ("b", "C3"))
    assert act.grades == ("B2", "C3")
    assert act.records == ("E1", "E2")


@pytest.mark.parametrize(
    "other",
    [
        fact("visits", id="E2", cluster="L"),
        fact("visits", "2022-07-01", id="E2", cluster="K"),
        fact("visits", id="E2", cluster="K", pair="RUS->CHN"),
        fact("charge", id="E2", cluster="K"),
        fact("visits", "2022", id="E2", cluster=""),
    ],
    ids=["cluster", "period", "pair", "indicator", "interval without a cluster"],
)
def test_records_that_differ_in_any_of_the_four_stay_apart(other):
    assert len(acts(fact("visits", cluster="K"), other)) == 2


def test_records_without_a_cluster_stand_alone():
    assert len(acts(fact("visits", id="E1"), fact("visits", id="E2"))) == 2


def test_a_charge_never_merges_with_its_denial():
    charged, denied = acts(
        fact("charge", id="E1", cluster="K", number=1),
        fact("charge", id="E2", cluster="K", number=0),
    )
    assert (charged.value, denied.value) == (1.0, 0.0)
    assert charged.records == ("E1",)


def test_statements_at_different_levels_stay_apart():
    assert [
        act.value
        for act in acts(
            fact("vote", id="E1", cluster="K", number=2),
            fact("vote", id="E2", cluster="K", number=1),
        )
    ] == [2.0, 1.0]


def test_of_two_counts_of_one_event_the_one_known_last_stands():
    one = fact("visits", id="E1", cluster="K", number=3, known_at="2022-08-01")
    other = fact("visits", id="E2", cluster="K", number=2, known_at="2022-06-01")
    assert [act.value for act in acts(one, other)] == [3.0]
    same_day = replace(other, known_at="2022-08-01")
    assert [act.value for act in acts(one, same_day)] == [2.0], "the greater id breaks a tie"


def test_reports_on_the_ladder_merge_only_with_their_own_attribution():
    reports = [
        fact("arms", id=f"E{number}", cluster="K", attribution=who)
        for number, who in enumerate(["state", "firm", "unknown", "state"])
    ]
    assert [act.records for act in acts(*reports)] == [("E0", "E3"), ("E1",), ("E2",)]


def test_a_source_counts_once_with_its_best_grade():
    (act,) = acts(
        fact("visits", id="E1", cluster="K", source_name="paper", grade="C3"),
        fact("visits", id="E2", cluster="K", source_name="paper", grade="B1"),
        fact("visits", id="E3", cluster="K", source_name="paper", grade="B4"),
    )
    assert act.sources == (("paper", "B1"),)
    assert best_grades([("b", "C1"), ("a", "F6"), ("b", "A6")]) == (("a", "F6"), ("b", "C1"))


def test_grades_are_ordered_by_both_their_parts_and_not_as_text():
    # Places added: A2 1, B1 1, B2 2, A6 2.5, C3 4, F6 5, E5 8.
    ordered = ["A2", "B1", "B2", "A6", "C3", "F6", "E5"]
    assert sorted(set(ordered), key=grade_order) == ordered
    assert best_grades([("a", "A6"), ("a", "B1")]) == (("a", "B1"),)


class TestIntervals:
    """An act dated only to a year joins the dated act of its cluster inside that year."""

    DATED = fact("visits", "2022-05-10", id="E1", cluster="K", number=2, source_name="a")
    YEAR = fact("visits", "2022", id="E2", cluster="K", number=5, source_name="b", grade="C3")

    def test_it_brings_its_source_and_nothing_else(self):
        (act,) = acts(self.DATED, self.YEAR)
        assert (act.first, act.last, act.value) == (1, 1, 2.0)
        assert act.sources == (("a", "B2"), ("b", "C3"))
        assert act.records == ("E1", "E2")

    def test_the_same_source_still_counts_once(self):
        (act,) = acts(self.DATED, replace(self.YEAR, source_name="a", source_reliability="A"))
        assert act.sources == (("a", "A3"),)

    def test_it_joins_the_earliest_of_several(self):
        later = replace(self.DATED, id="E0", event_date="2022-08-01")
        first, second = acts(later, self.DATED, self.YEAR)
        assert (first.records, second.records) == (("E1", "E2"), ("E0",))

    @pytest.mark.parametrize(
        "changes",
        [
            {"cluster": "L"},
            {"cluster": ""},
            {"number": 0.0},
            {"indicator": "trade"},
            {"supporter": "IRN"},
            {"event_date": "2021"},
        ],
        ids=str,
    )
    def test_it_stays_alone_where_it_speaks_of_something_else(self, changes):
        assert len(acts(self.DATED, replace(self.YEAR, **changes))) == 2

    def test_it_never_joins_a_statement_of_another_value(self):
        vote = fact("vote", id="E1", cluster="K", number=2)
        year = fact("vote", "2022", id="E2", cluster="K", number=1)
        assert len(acts(vote, year)) == 2
        assert len(acts(vote, replace(year, number=2.0))) == 1

    def test_it_never_joins_an_act_of_another_attribution(self):
        arms = fact("arms", id="E1", cluster="K", attribution="state")
        year = fact("arms", "2022", id="E2", cluster="K", attribution="firm")
        assert len(acts(arms, year)) == 2
        assert len(acts(arms, replace(year, attribution="state"))) == 1

    def test_two_of_one_interval_are_one_act_and_stay_an_interval(self):
        (act,) = acts(self.YEAR, replace(self.YEAR, id="E3", source_name="c"))
        assert (act.first, act.last, act.records) == (0, 3, ("E2", "E3"))

    def test_it_is_cut_to_the_periods_of_the_study_up_to_the_as_of_date(self):
        study = toy_study(start=date(2022, 4, 1))
        (act,) = acts_of(study, [self.YEAR], 1)
        assert (act.first, act.last) == (0, 1)


def test_a_dyad_of_a_mutual_indicator_is_held_in_one_direction():
    (act,) = acts(
        fact("patrols", id="E1", cluster="K", pair="RUS->CHN", mutual="1"),
        fact("patrols", id="E2", cluster="K", pair="CHN->RUS", mutual="1"),
    )
    assert act.pair.label == "CHN->RUS"
    assert [one.pair.label for one in acts(fact("visits", pair="RUS->CHN"))] == ["RUS->CHN"]


def test_the_order_of_records_does_not_matter():
    records = [
        fact("visits", id="E1", cluster="K", number=2),
        fact("visits", "2022", id="E2", cluster="K"),
        fact("visits", "2022-04", id="E3", cluster="K", number=3, source_name="b"),
        fact("arms", id="E4", attribution="state"),
    ]
    expected = acts(*records)
    assert all(acts(*shuffled) == expected for shuffled in itertools.permutations(records))
