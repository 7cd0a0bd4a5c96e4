"""Writes the README of the study: the template with its tables filled in."""

from collections import Counter
from pathlib import Path

from tools.ukraine.accounting import NOT_IMPORTED
from tools.ukraine.files import Row
from tools.ukraine.indicators import INDICATORS
from tools.ukraine.study import PAIRS

TEMPLATE = Path(__file__).with_name("readme.md")


def readme(raw: list[Row], evidence: list[Row], outcomes: list[Row]) -> str:
    """Return the text of the README."""
    return TEMPLATE.read_text(encoding="utf-8").format(
        pairs=len(PAIRS),
        records=len(evidence),
        raw=len(raw),
        crosswalk=_crosswalk(raw, evidence),
        indicators=_indicators(evidence),
        not_imported=_not_imported(),
        carried=sum(row["basis"] == "carried" for row in outcomes),
    )


def _crosswalk(raw: list[Row], evidence: list[Row]) -> str:
    """Return the table of raw indicators with what their rows became."""
    became = {row["id"]: row["indicator"] for row in evidence}
    counts: dict[str, Counter[str]] = {}
    for row in raw:
        target = became.get(row["id"], "not imported")
        counts.setdefault(row["indicator"], Counter())[target] += 1
    lines = ["| raw indicator | rows | became |", "|---|---|---|"]
    for name in sorted(counts):
        parts = ", ".join(f"{target} {n}" for target, n in sorted(counts[name].items()))
        lines.append(f"| {name} | {counts[name].total()} | {parts} |")
    return "\n".join(lines)


def _indicators(evidence: list[Row]) -> str:
    """Return the table of indicators with their numbers of records."""
    counts = Counter(row["indicator"] for row in evidence)
    lines = [
        "| indicator | domain | kind | measures | polarity | mutual | records | what |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in INDICATORS:
        cells = (
            *(one.indicator, one.domain, one.kind, one.measures, one.polarity),
            *("yes" if one.mutual == "1" else "", str(counts[one.indicator])),
            one.definition.replace("|", "/"),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _not_imported() -> str:
    if not NOT_IMPORTED:
        return "nothing, every raw row is a record"
    return "; ".join(f"{name} ({why})" for name, why in sorted(NOT_IMPORTED.items()))
