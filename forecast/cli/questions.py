"""``forecast questions``: the questions of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from forecast.cli.console import shorten, show, show_json, table
from forecast.cli.options import AsOfOption, JsonOption, StudyArgument
from forecast.cli.workspace import find_study

if TYPE_CHECKING:
    from datetime import date

    from forecast.study.models import Question, Study

group = typer.Typer(no_args_is_help=True, help="The questions of a study.")


@group.callback()
def questions() -> None:
    """List the questions of a study."""


@group.command("list")
def list_questions(
    study: StudyArgument, as_of: AsOfOption = None, json: JsonOption = False
) -> None:
    """List the questions with their windows and how they stand.

    \b
    Examples:
      forecast questions list ukraine
      forecast questions list ukraine --as-of 2022-02-04 --json
    """
    from forecast import clock
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    day = as_of or loaded.default_as_of or clock.today()
    rows = [_described(question, loaded, day) for question in loaded.questions]
    if json:
        show_json(rows)
        return
    show(f"{len(rows)} questions of {loaded.id} as of {day}")
    show(
        table(
            ("id", "status", "pair", "opens", "closes", "title"),
            [
                (*(str(row[key]) for key in ("id", "status", "pair", "opens", "closes")), title)
                for row in rows
                for title in (shorten(str(row["title"]), 80),)
            ],
        )
    )


def _described(question: Question, study: Study, day: date) -> dict[str, Any]:
    """Return a question with how it stood at the end of a day."""
    known = [r for r in study.resolutions if r.question == question.id and r.known_at <= day]
    # Of two that became known on one day, the one that stands further down the file counts.
    resolution = sorted(known, key=lambda r: r.known_at)[-1] if known else None
    status: str
    if resolution is not None:
        status = resolution.outcome if resolution.outcome in {"ambiguous", "void"} else "resolved"
    elif day < question.opens:
        status = "draft"
    else:
        status = "open" if day <= question.closes else "closed"
    return {
        "id": question.id,
        "title": question.title,
        "pair": question.pair.label,
        "event": question.event,
        "opens": question.opens.isoformat(),
        "closes": question.closes.isoformat(),
        "status": status,
        "outcome": resolution.outcome if resolution else None,
        "rule": question.rule,
        "not_modelled": question.not_modelled or None,
    }
