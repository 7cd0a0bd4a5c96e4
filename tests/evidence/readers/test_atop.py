"""Alliance obligations: promises by direction, non-aggression and consultation by dyad."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.readers.support import read_sound, shared, study_of, values, write_rda

NAME = "atop"


def test_promises_have_a_direction_and_consultation_has_none(tmp_path: Path) -> None:
    file = write_rda(
        tmp_path / "atop_alliance.rda",
        {
            "ccode1": [365.0, 710.0, 2.0],
            "ccode2": [710.0, 365.0, 710.0],
            "year": [2001.0, 2001.0, 2001.0],
            "atop_defense": [1.0, 0.0, 1.0],
            "atop_offense": [0.0, 0.0, 0.0],
            "atop_neutral": [0.0, 0.0, 0.0],
            "atop_nonagg": [1.0, 1.0, 0.0],
            "atop_consul": [0.0, 1.0, 0.0],
        },
    )
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    assert values(reading, "alliance_defence", "RUS", "CHN") == {"2001": 1}
    assert values(reading, "alliance_defence", "CHN", "RUS") == {"2001": 0}
    assert values(reading, "alliance_nonaggression", "CHN", "RUS") == {"2001": 1}
    assert values(reading, "alliance_consultation", "CHN", "RUS") == {"2001": 1}
    # Three promises of two directions, two mutual kinds of one dyad.
    assert len(reading.rows) == 3 * 2 + 2
    assert reading.skipped == {"pair outside the study": 1}
    assert "declare silence as zero" in reading.notes[-1]


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    study = study_of(NAME, "CHN", "RUS", "SUN", "PRK")
    reading = read_sound(NAME, shared("peacesciencer/atop_alliance.rda"), study)
    assert values(reading, "alliance_defence", "CHN", "RUS")["2018"] == 0
    assert values(reading, "alliance_nonaggression", "CHN", "RUS")["2018"] == 1
    assert values(reading, "alliance_consultation", "CHN", "RUS")["2018"] == 1
    soviet = values(reading, "alliance_defence", "CHN", "SUN")
    assert [year for year in sorted(soviet) if soviet[year]][-1] == "1980"
    assert values(reading, "alliance_defence", "CHN", "PRK")["2018"] == 1
