"""Reads evidence from a table in any of four formats: CSV, XLSX, Parquet, JSON lines.

Whatever the format, a row comes out as text by column, as it would stand in ``evidence.csv``:
numbers in plain notation, days in ISO form, empty cells as empty text, everything in NFC.
"""

from __future__ import annotations

import json
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from forecast.errors import StudyError
from forecast.study.csvfile import CsvRows, is_file, is_header_ok
from forecast.study.problems import Collector, Row

# Rows of a workbook read at a time.
_BLOCK = 1_000


class Rows(Protocol):
    """The rows of a table, to be iterated over once."""

    blank_rows: int

    def __iter__(self) -> Iterator[Row]:
        """Yield the sound rows, and note what is wrong with the others."""


def open_table(path: Path, columns: Sequence[str], *, out: Collector, encoding: str) -> Rows:
    """Return the rows of a table, in the format that the file's name ends in.

    Parameters
    ----------
    columns
        The columns that the table must have. Keys of JSON lines may be left out where empty.
    out
        Takes what is wrong with the file.
    encoding
        Of CSV files; the other formats fix their own.
    """
    match path.suffix.lower():
        case ".xlsx" | ".xlsm":
            return _Typed(path, columns, out, _sheet_rows)
        case ".parquet":
            return _Typed(path, columns, out, _parquet_rows)
        case ".jsonl" | ".ndjson":
            return _JsonLines(path, columns, out)
        case _:
            return CsvRows(path, columns, out=out, encoding=encoding)


def cell_text(value: object) -> str:
    """Return a typed cell as the text that it would be in a CSV file.

    Raises
    ------
    StudyError
        If no text can stand for it: a truth value, a time of day, a list.
    """
    match value:
        case None:
            return ""
        case str():
            return unicodedata.normalize("NFC", value)
        case bool():
            pass
        case int():
            return _plain_integer(value)
        case float():
            return (
                ""
                if value != value
                else _plain_integer(int(value))
                if _is_whole(value)
                else repr(value)
            )
        case datetime():
            if value.tzinfo is not None:
                return value.isoformat()
            if value.time() == datetime.min.time():
                return value.date().isoformat()
        case date():
            return value.isoformat()
    raise StudyError(
        f"{value!r} is neither text, nor a number, nor a day",
        expected="text, a number or a day",
        remedy="write it as text",
    )


def _is_whole(value: float) -> bool:
    return abs(value) < 1e15 and value == int(value)


def _plain_integer(value: int) -> str:
    try:
        return str(value)
    except ValueError as error:
        raise StudyError(
            "a number of thousands of digits",
            expected="a number of a size that can be meant",
            remedy="correct the number",
        ) from error


class _Typed:
    """A table whose cells have types; the first row names the columns."""

    def __init__(
        self,
        path: Path,
        columns: Sequence[str],
        out: Collector,
        read: Callable[[Path], Iterator[Sequence[object]]],
    ) -> None:
        self.blank_rows = 0
        self._path, self._columns, self._out, self._read = path, columns, out, read

    def __iter__(self) -> Iterator[Row]:
        if not is_file(self._path, self._out):
            return
        rows = self._guarded()
        header = next(rows, None)
        if header is None:
            self._empty()
            return
        titles = ["" if name is None else str(name).strip() for name in header]
        while titles and not titles[-1]:
            titles.pop()
        names = titles
        if not is_header_ok(names, self._columns, (), self._out):
            return
        for line, cells in enumerate(rows, start=2):
            given = list(cells)
            while given and given[-1] is None and len(given) > len(names):
                given.pop()
            if all(cell is None or cell == "" for cell in given):
                self.blank_rows += 1
            elif len(given) > len(names):
                self._out.add(
                    "field-count",
                    f"has {len(given)} cells, {len(names)} expected",
                    line=line,
                    expected=f"as many cells as the header, {len(names)}",
                    remedy="name the column in the first row, or empty the cell",
                )
            else:
                given += [None] * (len(names) - len(given))
                row = _texts(line, dict(zip(names, given, strict=True)), self._out)
                if row is not None:
                    yield row

    def _guarded(self) -> Iterator[Sequence[object]]:
        """Yield what a foreign parser finds; whatever it raises is a fault of the file."""
        try:
            yield from self._read(self._path)
        except Exception as error:  # noqa: BLE001 - parsers raise anything on a damaged file
            said = " ".join(str(error).split())[:200] or type(error).__name__
            kind = self._path.suffix.lower().removeprefix(".")
            if not self._out.errors:
                self._out.add(
                    "unreadable-file",
                    f"cannot be read as {kind}: {said}",
                    expected=f"a whole {kind} file",
                    remedy="export it again, or save it as CSV in UTF-8",
                )

    def _empty(self) -> None:
        if not self._out.errors:
            self._out.add(
                "empty-file",
                "is empty",
                expected="a first row of column names",
                remedy="write the column names at least",
            )


