"""Signals of major powers: the file's false pacts and self-pairs are left out and counted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from forecast.errors import EvidenceError
from forecast.evidence.readers import read_public
from tests.evidence.readers.support import read_sound, shared, study_of, values

NAME = "mcmanus-nieman"
SIGNALS = "mcmanus_nieman/Individual Signals Dataset.csv"
PACT, LATENT = "defence_pact_signal", "published_support_latent"


@pytest.fixture
def signals(tmp_path: Path) -> Path:
    file = tmp_path / "signals.csv"
    file.write_text(
        "ctry_yr,ccode,country,year,chi_pact,rus_pact,uk_pact,chi_arms,us_words\n"
        "Estonia2003,366,Estonia,2003,0,0,0,0,1\n"
        "Estonia2004,366,Estonia,2004,1,1,1,0,2\n"
        "North Korea2004,731,North Korea,2004,1,0,0,5.5,3\n"
        "United Kingdom2004,200,United Kingdom,2004,0,0,1,0,9\n"
        "Ukraine2004,369,Ukraine,2004,0,1,0,0,0\n"
        "Chad2004,483,Chad,2004,0,0,0,0,0\n",
        encoding="utf-8",
    )
    return file


def test_pacts_of_nato_are_not_those_of_china_and_russia(signals: Path) -> None:
    study = study_of(NAME, "CHN", "RUS", "GBR", "USA", "EST", "PRK", "UKR")
    reading = read_sound(NAME, signals, study)
    assert values(reading, PACT, "CHN", "EST") == {"2003": 0}
    assert values(reading, PACT, "RUS", "EST") == {"2003": 0}
    assert values(reading, PACT, "GBR", "EST") == {"2003": 0, "2004": 1}
    assert values(reading, PACT, "CHN", "PRK") == {"2004": 1}
    assert values(reading, "arms_deliveries_tiv", "CHN", "PRK") == {"2004": 5.5}
    assert values(reading, "supportive_words", "USA", "EST") == {"2003": 1, "2004": 2}
    assert reading.skipped == {
        "known fault: pact of chi is one of NATO": 1,
        "known fault: pact of rus is one of NATO": 1,
        "known fault: the protégé is the major power itself": 1,
        "state outside the study": 1,
        "zero or less, of which there is no logarithm": 4,
    }


def test_arguable_pacts_are_kept_and_told(signals: Path) -> None:
    reading = read_sound(NAME, signals, study_of(NAME, "RUS", "UKR"))
    assert values(reading, PACT, "RUS", "UKR") == {"2004": 1}
    assert reading.notes[0].startswith("arguable: pacts with Russia")


def test_published_support_that_rests_on_false_pacts_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "levels.dta"
    pd.DataFrame(
        {
            "ccode": [366, 731],
            "year": [2012, 2012],
            "median_chi": [1.8, 1.25],
            "median_uk": [0.5, -0.5],
        }
    ).to_stata(file, write_index=False)
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "GBR", "EST", "PRK"))
    assert values(reading, LATENT, "CHN", "PRK") == {"2012": 1.25}
    assert values(reading, LATENT, "CHN", "EST") == {}
    assert values(reading, LATENT, "GBR", "EST") == {"2012": 0.5}
    assert reading.skipped == {"known fault: latent support of chi rests on a pact of NATO": 1}


def test_a_file_without_signals_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("ccode,year,polity\n366,2012,9\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match="neither signals nor published support"):
        read_public(NAME, file, study_of(NAME, "CHN", "EST"))


@pytest.mark.shared_data
def test_every_false_pact_of_the_whole_file_is_found() -> None:
    joined = ("EST", "LVA", "LTU", "BGR", "ROU", "SVK", "SVN", "ALB", "HRV")
    study = study_of(NAME, "CHN", "RUS", "USA", "CAN", "PRK", "GBR", "FRA", *joined)
    reading = read_sound(NAME, shared(SIGNALS), study)
    assert reading.skipped["known fault: pact of chi is one of NATO"] == 71
    assert reading.skipped["known fault: pact of rus is one of NATO"] == 71
    china = {
        row["recipient"]
        for row in reading.rows
        if row["supporter"] == "CHN" and row["indicator"] == PACT and row["value"] == "1"
    }
    assert china == {"PRK"}
    assert values(reading, PACT, "USA", "CAN")["1950"] == 1
    assert values(reading, "supportive_words", "USA", "CAN")["1950"] == 27
    assert values(reading, "arms_deliveries_tiv", "USA", "CAN")["1950"] == 557
    # 63 years of the United Kingdom (7 signals) and of France (6) as their own protégés.
    assert reading.skipped["known fault: the protégé is the major power itself"] == 63 * 13


@pytest.mark.shared_data
def test_published_support_of_the_whole_file() -> None:
    file = shared("mcmanus_nieman/Signal Level Prediction Dataset.dta")
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "USA", "CAN", "EST", "PRK"))
    assert values(reading, LATENT, "CHN", "PRK")["2012"] == pytest.approx(1.80, abs=0.005)
    assert values(reading, LATENT, "USA", "CAN")["1950"] == pytest.approx(1.22, abs=0.005)
    assert max(values(reading, LATENT, "CHN", "EST")) == "2003"
    assert reading.skipped["known fault: latent support of chi rests on a pact of NATO"] == 9
