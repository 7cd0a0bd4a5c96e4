import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import StudyError
from forecast.study.problems import Cells, Collector, Row, parse_number


def cells(**values):
    out = Collector("t.csv")
    return Cells(Row(7, values), out), out


def test_a_bad_cell_is_noted_with_its_place_and_the_others_are_still_read():
    row, out = cells(kind="cont", day="2022-02-30", p="1.5", flag="yes", name=" ")
    row.choice("kind", ("count", "binary"))
    row.day("day")
    row.number("p", low=0, high=1)
    row.flag("flag")
    row.required("name")
    assert not row.ok
    assert [(one.line, one.field) for one in out.problems] == [
        (7, "kind"),
        (7, "day"),
        (7, "p"),
        (7, "flag"),
        (7, "name"),
    ]
    assert all(one.expected and one.remedy for one in out.problems)


def test_a_row_is_judged_by_its_own_problems_alone():
    first, out = cells(flag="x")
    first.flag("flag")
    second = Cells(Row(8, {"flag": "1"}), out)
    assert second.flag("flag") is True
    assert second.ok
    assert not first.ok


def test_warnings_do_not_spoil_a_row():
    row, out = cells(name="a")
    row.warn("odd", "is odd")
    assert row.ok
    assert str(out.problems[0]).startswith("warning: t.csv:7 is odd")


def test_an_empty_flag_takes_its_default_only_where_there_is_one():
    row, _ = cells(flag="")
    assert row.flag("flag", default=True) is True
    assert row.ok
    row.flag("flag")
    assert not row.ok


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "NaN", "inf", "1,2", "0x10", "1_000", "1e999", "٣"]
)
def test_what_is_no_plain_finite_number_is_refused(text):
    with pytest.raises(StudyError):
        parse_number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_finite_number_reads_back_to_the_last_digit(number):
    assert math.copysign(1, parse_number(repr(number))) == math.copysign(1, number)
    assert parse_number(repr(number)) == number
