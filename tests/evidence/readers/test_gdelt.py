"""The GDELT network: months as they stand, days averaged, missing days told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.evidence.readers.support import (
    cells,
    read_sound,
    rounded,
    shared,
    study_of,
    values,
)

NAME = "gdelt"
MONTHS = ("2022-02", "2022-03", "2022-05", "2022-09", "2023-03", "2023-05", "2024-01")
MEANS = [330, 431, 85, 352, 706, 426, 132]


def test_months_tell_how_many_days_they_rest_on(tmp_path: Path) -> None:
    file = tmp_path / "dyad_month.csv"
    file.write_text(
        "month,a,b,score_sum,score_mean,days,zero_days\n"
        "2023-01,RUS,CHN,62,2,31,0\n2023-02,RUS,CHN,30,3,10,0\n2023-02,RUS,USA,30,3,10,0\n",
        encoding="utf-8",
    )
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    assert cells(reading, "id", "supporter", "value", "note") == [
        ("gdelt:CHN-RUS-2023-01:score", "CHN", "2", ""),
        ("gdelt:CHN-RUS-2023-02:score", "CHN", "3", "mean of 10 of 28 days"),
    ]
    assert reading.notes[0].endswith("than the month has: 1")


def test_days_are_averaged_over_those_that_are_there(tmp_path: Path) -> None:
    file = tmp_path / "dyad_day.parquet"
    pd.DataFrame(
        {
            "date": pd.to_datetime(["2023-02-01", "2023-02-03", "2023-03-01"]),
            "a": ["CHN"] * 3,
            "b": ["RUS"] * 3,
            "score": [1.0, 4.0, 7.0],
        }
    ).to_parquet(file)
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS"))
    assert values(reading, "gdelt_score", "CHN", "RUS") == {"2023-02": 2.5, "2023-03": 7}
    assert reading.rows[0]["note"] == "mean of 2 of 28 days"


@pytest.mark.shared_data
@pytest.mark.parametrize("file", ["dyad_month_30states.csv", "dyad_day_30states.parquet"])
def test_the_whole_network(file: str) -> None:
    reading = read_sound(NAME, shared(f"gdelt/{file}"), study_of(NAME, "CHN", "RUS"))
    assert rounded(values(reading, "gdelt_score", "CHN", "RUS"), *MONTHS) == MEANS
    assert len(reading.rows) == 74
    thin = [row["event_date"] for row in reading.rows if row["note"]]
    assert "2023-05" in thin
    assert len(thin) > 10
