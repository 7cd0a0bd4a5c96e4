"""Reads and writes the CSV files of raw material and study."""

import csv
import io
from pathlib import Path

type Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write rows as CSV with plain newlines; the first row gives the columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")


def plain_number(text: str) -> str:
    """Return a number without a needless fraction: ``4600.0`` becomes ``4600``."""
    number = float(text)
    return str(int(number)) if number == int(number) else text
