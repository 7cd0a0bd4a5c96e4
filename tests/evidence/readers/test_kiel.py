"""Aid to Ukraine by month: unlisted months are zeros, bodies that are no states are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.readers.support import read_sound, shared, study_of, values

NAME = "kiel"
HEADER = (
    "country,iso,year,month,total,financial,humanitarian,military,"
    "commitments,to_be_allocated,gdp,pct_gdp\n"
)


def test_months_without_a_row_are_zeros(tmp_path: Path) -> None:
    file = tmp_path / "data_explorer.csv"
    file.write_text(
        HEADER
        + "Poland,POL,2022,2,0.3,0,0.1,0.2,0,0,1,0\n"
        + "Poland,POL,2022,4,0.5,0.5,0,0,0,0,1,0\n"
        + "Canada,CAN,2022,5,1,1,0,0,0,0,1,0\n"
        + "EU (Commission and Council),EU,2022,3,9,9,0,0,0,0,1,0\n",
        encoding="utf-8",
    )
    reading = read_sound(NAME, file, study_of(NAME, "POL", "UKR"))
    assert values(reading, "aid_military_eur", "POL", "UKR") == {
        "2022-02": 0.2,
        "2022-03": 0,
        "2022-04": 0,
        "2022-05": 0,
    }
    assert values(reading, "aid_financial_eur", "POL", "UKR")["2022-04"] == 0.5
    assert reading.skipped == {"not a state": 1, "state outside the study": 1}
    assert "from 2022-02 to 2022-05 added as zeros: 2" in reading.notes[0]
    filled = [row for row in reading.rows if row["event_date"] == "2022-03"]
    assert {row["note"] for row in filled} == {"not listed in the file, which means zero"}


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    study = study_of(NAME, "AUS", "CHN", "IND", "USA", "UKR")
    reading = read_sound(NAME, shared("kiel/data_explorer.csv"), study)
    # 52 months from 2022-01 to 2026-04, four donors, four amounts.
    assert len(reading.rows) == 52 * 4 * 4
    australia = values(reading, "aid_military_eur", "AUS", "UKR")
    assert australia["2022-02"] == 0.002645
    assert australia["2022-03"] == 0.077611
    assert australia["2022-06"] == 0
    assert set(values(reading, "aid_military_eur", "CHN", "UKR").values()) == {0}
