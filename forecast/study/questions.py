"""Reads ``questions.csv``, ``resolutions.csv`` and ``judgements.csv``."""

from __future__ import annotations

from pathlib import Path

from forecast.errors import QuestionError
from forecast.study.csvfile import read_csv
from forecast.study.events import Event, check_event, indicators_of, parse_event
from forecast.study.models import Judgement, Question, Resolution, Study
from forecast.study.problems import Cells, Collector
from forecast.study.references import Known

QUESTIONS_FILE = "questions.csv"
RESOLUTIONS_FILE = "resolutions.csv"
JUDGEMENTS_FILE = "judgements.csv"

_QUESTION_COLUMNS = (
    *("id", "title", "pair", "event", "opens", "closes", "resolves_on", "key", "rule"),
    *("not_modelled", "source", "note"),
)
_RESOLUTION_COLUMNS = ("question", "outcome", "resolved_on", "known_at", "source", "note")
_JUDGEMENT_COLUMNS = (
    *("id", "title", "pair", "event", "opens", "closes", "judged_on", "p_low", "p_mid", "p_high"),
    *("basis", "note", "not_modelled"),
)


def read_questions(
    directory: Path, study: Study, known: Known, *, out: Collector
) -> tuple[tuple[Question, ...], Known]:
    """Return the sound questions, and what is known once the table is read.

    Parameters
    ----------
    directory
        The study's directory.
    study
        The study as far as it has been read, ladder and indicators included.
    known
        The names that exist.
    out
        Takes the problems.
    """
    table = read_csv(directory / QUESTIONS_FILE, _QUESTION_COLUMNS, out=out)
    questions: list[Question] = []
    lines: dict[str, int] = {}
    for row in table.rows:
        cells = Cells(row, out)
        question = Question(
            id=_unique(cells, lines),
            title=cells.required("title"),
            event=_event(cells, study, known),
            pair=known.pair(cells, "pair"),
            opens=cells.day("opens"),
            closes=cells.day("closes"),
            rule=cells.required("rule"),
            resolves_on=cells.choice("resolves_on", ("truth", "record")),
            key=cells.choice("key", ("strict", "central", "lenient")),
            not_modelled=cells.text("not_modelled"),
            source=cells.text("source"),
            note=cells.text("note"),
            line=row.line,
        )
        if cells.ok:
            _check_window(cells, question)
        if cells.ok:
            questions.append(question)
    return tuple(questions), known.having("question", table.names("id"))


def read_resolutions(directory: Path, known: Known, out: Collector) -> tuple[Resolution, ...]:
    """Return the resolutions in the order of the file; whatever is wrong is noted in ``out``."""
    table = read_csv(directory / RESOLUTIONS_FILE, _RESOLUTION_COLUMNS, out=out)
    resolutions: list[Resolution] = []
    for row in table.rows:
        cells = Cells(row, out)
        resolution = Resolution(
            question=known.check(cells, "question", "question", cells.required("question")),
            outcome=cells.choice("outcome", ("yes", "no", "ambiguous", "void")),
            resolved_on=cells.day("resolved_on"),
            known_at=cells.known_at("known_at"),
            source=cells.text("source"),
            note=cells.text("note"),
        )
        if cells.ok:
            resolutions.append(resolution)
    return tuple(resolutions)


def read_judgements(
    directory: Path, study: Study, known: Known, *, out: Collector
) -> tuple[Judgement, ...]:
    """Return the expert's judgements; the parameters are those of ``read_questions``."""
    table = read_csv(directory / JUDGEMENTS_FILE, _JUDGEMENT_COLUMNS, out=out)
    judgements: list[Judgement] = []
    lines: dict[str, int] = {}
    for row in table.rows:
        cells = Cells(row, out)
        judgement = Judgement(
            id=_unique(cells, lines),
            title=cells.required("title"),
            event=_event(cells, study, known),
            pair=known.pair(cells, "pair"),
            opens=cells.day("opens"),
            closes=cells.day("closes"),
            judged_on=cells.day("judged_on"),
            p_low=cells.number("p_low", low=0, high=1),
            p_mid=cells.number("p_mid", low=0, high=1),
            p_high=cells.number("p_high", low=0, high=1),
            basis=cells.text("basis"),
            note=cells.text("note"),
            not_modelled=cells.text("not_modelled"),
            line=row.line,
        )
        if cells.ok:
            _check_window(cells, judgement)
        if cells.ok and not judgement.p_low <= judgement.p_mid <= judgement.p_high:
            cells.add(
                "probabilities",
                f"{judgement.p_low:g}, {judgement.p_mid:g}, {judgement.p_high:g} do not rise",
                field="p_mid",
                expected="p_low <= p_mid <= p_high",
                remedy="put the three in order",
            )
        if cells.ok:
            judgements.append(judgement)
    return tuple(judgements)


def _unique(cells: Cells, lines: dict[str, int]) -> str:
    """Return the id of a row, noting one that an earlier row has."""
    name = cells.required("id")
    if name in lines:
        cells.add(
            "duplicate",
            f"{name!r} is the id of line {lines[name]} already",
            field="id",
            expected="each id once",
            remedy="give this row an id of its own",
        )
    lines.setdefault(name, cells.line)
    return name


def _event(cells: Cells, study: Study, known: Known) -> str:
    """Return the text of an event, noting what is wrong with it.

    Where ``not_modelled`` gives a reason, it may be empty, or name what the study lacks.
    """
    text, not_modelled = cells.text("event"), cells.text("not_modelled").strip()
    if not_modelled and not text.strip():
        return ""
    try:
        event = parse_event(text)
    except QuestionError as error:
        cells.add(
            "event",
            error.what,
            field="event",
            expected=error.expected,
            remedy="correct the event, or leave it empty and say why in not_modelled",
        )
        return text
    if not not_modelled and known.unclear.isdisjoint({"indicator", "rung", "actor"}):
        _check_names(cells, event, study, known)
    return text


def _check_names(cells: Cells, event: Event, study: Study, known: Known) -> None:
    """Note what an event names that the study does not have, or that it keeps out of the model.

    An event on an indicator whose own row has a fault is judged once that is mended.
    """
    names = indicators_of(event)
    if any(name in known.indicators and name not in study.indicators for name in names):
        return
    for fault in check_event(event, study):
        cells.add(
            "event",
            fault,
            field="event",
            expected="an event on what the study has",
            remedy="correct the event, or say why it is left out in not_modelled",
        )
    for name in names:
        if name in study.indicators and study.indicators[name].measures == "none":
            cells.warn(
                "event-not-modelled",
                f"{name!r} is kept out of the likelihood",
                field="event",
                expected="an indicator that measures alignment or an outcome",
                remedy="say so in not_modelled, or ask about another indicator",
            )


def _check_window(cells: Cells, asked: Question | Judgement) -> None:
    if asked.closes < asked.opens:
        cells.add(
            "window",
            f"closes on {asked.closes}, before it opens",
            field="closes",
            expected=f"{asked.opens} or later",
            remedy="correct opens or closes",
        )
