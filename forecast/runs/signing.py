"""Signs the forecasts of a run, with adjustments, and makes its report again to say so."""

import math
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from forecast.clock import now
from forecast.errors import ProblemsError, RunError
from forecast.evidence.record import storable
from forecast.report import Adjustment, ReportData, SignOff
from forecast.report.sign_offs import standing
from forecast.runs.files import read_forecasts, runs_directory, write_reports
from forecast.runs.report_data import forecasts_hash, load_report_data
from forecast.runs.sign_offs import append_sign_off, chained, holding_sign_offs, read_sign_offs
from forecast.study.models import Study
from forecast.study.problems import Collector, parse_number

REPORTS: Final = ("report.html", "report.md")
LONGEST_NAME: Final = 200
LONGEST_REASON: Final = 4000
SIGNABLE: Final = ("converged", "doubtful")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a person asks to be signed.

    Attributes
    ----------
    by
        The person's name.
    why
        The reason; needed where anything is adjusted.
    adjust
        Questions with the probabilities to put beside the model's, as text or as numbers.
    """

    by: str
    why: str = ""
    adjust: Sequence[tuple[str, object]] = ()


@dataclass(frozen=True)
class Signed:
    """A recorded sign-off; ``problem`` says why the report could not be made again, if so."""

    sign_off: SignOff
    problem: str = ""


def sign_off(study: Study, run: Path, request: Request) -> Signed:
    """Record a sign-off of a run and make the run's report again with it.

    Parameters
    ----------
    run
        The run directory.

    Raises
    ------
    ProblemsError
        With everything that is wrong with the request at once; nothing is then recorded.
    IntegrityError
        If the sign-offs so far are broken.
    BusyError
        If another process holds the sign-offs for long.
    """
    with holding_sign_offs(study.directory):
        forecasts = read_forecasts(run / "forecasts.json")
        out = Collector("sign-off")
        adjustments = check_request(request, forecasts, out)
        if out.problems:
            raise ProblemsError(out.problems)
        before = read_sign_offs(study.directory)
        signed = chained(
            SignOff(
                number=0,
                run=run.name,
                forecasts=forecasts_hash(run),
                by=_composed(request.by),
                signed_at=now().isoformat(timespec="seconds"),
                why=_composed(request.why),
                adjustments=adjustments,
                previous="",
                hash="",
            ),
            before,
        )
        ours = [one for one in (*before, signed) if one.run == run.name]
        try:
            data = load_report_data(run, study, sign_offs=ours)
        except RunError as error:
            append_sign_off(study.directory, signed)
            return Signed(signed, str(error))
        # Drawn first: a process that is killed while it draws has recorded nothing.
        with _drafted(data, run) as drafts:
            append_sign_off(study.directory, signed)
            for draft in drafts:
                draft.replace(run / draft.name)
    return Signed(signed)


@contextmanager
def _drafted(data: ReportData, run: Path) -> Iterator[list[Path]]:
    """Write the reports beside the run while the block runs."""
    folder = Path(tempfile.mkdtemp(prefix=".draft-", dir=run.parent))
    try:
        write_reports(data, folder)
        yield [folder / name for name in REPORTS]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def standings(study_directory: Path, run: str | None = None) -> list[tuple[SignOff, str]]:
    """Return the sign-offs of a study, or of one run, each with what it is worth now.

    Raises
    ------
    IntegrityError
        If the file of sign-offs is broken.
    """
    found = read_sign_offs(study_directory, run)
    told = []
    for signed in found:
        ours = [one for one in found if one.run == signed.run]
        try:
            current = forecasts_hash(runs_directory(study_directory) / signed.run)
        except RunError:
            told.append((signed, "the run is gone"))
        else:
            told.append((signed, standing(signed, ours, current)))
    return told


def check_request(
    request: Request, forecasts: Mapping[str, Any] | None, out: Collector
) -> tuple[Adjustment, ...]:
    """Return the adjustments that are asked for; whatever is wrong is noted in ``out``.

    Without ``forecasts`` only what can be judged apart from them is.
    """
    _check_texts(request, out)
    if forecasts is not None and forecasts["status"] not in SIGNABLE:
        out.add(
            "failed-run",
            f"the run is not fit to publish: its status is {forecasts['status']}",
            field="RUN",
            expected=f"a run whose status is {' or '.join(SIGNABLE)}",
            remedy="make a run that passes its diagnostics, or name an earlier one",
        )
    found: dict[str, Adjustment] = {}
    seen: set[str] = set()
    for question, given in request.adjust:
        if question in seen:
            out.add(
                "repeated-question",
                f"{question} is adjusted more than once",
                field="--adjust",
                expected="each question once",
                remedy="keep the one that is meant",
            )
            continue
        seen.add(question)
        probability = _probability(question, given, out)
        model = None if forecasts is None else _model(question, forecasts, out)
        if probability is not None and model is not None:
            found[question] = Adjustment(question=question, model=model, adjusted=probability)
    return tuple(found.values())


def _check_texts(request: Request, out: Collector) -> None:
    if not any(unicodedata.category(sign)[0] in "LN" for sign in request.by):
        out.add(
            "no-name",
            f"{request.by!r} is no name",
            field="--by",
            expected="the name of the person who signs",
            remedy='write it, such as --by "A. Analyst"',
        )
    if request.adjust and not any(unicodedata.category(sign)[0] in "LN" for sign in request.why):
        out.add(
            "no-reason",
            "an adjustment needs a reason",
            field="--why",
            expected="why the numbers were changed, in words",
            remedy="add --why TEXT",
        )
    for field, text, longest in (
        ("--by", request.by, LONGEST_NAME),
        ("--why", request.why, LONGEST_REASON),
    ):
        if not storable(text):
            out.add(
                "not-text",
                "holds characters that no file in UTF-8 can hold",
                field=field,
                expected="plain text",
                remedy="write it anew",
            )
        elif len(text) > longest:
            out.add(
                "too-long",
                f"has {len(text)} characters",
                field=field,
                expected=f"{longest} at most",
                remedy="shorten it",
            )


def _probability(question: str, given: object, out: Collector) -> float | None:
    number = math.nan
    if isinstance(given, str):
        try:
            number = parse_number(given)
        except ValueError:
            number = math.nan
    elif isinstance(given, int | float) and not isinstance(given, bool):
        number = float(given)
    if 0.0 <= number <= 1.0:
        return number + 0.0  # minus zero becomes zero
    what = f"{question!r} has no probability" if given is None else f"{given!r} is no probability"
    out.add(
        "not-a-probability",
        what if given is None else f"{what} (of {question})",
        field="--adjust",
        expected="QUESTION=PROBABILITY with a number from 0 to 1, such as Q17=0.03",
        remedy="correct it",
    )
    return None


def _model(question: str, forecasts: Mapping[str, Any], out: Collector) -> float | None:
    """Return what the model says of a question; a question that it says nothing of is noted."""
    asked = {str(one["id"]): one for one in forecasts["questions"]}
    answered = [name for name, one in asked.items() if one["probability"] is not None]
    if question in answered:
        return float(asked[question]["probability"])
    reason = asked[question].get("reason") if question in asked else ""
    out.add(
        "no-forecast" if question in asked else "unknown-question",
        f"the run gives {question} no probability" + (f": {reason}" if reason else "")
        if question in asked
        else f"the run has no question {question!r}",
        field="--adjust",
        expected=f"one of {', '.join(answered)}" if answered else "a question with a probability",
        remedy="name a question that the run has forecast",
    )
    return None


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())
