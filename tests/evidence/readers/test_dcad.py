"""Defence agreements: dated as finely as the file knows, each once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.readers.support import cells, read_sound, shared, study_of

NAME = "dcad"
HEADER = "ccode1,cowName1,ccode2,cowName2,signDay,signMonth,signYear,type,category1,DCAid\n"


def test_a_date_keeps_its_precision(tmp_path: Path) -> None:
    file = tmp_path / "dcad.csv"
    file.write_text(
        HEADER
        + "365,RUS,710,CHN,7,12,1995,sector,RESEARCH,X-1\n"
        + "365,RUS,710,CHN,,12,1996,sector,TREX,X-2\n"
        + "365,RUS,710,CHN,,,1997,general,DCA,X-3\n"
        + "145,BOL,145,VEN,26,5,2006,general,DCA,X-4\n"
        + "2,USA,710,CHN,1,1,1997,general,DCA,X-5\n",
        encoding="utf-8",
    )
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    assert cells(reading, "event_date", "date_precision", "note") == [
        ("1995-12-07", "day", "sector, RESEARCH"),
        ("1996-12", "month", "sector, TREX"),
        ("1997", "year", "general, DCA"),
    ]
    assert cells(reading, "id")[0] == ("dcad:X-1:agreement",)
    assert reading.skipped == {
        "known fault: both states are the same": 1,
        "pair outside the study": 1,
    }


@pytest.mark.shared_data
def test_the_ten_agreements_of_china_and_russia() -> None:
    reading = read_sound(NAME, shared("dcad/DCAD-v1.0-main.csv"), study_of(NAME, "CHN", "RUS"))
    assert [date for (date,) in cells(reading, "event_date")] == [
        *("1992-11-24", "1992-12-18", "1993-11-11", "1995-12-07", "1995"),
        *("1996-05-06", "1996-12-11", "1999-06-26", "2000-01-17", "2010-11-09"),
    ]
    assert sum(reading.skipped.values()) == 1_871 - 10
    assert reading.skipped["known fault: both states are the same"] == 3
