"""Tables from files: kinds, columns, codes and numbers, and the size of every real file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from forecast.errors import EvidenceError
from forecast.evidence.readers.files import (
    check_columns,
    check_dates,
    codes,
    numbers,
    read_table,
    records,
    texts,
    whole,
)
from tests.evidence.readers.support import shared, write_rda

KINDS = (".csv", ".xlsx", ".dta", ".parquet", ".rda", ".rds")
PATH = Path("file.csv")
ROWS = {
    "sipri/trade-register.csv": 29_507,
    "unga/IdealpointsJuly2025.dta": 11_440,
    "unga/IdealpointestimatesAll_Jul2023.csv": 11_045,
    "unga/un_votes.rda": 869_937,
    "unga/un_roll_calls.rda": 6_202,
    "ucdp_esd/ucdp_esd_ty.csv": 6_484,
    "kiel/data_explorer.csv": 1_079,
    "peacesciencer/cow_trade_ndy.rda": 673_654,
    "peacesciencer/atop_alliance.rda": 273_296,
    "peacesciencer/cow_alliance.rda": 148_258,
    "peacesciencer/cow_mid_ddydisps.rda": 10_234,
    "peacesciencer/cow_mid_dirdisps.rda": 11_390,
    "peacesciencer/gml_dirdisp.rda": 10_276,
    "peacesciencer/gml_mid_ddydisps.rda": 9_284,
    "peacesciencer/cow_igo_ndy.rda": 917_695,
    "icews/icews.rda": 298_376,
    "gdelt/dyad_month_30states.csv": 32_190,
    "gdelt/dyad_day_30states.parquet": 934_815,
    "mcmanus_nieman/Individual Signals Dataset.csv": 9_266,
    "mcmanus_nieman/Signal Level Prediction Dataset.dta": 9_266,
    "china_vitae/leaderdf.rds": 5_649,
    "dcad/DCAD-v1.0-main.csv": 1_871,
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ROWS)
def test_a_real_file_has_the_rows_that_its_description_says(name: str) -> None:
    assert len(read_table(shared(name), (), suffixes=KINDS)) == ROWS[name]


@pytest.mark.shared_data
def test_the_excel_file_has_the_rows_that_its_description_says() -> None:
    file = shared("ucdp_esd/ucdp-esd-ay-181.xlsx")
    assert len(read_table(file, ("year", "ext_name"), suffixes=KINDS)) == 4_781


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})


def test_every_kind_of_file_gives_the_same_table(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    frame.to_stata(tmp_path / "t.dta", write_index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    write_rda(tmp_path / "t.rda", frame.to_dict("list"))
    for suffix in (".csv", ".xlsx", ".dta", ".parquet", ".rda"):
        table = read_table(tmp_path / f"t{suffix}", ("a", "b"), suffixes=KINDS)
        assert list(numbers(table, "a", PATH)) == [1, 2], suffix
        assert list(texts(table["b"])) == ["x", "y"], suffix


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(b"\xef\xbb\xbfa,b\n1,2\n")
    assert list(read_table(file, ("a",), suffixes=(".csv",)).columns) == ["a", "b"]
    assert list(read_table(file, ("a",), suffixes=(".csv",), only=True).columns) == ["a"]


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"does not end in \.txt") as caught:
        read_table(tmp_path / "t.txt", ("a",), suffixes=(".csv", ".rda"))
    assert caught.value.expected == "a file ending in .csv or .rda"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(EvidenceError, match="is a directory"):
        read_table(tmp_path / "t.csv", ("a",), suffixes=(".csv",))


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b\n")
    with pytest.raises(EvidenceError, match="has no rows"):
        read_table(file, ("a",), suffixes=(".csv",))


def test_all_missing_columns_are_named(frame: pd.DataFrame) -> None:
    with pytest.raises(EvidenceError, match="lacks the column 'c', 'd'") as caught:
        check_columns(frame, ("a", "c", "d"), PATH)
    assert caught.value.where == "file.csv:1"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([365.0, 710.0], ["365", "710"]),
        ([365, 710], ["365", "710"]),
        (["365", " 710 "], ["365", "710"]),
        ([365.0, float("nan")], ["365", ""]),
        (["365", ""], ["365", ""]),
        (["365", "RUS"], ["365", "RUS"]),
        (["365.0", "365.5"], ["365", "365.5"]),
    ],
)
def test_codes_are_whole_numbers_as_text(cells: list, expected: list[str]) -> None:
    assert list(codes(pd.Series(cells))) == expected


def test_missing_texts_are_empty() -> None:
    assert list(texts(pd.Series(["a ", None, float("nan")], dtype=object))) == ["a", "", ""]


@pytest.mark.parametrize("blank", ["", "NA", " ", "nan"])
def test_blanks_are_no_numbers_and_no_error(blank: str) -> None:
    found = numbers(pd.DataFrame({"a": ["1.5", blank]}), "a", PATH)
    assert found[0] == 1.5
    assert pd.isna(found[1])


@pytest.mark.parametrize("cell", ["x", "1,5", "1e400", "inf"])
def test_a_cell_that_is_no_finite_number_is_named(cell: str) -> None:
    with pytest.raises(EvidenceError, match="is not a number") as caught:
        numbers(pd.DataFrame({"a": ["1", cell]}), "a", PATH)
    assert caught.value.where == "file.csv:3, a"


@pytest.mark.parametrize("cell", ["", "x", "1.5", "0", "10000"])
def test_years_are_whole_and_in_bounds(cell: str) -> None:
    with pytest.raises(EvidenceError, match="is not one of its values") as caught:
        whole(pd.DataFrame({"year": ["2001", cell]}), "year", PATH)
    assert caught.value.expected == "a whole number from 1 to 9999"
    assert list(whole(pd.DataFrame({"year": ["2001", "2002.0"]}), "year", PATH)) == [2001, 2002]


@pytest.mark.parametrize("cell", ["2023-13", "2023-1", "", "spring", "2023-01-01"])
def test_months_have_one_form(cell: str) -> None:
    with pytest.raises(EvidenceError, match="is not a date"):
        check_dates(pd.DataFrame({"month": ["2023-01", cell]}), "month", PATH, "YYYY-MM")


def test_rows_are_counted_below_the_header(frame: pd.DataFrame) -> None:
    assert list(records(frame[1:])) == [(3, {"a": 2.0, "b": "y"})]
