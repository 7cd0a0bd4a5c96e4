"""Studies, slices of files and real files for the tests of the readers."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path

import pandas as pd
import pyreadr
import pytest

from forecast.evidence.check import check_record
from forecast.evidence.readers import Reading, indicator_rows, read_public
from forecast.study.models import Actor, Indicator, Ladder, Pair, Study
from forecast.study.periods import Calendar

REPOSITORY = Path(__file__).parents[3]


def study_of(name: str, *codes: str) -> Study:
    """Return a study of all directed pairs of some states with every indicator of a format."""
    return Study(
        id="test",
        title="Test",
        directory=Path("test"),
        calendar=Calendar("year", date(1950, 1, 1)),
        actors={code: Actor(code, code) for code in codes},
        pairs=tuple(Pair(*pair) for pair in permutations(codes, 2)),
        domains=("rhetorical", "economic", "military"),
        ladder=Ladder(("none", "rhetorical", "economic", "dual-use", "lethal", "troops")),
        indicators={one.name: one for one in _indicators(name)},
    )


def without(study: Study, *indicators: str) -> Study:
    """Return a study that lacks some indicators."""
    kept = {name: one for name, one in study.indicators.items() if name not in indicators}
    return replace(study, indicators=kept)


def _indicators(name: str) -> Iterable[Indicator]:
    for cells in csv.DictReader(io.StringIO(indicator_rows(name))):
        measures, _, rung = cells["measures"].partition(":")
        yield Indicator(
            name=cells["indicator"],
            domain=cells["domain"],
            kind=cells["kind"],  # type: ignore[arg-type]
            levels=tuple(cells["levels"].split("|")) if cells["levels"] else (),
            mutual=cells["mutual"] == "1",
            measures=measures,  # type: ignore[arg-type]
            rung=rung or None,
            theatre=cells["theatre"],
            transform=cells["transform"] or "identity",  # type: ignore[arg-type]
        )


def shared(name: str) -> Path:
    """Return a raw data file; skip the test where it is absent."""
    folder = os.environ.get("FORECAST_SHARED_DATA") or REPOSITORY.parent / "shared" / "data"
    file = Path(folder) / name
    if not file.exists():
        pytest.skip(f"raw data not found at {file}; set FORECAST_SHARED_DATA")
    return file


def read_sound(name: str, path: Path, study: Study) -> Reading:
    """Return a reading without problems whose rows the study accepts, the same each time."""
    reading = read_public(name, path, study)
    assert [str(one) for one in reading.problems] == []
    assert [str(one) for row in reading.rows for one in check_record(row, study)] == []
    ids = [row["id"] for row in reading.rows]
    assert len(set(ids)) == len(ids)
    assert read_public(name, path, study).rows == reading.rows
    return reading


def cells(reading: Reading, *columns: str) -> list[tuple[str, ...]]:
    """Return some columns of the rows of a reading."""
    return [tuple(row[column] for column in columns) for row in reading.rows]


def values(
    reading: Reading, indicator: str, supporter: str, recipient: str
) -> dict[str, float | str]:
    """Return the values of one indicator of a pair by date."""
    return {
        row["event_date"]: number(row["value"])
        for row in reading.rows
        if (row["indicator"], row["supporter"], row["recipient"])
        == (indicator, supporter, recipient)
    }


def number(text: str) -> float | str:
    """Return a text as a number where it is one."""
    try:
        return float(text)
    except ValueError:
        return text


def write_rda(path: Path, columns: dict[str, list]) -> Path:
    """Write a table as the only object of an R data file."""
    pyreadr.write_rdata(str(path), pd.DataFrame(columns), df_name=path.stem)
    return path


def rounded(found: dict[str, float | str], *dates: str, digits: int = 0) -> list[float]:
    """Return rounded values of some dates."""
    return [round(float(found[one]), digits) for one in dates]
