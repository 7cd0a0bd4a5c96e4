"""Writes records as a table for other programs: CSV, XLSX, Parquet or JSON lines."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from forecast.errors import EvidenceError
from forecast.evidence.record import COLUMNS, Record

# A spreadsheet takes a cell that begins so for a formula, and may run it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
# These are checked on the way in and can hold no formula; a minus is a minus.
_CHECKED: Final = frozenset({"value", "event_date", "known_at"})


def write_table(records: Sequence[Record], file: Path, *, overwrite: bool = False) -> None:
    """Write records into a file, whole or not at all, in the format that its name ends in.

    In CSV a cell that a spreadsheet would take for a formula gets an apostrophe in front. The other
    formats hold every text to the letter: in XLSX all cells are text, which no spreadsheet runs.
    Import reads all four.

    Raises
    ------
    EvidenceError
        If the file exists and may not be overwritten, or its name ends in no known format.
    """
    writers: dict[str, Callable[[Sequence[Record], Path], None]] = {
        ".csv": _write_csv,
        ".xlsx": _write_xlsx,
        ".parquet": _write_parquet,
        ".jsonl": _write_json_lines,
    }
    write = writers.get(file.suffix.lower())
    if write is None:
        raise EvidenceError(
            f"{file.name!r} ends in no known format",
            expected=", ".join(writers),
            remedy="choose one of these endings",
        )
    if not file.parent.is_dir():
        raise EvidenceError(
            f"there is no directory {file.parent}",
            expected="a directory that exists",
            remedy="make it first, or name another",
        )
    if file.exists() and not overwrite:
        raise EvidenceError(
            f"{file} exists",
            expected="a new file",
            remedy="name another file, or allow it with --force",
        )
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-", suffix=file.suffix)
    os.close(handle)
    try:
        write(records, Path(name))
        # The rights of an ordinary new file: a temporary one is closed to everybody else.
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_csv(records: Sequence[Record], file: IO[str]) -> None:
    """Write records as CSV into an open text file, formulas made safe."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(safe_cells, records))


def safe_cells(record: Record) -> list[str]:
    """Return a record's cells, those that a spreadsheet would run made harmless."""
    return [
        f"'{text}" if text.startswith(_FORMULA) and name not in _CHECKED else text
        for name, text in record.columns.items()
    ]


def without_apostrophes(cells: Mapping[str, str]) -> dict[str, str] | None:
    """Return cells as they were before ``safe_cells``; ``None`` where none bears its mark."""
    bare = {
        name: text[1:]
        for name, text in cells.items()
        if text.startswith("'") and text[1:].startswith(_FORMULA) and name not in _CHECKED
    }
    return {**cells, **bare} if bare else None


def _write_csv(records: Sequence[Record], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        write_csv(records, file)


def _write_xlsx(records: Sequence[Record], path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("evidence")
    sheet.append(list(COLUMNS))
    for record in records:
        row = []
        for text in record.columns.values():
            cell = WriteOnlyCell(
                sheet, value=ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
            )
            cell.data_type = "s"
            row.append(cell)
        sheet.append(row)
    book.save(path)


def _write_parquet(records: Sequence[Record], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    columns = {name: [getattr(one, name) for one in records] for name in COLUMNS}
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    parquet.write_table(pa.table(columns, schema=schema), path)


def _write_json_lines(records: Sequence[Record], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record.columns, ensure_ascii=False) + "\n")
