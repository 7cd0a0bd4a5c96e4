"""Event counts by directed dyad and year."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.readers.support import read_sound, shared, study_of, values, write_rda

NAME = "icews"
KINDS = (
    *("icews_verbal_cooperation", "icews_material_cooperation"),
    *("icews_verbal_conflict", "icews_material_conflict"),
)


def test_four_counts_of_each_direction(tmp_path: Path) -> None:
    file = write_rda(
        tmp_path / "icews.rda",
        {
            "i": ["China", "Russian Federation", "China"],
            "j": ["Russian Federation", "China", "Japan"],
            "year": [2014.0, 2014.0, 2014.0],
            "verbCoop": [7.0, 1.0, 2.0],
            "matlCoop": [5.0, 1.0, 2.0],
            "verbConf": [3.0, 1.0, 2.0],
            "matlConf": [0.0, 1.0, 2.0],
            "i_iso3c": ["CHN", "RUS", "CHN"],
            "j_iso3c": ["RUS", "CHN", "JPN"],
        },
    )
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    assert [values(reading, kind, "CHN", "RUS")["2014"] for kind in KINDS] == [7, 5, 3, 0]
    assert [values(reading, kind, "RUS", "CHN")["2014"] for kind in KINDS] == [1, 1, 1, 1]
    assert reading.skipped == {"pair outside the study": 1}


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    reading = read_sound(NAME, shared("icews/icews.rda"), study_of(NAME, "CHN", "RUS"))
    found = {kind: values(reading, kind, "CHN", "RUS") for kind in KINDS}
    assert [found[kind]["2014"] for kind in KINDS] == [2182, 22, 15, 9]
    assert [found[kind]["2011"] for kind in KINDS] == [1408, 13, 9, 21]
    assert len(reading.rows) == 13 * 4 * 2
    assert reading.skipped == {"pair outside the study": 298_376 - 26}
