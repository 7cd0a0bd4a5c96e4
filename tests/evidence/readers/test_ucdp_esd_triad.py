"""External support by triad-year: joined by country, kept out of every likelihood."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.readers.support import read_sound, shared, study_of, values

NAME = "ucdp-esd-triad"
HEADER = (
    "supporter,target_location,year,troops,weapons,training,funding,target_country,target_iso3\n"
)


def test_conflicts_of_one_country_and_year_are_joined(tmp_path: Path) -> None:
    file = tmp_path / "esd.csv"
    file.write_text(
        HEADER
        + "Government of Iran,Syria: Government,2013,0,1,0,0,Syria,SYR\n"
        + "Government of Iran,Syria: Rojava,2013,1,0,0,0,Syria,SYR\n"
        + "PUK,Syria: Rojava,2013,1,0,0,0,Syria,SYR\n"
        + ",Syria: Rojava,2013,1,0,0,0,Syria,SYR\n"
        + "Government of Iran,Iraq: Government,2013,1,0,0,0,Iraq,IRQ\n",
        encoding="utf-8",
    )
    study = study_of(NAME, "IRN", "SYR")
    reading = read_sound(NAME, file, study)
    found = {row["indicator"]: row["value"] for row in reading.rows}
    assert found == {
        "conflict_support_troops": "1",
        "conflict_support_weapons": "1",
        "conflict_support_training": "0",
        "conflict_support_funding": "0",
    }
    assert reading.skipped == {
        "blank row": 1,
        "pair outside the study": 1,
        "supporter not a state": 1,
    }
    assert {indicator.measures for indicator in study.indicators.values()} == {"none"}
    assert "the side supported is not in this file" in reading.notes[0]


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    study = study_of(NAME, "IRN", "SYR", "PHL", "USA", "EST", "UKR", "SAU")
    reading = read_sound(NAME, shared("ucdp_esd/ucdp_esd_ty.csv"), study)
    weapons = "conflict_support_weapons"
    assert values(reading, weapons, "USA", "PHL")["1990"] == 1
    assert values(reading, "conflict_support_funding", "SAU", "IRN")["2016"] == 1
    assert values(reading, weapons, "EST", "UKR")["2017"] == 0
    assert reading.skipped["blank row"] == 3
    assert reading.skipped["supporter not a state"] == 936
