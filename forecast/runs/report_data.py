"""What a run's report shows, kept beside it so that the report can be made again.

``report-data.json.gz`` is JSON in UTF-8, compressed with gzip (no file name, no time, so that the
same data give the same bytes)::

    {"format": "report-data/2", "asymmetry_pair": "RUS->CHN",
     "study": {"title", "domains", "rungs", "period", "start", "questions", "resolutions"},
     "tables": {"ladder": [{"name": "pair", "type": "str", "values": [...]}, ...], ...}}

``study`` holds what the report reads of the study, as it was when the run was made. A table is a
list of columns with pandas' name of their type. A number is written so that it is read back to the
last bit; ``{"float": "nan"}``, ``"inf"`` and ``"-inf"`` stand for what JSON cannot write, and
``{"date": "2022-02-04"}`` for a day. Forecasts and manifest are in files of their own.
"""

import gzip
import hashlib
import io
import json
import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.errors import RunError
from forecast.report import ReportData, SignOff
from forecast.report.content import FRAME_COLUMNS
from forecast.study.models import Ladder, Pair, Question, Resolution, Study
from forecast.study.periods import Calendar

FILE: Final = "report-data.json.gz"
FORMAT: Final = "report-data/2"
_POINTS: Final = "report-data/1"


def save_report_data(data: ReportData, directory: Path) -> None:
    """Write the tables of a report into a run directory."""
    document = {
        "format": FORMAT,
        "asymmetry_pair": data.asymmetry_pair,
        "study": _study_document(data.study, data.as_of),
        "tables": {name: _columns(getattr(data, name), name) for name in FRAME_COLUMNS},
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file:
        file.write(text.encode())
    (directory / FILE).write_bytes(packed.getvalue())


def load_report_data(
    directory: Path, study: Study, *, sign_offs: Iterable[SignOff] = (), problem: str = ""
) -> ReportData:
    """Return what the report of a run showed when it was made.

    Parameters
    ----------
    directory
        The run directory.
    study
        The study; what the report reads of it is taken from the run, as it was then.
    sign_offs, problem
        Sign-offs of the run, or why they cannot be told, to be shown too.

    Raises
    ------
    RunError
        If the run does not hold the data, or they cannot be read.
    """
    path = directory / FILE
    if not path.is_file():
        raise RunError(
            "the run keeps no data of its report: an earlier version made it",
            where=str(path),
            remedy="make the run again with `forecast run`",
        )
    try:
        document = json.loads(gzip.decompress(path.read_bytes()))
        if document["format"] not in (FORMAT, _POINTS):
            raise ValueError(f"its format is {document['format']!r}")
        manifest = json.loads((directory / "manifest.json").read_bytes())
        forecasts = (directory / "forecasts.json").read_bytes()
        then = _study(document["study"], study)
        return ReportData(
            study=replace(then, id=manifest["study"], content_hash=manifest["study_hash"]),
            manifest=manifest,
            forecasts=json.loads(forecasts),
            asymmetry_pair=document["asymmetry_pair"],
            forecasts_hash=hashlib.sha256(forecasts).hexdigest(),
            sign_offs=tuple(sign_offs),
            sign_off_problem=problem,
            **_frames(document),
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"the data of the report cannot be read: {error}",
            where=str(path),
            expected=f'"format": "{FORMAT}"',
            remedy="make the run again with `forecast run`",
        ) from error


def _frames(document: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the tables, with the units of today."""
    frames = {name: _frame(document["tables"].get(name, [])) for name in FRAME_COLUMNS}
    wires = frames["tripwires"]
    if document["format"] == _POINTS and "change" in wires:
        frames["tripwires"] = wires.assign(change=wires["change"] / 100.0)
    return frames


def forecasts_hash(directory: Path) -> str:
    """Return the SHA-256 of the bytes of a run's forecasts.json.

    Raises
    ------
    RunError
        If it is not there.
    """
    path = directory / "forecasts.json"
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise RunError(
            f"forecasts cannot be read: {error.strerror}",
            where=str(path),
            remedy="make the run again with `forecast run`",
        ) from error


def _columns(table: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    return [
        {
            "name": column,
            "type": str(table[column].dtype),
            "values": [_cell(value, f"{name}.{column}") for value in table[column]],
        }
        for column in table.columns
    ]


def _cell(value: object, where: str) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and not math.isfinite(plain):
        return {"float": str(plain)}
    if plain is None or isinstance(plain, str | bool | int | float):
        return plain
    if type(plain) is date:
        return {"date": plain.isoformat()}
    raise TypeError(f"{where}: {type(plain).__name__} has no form in {FORMAT}")


def _frame(columns: list[dict[str, Any]]) -> pd.DataFrame:
    if not columns:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            one["name"]: pd.Series([_value(cell) for cell in one["values"]], dtype=one["type"])
            for one in columns
        }
    )


def _value(cell: Any) -> object:
    if not isinstance(cell, Mapping):
        return cell
    return float(cell["float"]) if "float" in cell else date.fromisoformat(cell["date"])


def _study_document(study: Study, as_of: date) -> dict[str, Any]:
    return {
        "title": study.title,
        "domains": list(study.domains),
        "rungs": list(study.ladder.rungs),
        "period": study.calendar.frequency,
        "start": study.calendar.origin.isoformat(),
        "questions": [
            {
                "id": one.id,
                "title": one.title,
                "event": one.event,
                "pair": one.pair.label,
                "opens": one.opens.isoformat(),
                "closes": one.closes.isoformat(),
                "rule": one.rule,
            }
            for one in study.questions
        ],
        "resolutions": [
            {
                "question": one.question,
                "outcome": one.outcome,
                "resolved_on": one.resolved_on.isoformat(),
                "known_at": one.known_at.isoformat(),
            }
            for one in study.resolutions
            if one.known_at <= as_of
        ],
    }


def _study(then: Mapping[str, Any], now: Study) -> Study:
    """Return the study with what the report reads of it as it was then."""
    days = ("opens", "closes", "resolved_on", "known_at")

    def read(row: Mapping[str, str]) -> dict[str, Any]:
        return {
            name: date.fromisoformat(text) if name in days else text for name, text in row.items()
        }

    return replace(
        now,
        title=then["title"],
        domains=tuple(then["domains"]),
        ladder=Ladder(tuple(then["rungs"]), now.ladder.firms_excluded),
        calendar=Calendar(then["period"], date.fromisoformat(then["start"])),
        questions=tuple(
            Question(**{**read(row), "pair": Pair.parse(row["pair"])}) for row in then["questions"]
        ),
        resolutions=tuple(Resolution(**read(row)) for row in then["resolutions"]),
    )
