"""``forecast sign-off``: a person stands behind a run's numbers, or puts others beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.console import complain, shorten, show, show_json, table
from forecast.cli.headlines import percent
from forecast.cli.options import JsonOption, RunArgument, StudyArgument
from forecast.cli.runs import find_run
from forecast.cli.workspace import find_study
from forecast.errors import ProblemsError, RunError

if TYPE_CHECKING:
    from forecast.report import SignOff
    from forecast.runs.signing import Request

_REASON_WIDTH = 60


def sign_off(
    study: StudyArgument,
    run: RunArgument = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="The name of the person who signs.")
    ] = None,
    adjust: Annotated[
        list[str] | None,
        typer.Option(
            "--adjust",
            metavar="QUESTION=PROBABILITY",
            help="Put a probability beside the model's, such as Q17=0.03; repeat.",
        ),
    ] = None,
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="The reason; needed with --adjust.")
    ] = "",
    show_all: Annotated[
        bool, typer.Option("--list", help="List the sign-offs; sign nothing.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Sign a run's forecasts, and say so in its report.

    An adjusted probability stands beside the model's and never in its place. What is signed is kept
    for good: to take something back, sign again; the newest sign-off of a run counts. A run whose
    status is failed cannot be signed.

    \b
    Examples:
      forecast sign-off ukraine --by "A. Analyst"
      forecast sign-off ukraine latest --by "A. Analyst" --adjust Q17=0.03 --why "talks under way"
      forecast sign-off ukraine --list
    """
    if show_all:
        if by is not None or adjust or why:
            raise typer.BadParameter("--list signs nothing; leave --by, --adjust and --why out")
        _list(find_study(study), run, json)
        return
    if by is None:
        raise typer.BadParameter('say who signs, such as --by "A. Analyst"')
    from forecast.runs.signing import Request

    directory = find_study(study)
    request = Request(by=by, why=why, adjust=[_split(text) for text in adjust or ()])
    _sign(directory, _found(directory, run, request), request, json)


def _split(text: str) -> tuple[str, str | None]:
    """Part QUESTION=PROBABILITY; without the sign there is no probability."""
    question, sign, probability = text.rpartition("=")
    return (question, probability) if sign else (text, None)


def _found(directory: Path, run: str | None, request: Request) -> Path:
    """Return the run; where it is not there, tell that with all else that is wrong."""
    from forecast.runs.signing import check_request
    from forecast.study.problems import Collector

    try:
        return find_run(directory, run)
    except RunError as error:
        out = Collector("sign-off")
        out.add(
            "unknown-run", error.what, field="RUN", expected=error.expected, remedy=error.remedy
        )
        check_request(request, None, out)
        raise ProblemsError(out.problems) from error


def _sign(directory: Path, run: Path, request: Request, json: bool) -> None:
    from forecast.report.sections.sign_offs import plain
    from forecast.runs.signing import sign_off as record
    from forecast.study.load import load_study

    made = record(load_study(directory), run, request)
    signed, page = made.sign_off, run / "report.html"
    if made.problem:
        complain(f"the sign-off is recorded, but the report is as it was: {made.problem}")
    if json:
        files = {"html": str(page), "markdown": str(run / "report.md")}
        show_json(
            signed.as_dict()
            | {"report": None if made.problem else files, "report_problem": made.problem or None}
        )
        return
    show(f"{plain(signed.by)} signed {signed.run}: sign-off {signed.number}, hash {signed.hash}")
    if signed.adjustments:
        rows = [
            (one.question, percent(one.model), percent(one.adjusted)) for one in signed.adjustments
        ]
        show(table(("question", "model", "signed"), rows))
    if not made.problem:
        show(f"Report: {page}")


def _list(directory: Path, run: str | None, json: bool) -> None:
    from forecast.runs.signing import standings

    name = None if run is None else find_run(directory, run).name
    signed = standings(directory, name)
    if json:
        show_json([one.as_dict() | {"standing": worth} for one, worth in signed])
        return
    if not signed:
        show("Nobody has signed yet")
        return
    headings = ("no", "run", "signed by", "when", "standing", "adjusted", "why", "hash")
    show(table(headings, [_row(one, worth) for one, worth in signed]))


def _row(one: SignOff, worth: str) -> tuple[str, ...]:
    from forecast.report.sections.sign_offs import plain, when

    adjusted = ", ".join(f"{each.question}={each.adjusted!r}" for each in one.adjustments)
    return (
        str(one.number),
        one.run,
        plain(one.by),
        when(one),
        worth,
        adjusted,
        shorten(plain(one.why), _REASON_WIDTH),
        one.hash,
    )
