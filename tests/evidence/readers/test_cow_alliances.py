"""Formal alliances: the treaties of a dyad-year are joined."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.readers.support import read_sound, shared, study_of, values, write_rda

NAME = "cow-alliances"


def test_several_treaties_of_a_year_are_one(tmp_path: Path) -> None:
    file = write_rda(
        tmp_path / "cow_alliance.rda",
        {
            "ccode1": [365.0, 365.0, 710.0],
            "ccode2": [710.0, 710.0, 365.0],
            "year": [2001.0, 2001.0, 2001.0],
            "defense": [0.0, 0.0, 0.0],
            "neutrality": [0.0, 0.0, 0.0],
            "nonaggression": [1.0, 0.0, 1.0],
            "entente": [0.0, 1.0, 0.0],
        },
    )
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    assert {row["indicator"]: row["value"] for row in reading.rows} == {
        "cow_defence_pact": "0",
        "cow_neutrality_pact": "0",
        "cow_nonaggression_pact": "1",
        "cow_entente": "1",
    }
    assert {row["mutual"] for row in reading.rows} == {"1"}


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    study = study_of(NAME, "CHN", "RUS", "PRK", "USA", "CAN", "GBR", "PRT")
    reading = read_sound(NAME, shared("peacesciencer/cow_alliance.rda"), study)
    assert values(reading, "cow_defence_pact", "GBR", "PRT")["1816"] == 1
    assert values(reading, "cow_defence_pact", "CHN", "PRK")["2012"] == 1
    assert values(reading, "cow_defence_pact", "CAN", "USA")["2012"] == 1
    assert max(row["event_date"] for row in reading.rows) == "2012"
