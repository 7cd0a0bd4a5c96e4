"""Shared memberships in intergovernmental organisations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.readers.support import read_sound, shared, study_of, values, write_rda

NAME = "cow-igos"


def test_memberships_by_dyad_and_year(tmp_path: Path) -> None:
    file = write_rda(
        tmp_path / "cow_igo_ndy.rda",
        {
            "ccode1": [365.0, 365.0, 2.0],
            "ccode2": [710.0, 710.0, 710.0],
            "year": [2013.0, 2014.0, 2014.0],
            "dyadigos": [-9.0, 42.0, 9.0],
        },
    )
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    assert values(reading, "shared_igos", "CHN", "RUS") == {"2014": 42}
    assert reading.skipped == {"blank value": 1, "pair outside the study": 1}


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    study = study_of(NAME, "CHN", "RUS", "USA", "CAN")
    reading = read_sound(NAME, shared("peacesciencer/cow_igo_ndy.rda"), study)
    assert values(reading, "shared_igos", "CHN", "RUS")["2014"] == 55
    assert values(reading, "shared_igos", "CAN", "USA")["1920"] == 7
    assert values(reading, "shared_igos", "CAN", "USA")["1921"] == 8
    assert sum(reading.skipped.values()) < 917_695
