"""The arms register: volumes split over years, wrapped rows, bodies that are no states."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.readers.support import cells, read_sound, shared, study_of, values

HEADER = (
    "\ufeffRecipient,Supplier,Year of order, ,Number ordered, ,Weapon designation,"
    "Weapon description,Number delivered, ,Year(s) of delivery,status,Comments,"
    "SIPRI TIV per unit,SIPRI TIV for total order,SIPRI TIV of delivered weapons\n"
)


def order(recipient: str, supplier: str, years: str, delivered: str) -> str:
    """Return an invented order."""
    return f"{recipient},{supplier},2010,,3,,X-1,rocket,3,,{years},New,,1,9,{delivered}\n"


@pytest.fixture
def register(tmp_path: Path) -> Path:
    file = tmp_path / "trade-register.csv"
    file.write_text(
        HEADER
        + order("Russia", "Iran", "2015; 2016", "9")
        + order("Russia", "Iran", "2016", "2.5")
        + ",1.5,18,0,,,,,,,,,,,,\n"
        + order("Russia", "Iran", "", "0")
        + order("Soviet Union", "Iran", "1980", "4")
        + order("Hamas (Palestine)*", "Iran", "2016", "7")
        + order("China", "France", "2016", "7"),
        encoding="utf-8",
    )
    return file


def test_volumes_are_split_evenly_over_years_and_summed(register: Path) -> None:
    reading = read_sound("sipri-register", register, study_of("sipri-register", "IRN", "RUS"))
    # 9 over two years is 4.5 each; 2016 has 4.5 + 2.5 = 7.
    assert values(reading, "arms_deliveries_tiv", "IRN", "RUS") == {"2015": 4.5, "2016": 7}
    assert cells(reading, "id")[0] == ("sipri-register:Iran-Russia-2015:tiv",)
    assert [row.line for row in reading.rows] == [2, 2]


def test_what_is_left_out_is_counted(register: Path) -> None:
    reading = read_sound("sipri-register", register, study_of("sipri-register", "IRN", "RUS"))
    assert reading.skipped == {
        "known fault: row is the wrapped end of another": 1,
        "not a state": 1,
        "order without a delivery yet": 1,
        "pair outside the study": 2,
    }


@pytest.mark.shared_data
def test_the_whole_register() -> None:
    study = study_of("sipri-register", "IRN", "RUS", "PRK", "CHN", "BLR")
    reading = read_sound("sipri-register", shared("sipri/trade-register.csv"), study)
    iran = values(reading, "arms_deliveries_tiv", "IRN", "RUS")
    assert [round(iran[year]) for year in ("2022", "2023", "2024")] == [162, 153, 177]
    assert values(reading, "arms_deliveries_tiv", "PRK", "RUS") == {"2023": 125, "2024": 130}
    china = values(reading, "arms_deliveries_tiv", "RUS", "CHN")
    assert [round(china[year]) for year in ("2016", "2018", "2020", "2024")] == [
        *(1077, 1587, 499, 207)
    ]
    assert values(reading, "arms_deliveries_tiv", "BLR", "RUS") == {}
    assert reading.skipped["known fault: row is the wrapped end of another"] == 4
    assert sum(reading.skipped.values()) < 29_507
