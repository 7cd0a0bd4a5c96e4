"""Leaders' engagements: every row counts once, the days of a journey are one visit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pyreadr
import pytest

from tests.evidence.readers.support import cells, read_sound, shared, study_of, values

NAME = "china-vitae"


def test_a_journey_of_the_head_of_state_is_one_visit(tmp_path: Path) -> None:
    file = tmp_path / "leaderdf.rds"
    moscow = "Xi Jinping travelled to Russia, Moscow and met with the following: A Person"
    rows = [
        ("2013-03-22", "Russia", "Xi Jinping", moscow),
        ("2013-03-23", "Russia", "Xi Jinping", "Xi Jinping travelled to Russia, Moscow "),
        ("2013-09-05", "Russia", "Xi Jinping", moscow),
        ("2014-05-20", "Russia", "Xi Jinping", "Xi Jinping travelled to Shanghai Municipality"),
        ("2014-07-14", "Russia", "Xi Jinping", "Xi Jinping travelled to Brazil, Fortaleza and met"),
        ("2014-07-15", "Russia", "Li Keqiang", "Li Keqiang travelled to Russia, Moscow and met"),
        ("2014-07-16", "Wales", "Li Keqiang", "Li Keqiang met with a person"),
    ]
    frame = pd.DataFrame(rows, columns=["date", "country", "leader", "text"])
    pyreadr.write_rds(str(file), frame)
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    visits = [row["event_date"] for row in reading.rows if row["indicator"] == "leader_visit"]
    assert visits == ["2013-03-22", "2013-09-05"]
    engagements = [row for row in reading.rows if row["indicator"] == "leader_engagement"]
    assert len(engagements) == 6
    assert {row["mutual"] for row in engagements} == {"1"}
    assert reading.skipped == {
        "state outside the study": 1,
        "visit: the meeting was in a third country or in China": 2,
    }


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    study = study_of(NAME, "CHN", "RUS", "GBR")
    reading = read_sound(NAME, shared("china_vitae/leaderdf.rds"), study)
    russia = [
        row for row in reading.rows if row["supporter"] == "CHN" and row["recipient"] == "RUS"
    ]
    years = Counter(
        row["event_date"][:4] for row in russia if row["indicator"] == "leader_engagement"
    )
    assert sum(years.values()) == 390
    assert [years[year] for year in ("2010", "2013", "2014", "2016", "2018")] == [
        *(36, 36, 33, 24, 14)
    ]
    visits = values(reading, "leader_visit", "CHN", "RUS")
    assert [day for day in visits if day[:4] in ("2013", "2018")] == [
        *("2018-09-11", "2013-09-04", "2013-03-22")
    ]
    assert ("GBR",) in cells(reading, "recipient") or ("GBR",) in cells(reading, "supporter")
