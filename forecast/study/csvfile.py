"""Reads every CSV file of a study, strictly: UTF-8, known columns, and nothing but text.

A cell is never guessed at: ``NA`` stays ``NA`` and ``002`` stays ``002``. Text is put into the
Unicode form NFC and is otherwise kept to the letter. Blank rows are skipped and counted.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
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
    text = _decode(path, out, encoding)
    if text is None:
        return Table()
    lines = _numbered(text, out)
    header = next(lines, None)
    if header is None or not _header_ok(header[1], columns, optional, out):
        return Table()
    names = header[1]
    rows: list[Row] = []
    blank = 0
    for line, fields in lines:
        if not any(field.strip() for field in fields):
            blank += 1
        elif len(fields) != len(names):
            out.add(
                "field-count",
                f"has {len(fields)} fields, {len(names)} expected",
                line=line,
                expected=f"as many fields as the header, {len(names)}",
                remedy="quote a text that holds a comma, or remove the surplus",
            )
        else:
            values = dict.fromkeys(optional, "") | dict(zip(names, fields, strict=True))
            rows.append(Row(line, values))
    return Table(tuple(rows), blank, whole=out.errors == errors_before)


def _decode(path: Path, out: Collector, encoding: str) -> str | None:
    """Return the text of a file in NFC, or None once what hinders it is noted."""
    if not path.is_file():
        out.add(
            "missing-file",
            "is a directory" if path.is_dir() else "does not exist",
            expected="a CSV file",
            remedy=f"name a file in {path}" if path.is_dir() else f"create {path.name}",
        )
        return None
    data = path.read_bytes()
    is_utf8 = encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig")
    skipped = len(_BOM) if is_utf8 and data.startswith(_BOM) else 0
    try:
        text = data[skipped:].decode("utf-8" if is_utf8 else encoding)
    except UnicodeDecodeError as error:
        offset = error.start + skipped
        out.add(
            "encoding",
            f"byte {offset} (0x{data[offset]:02x}) is not {encoding}",
            line=data.count(b"\n", 0, offset) + 1,
            expected=f"text in {encoding}",
            remedy="save the file as UTF-8, or name its encoding with --encoding, "
            "such as --encoding latin-1",
        )
        return None
    except LookupError:
        out.add(
            "encoding",
            f"{encoding!r} is not a known encoding",
            expected="a name such as utf-8 or latin-1",
            remedy="correct --encoding",
        )
        return None
    if not text.strip():
        out.add(
            "empty-file", "is empty", expected="a header line", remedy="write the header at least"
        )
        return None
    if "\0" in text:
        out.add(
            "zero-byte",
            "holds a zero byte",
            line=text.count("\n", 0, text.index("\0")) + 1,
            expected="plain text",
            remedy="save the file as UTF-8 text",
        )
        return None
    return unicodedata.normalize("NFC", text)


def _numbered(text: str, out: Collector) -> Iterator[tuple[int, list[str]]]:
    """Yield the line that each row begins on and its fields; end where the quoting breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
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


def _header_ok(
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
                field=name,
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
