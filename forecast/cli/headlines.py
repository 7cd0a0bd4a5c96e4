"""The headline table of a run: every question with its probability in figures and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.cli.console import shorten, table

_TITLE_WIDTH = 78


def headlines(forecasts: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Return a run's forecasts as lines of text.

    Parameters
    ----------
    forecasts
        The content of ``forecasts.json``.
    titles
        The question's titles by id.
    """
    asked = forecasts["questions"]
    given = [one for one in asked if one["probability"] is not None]
    lines = [f"{forecasts['study']} as of {forecasts['as_of']}, {forecasts['status']}"]
    if given:
        rows = [_row(one, titles) for one in given]
        headings = ("id", "status", "closes", "P(yes)", "90 %", "in words", "question")
        lines.append(table(headings, rows))
    without: dict[str, list[str]] = {}
    for one in asked:
        if one["probability"] is None:
            without.setdefault(one["reason"], []).append(one["id"])
    lines += [f"No probability for {', '.join(ids)}: {why}" for why, ids in without.items()]
    return "\n".join(lines)


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
