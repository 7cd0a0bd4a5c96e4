"""The panel of a study as of a date: what enters, what does not and why, and in which form."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest

from forecast.errors import ModelError
from forecast.panel.build import REPORT_COLUMNS, SIGNAL_COLUMNS
from forecast.study.models import AtStake, Driver
from tests.toys import INDICATORS, KEPT_OUT, covered, fact, seen, shock, toy_study

STUDY = toy_study(
    coverage=(covered("visits"), covered("patrols", ["CHN->RUS", "RUS->CHN"])),
    shocks=(shock("2022-02-24"),),
)


def why(panel):
    return dict(zip(panel.unused["record"], panel.unused["why"], strict=True))


class TestUnused:
    @pytest.mark.parametrize(
        ("record", "reason"),
        [
            (fact("charge", "2022-11-20"), "announced"),
            (fact("charge", "2021-12-31"), "before the study begins"),
            (fact("mediation"), "kept out of the likelihood: no side"),
            (fact("polls"), "no longer part of the study"),
            (fact("charge", pair="PRK->RUS"), "no longer part of the study"),
            (fact("arms", pair="IRN->CHN", attribution="state"), "not at stake"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_record_that_cannot_enter_is_listed_with_its_reason(self, record, reason):
        panel = seen(STUDY, record, as_of=date(2022, 11, 19))
        assert reason in why(panel)["E1"]
        assert not any(
            "E1" in ids for ids in (*panel.signals["records"], *panel.reports["records"])
        )

    def test_an_event_announced_for_the_as_of_date_itself_enters(self):
        panel = seen(STUDY, fact("charge", "2022-11-19"), as_of=date(2022, 11, 19))
        assert why(panel) == {}
        assert ("E1",) in set(panel.signals["records"])

    def test_a_record_whose_dates_straddle_the_start_enters_from_the_start(self):
        study = toy_study(start=date(2022, 4, 1))
        panel = seen(study, fact("charge", "2022"))
        (row,) = panel.signals.itertuples()
        assert (row.first, row.last) == ("2022-Q2", "2022-Q4")

    @pytest.mark.parametrize(
        ("span", "used"),
        [
            (AtStake("RUS", date(2022, 5, 20), None, date(2022, 5, 20)), True),
            (AtStake("RUS", date(2022, 7, 1), None, date(2022, 5, 20)), False),
            (AtStake("RUS", date(2022, 1, 1), date(2022, 3, 31), date(2022, 1, 1)), False),
            (AtStake("RUS", date(2022, 1, 1), date(2022, 4, 1), date(2022, 1, 1)), True),
            (AtStake("RUS", date(2022, 1, 1), None, date(2023, 1, 1)), False),
            (AtStake("CHN", date(2022, 1, 1), None, date(2022, 1, 1)), False),
        ],
        ids=["same period", "begins later", "ended", "ends in it", "not known yet", "another"],
    )
    def test_a_report_counts_in_the_periods_of_a_span_known_on_the_date(self, span, used):
        study = replace(STUDY, at_stake=(span,))
        panel = seen(study, fact("arms", "2022-05-10", attribution="state"))
        assert len(panel.reports) == used
        assert bool(why(panel)) != used


class TestAsOf:
    RECORDS = (
        fact("charge", "2022", id="E1"),
        fact("visits", "2022", id="E2"),
        fact("arms", "2022", id="E3", attribution="state"),
        fact("trade", "2022-05-10", id="E4", number=9.0),
    )

    @pytest.mark.parametrize("as_of", [date(2022, 5, 31), date(2022, 6, 30), date(2022, 7, 1)])
    def test_no_period_after_the_date_reaches_the_panel(self, as_of):
        panel = seen(STUDY, *self.RECORDS, as_of=as_of)
        assert panel.periods == tuple(STUDY.calendar.labels(STUDY.calendar.index(as_of) + 1))
        for frame in (panel.signals, panel.reports):
            assert len(frame)
            assert set(frame["first"]) | set(frame["last"]) <= set(panel.periods)
        assert max(act.last for act in panel.acts) == len(panel.periods) - 1

    def test_spans_and_drivers_not_known_yet_are_absent(self):
        study = replace(
            STUDY,
            drivers=tuple(
                Driver("CHN", "RUS", "2022-Q1", name, 1.0, date(2022, month, 1))
                for name, month in (("early", 5), ("late", 6))
            ),
        )
        panel = seen(study, as_of=date(2022, 5, 31))
        assert [one.name for one in panel.drivers] == ["early"]
        assert seen(study, as_of=date(2022, 6, 1)).drivers == study.drivers

    def test_a_date_before_the_study_is_refused(self):
        with pytest.raises(ModelError, match="before the study begins"):
            seen(STUDY, as_of=date(2021, 12, 31))


class TestRows:
    def test_a_statement_is_a_row_with_its_doubt_and_its_records(self):
        panel = seen(STUDY, fact("vote", id="E1", number=2, grade="A2"), as_of=date(2022, 6, 30))
        (row,) = panel.signals[panel.signals["indicator"] == "vote"].itertuples()
        assert (row.kind, row.domain, row.pair, row.partner) == (
            "ordinal",
            "words",
            *["CHN->RUS"] * 2,
        )
        assert (row.first, row.last, row.value, row.exposure) == ("2022-Q2", "2022-Q2", 2.0, 1.0)
        assert (row.grades, row.records) == ((("A2",),), ("E1",))

    def test_a_report_is_a_row_with_rung_attribution_and_sources(self):
        report = fact("arms", grade="C3", attribution="firm", source_name="paper")
        (row,) = seen(STUDY, report).reports.itertuples()
        assert (row.rung, row.pair, row.attribution) == ("lethal", "CHN->RUS", "firm")
        assert (row.sources, row.nothing) == ((("paper", "C3"),), False)

    def test_a_finding_of_nothing_is_marked(self):
        panel = seen(STUDY, fact("arms", number=0, attribution="state"))
        assert panel.reports["nothing"].tolist() == [True]

    def test_reports_are_no_signals_and_signals_no_reports(self):
        panel = seen(STUDY, fact("arms", attribution="state"), fact("charge", id="E2"))
        assert set(panel.reports["indicator"]) == {"arms"}
        assert "arms" not in set(panel.signals["indicator"])

    @pytest.mark.parametrize("written", ["CHN->RUS", "RUS->CHN"])
    def test_a_dyad_has_one_term_in_its_canonical_direction(self, written):
        invited = replace(INDICATORS[3], mutual=True)
        study = toy_study(indicators=[invited])
        panel = seen(study, fact("invited", pair=written, mutual="1"))
        assert panel.signals[["pair", "partner"]].to_numpy().tolist() == [["CHN->RUS", "RUS->CHN"]]


class TestLags:
    def lags(self, *records):
        rows = seen(STUDY, *records).signals
        rows = rows[rows["indicator"] == "trade"]
        return dict(zip((ids[0] for ids in rows["records"]), rows["lag"], strict=True))

    def test_the_last_value_before_is_the_lag_however_long_ago(self):
        lags = self.lags(
            fact("trade", "2022-01-10", id="E1", number=5.0),
            fact("trade", "2022-04-10", id="E2", number=7.0),
            fact("trade", "2022-11-10", id="E3", number=9.0),
        )
        assert math.isnan(lags["E1"])
        assert (lags["E2"], lags["E3"]) == (5.0, 7.0)

    def test_another_pair_or_a_value_of_the_same_period_is_no_lag(self):
        lags = self.lags(
            fact("trade", "2022-01-10", id="E1", number=5.0, pair="IRN->RUS"),
            fact("trade", "2022-04-10", id="E2", number=7.0),
            fact("trade", "2022-05-10", id="E3", number=9.0),
            fact("trade", "2022", id="E4", number=11.0),
        )
        assert all(math.isnan(lag) for lag in lags.values())

    def test_an_indicator_without_lags_has_none(self):
        rows = seen(
            STUDY, fact("vote", "2022-01-10", number=1), fact("vote", id="E2", number=2)
        ).signals
        assert rows["lag"].isna().all()


def test_D9_a_study_without_records_has_a_whole_panel():
    panel = seen(toy_study())
    assert panel.signals.columns.tolist() == SIGNAL_COLUMNS
    assert panel.reports.columns.tolist() == REPORT_COLUMNS
    assert panel.unused.columns.tolist() == ["record", "why"]
    assert (len(panel.signals), len(panel.reports), len(panel.acts)) == (0, 0, 0)
    assert len(seen(STUDY).signals) == 20, "covered zeros: 4 pairs and 1 dyad, 4 quarters each"


def test_coordinates_are_plain_text():
    coords = seen(STUDY, fact("charge")).coords
    assert coords["indicator"] == ["charge", "patrols", "visits"]
    assert coords["period"] == ["2022-Q1", "2022-Q2", "2022-Q3", "2022-Q4"]
    assert {type(label) for labels in coords.values() for label in labels} == {str}


def test_the_hash_tells_panels_apart():
    base = seen(STUDY, fact("charge"), fact("arms", id="E2", attribution="state"))
    others = [
        seen(STUDY, fact("charge", number=0), fact("arms", id="E2", attribution="state")),
        seen(STUDY, fact("charge"), fact("arms", id="E2", attribution="firm")),
        seen(STUDY, fact("charge", grade="C2"), fact("arms", id="E2", attribution="state")),
        seen(
            STUDY,
            fact("charge"),
            fact("arms", id="E2", attribution="state"),
            fact("mediation", id="E3"),
        ),
        seen(
            STUDY,
            fact("charge"),
            fact("arms", id="E2", attribution="state"),
            as_of=date(2022, 12, 30),
        ),
    ]
    assert KEPT_OUT.name == "mediation"
    assert len({panel.content_hash for panel in (base, *others)}) == 6
    again = seen(STUDY, fact("arms", id="E2", attribution="state"), fact("charge"))
    assert again.content_hash == base.content_hash
