"""What all records together show, and what no single row does."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest

from forecast.evidence.checks import check_records
from forecast.evidence.importers import check_ledger, check_table
from tests.tiny import ARMS, PATROL, record, write_evidence

TODAY = date(2023, 6, 30)


def named(problems, name):
    return [one for one in problems if one.name == name]


def told(study, *records, today=TODAY):
    return check_records(study, records, today=today)


def patrols(study, values, **changes):
    return [
        record(study, id=f"P{n}", value=str(value), event_date=f"2022-0{1 + n}-01", **changes)
        for n, value in enumerate(values)
    ]


def votes(study, values, indicator="un_vote", prefix="V"):
    return [
        record(
            study,
            id=f"{prefix}{n}",
            value=value,
            indicator=indicator,
            mutual="0" if indicator == "un_vote" else "1",
            event_date=f"2022-0{1 + n}-01",
        )
        for n, value in enumerate(values)
    ]


def test_an_indicator_without_records_is_named(tiny_study):
    found = named(told(tiny_study, *patrols(tiny_study, [1])), "never-observed")
    silent = {one.what.split("'")[1] for one in found}
    assert "joint_patrol" not in silent
    assert {"un_vote", "trade_value", "arms_transfer"} <= silent
    # What is kept out of the likelihood need not be observed.
    assert "mediation" not in silent


def test_a_constant_indicator_is_named_unless_silence_is_its_zero(tiny_study):
    same = named(told(tiny_study, *votes(tiny_study, ["with"] * 3)), "constant")
    assert [one.what for one in same] == ["all 3 records of 'un_vote' have the value 'with'"]
    assert not named(told(tiny_study, *votes(tiny_study, ["with", "with", "abstain"])), "constant")
    assert not named(told(tiny_study, *votes(tiny_study, ["with"] * 2)), "constant")
    assert not named(told(tiny_study, *patrols(tiny_study, [1] * 4)), "constant")


def test_D6_a_count_of_a_billion_among_a_few_is_nine_orders_above_the_rest(tiny_study):
    (found,) = named(told(tiny_study, *patrols(tiny_study, [0, 1, 1, 10**9])), "outlier")
    assert "record 'P3' counts 1000000000, 9 orders of magnitude above the rest" in found.what
    assert found.severity == "warning"
    assert not named(told(tiny_study, *patrols(tiny_study, [0, 1, 2, 999])), "outlier")


def test_two_indicators_that_say_the_same_are_twins(tiny_study):
    twin = dataclasses.replace(tiny_study.indicators["un_vote"], name="un_vote_again")
    study = dataclasses.replace(
        tiny_study, indicators={**tiny_study.indicators, "un_vote_again": twin}
    )
    values = ["with", "abstain", "with"]
    again = [
        dataclasses.replace(one, id=f"W{one.id}", indicator="un_vote_again")
        for one in votes(study, values)
    ]
    (found,) = named(told(study, *votes(study, values), *again), "identical-indicators")
    assert "'un_vote' and 'un_vote_again'" in found.what
    again[0] = dataclasses.replace(again[0], value="against")
    assert not named(told(study, *votes(study, values), *again), "identical-indicators")


def test_records_that_differ_by_id_alone_are_twins(tiny_study):
    made = [record(tiny_study, id="A"), record(tiny_study, id="B")]
    (found,) = named(told(tiny_study, *made), "identical-records")
    assert "retract STUDY B" in found.remedy
    made[1] = record(tiny_study, id="B", note="another witness")
    assert not named(told(tiny_study, *made), "identical-records")


def test_B5_announced_and_future_records_are_flagged(tiny_study):
    early = record(tiny_study, id="E", known_at="2022-05-01")
    later = record(tiny_study, id="L", known_at="2023-07-01")
    problems = told(tiny_study, early, later)
    assert [one.what.split("'")[1] for one in named(problems, "announced")] == ["E"]
    assert [one.what.split("'")[1] for one in named(problems, "future")] == ["L"]


def test_a_source_that_fell_silent_is_named(tiny_study):
    def reports(last, gap):
        days = [last - timedelta(days=gap * n) for n in range(6)]
        return [
            record(
                tiny_study,
                id=f"S{n}",
                source_name="gazette",
                event_date=day.isoformat(),
                known_at=day.isoformat(),
            )
            for n, day in enumerate(days)
        ]

    stopped = named(told(tiny_study, *reports(date(2022, 3, 1), 30)), "source-stopped")
    assert "'gazette' reported on 6 days up to 2022-03-01, then not for 486 days" in stopped[0].what
    # A source that reports once in half a year is not missed after one year and a bit.
    assert not named(told(tiny_study, *reports(date(2022, 3, 1), 180)), "source-stopped")
    assert not named(told(tiny_study, *reports(date(2023, 3, 1), 30)), "source-stopped")


def test_a_record_after_an_actors_end_is_an_error(tiny_study):
    made = record(tiny_study)
    ended = dataclasses.replace(tiny_study.actors["CHN"], end=date(2022, 1, 1))
    study = dataclasses.replace(tiny_study, actors={**tiny_study.actors, "CHN": ended})
    (found,) = named(told(study, made), "actor-did-not-exist")
    assert found.severity == "error"
    assert "record 'E1': CHN ended on 2022-01-01" in found.what
    assert (found.file, found.field) == ("ledger", "supporter")


def test_a_record_of_a_pair_that_left_the_study_is_a_warning(tiny_study):
    made = record(tiny_study)
    study = dataclasses.replace(
        tiny_study, pairs=tuple(pair for pair in tiny_study.pairs if pair != made.pair)
    )
    (found,) = named(told(study, made), "unused")
    assert found.severity == "warning"


def test_a_table_is_checked_with_the_lines_of_its_rows(tiny_study, tmp_path):
    rows = [PATROL, ARMS | {"known_at": "2029-01-01"}]
    problems = check_table(tiny_study, write_evidence(tmp_path, rows), today=TODAY)
    (found,) = named(problems, "future")
    assert (found.file, found.line, found.field) == ("evidence.csv", 3, "known_at")
    assert not named(check_table(tiny_study, write_evidence(tmp_path, rows)), "future")


def test_a_ledger_is_checked_as_it_stands(ledger, tiny_study):
    ledger.append_records(
        [
            record(tiny_study, id="A", source_name="AP"),
            record(tiny_study, id="B", source_name="BBC", event_date="2022-05-30"),
        ]
    )
    problems = check_ledger(ledger, tiny_study, today=TODAY)
    (found,) = named(problems, "same-event")
    assert "'A' of the ledger and 'B' of the ledger may tell of one event" in found.what
    ledger.retract("B", known_at=date(2023, 1, 1), why="the same patrol")
    assert not named(check_ledger(ledger, tiny_study, today=TODAY), "same-event")


@pytest.mark.parametrize("problem", ["what", "expected", "remedy", "file", "field", "name"])
def test_every_problem_says_all_that_a_reader_needs(tiny_study, problem):
    records = [*patrols(tiny_study, [1, 1, 10**9]), record(tiny_study, id="L", known_at="2029")]
    found = told(tiny_study, *records, record(tiny_study, id="M", known_at="2029"))
    assert len({one.name for one in found}) >= 4
    assert all(getattr(one, problem) for one in found)


def test_D9_a_study_without_records_has_one_warning_not_one_for_each_indicator(tiny_study):
    assert [one.name for one in told(tiny_study)] == ["no-records"]


def test_a_period_whose_value_is_told_twice_is_pointed_out(tiny_study):
    from forecast.evidence.duplicates import proposals
    from forecast.evidence.duplicates import told as one_told

    value = {
        "indicator": "trade_value",
        "mutual": "0",
        "event_date": "2021",
        "date_precision": "year",
        "known_at": "2022-03-31",
    }
    records = [
        record(tiny_study, id="A", value="100", **value),
        record(tiny_study, id="B", value="101", **value),
        record(tiny_study, id="C", value="90", **(value | {"event_date": "2020"})),
    ]
    indicator = tiny_study.indicators["trade_value"]
    found = list(proposals(one_told(one, indicator) for one in records))
    assert [one.ids for one in found] == [("A", "B")]
