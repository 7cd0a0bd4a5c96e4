"""Cells of event counts: where silence is zero, for how much of a period, and what else enters."""

from __future__ import annotations

from datetime import date

import pytest

from forecast.panel.cells import exposures
from forecast.study.load import check_study
from forecast.study.models import Pair
from tests.tiny import write_study
from tests.toys import PATROLS, VISITS, covered, fact, seen, toy_study

CHN = Pair("CHN", "RUS")
ONE = ["CHN->RUS"]
PATROL_PAIRS = ["CHN->RUS", "RUS->CHN"]
END = date(2022, 12, 31)


def shares(*windows, indicator=VISITS, pair=CHN, as_of=END):
    return exposures(toy_study(coverage=windows), indicator, pair, as_of)


def cells(*records, coverage=(), as_of=END, indicator="visits", pair="CHN->RUS"):
    panel = seen(toy_study(coverage=tuple(coverage)), *records, as_of=as_of)
    frame = panel.signals
    chosen = frame[(frame["indicator"] == indicator) & (frame["pair"] == pair)]
    return chosen.reset_index(drop=True), panel


class TestExposure:
    def test_a_whole_period_counts_as_one_and_an_uncovered_one_as_none(self):
        assert shares(covered("visits", start="2022-04-01", end="2022-09-30")) == [0, 1, 1, 0]

    def test_a_window_that_cuts_a_period_counts_its_days(self):
        # 15 May to 30 June are 47 of the 91 days of the second quarter.
        assert shares(covered("visits", start="2022-05-15", end="2022-06-30")) == pytest.approx(
            [0, 47 / 91, 0, 0]
        )

    def test_windows_add_up(self):
        windows = (
            covered("visits", start="2022-04-01", end="2022-04-30"),
            covered("visits", start="2022-06-01", end="2022-07-31"),
        )
        assert shares(*windows) == pytest.approx([0, 60 / 91, 31 / 92, 0])

    def test_days_after_the_as_of_date_have_not_happened(self):
        assert shares(covered("visits"), as_of=date(2022, 5, 15)) == pytest.approx([1, 45 / 91])

    def test_where_silence_is_missing_nothing_is_covered(self):
        assert shares(covered("visits", silence="missing")) == [0, 0, 0, 0]

    @pytest.mark.parametrize("window", [covered("patrols"), covered("visits", ["IRN->RUS"])])
    def test_only_windows_of_the_indicator_and_pair_count(self, window):
        assert shares(window) == [0, 0, 0, 0]

    @pytest.mark.parametrize("pairs", [["CHN->RUS"], ["RUS->CHN"], ["CHN->RUS", "RUS->CHN"]])
    def test_either_direction_covers_the_dyad_of_a_mutual_indicator(self, pairs):
        half = covered("patrols", pairs, start="2022-05-15", end="2022-06-30")
        assert shares(half, indicator=PATROLS) == pytest.approx([0, 47 / 91, 0, 0])


def test_rows_of_both_directions_of_a_mutual_indicator_overlap(tmp_path):
    """Their days would count twice in the exposure of the dyad."""
    rows = "".join(f"joint_patrol,{pair},2020-05-15,,zero,announced\n" for pair in PATROL_PAIRS)
    header = "indicator,pairs,from,to,silence,reason\n"
    directory = write_study(tmp_path / "tiny", coverage_csv=header + rows)
    found = [problem.name for problem in check_study(directory)]
    assert found == ["overlap"]


class TestCells:
    def test_silence_under_coverage_is_a_zero(self):
        rows, _ = cells(coverage=[covered("visits", ONE)])
        assert rows["first"].tolist() == ["2022-Q1", "2022-Q2", "2022-Q3", "2022-Q4"]
        assert rows["value"].tolist() == [0, 0, 0, 0]
        assert rows["exposure"].tolist() == [1, 1, 1, 1]
        assert rows["grades"].tolist() == [(), (), (), ()]

    def test_nothing_is_said_where_nothing_is_covered(self):
        rows, panel = cells()
        assert rows.empty
        assert panel.unused.empty

    def test_the_acts_of_a_covered_cell_add_up(self):
        rows, _ = cells(
            fact("visits", id="E1", number=2, grade="B1"),
            fact("visits", "2022-06-01", id="E2", grade="C3"),
            fact("visits", "2022-01-05", id="E3"),
            coverage=[covered("visits", ONE)],
        )
        assert rows["value"].tolist() == [1, 3, 0, 0]
        assert rows["counts"][1] == (2.0, 1.0)
        assert rows["grades"][1] == (("B1",), ("C3",))
        assert rows["records"].tolist() == [("E3",), ("E1", "E2"), (), ()]

    def test_an_act_outside_coverage_is_unused_and_the_reason_is_told(self):
        rows, panel = cells(
            fact("visits", "2022-01-05", id="E1"), coverage=[covered("visits", ONE, "2022-04-01")]
        )
        assert rows["first"].tolist() == ["2022-Q2", "2022-Q3", "2022-Q4"]
        assert panel.unused["record"].tolist() == ["E1"]
        assert "outside coverage" in panel.unused["why"][0]

    def test_a_stated_zero_covers_its_period_up_to_the_as_of_date(self):
        stated = fact("visits", "2022-05-10", id="E1", number=0, known_at="2022-05-10")
        rows, _ = cells(stated, as_of=date(2022, 5, 15))
        assert rows["value"].tolist() == [0]
        assert rows["exposure"].tolist() == pytest.approx([45 / 91])
        assert rows["records"].tolist() == [("E1",)]

    def test_a_stated_zero_never_narrows_a_window(self):
        rows, _ = cells(
            fact("visits", "2022", id="E1", number=0),
            coverage=[covered("visits", ONE, start="2022-02-15", end="2022-03-31")],
        )
        assert rows["exposure"].tolist() == [1, 1, 1, 1]
        assert rows["value"].tolist() == [0, 0, 0, 0]

    def test_an_interval_act_merges_the_cells_of_its_interval(self):
        rows, _ = cells(
            fact("visits", "2022", id="E1", number=3),
            fact("visits", "2022-05-01", id="E2"),
            coverage=[covered("visits", ONE, "2022-05-15")],
        )
        (row,) = rows.itertuples()
        assert (row.first, row.last, row.value) == ("2022-Q1", "2022-Q4", 4.0)
        assert row.exposure == pytest.approx(47 / 91 + 2)
        assert set(row.records) == {"E1", "E2"}

    def test_cells_outside_an_interval_stay_single(self):
        study = toy_study(start=date(2021, 7, 1), coverage=(covered("visits", ONE, "2021-07-01"),))
        panel = seen(study, fact("visits", "2022", id="E1"))
        rows = panel.signals[panel.signals["indicator"] == "visits"]
        assert list(zip(rows["first"], rows["last"], strict=True)) == [
            ("2021-Q3", "2021-Q3"),
            ("2021-Q4", "2021-Q4"),
            ("2022-Q1", "2022-Q4"),
        ]

    def test_a_mutual_indicator_has_one_cell_for_both_directions(self):
        window = covered("patrols", ["CHN->RUS", "RUS->CHN"])
        rows, panel = cells(
            fact("patrols", pair="RUS->CHN", mutual="1"), coverage=[window], indicator="patrols"
        )
        assert len(panel.signals) == len(rows) == 4
        assert set(rows["partner"]) == {"RUS->CHN"}
        assert rows["value"].tolist() == [0, 1, 0, 0]
