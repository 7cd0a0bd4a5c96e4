"""Militarized disputes: the two sides' rows are one, an onset counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.errors import EvidenceError
from forecast.evidence.readers import read_public
from tests.evidence.readers.support import (
    cells,
    read_sound,
    shared,
    study_of,
    values,
    write_rda,
)


def disputes(tmp_path: Path, onset: str) -> Path:
    """Write one dispute of two years, told from both sides, and one of others."""
    return write_rda(
        tmp_path / "disputes.rda",
        {
            "dispnum": [7.0, 7.0, 7.0, 7.0, 8.0],
            "ccode1": [365.0, 710.0, 365.0, 710.0, 2.0],
            "ccode2": [710.0, 365.0, 710.0, 365.0, 20.0],
            "year": [2009.0, 2009.0, 2010.0, 2010.0, 2009.0],
            onset: [1.0, 1.0, 0.0, 0.0, 1.0],
            "hostlev1": [4.0, 1.0, 3.0, 2.0, 1.0],
            "hostlev2": [1.0, 4.0, 2.0, 3.0, 1.0],
        },
    )


@pytest.mark.parametrize(
    ("name", "onset", "prefix"),
    [
        ("cow-mids", "cowmidonset", "mid"),
        ("cow-mids", "disponset", "mid"),
        ("gml-mids", "gmlmidonset", "gml_mid"),
        ("gml-mids", "midonset", "gml_mid"),
    ],
)
def test_a_dispute_counts_once(name: str, onset: str, prefix: str, tmp_path: Path) -> None:
    reading = read_sound(name, disputes(tmp_path, onset), study_of(name, "CHN", "RUS"))
    assert values(reading, f"{prefix}_onset", "CHN", "RUS") == {"2009": 1}
    assert values(reading, f"{prefix}_hostility", "CHN", "RUS") == {
        "2009": "use",
        "2010": "display",
    }
    assert set(cells(reading, "cluster")) == {("dispute-7",)}
    assert reading.skipped == {
        "onset: later year of a dispute that is counted": 1,
        "other side of the same dispute": 2,
        "pair outside the study": 1,
    }


def test_a_file_of_the_other_collection_is_refused(tmp_path: Path) -> None:
    file = disputes(tmp_path, "gmlmidonset")
    with pytest.raises(EvidenceError, match="has no column of onsets") as caught:
        read_public("cow-mids", file, study_of("cow-mids", "CHN", "RUS"))
    assert caught.value.expected == "one of cowmidonset, disponset"


@pytest.mark.shared_data
@pytest.mark.parametrize("file", ["cow_mid_ddydisps", "cow_mid_dirdisps"])
def test_the_disputes_of_the_correlates_of_war(file: str) -> None:
    study = study_of("cow-mids", "CHN", "RUS", "IND", "PAK")
    reading = read_sound("cow-mids", shared(f"peacesciencer/{file}.rda"), study)
    onsets = values(reading, "mid_onset", "CHN", "RUS")
    assert sorted(onsets)[-2:] == ["2009", "2012"]
    assert "2014" in values(reading, "mid_hostility", "IND", "PAK")
    assert max(row["event_date"] for row in reading.rows) == "2014"


@pytest.mark.shared_data
@pytest.mark.parametrize("file", ["gml_mid_ddydisps", "gml_dirdisp"])
def test_the_corrected_disputes(file: str) -> None:
    study = study_of("gml-mids", "CHN", "RUS", "IND", "PAK")
    reading = read_sound("gml-mids", shared(f"peacesciencer/{file}.rda"), study)
    assert max(values(reading, "gml_mid_hostility", "CHN", "RUS")) == "2009"
    assert values(reading, "gml_mid_hostility", "IND", "PAK")["2010"] == "use"
    assert max(row["event_date"] for row in reading.rows) == "2010"