def _sheet_rows(path: Path) -> Iterator[Sequence[object]]:
    """Yield the rows of the sheet called evidence, or of the first one."""
    from openpyxl import load_workbook

    # Opened here, since the parser leaves a damaged file open.
    with path.open("rb") as file:
        with warnings.catch_warnings(action="ignore"):
            # A formula counts as the value that the spreadsheet last showed for it.
            book = load_workbook(file, read_only=True, data_only=True)
        names = {sheet.title.casefold(): sheet for sheet in book.worksheets}
        sheet = names.get("evidence", book.worksheets[0])
        # What a file says of its own size may be wrong, and millions of cells may not exist.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(values_only=True)
        while True:
            # What it warns of (styles, odd dates) shows in the cells that come out.
            with warnings.catch_warnings(action="ignore"):
                block = list(islice(rows, _BLOCK))
            if not block:
                return
            yield from block


def _parquet_rows(path: Path) -> Iterator[Sequence[object]]:
    import pyarrow.parquet as parquet

    with parquet.ParquetFile(path) as file:
        yield file.schema_arrow.names
        for batch in file.iter_batches(batch_size=_BLOCK):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class _JsonLines:
    """One JSON object a line; a key that is left out reads as empty."""

    def __init__(self, path: Path, columns: Sequence[str], out: Collector) -> None:
        self.blank_rows = 0
        self._path, self._columns, self._out = path, columns, out

    def __iter__(self) -> Iterator[Row]:
        if not is_file(self._path, self._out):
            return
        seen = False
        with self._path.open("rb") as file:
            for line, data in enumerate(file, start=1):
                if not data.strip():
                    self.blank_rows += 1
                    continue
                seen = True
                content = self._parse(line, data)
                if content is not None:
                    row = _texts(line, content, self._out)
                    if row is not None:
                        yield row
        if not seen:
            self._out.add(
                "empty-file",
                "is empty",
                expected="one JSON object a line",
                remedy="write a record in each line",
            )

    def _parse(self, line: int, data: bytes) -> dict[str, object] | None:
        """Return the cells of a line, once it is one flat object of known columns."""
        try:
            text = data.decode("utf-8-sig" if line == 1 else "utf-8")
            content = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            said = error.what if isinstance(error, StudyError) else _said(error)
            self._out.add(
                "not-json",
                f"is not JSON: {said}",
                line=line,
                expected="one JSON object a line, in UTF-8",
                remedy="correct the line",
            )
            return None
        if not isinstance(content, dict):
            self._out.add(
                "not-json",
                f"is a JSON {type(content).__name__}, not an object",
                line=line,
                expected="one JSON object a line",
                remedy='write {"id": ..., ...}',
            )
            return None
        unknown = [key for key in content if key not in self._columns]
        for key in unknown:
            self._out.add(
                "unknown-column",
                f"column {key!r} is not known",
                line=line,
                field=key or "the empty key",
                expected=f"the columns {', '.join(self._columns)}",
                remedy="correct the key",
            )
        return None if unknown else dict.fromkeys(self._columns) | content


def _texts(line: int, cells: Mapping[str, object], out: Collector) -> Row | None:
    values: dict[str, str] = {}
    for name, value in cells.items():
        try:
            values[name] = cell_text(value)
        except StudyError as error:
            out.add(
                "cell-type",
                error.what,
                line=line,
                field=name,
                expected=error.expected,
                remedy=error.remedy,
            )
    return Row(line, values) if len(values) == len(cells) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise StudyError("a key stands there twice")
    return content


def _refuse_constant(name: str) -> float:
    raise StudyError(f"{name} is no number")


def _said(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
