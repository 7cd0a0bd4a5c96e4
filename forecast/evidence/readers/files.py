"""Opens a public data file as a table, and translates what goes wrong into plain errors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadr

from forecast.errors import EvidenceError
from forecast.evidence.readers.wanted import FIRST_ROW


def read_table(
    path: Path, columns: Sequence[str], *, suffixes: Sequence[str], only: bool = False
) -> pd.DataFrame:
    """Return a file's table, which must have some columns; its index counts rows from 0.

    Cells of a CSV file stay text, blanks as ``""``; the other kinds of file keep their types.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that must be there.
    suffixes
        The kinds of file that the format comes in.
    only
        Read no other columns.

    Raises
    ------
    EvidenceError
        If the file is missing, of another kind, damaged, empty or without one of the columns.
    """
    kind = path.suffix.lower()
    if kind not in suffixes:
        raise EvidenceError(
            f"a file of this format does not end in {kind or 'nothing'}",
            where=path.name,
            expected=f"a file ending in {' or '.join(suffixes)}",
            remedy="name the file as it was published",
        )
    if not path.is_file():
        raise EvidenceError(
            "is a directory" if path.is_dir() else "the file does not exist",
            where=str(path),
            expected="a readable file",
            remedy="correct the path",
        )
    try:
        frame = _OPENERS[kind](path, columns)
    except Exception as error:
        raise EvidenceError(
            f"the file cannot be read as {kind}: {' '.join(str(error).split())[:200]}",
            where=path.name,
            expected=f"an undamaged {kind} file",
            remedy="download the file again",
        ) from error
    check_columns(frame, columns, path)
    if frame.empty:
        raise EvidenceError("the file has no rows", where=path.name, remedy="download it again")
    frame = frame.reset_index(drop=True)
    return frame[list(columns)] if only else frame


def codes(column: pd.Series) -> pd.Series:
    """Return a column of numeric codes as text; a blank is ``""``, anything else stays as it is."""
    numeric = pd.to_numeric(column, errors="coerce")
    whole = np.isfinite(numeric) & (numeric == numeric.round())
    found = numeric.where(whole, 0).astype("int64").astype(str)
    return found if whole.all() else found.where(whole, texts(column))


def texts(column: pd.Series) -> pd.Series:
    """Return a column as text without outer blanks; a missing cell is ``""``."""
    return column.astype(object).where(column.notna(), "").astype(str).str.strip()


def numbers(frame: pd.DataFrame, column: str, path: Path) -> pd.Series:
    """Return a column as numbers, blanks as NaN.

    Raises
    ------
    EvidenceError
        Naming the first row whose cell is neither blank nor a finite number.
    """
    numeric = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    wrong = numeric.isna() | (numeric.abs() == np.inf)
    if wrong.any():
        wrong &= ~texts(frame[column]).isin(["", "NA", "nan", "NaN"])
    _refuse(frame, column, path, wrong, "a number", "a number or a blank")
    return numeric


def whole(
    frame: pd.DataFrame, column: str, path: Path, *, low: int = 1, high: int = 9999
) -> pd.Series:
    """Return a column as whole numbers within bounds, such as years; none may be blank.

    Raises
    ------
    EvidenceError
        Naming the first row whose cell is no such number.
    """
    numeric = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    right = (numeric == numeric.round()) & numeric.between(low, high)
    expected = f"a whole number from {low} to {high}"
    _refuse(frame, column, path, ~right, "one of its values", expected)
    return numeric.astype("int64")


def check_dates(frame: pd.DataFrame, column: str, path: Path, form: str = "YYYY-MM-DD") -> None:
    """Refuse a column of text of which a cell is no date of the form.

    Raises
    ------
    EvidenceError
        Naming the first such row.
    """
    pattern = {"YYYY-MM-DD": "%Y-%m-%d", "YYYY-MM": "%Y-%m"}[form]
    cells = texts(frame[column])
    wrong = pd.to_datetime(cells, format=pattern, errors="coerce").isna()
    _refuse(frame, column, path, wrong | (cells.str.len() != len(form)), "a date", form)


def _refuse(
    frame: pd.DataFrame, column: str, path: Path, wrong: pd.Series, what: str, expected: str
) -> None:
    if wrong.any():
        index = int(str(wrong.idxmax()))
        raise EvidenceError(
            f"{frame[column].loc[index]!r} is not {what}",
            where=f"{path.name}:{index + FIRST_ROW}, {column}",
            expected=expected,
            remedy="correct the cell, or download the file again",
        )


def records(frame: pd.DataFrame) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the row of the file and the cells of every row of a table."""
    for index, cells in zip(frame.index, frame.to_dict("records"), strict=True):
        yield int(index) + FIRST_ROW, {str(name): cell for name, cell in cells.items()}


def check_columns(frame: pd.DataFrame, columns: Sequence[str], path: Path) -> None:
    """Refuse a table that lacks a column.

    Raises
    ------
    EvidenceError
        Naming every column that is not there.
    """
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise EvidenceError(
            f"the file lacks the column {', '.join(map(repr, absent))}",
            where=f"{path.name}:1",
            expected=f"the columns {', '.join(columns)}",
            remedy="check that the file is of the format named, in the version that "
            "docs/readers.md describes",
        )


def _csv(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _excel(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    return pd.read_excel(path, usecols=lambda name: name in columns)


def _stata(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    return pd.read_stata(path, convert_categoricals=False)


def _parquet(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    return pd.read_parquet(path)


def _r(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return the object of an R file that has the columns, or the first one."""
    with warnings.catch_warnings():
        # pyreadr makes its empty dates without a unit, which numpy is about to forbid.
        warnings.filterwarnings("ignore", "The 'generic' unit", DeprecationWarning)
        objects = [one for one in pyreadr.read_r(str(path)).values() if one is not None]
    fitting = [one for one in objects if set(columns) <= set(one.columns)]
    return (fitting or objects)[0]


_OPENERS: dict[str, Callable[[Path, Sequence[str]], pd.DataFrame]] = {
    ".csv": _csv,
    ".xlsx": _excel,
    ".dta": _stata,
    ".parquet": _parquet,
    ".rda": _r,
    ".rdata": _r,
    ".rds": _r,
}
