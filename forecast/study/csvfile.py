"""Reads every CSV file of a study, strictly: UTF-8, known columns, and nothing but text.

A cell is never guessed at: ``NA`` stays ``NA`` and ``002`` stays ``002``. Text is put into the
Unicode form NFC and is otherwise kept to the letter. Blank rows are skipped and counted.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast.study.problems import Collector, Row

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Table:
    """The rows of a CSV file, with how many blank ones were passed over.

    ``whole`` says that every row could be told apart: none is missing because of a fault.
    """

    rows: tuple[Row, ...] = ()
    blank_rows: int = 0
    whole: bool = False

    def names(self, column: str) -> tuple[str, ...] | None:
        """Return the cells of a column, ``None`` where rows are missing."""
        return tuple(row[column] for row in self.rows) if self.whole else None


def read_csv(
    path: Path,
    columns: Sequence[str],
    *,
    out: Collector,
    optional: Sequence[str] = (),
    encoding: str = "utf-8",
) -> Table:
    """Return the rows of a CSV file; whatever is wrong with it is noted in ``out``.

    Parameters
    ----------
    path
        The file.
    columns
        Names that the header must hold, in any order.
    out
        Takes the problems.
    optional
        Names that the header may hold; where it does not, the cells read as empty.
    encoding
        Name of the text encoding, UTF-8 with or without a byte-order mark unless told.
    """
    errors_before = out.errors
    stream = CsvRows(path, columns, out=out, optional=optional, encoding=encoding)
    rows = tuple(stream)
    return Table(rows, stream.blank_rows, whole=out.errors == errors_before)


class CsvRows:
    """The rows of a CSV file one at a time; see ``read_csv``. Iterate over it once.

    ``blank_rows`` counts, once all rows are read, those that were passed over.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[str],
        *,
        out: Collector,
        optional: Sequence[str] = (),
        encoding: str = "utf-8",
    ) -> None:
        self.blank_rows = 0
        self._path, self._out, self._encoding = path, out, encoding
        self._columns, self._optional = columns, optional

    def __iter__(self) -> Iterator[Row]:
        """Yield the sound rows, and note what is wrong with the others."""
        if not is_file(self._path, self._out):
            return
        try:
            utf8 = self._encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig")
            encoding = "utf-8-sig" if utf8 else self._encoding
            with self._path.open(encoding=encoding, newline="") as file:
                yield from self._rows(file)
        except UnicodeError as error:
            self._note_encoding(error, utf8=utf8)
        except LookupError:
            self._out.add(
                "encoding",
                f"{self._encoding!r} is not a known encoding",
                expected="a name such as utf-8 or latin-1",
                remedy="correct --encoding",
            )

    def _rows(self, file: Iterable[str]) -> Iterator[Row]:
        lines = _numbered(_plain(file, self._out), self._out)
        header = next(lines, None)
        if header is None or not (_filled(header[1]) or any(_filled(one) for _, one in lines)):
            self._note_empty()
            return
        if not is_header_ok(header[1], self._columns, self._optional, self._out):
            return
        names = header[1]
        absent = dict.fromkeys(self._optional, "")
        for line, fields in lines:
            if len(fields) == len(names) and _filled(fields):
                yield Row(line, {**absent, **dict(zip(names, fields, strict=True))})
            elif not _filled(fields):
                self.blank_rows += 1
            else:
                self._out.add(
                    "field-count",
                    f"has {len(fields)} fields, {len(names)} expected",
                    line=line,
                    expected=f"as many fields as the header, {len(names)}",
                    remedy="quote a text that holds a comma, or remove the surplus",
                )

    def _note_empty(self) -> None:
        if not self._out.errors:
            self._out.add(
                "empty-file",
                "is empty",
                expected="a header line",
                remedy="write the header at least",
            )

    def _note_encoding(self, error: UnicodeError, *, utf8: bool) -> None:
        """Find the byte in the whole file: the error speaks of the part that was being read."""
        data = self._path.read_bytes()
        skipped = len(_BOM) if utf8 and data.startswith(_BOM) else 0
        offset, line = getattr(error, "start", 0), None
        try:
            data[skipped:].decode("utf-8" if utf8 else self._encoding)
        except UnicodeDecodeError as whole:
            offset = whole.start + skipped
            line = data.count(b"\n", 0, offset) + 1
        self._out.add(
            "encoding",
            f"byte {offset} (0x{data[offset]:02x}) is not {self._encoding}",
            line=line,
            expected=f"text in {self._encoding}",
            remedy="save the file as UTF-8, or name its encoding with --encoding, "
            "such as --encoding latin-1",
        )


def _filled(fields: Sequence[str]) -> bool:
    return any(field.strip() for field in fields)


def is_file(path: Path, out: Collector) -> bool:
    """Say whether a path is a file; what it is instead is noted."""
    if path.is_file():
        return True
    out.add(
        "missing-file",
        "is a directory" if path.is_dir() else "does not exist",
        expected="a CSV file",
        remedy=f"name a file in {path}" if path.is_dir() else f"check the path, or make {path}",
    )
    return False


def _plain(file: Iterable[str], out: Collector) -> Iterator[str]:
    """Yield the lines of a file in NFC; end where one holds a zero byte."""
    for number, line in enumerate(file, start=1):
        if "\0" in line:
            out.add(
                "zero-byte",
                "holds a zero byte",
                line=number,
                expected="plain text",
                remedy="save the file as UTF-8 text",
            )
            return
        yield line if line.isascii() else unicodedata.normalize("NFC", line)


def _numbered(lines: Iterable[str], out: Collector) -> Iterator[tuple[int, list[str]]]:
    """Yield the line that each row begins on and its fields; end where the quoting breaks."""
    reader = csv.reader(iter(lines), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            out.add(
                "quoting",
                f"cannot be split into fields: {error}",
                line=line,
                expected="fields parted by commas, quoted with double quotes",
                remedy="close the quote, and double every quote inside a text",
            )
            return
        yield line, fields


def is_header_ok(
    names: list[str], columns: Sequence[str], optional: Sequence[str], out: Collector
) -> bool:
    """Note every wrong column name of a header line."""
    before = out.errors
    remedy = "correct the header line"
    if len(names) == 1 and ";" in names[0]:
        remedy = "part the fields by commas, not by semicolons"
    known = [*columns, *optional]
    for name in dict.fromkeys(names):
        if name not in known:
            out.add(
                "unknown-column",
                f"column {name!r} is not known",
                line=1,
                field=name or f"column {names.index(name) + 1}",
                expected=f"the columns {', '.join(known)}",
                remedy=remedy,
            )
        elif names.count(name) > 1:
            out.add(
                "repeated-column",
                f"column {name!r} stands there {names.count(name)} times",
                line=1,
                field=name,
                expected="each column once",
                remedy=remedy,
            )
    for name in columns:
        if name not in names:
            out.add(
                "missing-column",
                f"column {name!r} is missing",
                line=1,
                field=name,
                expected=f"the columns {', '.join(columns)}",
                remedy=remedy,
            )
    return out.errors == before
