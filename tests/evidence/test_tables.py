"""The four formats of a table say the same, and what cannot be text is refused."""

from __future__ import annotations

import json
from datetime import date, datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from forecast.errors import ProblemsError
from forecast.evidence.importers import import_table
from forecast.evidence.record import COLUMNS
from forecast.evidence.vintage import read_as_of
from tests.tiny import PATROL, write_evidence

LATER = date(2030, 1, 1)


def workbook(path, rows, *, sheet="evidence"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def as_xlsx(folder, row):
    return workbook(folder / "e.xlsx", [list(COLUMNS), [row[name] for name in COLUMNS]])


def as_parquet(folder, row):
    path = folder / "e.parquet"
    parquet.write_table(pa.table({name: [row[name]] for name in COLUMNS}), path)
    return path


def as_json(folder, row):
    path = folder / "e.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return path


def as_csv(folder, row):
    return write_evidence(folder, [row])


FORMATS = (as_csv, as_xlsx, as_parquet, as_json)


def problems_of(ledger, study, path):
    with pytest.raises(ProblemsError) as caught:
        import_table(ledger, study, path)
    assert ledger.entries() == []
    return caught.value.problems


@pytest.mark.parametrize("write", FORMATS)
def test_every_format_gives_the_same_record(ledger, tiny_study, tmp_path, write):
    row = PATROL | {"note": 'Côte d\'Ivoire, e\u0301, 中国 \U0001f680, "quoted"\nsecond line'}
    assert import_table(ledger, tiny_study, write(tmp_path, row)).added == 1
    (record,) = read_as_of(ledger, LATER).records
    assert record.columns == row | {"note": row["note"].replace("e\u0301", "é")}


@pytest.mark.parametrize("write", FORMATS)
def test_every_format_names_file_row_and_field(ledger, tiny_study, tmp_path, write):
    path = write(tmp_path, PATROL | {"event_date": "01/02/2022"})
    (problem,) = problems_of(ledger, tiny_study, path)
    assert (problem.file, problem.field) == (path.name, "event_date")
    assert problem.line == (1 if write is as_json else 2)
    assert problem.remedy


@pytest.mark.parametrize("write", FORMATS[1:])
def test_typed_cells_become_the_text_of_a_csv_file(ledger, tiny_study, tmp_path, write):
    row = PATROL | {"value": 2, "credibility": 1, "cluster": None}
    import_table(ledger, tiny_study, write(tmp_path, row))
    (record,) = read_as_of(ledger, LATER).records
    assert (record.value, record.credibility, record.cluster) == ("2", "1", "")


def test_a_days_cell_of_a_workbook_is_that_day_and_a_serial_is_refused(
    ledger, tiny_study, tmp_path
):
    row = PATROL | {"event_date": datetime(2022, 5, 24), "known_at": date(2022, 5, 25)}
    import_table(ledger, tiny_study, as_xlsx(tmp_path, row))
    (record,) = read_as_of(ledger, LATER).records
    assert (record.event_date, record.known_at) == ("2022-05-24", "2022-05-25")


@pytest.mark.parametrize(
    ("cell", "name"),
    [(44705, "unreadable"), (True, "cell-type"), (datetime(2022, 5, 24, 10, 30), "cell-type")],
)
def test_a_serial_a_truth_value_and_a_time_of_day_are_no_date(
    ledger, tiny_study, tmp_path, cell, name
):
    path = as_xlsx(tmp_path, PATROL | {"event_date": cell})
    assert [(one.name, one.line, one.field) for one in problems_of(ledger, tiny_study, path)] == [
        (name, 2, "event_date")
    ]


def test_the_sheet_called_evidence_is_read_and_blank_rows_are_counted(ledger, tiny_study, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["something else"])
    sheet = book.create_sheet("Evidence")
    sheet.append(list(COLUMNS))
    sheet.append([])
    sheet.append([PATROL[name] for name in COLUMNS])
    book.save(tmp_path / "e.xlsx")
    report = import_table(ledger, tiny_study, tmp_path / "e.xlsx")
    assert (report.added, report.blank_rows) == (1, 1)


def test_a_key_left_out_of_a_json_line_is_empty_and_an_unknown_one_refused(
    ledger, tiny_study, tmp_path
):
    short = {name: text for name, text in PATROL.items() if text}
    assert import_table(ledger, tiny_study, as_json(tmp_path, short)).added == 1
    with pytest.raises(ProblemsError, match="column 'colour' is not known"):
        import_table(ledger, tiny_study, as_json(tmp_path, PATROL | {"colour": "red"}))


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("e.xlsx", b"no workbook", "cannot be read as xlsx"),
        ("e.parquet", b"PAR1 and nothing", "cannot be read as parquet"),
        ("e.jsonl", b"", "is empty"),
        ("e.jsonl", b'{"id": "E1", "id": "E2"}', "a key stands there twice"),
        ("e.jsonl", b'{"value": NaN}', "NaN is no number"),
        ("e.jsonl", b"[1]", "is a JSON list, not an object"),
        ("e.jsonl", b"[" * 200_000, "is not JSON"),
        ("e.jsonl", b"\xff", "is not JSON"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_told(
    ledger, tiny_study, tmp_path, name, data, what
):
    (tmp_path / name).write_bytes(data)
    problems = problems_of(ledger, tiny_study, tmp_path / name)
    assert what in problems[0].what
    assert problems[0].remedy


def test_text_that_no_database_holds_is_refused(ledger, tiny_study, tmp_path):
    for text in ("half \ud800 a pair", "zero \0 byte"):
        path = as_json(tmp_path, PATROL | {"note": text})
        assert [one.name for one in problems_of(ledger, tiny_study, path)] == ["unstorable-text"]


def test_reading_stops_after_a_thousand_errors_and_says_so(ledger, tiny_study, tmp_path):
    path = write_evidence(tmp_path, [PATROL | {"id": f"E{n}", "value": "x"} for n in range(3_000)])
    problems = problems_of(ledger, tiny_study, path)
    assert len(problems) == 1_001
    assert "reading stopped here" in problems[-1].what
