"""Malformed files by the thousand: sound tables and studies, spoilt at random.

``python -m tests.robustness.fuzz 100000 [SEED]`` tries so many and prints what went wrong.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from forecast.errors import ForecastError, Problem, ProblemsError
from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import COLUMNS
from forecast.study.load import check_study, load_study
from tests.tiny import ARMS, FILES, PATROL, write_study

# Cells from the robustness cases A to D, and what else has broken a reader of tables.
NASTY: tuple[str, ...] = (
    *("", " ", "NA", "nan", "None", "null", "002", "1,234", "1.234,5", "1e999", "-1", "0.5", "1e9"),
    *("01/02/2022", "13/02/2022", "02/13/2022", "2022-02-30", "2022-W07", "44616", "Feb 2022"),
    *("2022", "2022-13", "2022-05-24T10:00", "2022-05-24T10:00:00+01:00", "2022-05-24 25:61Z"),
    *("0000-00-00", "9999-12-31", "10000-01-01", "٢٠٢٢-٠٥-٢٤", "２０２２-05-24", "2022-5-4"),
    *("CHN", "RUS", "SUN", "USSR", "chn", "CHN->RUS", "->", "x]\"'; DROP TABLE entries; --"),
    *("中国", "\U0001f680", "‏عربي", "e\u0301", "é", "a\tb", "a\nb", "a\rb", "\x1b[31m", "\ufeff"),
    *("\u2028", "\ud800", "\0", "\x85", "\x0b", "=HYPERLINK(1)", "<script>alert(1)</script>"),
    *("A", "B", "Z", "7", "state", "firm", "exact", "day", "year", "1", "0", "2", "True", "yes"),
    *("x" * 200_000, "9" * 5_000, "A" * 300, "--encoding", "../../etc/passwd", "%s%n", "{}", "[]"),
)
TYPED: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 2, 0.5, 1e300, float("nan"), float("inf"), 10**30, 44616),
    *(
        date(2022, 5, 24),
        datetime(2022, 5, 24),
        datetime(2022, 5, 24, 10, 30),
        [],
        {},
        [1],
        {"a": 1},
    ),
)
#: Problems of a whole file: they have no line, or no single field.
OF_A_FILE = frozenset(
    {
        *("missing-file", "encoding", "empty-file", "zero-byte", "quoting", "unreadable-file"),
        *("not-toml", "not-json", "field-count", "too-many", "domain-without-signals"),
    }
)


@dataclass(frozen=True)
class Case:
    """One malformed file: what kind of table it spoils, under which name, and its bytes."""

    kind: str
    name: str
    data: bytes


def rows(rng: random.Random) -> list[dict[str, Any]]:
    """Return a few sound rows of evidence."""
    made = [PATROL | {"id": f"F{number}"} for number in range(rng.randint(1, 3))]
    made += [ARMS | {"id": f"G{number}"} for number in range(rng.randint(0, 2))]
    return [dict(row) for row in made]


def spoil_rows(rng: random.Random, table: list[dict[str, Any]], cells: Sequence[Any]) -> list[str]:
    """Spoil some cells of rows in place, and perhaps the header, which is returned."""
    header = list(COLUMNS)
    for _ in range(rng.choice((1, 1, 2, 5))):
        rng.choice(table)[rng.choice(COLUMNS)] = rng.choice(cells)
    if rng.random() < 0.15:
        header[rng.randrange(len(header))] = rng.choice(("", "x", "id", "ID", "value ", "中国"))
    if rng.random() < 0.05:
        header.pop(rng.randrange(len(header)))
    if rng.random() < 0.1:
        rng.shuffle(header)
    if rng.random() < 0.1:
        table.append(dict(rng.choice(table)))
    return header


def spoil_bytes(rng: random.Random, data: bytes) -> bytes:
    """Flip, cut, repeat or insert bytes."""
    spoilt = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        if not spoilt:
            break
        at = rng.randrange(len(spoilt))
        match rng.randrange(5):
            case 0:
                spoilt[at] ^= 1 << rng.randrange(8)
            case 1:
                del spoilt[at : at + rng.choice((1, 10, 1000))]
            case 2:
                spoilt[at:at] = spoilt[at : at + rng.choice((1, 50))]
            case 3:
                spoilt[at:at] = rng.choice(
                    (b'"', b",", b"\n", b"\r", b"\0", b"\xff", b";", b"{", b"'")
                )
            case 4:
                del spoilt[at:]
    return bytes(spoilt)


def csv_case(rng: random.Random) -> Case:
    """Return a spoilt CSV file of evidence."""
    table = rows(rng)
    header = spoil_rows(rng, table, NASTY) if rng.random() < 0.8 else list(COLUMNS)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=rng.choice(("\n", "\r\n", "\r")))
    writer.writerow(header)
    for row in table:
        cells = [row.get(name, "") for name in header]
        if rng.random() < 0.05:
            cells.append("surplus")
        writer.writerow(cells)
    encoding = rng.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "latin-1", "utf-16"))
    data = out.getvalue().encode(encoding, errors="replace")
    return Case("csv", "evidence.csv", spoil_bytes(rng, data) if rng.random() < 0.4 else data)


def json_case(rng: random.Random) -> Case:
    """Return a spoilt file of JSON lines."""
    table = rows(rng)
    spoil_rows(rng, table, (*NASTY, *TYPED[:13], *TYPED[16:]))
    for row in table:
        if rng.random() < 0.2:
            row[rng.choice(("colour", "", "ID"))] = "x"
        if rng.random() < 0.2:
            row.pop(rng.choice(COLUMNS), None)
    text = "\n".join(json.dumps(row, ensure_ascii=rng.random() < 0.5) for row in table)
    data = text.encode("utf-8", errors=rng.choice(("replace", "surrogatepass")))
    if rng.random() < 0.1:
        data += b"\n" + rng.choice(
            (b"[" * 100_000, b"1", b"null", b'"x"', b"{}", b'{"id":1,"id":2}')
        )
    return Case("json", "evidence.jsonl", spoil_bytes(rng, data) if rng.random() < 0.4 else data)


def xlsx_case(rng: random.Random) -> Case:
    """Return a spoilt workbook."""
    from openpyxl import Workbook

    if rng.random() < 0.5:
        return Case("xlsx", "evidence.xlsx", spoil_workbook(rng, sound_workbook()))
    table = rows(rng)
    shown = [cell for cell in NASTY if len(cell) < 30_000]
    header = spoil_rows(rng, table, (*shown, *TYPED[:16]))
    book = Workbook(write_only=True)
    sheet = book.create_sheet(rng.choice(("evidence", "Sheet1", "中国")))
    for line in [header, *([row.get(name) for name in header] for row in table)]:
        sheet.append([_storable(cell) for cell in line])
    data = io.BytesIO()
    book.save(data)
    return Case("xlsx", "evidence.xlsx", data.getvalue())


def _storable(cell: object) -> object:
    """Return what a workbook can hold of a cell."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(cell, str):
        return ILLEGAL_CHARACTERS_RE.sub("?", cell).replace("\ud800", "?")
    return None if isinstance(cell, float) and cell in (float("inf"),) else cell


