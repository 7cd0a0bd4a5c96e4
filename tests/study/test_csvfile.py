import pytest

from forecast.study.csvfile import read_csv
from forecast.study.problems import Collector


def read(tmp_path, data, *, columns=("a", "b"), optional=(), encoding="utf-8"):
    path = tmp_path / "t.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    out = Collector("t.csv")
    return read_csv(path, columns, out=out, optional=optional, encoding=encoding), out.problems


def test_cells_stay_text_and_rows_know_their_line(tmp_path):
    table, problems = read(tmp_path, "a,b\nNA,002\nnull,1e3\n")
    assert not problems
    assert [(row.line, row["a"], row["b"]) for row in table.rows] == [
        (2, "NA", "002"),
        (3, "null", "1e3"),
    ]


def test_a_quoted_text_keeps_its_lines_and_later_rows_keep_their_numbers(tmp_path):
    table, problems = read(tmp_path, 'a,b\n"one\r\ntwo, ""three""",x\n1,2\n')
    assert not problems
    assert table.rows[0]["a"] == 'one\r\ntwo, "three"'
    assert [row.line for row in table.rows] == [2, 4]


def test_columns_may_stand_in_any_order_and_optional_ones_may_be_absent(tmp_path):
    table, problems = read(tmp_path, "b,a\n1,2\n", optional=("c",))
    assert not problems
    assert dict(table.rows[0].values) == {"a": "2", "b": "1", "c": ""}


@pytest.mark.parametrize(
    ("header", "name", "field"),
    [
        ("a", "missing-column", "b"),
        ("a,b,z", "unknown-column", "z"),
        ("a,b,a", "repeated-column", "a"),
        ("a,b,", "unknown-column", "column 3"),
        ("A,b", "missing-column", "a"),
    ],
)
def test_a_wrong_header_is_refused_by_column(tmp_path, header, name, field):
    table, problems = read(tmp_path, f"{header}\n1,2\n")
    assert table.rows == ()
    assert (name, field, 1) in [(one.name, one.field, one.line) for one in problems]


def test_semicolons_are_told_apart_from_wrong_names(tmp_path):
    _, problems = read(tmp_path, "a;b\n1;2\n")
    assert "not by semicolons" in problems[0].remedy


@pytest.mark.parametrize("data", ['a,b\n1,"2\n', 'a,b\n1,"2"x\n'])
def test_a_broken_quote_is_refused_with_its_line(tmp_path, data):
    _, problems = read(tmp_path, data)
    assert [(one.name, one.line) for one in problems] == [("quoting", 2)]


def test_every_row_with_a_wrong_number_of_fields_is_named(tmp_path):
    table, problems = read(tmp_path, "a,b\n1\n1,2\n1,2,3\n")
    assert [row.line for row in table.rows] == [3]
    assert [one.line for one in problems] == [2, 4]


def test_a_zero_byte_is_refused_with_its_line(tmp_path):
    _, problems = read(tmp_path, b"a,b\n1,2\n1,\x00\n")
    assert [(one.name, one.line) for one in problems] == [("zero-byte", 3)]


def test_a_missing_file_and_an_unknown_encoding_are_problems_not_crashes(tmp_path):
    out = Collector("t.csv")
    read_csv(tmp_path / "absent.csv", ("a",), out=out)
    assert [one.name for one in out.problems] == ["missing-file"]
    _, problems = read(tmp_path, "a,b\n", encoding="klingon")
    assert "'klingon' is not a known encoding" in problems[0].what


def test_a_declared_encoding_is_used(tmp_path):
    table, problems = read(tmp_path, "a,b\nCôte,1\n".encode("latin-1"), encoding="latin-1")
    assert not problems
    assert table.rows[0]["a"] == "Côte"
