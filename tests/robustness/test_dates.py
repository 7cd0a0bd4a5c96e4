"""Dates that broke systems like this one (group B)."""

from __future__ import annotations

from datetime import date

import pytest

from forecast.evidence.importers import check_table, import_table
from forecast.evidence.vintage import read_as_of
from forecast.study.load import check_study
from tests.tiny import PATROL, QUESTIONS_CSV, write_evidence, write_study


def problems_with(study, tmp_path, **changes):
    return check_table(study, write_evidence(tmp_path, [PATROL | changes]))


@pytest.mark.parametrize("field", ["event_date", "known_at"])
def test_B1_a_date_with_slashes_is_refused(tiny_study, tmp_path, field):
    problems = problems_with(tiny_study, tmp_path, **{field: "01/02/2022"})
    assert [(one.line, one.field) for one in problems] == [(2, field)]
    assert "YYYY-MM-DD" in problems[0].expected


def test_B2_both_orders_of_day_and_month_in_one_column_are_refused(tiny_study, tmp_path):
    rows = [PATROL | {"event_date": "13/02/2022"}, PATROL | {"event_date": "02/13/2022"}]
    problems = check_table(tiny_study, write_evidence(tmp_path, rows))
    assert [one.line for one in problems] == [2, 3]


def test_B1_B2_the_tables_of_a_study_refuse_them_too(tmp_path):
    text = QUESTIONS_CSV.replace("2023-01-01", "01/02/2023").replace("2023-12-31", "13/02/2023")
    problems = check_study(write_study(tmp_path / "study", questions_csv=text))
    assert {(one.line, one.field) for one in problems} == {
        (line, field) for line in (2, 3, 4) for field in ("opens", "closes")
    }


@pytest.mark.parametrize("text", ["2022-02-30", "2022-W07", "44616", "Feb 2022", "2022", "2022-02"])
def test_B3_what_is_no_day_is_refused_with_its_row(tiny_study, tmp_path, text):
    problems = problems_with(tiny_study, tmp_path, event_date=text)
    assert [(one.line, one.field) for one in problems] == [(2, "event_date")]
    assert repr(text) in problems[0].what


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2022", "year", date(2022, 1, 1), date(2022, 12, 31)),
        ("2022-02", "month", date(2022, 2, 1), date(2022, 2, 28)),
    ],
)
def test_B3_year_and_month_are_intervals_where_declared(
    ledger, tiny_study, tmp_path, text, precision, first, last
):
    row = PATROL | {"event_date": text, "date_precision": precision, "known_at": "2023-01-01"}
    import_table(ledger, tiny_study, write_evidence(tmp_path, [row]))
    (made,) = read_as_of(ledger, date(2030, 1, 1)).records
    assert (made.first, made.last) == (first, last)


@pytest.mark.parametrize(
    ("event", "known_at", "announced"),
    [
        ("2022-05-24", "2022-05-01", 1),
        ("2022-05-24", "2022-05-24", 0),
        ("2012-05-24", "2022-05-24", 0),
    ],
)
def test_B5_known_before_on_or_long_after_the_event_is_legal_and_the_first_is_announced(
    ledger, tiny_study, tmp_path, event, known_at, announced
):
    row = PATROL | {"event_date": event, "known_at": known_at}
    report = import_table(ledger, tiny_study, write_evidence(tmp_path, [row]))
    assert (report.added, report.announced) == (1, announced)


def test_B7_a_time_without_a_zone_is_refused(tiny_study, tmp_path):
    problems = problems_with(tiny_study, tmp_path, known_at="2022-05-25T10:00:00")
    assert [one.field for one in problems] == ["known_at"]
    assert "has a time but no zone" in problems[0].what
    assert "Z or +01:00" in problems[0].expected


@pytest.mark.parametrize(
    ("known_at", "known"),
    [
        ("2022-05-25T23:00:00-05:00", date(2022, 5, 26)),
        ("2022-05-25T01:00:00+03:00", date(2022, 5, 24)),
        ("2022-05-25T23:59:59Z", date(2022, 5, 25)),
    ],
)
def test_B7_a_time_with_a_zone_counts_by_its_day_in_UTC(
    ledger, tiny_study, tmp_path, known_at, known
):
    import_table(ledger, tiny_study, write_evidence(tmp_path, [PATROL | {"known_at": known_at}]))
    assert [entry.known_at for entry in ledger.entries()] == [known.isoformat()]
