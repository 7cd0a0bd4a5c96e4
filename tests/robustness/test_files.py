"""Files and text that broke systems like this one (group A)."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from forecast.errors import ProblemsError
from forecast.evidence.importers import check_table, import_table
from forecast.evidence.vintage import read_as_of
from forecast.study.csvfile import read_csv
from forecast.study.load import check_study, load_study
from forecast.study.problems import Collector
from tests.tiny import (
    ARMS,
    INDICATORS_CSV,
    PATROL,
    QUESTIONS_CSV,
    csv_text,
    write_evidence,
    write_study,
)

LATER = date(2030, 1, 1)
NASTY = [
    "x]\"'; DROP",
    "a b",
    "中国",
    "🚀",
    "مرحبا",
    "‮abc‬",
    "e\N{COMBINING ACUTE ACCENT}clair",
    "éclair",
]


def test_A1_a_row_with_a_field_too_many_is_named_by_line_and_number(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2,3\n4,5\n")
    out = Collector("t.csv")
    read_csv(path, ("a", "b"), out=out)
    assert [one.line for one in out.problems] == [2]
    assert "3 fields, 2 expected" in str(out.problems[0])


def test_A1_no_row_of_such_an_evidence_file_lands(ledger, tiny_study, tmp_path):
    path = write_evidence(tmp_path, [PATROL, PATROL | {"id": "E2"}])
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1] + ",surplus", lines[2]]) + "\n")
    with pytest.raises(ProblemsError, match="has 19 fields, 18 expected"):
        import_table(ledger, tiny_study, path)
    assert ledger.entries() == []


def test_A2_the_code_NA_stays_NA(ledger, tiny_study, tmp_path):
    import_table(ledger, tiny_study, write_evidence(tmp_path, [ARMS | {"supporter": "NA"}]))
    assert read_as_of(ledger, LATER).records[0].pair.label == "NA->RUS"


def test_A3_the_code_002_stays_002_and_2_is_another_code(ledger, tiny_study, tmp_path):
    import_table(ledger, tiny_study, write_evidence(tmp_path, [ARMS | {"supporter": "002"}]))
    assert read_as_of(ledger, LATER).records[0].supporter == "002"
    problems = check_table(tiny_study, write_evidence(tmp_path, [ARMS | {"supporter": "2"}]))
    assert [one.what for one in problems] == ["unknown actor '2'"]


def test_A4_a_thousands_separator_is_refused_with_the_row(tiny_study, tmp_path):
    rows = [PATROL, PATROL | {"id": "E2", "value": "1,234"}]
    problems = check_table(tiny_study, write_evidence(tmp_path, rows))
    assert [(one.line, one.field) for one in problems] == [(3, "value")]
    assert "thousands separator" in problems[0].what
    assert problems[0].remedy == "write 1234"


def test_A5_a_latin_1_file_is_refused_with_byte_line_and_the_option_to_use(
    ledger, tiny_study, tmp_path
):
    data = csv_text([PATROL, PATROL | {"id": "E2", "note": "Côte d'Ivoire"}]).encode("latin-1")
    path = tmp_path / "evidence.csv"
    path.write_bytes(data)
    with pytest.raises(ProblemsError) as caught:
        import_table(ledger, tiny_study, path)
    (problem,) = caught.value.problems
    assert problem.what == f"byte {data.index(0xF4)} (0xf4) is not utf-8"
    assert problem.line == 3
    assert "--encoding latin-1" in problem.remedy
    assert import_table(ledger, tiny_study, path, encoding="latin-1").added == 2


def test_A5_the_byte_is_counted_from_the_files_first_even_behind_a_mark(tiny_study, tmp_path):
    path = tmp_path / "evidence.csv"
    path.write_bytes(b"\xef\xbb\xbfid\n\xf4\n")
    assert check_table(tiny_study, path)[0].what == "byte 6 (0xf4) is not utf-8"


def test_A6_a_byte_order_mark_is_fine(ledger, tiny_study, tmp_path):
    path = tmp_path / "evidence.csv"
    path.write_bytes(b"\xef\xbb\xbf" + csv_text([PATROL]).encode())
    assert import_table(ledger, tiny_study, path).added == 1
    assert read_as_of(ledger, LATER).records[0].id == "E1"


def test_A6_a_byte_order_mark_is_fine_in_study_toml(tiny_directory):
    path = tiny_directory / "study.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_study(tiny_directory).id == "tiny"


@pytest.mark.parametrize("data", [b"", b" \n\t\n  ", b"\xef\xbb\xbf"])
def test_A8_an_empty_file_or_one_of_spaces_is_an_error(ledger, tiny_study, tmp_path, data):
    path = tmp_path / "evidence.csv"
    path.write_bytes(data)
    with pytest.raises(ProblemsError, match=r"evidence\.csv is empty"):
        import_table(ledger, tiny_study, path)


def test_A8_a_header_alone_is_no_records(ledger, tiny_study, tmp_path):
    report = import_table(ledger, tiny_study, write_evidence(tmp_path, []))
    assert (report.added, report.blank_rows) == (0, 0)


@pytest.mark.parametrize("text", NASTY)
def test_A9_any_text_is_stored_in_NFC_and_comes_back(ledger, tiny_study, tmp_path, text):
    row = PATROL | {"id": text, "note": text, "source_name": text, "cluster": text}
    import_table(ledger, tiny_study, write_evidence(tmp_path, [row]))
    (made,) = read_as_of(ledger, LATER).records
    expected = unicodedata.normalize("NFC", text)
    assert (made.id, made.note, made.source_name, made.cluster) == (expected,) * 4


def test_A9_the_two_forms_of_an_accent_are_one_id(ledger, tiny_study, tmp_path):
    rows = [PATROL | {"id": "e\N{COMBINING ACUTE ACCENT}"}, PATROL | {"id": "é"}]
    report = import_table(ledger, tiny_study, write_evidence(tmp_path, rows))
    assert (report.added, report.already_known) == (1, 1)


@pytest.mark.parametrize("name", NASTY)
def test_A9_an_indicator_may_have_any_name_and_be_asked_about(tmp_path, ledger, name):
    quoted_cell = '"' + name.replace('"', '""') + '"'
    quoted_name = '""' + name.replace('"', '\\""') + '""'
    directory = write_study(
        tmp_path / "study",
        indicators_csv=INDICATORS_CSV.replace("hosted_exercise", quoted_cell),
        questions_csv=QUESTIONS_CSV.replace(
            "count(joint_patrol) >= 2", f'"any({quoted_name}, host=CHN)"'
        ),
    )
    study = load_study(directory)
    name = unicodedata.normalize("NFC", name)
    assert name in study.indicators
    row = PATROL | {"indicator": name, "mutual": "0"}
    import_table(ledger, study, write_evidence(tmp_path, [row]))
    assert read_as_of(ledger, LATER).records[0].indicator == name


@pytest.mark.parametrize("note", ["<script>alert(1)</script>", '=HYPERLINK("http://x","y")'])
def test_A10_markup_and_formulas_are_kept_to_the_letter(ledger, tiny_study, tmp_path, note):
    # Escaping is the duty of whatever shows or exports them: the ledger keeps what was given.
    import_table(ledger, tiny_study, write_evidence(tmp_path, [PATROL | {"note": note}]))
    assert read_as_of(ledger, LATER).records[0].note == note


@pytest.mark.parametrize("blank", ["", ",,,,,,,,,,,,,,,,,", " , ", "   "])
def test_A11_blank_rows_are_skipped_and_counted(ledger, tiny_study, tmp_path, blank):
    rows = csv_text([PATROL | {"id": f"E{number}"} for number in range(99)])
    path = tmp_path / "evidence.csv"
    path.write_text(rows + (blank + "\n") * 892)
    report = import_table(ledger, tiny_study, path)
    assert (report.added, report.blank_rows) == (99, 892)


def test_A11_lines_after_blank_rows_keep_their_numbers(tiny_study, tmp_path):
    header, row = csv_text([PATROL | {"value": "x"}]).splitlines()
    path = tmp_path / "evidence.csv"
    path.write_text(f"{header}\n\n\n{row}\n")
    assert [one.line for one in check_table(tiny_study, path)] == [4]


def test_A1_every_table_of_a_study_is_read_by_the_same_strict_reader(tiny_directory):
    names = sorted(path.name for path in tiny_directory.glob("*.csv"))
    for name in names:
        path = tiny_directory / name
        path.write_text(path.read_text() + "one,field,too,few\n")
    problems = check_study(tiny_directory)
    assert sorted(one.file for one in problems if one.name == "field-count") == names