@cache
def sound_workbook() -> bytes:
    """Return a sound workbook of evidence."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(list(COLUMNS))
    book.active.append([PATROL[name] for name in COLUMNS])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def spoil_workbook(rng: random.Random, data: bytes) -> bytes:
    """Spoil the archive itself, or one of the files in it."""
    if rng.random() < 0.3:
        return spoil_bytes(rng, data)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        victim = rng.choice([*names, "xl/worksheets/sheet1.xml", "xl/workbook.xml"])
        for name in names:
            if name == victim and rng.random() < 0.2:
                continue
            content = old.read(name)
            new.writestr(name, spoil_bytes(rng, content) if name == victim else content)
    return out.getvalue()


def parquet_case(rng: random.Random) -> Case:
    """Return a spoilt Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    table = rows(rng)
    storable = [cell for cell in NASTY if "\ud800" not in cell]
    header = spoil_rows(rng, table, storable)
    columns = {name: [str(row.get(name, "")) for row in table] for name in header}
    data = io.BytesIO()
    parquet.write_table(pa.table(columns), data)
    done = data.getvalue()
    return Case(
        "parquet", "evidence.parquet", spoil_bytes(rng, done) if rng.random() < 0.5 else done
    )


def toml_case(rng: random.Random) -> Case:
    """Return a spoilt study.toml, or another spoilt table of a study."""
    name = rng.choice(("study.toml", "study.toml", "study.toml", *FILES))
    text = FILES[name]
    for _ in range(rng.choice((1, 1, 3))):
        lines = text.splitlines(keepends=True) or ["\n"]
        at = rng.randrange(len(lines))
        match rng.randrange(5):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[rng.randrange(len(lines))])
            case 2:
                word = rng.choice([cell for cell in NASTY if len(cell) < 400])
                key, mark, _value = lines[at].partition(" = " if name.endswith("toml") else ",")
                quoted = rng.choice((word, json.dumps(word), f"[{word}]", "{}", "1", "true"))
                lines[at] = f"{key}{mark}{quoted}\n"
            case 3:
                lines[at] = lines[at].replace(rng.choice("\"'=[],"), "", 1)
            case 4:
                lines[at] = lines[at].replace(rng.choice("acehnorst0123"), rng.choice('xyz9,"'), 2)
        text = "".join(lines)
    data = text.encode("utf-8", errors="surrogatepass")
    return Case("toml", name, spoil_bytes(rng, data) if rng.random() < 0.3 else data)


