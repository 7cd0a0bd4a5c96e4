"""The headline table of a run: every question with its probability in figures and words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forecast.cli.console import shorten, table

if TYPE_CHECKING:
    from forecast.report import SignOff

_TITLE_WIDTH = 78


def headlines(
    forecasts: Mapping[str, Any],
    titles: Mapping[str, str],
    signed: Sequence[tuple[SignOff, str]] = (),
) -> str:
    """Return a run's forecasts as lines of text.

    Parameters
    ----------
    forecasts
        The content of ``forecasts.json``.
    titles
        The question's titles by id.
    signed
        The run's sign-offs, each with what it is worth for these forecasts.
    """
    adjusted = {
        name: value
        for one, worth in signed
        for name, value in one.adjusted.items()
        if worth == "in force"
    }
    asked = forecasts["questions"]
    given = [one for one in asked if one["probability"] is not None]
    lines = [f"{forecasts['study']} as of {forecasts['as_of']}, {forecasts['status']}"]
    if given:
        headings = ["id", "status", "closes", "P(yes)", "90 %", "in words", "question"]
        rows = [list(_row(one, titles)) for one in given]
        if adjusted:
            headings.insert(4, "signed")
            for one, row in zip(given, rows, strict=True):
                row.insert(4, percent(adjusted[one["id"]]) if one["id"] in adjusted else "")
        lines.append(table(headings, rows))
    without: dict[str, list[str]] = {}
    for one in asked:
        if one["probability"] is None:
            without.setdefault(one["reason"], []).append(one["id"])
    lines += [f"No probability for {', '.join(ids)}: {why}" for why, ids in without.items()]
    return "\n".join([*lines, *signatures(signed)])


def signatures(signed: Iterable[tuple[SignOff, str]]) -> Iterator[str]:
    """Yield a line for each sign-off that counts, or that was put under other numbers."""
    from forecast.report.sections.sign_offs import plain, when

    for one, worth in signed:
        if worth.startswith("replaced"):
            continue
        reason = f": {plain(one.why)}" if one.why else ""
        said = "Signed off by" if worth == "in force" else f"Not signed off; {worth}:"
        yield f"{said} {plain(one.by)}, {when(one)}{reason}"


def _row(question: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, ...]:
    interval = question.get("interval")
    return (
        question["id"],
        question["status"],
        question["closes"],
        percent(question["probability"]),
        f"{percent(interval['low'])} to {percent(interval['high'])}" if interval else "",
        question.get("words") or "",
        shorten(titles.get(question["id"], question["event"]), _TITLE_WIDTH),
    )


def percent(probability: float) -> str:
    """Return a probability in percent; only certainty itself is written as 0 or 100 %."""
    if 0 < probability < 0.001:
        return "< 0.1 %"
    if 0.999 < probability < 1:
        return "> 99.9 %"
    return f"{100 * probability:.1f} %"
