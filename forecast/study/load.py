"""Loads a study directory, or lists everything that is wrong with it at once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import date
from pathlib import Path

from forecast.errors import Problem, ProblemsError
from forecast.study import indicators as indicator_tables
from forecast.study import keys as key_tables
from forecast.study import questions as question_tables
from forecast.study import studyfile
from forecast.study.events import Event, OrEvent, RungEvent, check_event, parse_event
from forecast.study.models import Indicator, Judgement, Question, Study
from forecast.study.periods import Calendar
from forecast.study.problems import Collector
from forecast.study.setting import read_setting

# These tell how a study turned out or where it lies: they cannot alter a forecast.
_NOT_HASHED = ("directory", "resolutions", "judgements", "outcomes", "default_as_of", "ledger_url")


def check_study(directory: Path) -> list[Problem]:
    """Return everything that is wrong with a study directory, its evidence apart.

    Every file is read as far as it goes, so that one round of mending suffices. Names are not
    judged against a part that could not itself be read.
    """
    return _read(Path(directory))[1]


def load_study(directory: Path) -> Study:
    """Return the study of a directory.

    Raises
    ------
    ProblemsError
        Listing every problem, where there is an error among them.
    """
    study, problems = _read(Path(directory))
    if any(problem.severity == "error" for problem in problems):
        raise ProblemsError(problems)
    return study


def _read(directory: Path) -> tuple[Study, list[Problem]]:
    collectors: list[Collector] = []

    def collect(file: str) -> Collector:
        collectors.append(Collector(file))
        return collectors[-1]

    def present(file: str) -> bool:
        return (directory / file).exists()

    setting = read_setting(directory, collect(studyfile.FILE))
    content, calendar, known = setting.content, setting.calendar, setting.known
    study = Study(
        id=content.id,
        title=content.title,
        directory=directory,
        calendar=calendar or Calendar("year", date.min),
        actors=known.actors,
        pairs=known.pairs,
        domains=known.domains,
        ladder=setting.ladder,
        shocks=setting.shocks,
        at_stake=setting.at_stake,
        prior_sets=tuple(content.priors),
        indicators={},
        default_as_of=content.as_of,
        ledger_url=content.ledger,
    )
    # Without a study.toml this is no study: complaints about its other files would mislead.
    if not present(studyfile.FILE):
        return study, collectors[0].problems

    out = collect(indicator_tables.INDICATORS_FILE)
    indicators = indicator_tables.read_indicators(directory, known, out)
    known = dataclasses.replace(known, indicators=tuple(indicators))
    if out.errors:
        known = dataclasses.replace(known, unclear=known.unclear | {"indicator"})
    study = dataclasses.replace(study, indicators=indicators)
    out = collect(indicator_tables.COVERAGE_FILE)
    coverage = indicator_tables.read_coverage(directory, known, indicators, out)

    out = collect(question_tables.QUESTIONS_FILE)
    questions = question_tables.read_questions(directory, known, out)
    if known.unclear.isdisjoint({"indicator", "rung", "actor"}):
        _check_events(study, questions, out)
    known = dataclasses.replace(known, questions=tuple(question.id for question in questions))
    if out.errors:
        known = dataclasses.replace(known, unclear=known.unclear | {"question"})
    out = collect(question_tables.RESOLUTIONS_FILE)
    resolutions = question_tables.read_resolutions(directory, known, out)

    study = dataclasses.replace(
        study, coverage=coverage, questions=questions, resolutions=resolutions
    )
    if present(question_tables.JUDGEMENTS_FILE):
        out = collect(question_tables.JUDGEMENTS_FILE)
        judgements = question_tables.read_judgements(directory, known, out)
        if known.unclear.isdisjoint({"indicator", "rung", "actor"}):
            _check_events(study, judgements, out)
        study = dataclasses.replace(study, judgements=judgements)
    if present(key_tables.OUTCOMES_FILE):
        out = collect(key_tables.OUTCOMES_FILE)
        outcomes = key_tables.read_outcomes(directory, known, calendar, out)
        study = dataclasses.replace(study, outcomes=outcomes)
    if present(key_tables.DRIVERS_FILE):
        out = collect(key_tables.DRIVERS_FILE)
        drivers = key_tables.read_drivers(directory, known, calendar, out)
        study = dataclasses.replace(study, drivers=drivers)
    problems = [problem for out in collectors for problem in out.problems]
    return dataclasses.replace(study, content_hash=_content_hash(study)), problems


def _check_events(
    study: Study, asked: tuple[Question, ...] | tuple[Judgement, ...], out: Collector
) -> None:
    """Note events that name what the study does not have, or that it keeps out of the model.

    What is said to be not modelled may name what the study lacks.
    """
    for one in asked:
        if one.not_modelled.strip():
            continue
        event = parse_event(one.event)
        for fault in check_event(event, study):
            out.add(
                "event",
                fault,
                line=one.line,
                field="event",
                expected="an event on what the study has",
                remedy="correct the event, or say why it is left out in not_modelled",
            )
        for indicator in _named(event, study):
            if indicator.measures == "none":
                out.add(
                    "event-not-modelled",
                    f"{indicator.name!r} is kept out of the likelihood",
                    line=one.line,
                    field="event",
                    expected="an indicator that measures alignment or an outcome",
                    remedy="say so in not_modelled, or ask about another indicator",
                    severity="warning",
                )


def _named(event: Event, study: Study) -> list[Indicator]:
    """Return the indicators of the study that an event names."""
    if isinstance(event, OrEvent):
        return [indicator for part in event.parts for indicator in _named(part, study)]
    if isinstance(event, RungEvent) or event.indicator not in study.indicators:
        return []
    return [study.indicators[event.indicator]]


def _content_hash(study: Study) -> str:
    """Return the SHA-256 of all that can alter a forecast or its wording."""
    content = dataclasses.asdict(study)
    for name in (*_NOT_HASHED, "content_hash"):
        del content[name]
    for question in content["questions"]:
        del question["line"]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
