"""Brings a public data set into the ledger: read by its format, mapped, then like any table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from forecast.errors import ProblemsError
from forecast.evidence.importers import ImportReport, import_rows
from forecast.evidence.ledger import Ledger
from forecast.evidence.readers import Reading, read_public
from forecast.evidence.vintage import Standing, record_of, standing
from forecast.study.models import Study
from forecast.study.problems import Collector, Row


def import_public(
    ledger: Ledger,
    study: Study,
    name: str,
    file: Path,
    *,
    mapping: Path | None = None,
    known_at: date | None = None,
    supersede: bool = False,
    proposer: str = "",
    dry_run: bool = False,
) -> ImportReport:
    """Append what a public file says of a study's pairs and indicators, all or none.

    A newer release of a data set repeats most of the older one. What it repeats is known already;
    what it changes corrects the record with the same id, if ``supersede`` is set.

    Parameters
    ----------
    name
        The format, one of ``forecast.evidence.readers.FORMATS``.
    mapping
        A mapping file of the user's in place of the shipped one.
    known_at
        When the file was released, if that is not what the mapping says.

    Raises
    ------
    EvidenceError
        If there is no such format, or the file cannot be read in it.
    ProblemsError
        Listing every row that is wrong; nothing of the file was written.
    """
    reading = read_public(name, file, study, mapping=mapping, known_at=known_at)
    if any(problem.severity == "error" for problem in reading.problems):
        raise ProblemsError(reading.problems)
    release = _compare(ledger, name, reading.rows)
    out = Collector(Path(file).name)
    report = import_rows(
        ledger,
        study,
        release.news,
        out=out,
        supersede=supersede,
        proposer=proposer,
        dry_run=dry_run,
    )
    counts = {
        "unchanged since the release that is held": release.unchanged,
        "withdrawn here, and not put back": len(release.withdrawn),
    }
    return replace(
        report,
        warnings=(*reading.problems, *report.warnings),
        skipped={**reading.skipped, **{why: count for why, count in counts.items() if count}},
        notes=(*reading.notes, *report.notes, *_gone(release.gone), *_lacking(name, reading)),
    )


@dataclass
class _Release:
    """A release of a data set against what is held of earlier ones."""

    news: list[Row] = field(default_factory=list)
    unchanged: int = 0
    withdrawn: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


# What a release says; the rest (grade, cluster, theatre) may be ours, and is kept.
_SAID = (
    *("event_date", "date_precision", "supporter", "recipient", "mutual", "indicator", "value"),
    "attribution",
)
_OURS = ("theatre", "source_reliability", "credibility", "cluster")


def _compare(ledger: Ledger, name: str, rows: tuple[Row, ...]) -> _Release:
    """Sort the rows of a release by what is held under their ids.

    A row that says what an earlier release said is no news, even where somebody has corrected that
    record since. A row that says something else takes over what people have added to the record.
    """
    labels = {f"{row['supporter']}->{row['recipient']}" for row in rows}
    state = standing(ledger.scan(pairs=labels)) if rows else Standing()
    said: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for entry in (*state.replaced, *state.retracted.values(), *state.newest.values()):
        if entry.record_id.startswith(f"{name}:"):
            columns = record_of(entry).columns
            said[entry.record_id].add(tuple(columns[one] for one in _SAID))
    release = _Release()
    for row in rows:
        held = state.newest.get(row["id"])
        if row["id"] in state.retracted:
            release.withdrawn.append(row["id"])
        elif tuple(row[one] for one in _SAID) in said[row["id"]]:
            release.unchanged += 1
        elif held is None:
            release.news.append(row)
        else:
            columns = record_of(held).columns
            kept = {one: columns[one] for one in _OURS}
            release.news.append(Row(row.line, {**row.values, **kept}))
    now = {row["id"] for row in rows}
    release.gone = sorted(
        one
        for one, entry in state.newest.items()
        if one.startswith(f"{name}:") and one not in now and entry.pair in labels
    )
    return release


def _lacking(name: str, reading: Reading) -> list[str]:
    if not any("indicator not in the study" in reason for reason in reading.skipped):
        return []
    return [
        "the study lacks indicators of this data set; to define them, paste into indicators.csv "
        f"what 'forecast evidence import STUDY --format {name} --show-indicators' prints"
    ]


def _gone(ids: list[str]) -> list[str]:
    if not ids:
        return []
    shown = ", ".join(ids[:5]) + (" ..." if len(ids) > 5 else "")
    return [
        f"{len(ids)} records of an earlier release are not in this one and still stand: {shown}; "
        "retract those that no longer hold"
    ]
