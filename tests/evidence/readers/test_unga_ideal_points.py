"""Ideal points: distances by dyad and year, blank codes, sessions as years."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.evidence.readers.support import cells, read_sound, shared, study_of, values

NAME = "unga-ideal-points"
FP, ALL = "unga_idealpoint_distance", "unga_idealpoint_distance_all"


def test_distances_of_both_series(tmp_path: Path) -> None:
    file = tmp_path / "points.dta"
    pd.DataFrame(
        {
            "ccode": [365, 710, 710, 2, 260],
            "iso3c": ["RUS", "CHN", "CHN", "USA", ""],
            "year": [2020.0, 2020.0, 2021.0, 2020.0, 1990.0],
            "idealpointfp": [-0.5, -1.25, -1.0, 2.0, None],
            "idealpointall": [-0.5, None, -1.0, 2.0, None],
        }
    ).to_stata(file, write_index=False)
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    assert cells(reading, "indicator", "supporter", "recipient", "mutual", "value") == [
        (FP, "CHN", "RUS", "1", "0.75")
    ]
    assert reading.skipped == {
        "known fault: row without a country code": 1,
        "state outside the study": 1,
    }


def test_before_1991_december_26_the_soviet_union_votes(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text(
        ",ccode,session,IdealPointAll,iso3c\n1,365,40,-1,RUS\n2,710,40,-1.5,CHN\n"
        "3,365,50,0.25,RUS\n4,710,50,-1,CHN\n",
        encoding="utf-8",
    )
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS", "SUN"))
    assert values(reading, ALL, "CHN", "SUN") == {"1985": 0.5}
    assert values(reading, ALL, "CHN", "RUS") == {"1995": 1.25}
    assert set(cells(reading, "known_at")) == {("2023-07-31",)}


@pytest.mark.shared_data
def test_the_release_of_2025() -> None:
    study = study_of(NAME, "CHN", "RUS", "USA")
    reading = read_sound(NAME, shared("unga/IdealpointsJuly2025.dta"), study)
    fp = values(reading, FP, "CHN", "RUS")
    whole = values(reading, ALL, "CHN", "RUS")
    known = {"2021": 0.36, "2022": 0.54, "2023": 0.32, "2024": 0.26}
    assert {year: fp[year] for year in known} == pytest.approx(known, abs=0.0055)
    known = {"2014": 0.64, "2021": 0.21, "2022": 0.01, "2023": 0.07}
    assert {year: whole[year] for year in known} == pytest.approx(known, abs=0.0055)
    assert "2024" not in whole
    assert reading.skipped["known fault: row without a country code"] == 17
    assert sum(reading.skipped.values()) <= 11_440


@pytest.mark.shared_data
def test_the_release_of_2023() -> None:
    file = shared("unga/IdealpointestimatesAll_Jul2023.csv")
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    years = values(reading, ALL, "CHN", "RUS")
    assert (min(years), max(years)) == ("1992", "2022")
    assert (
        reading.skipped["state outside the study"] == 11_045 - 76 - 52
    )  # sessions 1-77 but 19, and 26-77