CASES: tuple[Callable[[random.Random], Case], ...] = (
    *(csv_case, csv_case, csv_case, json_case, json_case, xlsx_case, parquet_case, toml_case),
    toml_case,
)


def try_out(case: Case, work: Path) -> list[Problem] | None:
    """Offer a malformed file; return the problems told, ``None`` where it was taken.

    Whatever is raised beside our own errors goes through.
    """
    if case.kind == "toml":
        directory = write_study(work / "study")
        (directory / case.name).write_bytes(case.data)
        problems = check_study(directory)
        try:
            load_study(directory)
        except ProblemsError as error:
            return error.problems and list(error.problems)
        return None if not any(one.severity == "error" for one in problems) else problems
    study = _study(work)
    file = work / case.name
    file.write_bytes(case.data)
    with Ledger.open(work / "fuzz.db") as ledger:
        before = ledger.head.seq
        try:
            report = import_table(ledger, study, file)
        except ProblemsError as error:
            assert ledger.head.seq == before, "a refused file left entries behind"
            return list(error.problems)
        assert ledger.head.seq == before + report.added
    (work / "fuzz.db").unlink()
    return None


def _study(work: Path) -> Any:
    return _loaded(str(work))


@cache
def _loaded(work: str) -> Any:
    return load_study(write_study(Path(work) / "sound"))


def faults(problems: Sequence[Problem]) -> list[str]:
    """Return what a reader of these problems would miss."""
    missing = []
    for one in problems:
        if not one.file or not one.what or not one.remedy:
            missing.append(f"no file, fault or remedy: {one!r}")
        elif one.name not in OF_A_FILE and not one.field:
            missing.append(f"no field: {one!r}")
        elif one.name not in OF_A_FILE and one.line is None and not one.file.endswith(".toml"):
            missing.append(f"no line: {one!r}")
    if not any(one.severity == "error" for one in problems):
        missing.append("refused without an error")
    return missing


def run(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Try so many malformed files; return how each kind fared, and every fault."""
    outcomes: Counter[str] = Counter()
    found: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        for number in range(count):
            rng = random.Random(f"{seed}-{number}")
            case = rng.choice(CASES)(rng)
            try:
                problems = try_out(case, work)
            except ForecastError as error:
                outcomes[f"{case.kind}: refused"] += 1
                if not (error.what and error.remedy):
                    found.append(f"{number} {case.kind}: no remedy: {error!r}")
                continue
            except Exception as error:  # noqa: BLE001 - the very thing that must not happen
                outcomes[f"{case.kind}: broke"] += 1
                found.append(
                    f"{number} {case.kind} {case.name}: {type(error).__name__}: {error}"[:400]
                )
                continue
            outcomes[f"{case.kind}: {'taken' if problems is None else 'refused'}"] += 1
            found += [f"{number} {case.kind}: {one}"[:400] for one in faults(problems or _FINE)]
    return outcomes, found


_FINE = [
    Problem(
        severity="error", name="x", file="x", line=1, field="x", what="x", expected="", remedy="x"
    )
]


if __name__ == "__main__":
    fared, wrong = run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    for kind, times in sorted(fared.items()):
        print(f"{times:8} {kind}")  # noqa: T201
    print(f"{len(wrong)} faults", *wrong[:40], sep="\n")  # noqa: T201
