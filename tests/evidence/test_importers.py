from datetime import date

import pytest

from forecast.errors import ProblemsError
from forecast.evidence.importers import check_table, import_table
from forecast.evidence.vintage import read_as_of
from tests.tiny import PATROL, csv_text, write_evidence


def rows(count, **changes):
    return [PATROL | {"id": f"E{number}"} | changes for number in range(count)]


def test_an_import_reports_what_it_did(ledger, tiny_study, tmp_path):
    report = import_table(ledger, tiny_study, write_evidence(tmp_path, rows(3)))
    assert (report.file, report.added, report.already_known) == ("evidence.csv", 3, 0)
    assert (report.superseded, report.blank_rows, report.announced) == (0, 0, 0)
    assert report.warnings == ()
    assert len(ledger.entries()) == 3


def test_a_bad_row_lands_nothing_and_every_problem_is_listed(ledger, tiny_study, tmp_path):
    bad = [*rows(2), PATROL | {"id": "B1", "value": "-1"}, PATROL | {"id": "B2", "supporter": "X"}]
    with pytest.raises(ProblemsError) as caught:
        import_table(ledger, tiny_study, write_evidence(tmp_path, bad))
    assert [(one.line, one.field) for one in caught.value.problems] == [
        (4, "value"),
        (5, "supporter"),
    ]
    assert ledger.entries() == []


def test_a_dry_run_reports_and_writes_nothing(ledger, tiny_study, tmp_path):
    report = import_table(ledger, tiny_study, write_evidence(tmp_path, rows(3)), dry_run=True)
    assert (report.added, report.dry_run) == (3, True)
    assert ledger.entries() == []


def test_a_correction_must_be_asked_for(ledger, tiny_study, tmp_path):
    import_table(ledger, tiny_study, write_evidence(tmp_path, rows(3)))
    changed = write_evidence(tmp_path, [*rows(1), PATROL | {"id": "E1", "value": "2"}])
    with pytest.raises(ProblemsError) as caught:
        import_table(ledger, tiny_study, changed)
    assert [(one.name, one.line, one.field) for one in caught.value.problems] == [
        ("conflict", 3, "id")
    ]
    report = import_table(ledger, tiny_study, changed, supersede=True)
    assert (report.added, report.already_known, report.superseded) == (0, 1, 1)


def test_the_file_that_was_imported_first_stays_known_after_a_correction(
    ledger, tiny_study, tmp_path
):
    first = write_evidence(tmp_path, rows(1))
    import_table(ledger, tiny_study, first)
    second = write_evidence(tmp_path, rows(1, value="2"))
    import_table(ledger, tiny_study, second, supersede=True)
    report = import_table(ledger, tiny_study, write_evidence(tmp_path, rows(1)))
    assert (report.already_known, len(ledger.entries())) == (1, 2)


def test_an_id_used_twice_in_a_file_is_refused_with_both_lines(tiny_study, tmp_path):
    problems = check_table(tiny_study, write_evidence(tmp_path, [PATROL, PATROL | {"value": "2"}]))
    assert [one.line for one in problems] == [3]
    assert "line 2" in problems[0].what


def test_a_file_in_a_declared_encoding_is_read(ledger, tiny_study, tmp_path):
    path = tmp_path / "evidence.csv"
    path.write_bytes(csv_text([PATROL | {"note": "Côte d'Ivoire"}]).encode("latin-1"))
    import_table(ledger, tiny_study, path, encoding="latin-1")
    assert read_as_of(ledger, date(2030, 1, 1)).records[0].note == "Côte d'Ivoire"
