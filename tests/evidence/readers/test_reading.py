"""What all readers share: unknown names, indicators, codes, dates, and refused files."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forecast.errors import EvidenceError
from forecast.evidence.importers import ImportReport, import_table
from forecast.evidence.ledger import Ledger
from forecast.evidence.readers import FORMATS, read_public
from forecast.evidence.readers.convert import plain
from forecast.evidence.record import COLUMNS
from forecast.study.models import Actor
from tests.evidence.readers.support import cells, read_sound, study_of, without
from tests.evidence.readers.test_sipri_register import HEADER, order

NAME = "sipri-register"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    path.write_text(HEADER + order("Russia", "Iran", "1980", "4") + order("India", "Iran", "1", ""))
    return path


def write(path: Path, *orders: str) -> Path:
    path.write_text(HEADER + "".join(orders), encoding="utf-8")
    return path


def test_rows_have_every_column_as_text(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", order("Russia", "Iran", "2022", "162.333333"))
    (row,) = read_sound(NAME, path, study_of(NAME, "IRN", "RUS")).rows
    assert tuple(row.values) == COLUMNS
    assert dict(row.values) == {
        "id": "sipri-register:Iran-Russia-2022:tiv",
        "event_date": "2022",
        "date_precision": "year",
        "known_at": "2025-03-31",
        "known_at_basis": "file_vintage",
        "supporter": "IRN",
        "recipient": "RUS",
        "mutual": "0",
        "indicator": "arms_deliveries_tiv",
        "value": "162.33",
        "attribution": "",
        "theatre": "bilateral",
        "source_name": "SIPRI trade register (derived)",
        "source_url_or_doc": "SIPRI Arms Transfers Database, trade register, Iran-Russia-2022",
        "source_reliability": "B",
        "credibility": "2",
        "cluster": "",
        "note": "orders: 1; volumes split evenly over their years of delivery",
    }


def test_an_unknown_name_is_an_error_with_the_three_nearest(tmp_path: Path) -> None:
    path = write(
        tmp_path / "r.csv",
        order("France", "Spain", "2020", "1"),
        order("Rusia", "Iran", "2020", "1"),
        order("Rusia", "Iran", "2021", "1"),
    )
    reading = read_public(NAME, path, study_of(NAME, "IRN", "CHN"))
    (problem,) = reading.problems
    assert problem.severity == "error"
    assert problem.name == "unknown-state"
    assert (problem.line, problem.field) == (3, "Recipient")
    assert problem.what == "unknown state 'Rusia'"
    assert problem.expected == "the name of a state; the nearest are Russia, Tunisia, Austria"
    assert "[names]" in problem.remedy


def test_an_indicator_that_the_study_lacks_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", order("Russia", "Iran", "2020", "1"))
    study = without(study_of(NAME, "IRN", "RUS"), "arms_deliveries_tiv")
    reading = read_public(NAME, path, study)
    assert reading.rows == ()
    assert reading.skipped == {"indicator not in the study: arms_deliveries_tiv": 1}


def test_a_pair_that_the_study_lacks_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", order("Russia", "Iran", "2020", "1"))
    study = study_of(NAME, "IRN", "RUS")
    one_way = replace(study, pairs=tuple(p for p in study.pairs if p.label == "RUS->IRN"))
    assert read_public(NAME, path, one_way).skipped == {"pair outside the study": 1}


def test_a_state_outside_its_life_in_the_study_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", order("Russia", "Iran", "1980", "1"))
    study = study_of(NAME, "IRN", "RUS")
    actors = {**study.actors, "RUS": Actor("RUS", "Russia", date(1991, 12, 26))}
    reading = read_public(NAME, path, replace(study, actors=actors))
    assert reading.skipped == {"state did not exist at the time": 1}


def test_the_date_of_the_release_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", order("Russia", "Iran", "2020", "1"))
    study = study_of(NAME, "IRN", "RUS")
    reading = read_public(NAME, path, study, known_at=date(2026, 3, 9))
    assert cells(reading, "known_at", "known_at_basis") == [("2026-03-09", "file_vintage")]


def test_a_release_before_its_events_is_pointed_out(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", order("Russia", "Iran", "2019; 2020; 2021", "3"))
    study = study_of(NAME, "IRN", "RUS")
    reading = read_public(NAME, path, study, known_at=date(2020, 3, 9))
    assert reading.notes[0].startswith("rows of events after the day on which they were known: 1")
    assert len(reading.rows) == 3


def test_rows_enter_the_ledger_once_and_a_new_release_corrects_them(
    tmp_path: Path, ledger: Ledger
) -> None:
    study = study_of(NAME, "IRN", "RUS")

    def bring(*orders: str, known_at: date) -> ImportReport:
        path = write(tmp_path / "register.csv", *orders)
        rows = read_public(NAME, path, study, known_at=known_at).rows
        evidence = tmp_path / "evidence.csv"
        with evidence.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(row.values for row in rows)
        return import_table(ledger, study, evidence, supersede=True)

    old = order("Russia", "Iran", "2020", "1"), order("Russia", "Iran", "2021", "2")
    new = order("Russia", "Iran", "2020", "1"), order("Russia", "Iran", "2021", "3")
    first = bring(*old, known_at=date(2022, 3, 31))
    again = bring(*old, known_at=date(2022, 3, 31))
    later = bring(*new, known_at=date(2023, 3, 31))
    assert (first.added, first.superseded) == (2, 0)
    assert (again.added, again.already_known, again.superseded) == (0, 2, 0)
    assert (later.added, later.superseded) == (0, 2)


def test_an_indicator_with_another_direction_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", order("Russia", "Iran", "2020", "1"))
    study = study_of(NAME, "IRN", "RUS")
    indicator = replace(study.indicators["arms_deliveries_tiv"], mutual=True)
    reading = read_public(NAME, path, replace(study, indicators={indicator.name: indicator}))
    (problem,) = reading.problems
    assert "variable 'tiv' is directed, but the study's indicator" in problem.what


def test_a_newer_release_keeps_the_ids(tmp_path: Path) -> None:
    study = study_of(NAME, "IRN", "RUS")
    old = write(tmp_path / "old.csv", order("Russia", "Iran", "2020", "1"))
    new = write(
        tmp_path / "new.csv",
        order("China", "Iran", "2020", "1"),
        order("Russia", "Iran", "2020", "3"),
    )
    before, after = read_public(NAME, old, study), read_public(NAME, new, study)
    assert cells(before, "id") == cells(after, "id")
    assert cells(before, "value") != cells(after, "value")


@pytest.mark.parametrize("name", ["sipri", "", "SIPRI-register"])
def test_an_unknown_format_is_refused(name: str, file: Path) -> None:
    with pytest.raises(EvidenceError, match="is not a format of public data") as caught:
        read_public(name, file, study_of(NAME, "IRN", "RUS"))
    assert "sipri-register" in caught.value.expected


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_is_not_there_is_refused(name: str, tmp_path: Path) -> None:
    for suffix in (".csv", ".xlsx", ".rda", ".rds", ".dta", ".parquet", ".txt"):
        with pytest.raises(EvidenceError, match=r"does not exist|does not end in"):
            read_public(name, tmp_path / f"none{suffix}", study_of(name, "CHN", "RUS"))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 broken", b"\x00\xff\xfe\x00" * 40, b"a,b\n1"]
)
def test_a_damaged_or_foreign_file_is_refused_in_plain_words(
    name: str, content: bytes, tmp_path: Path
) -> None:
    for suffix in (".csv", ".xlsx", ".rda", ".rds", ".dta", ".parquet"):
        path = tmp_path / f"file{suffix}"
        path.write_bytes(content)
        with pytest.raises(EvidenceError) as caught:
            read_public(name, path, study_of(name, "CHN", "RUS"))
        assert path.name in caught.value.where
        assert caught.value.expected
        assert caught.value.remedy


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(HEADER.replace("Supplier", "Seller") + order("Russia", "Iran", "2020", "1"))
    with pytest.raises(EvidenceError, match="lacks the column 'Supplier'"):
        read_public(NAME, path, study_of(NAME, "IRN", "RUS"))


def test_a_cell_that_is_no_number_is_named(tmp_path: Path) -> None:
    path = write(
        tmp_path / "r.csv",
        order("China", "Iran", "2020", "1"),
        order("Russia", "Iran", "2020", "much"),
    )
    with pytest.raises(EvidenceError, match="'much' is not a number") as caught:
        read_public(NAME, path, study_of(NAME, "IRN", "RUS"))
    assert caught.value.where == "r.csv:3, SIPRI TIV of delivered weapons"


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [(162.0, 3, "162"), (-0.00004, 3, "0"), (0.25, 6, "0.25"), (1e-7, 2, "0"), (1200.0, 0, "1200")],
)
def test_numbers_are_written_plainly(number: float, decimals: int, text: str) -> None:
    assert plain(number, decimals) == text
