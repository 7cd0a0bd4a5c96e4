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
from forecast.study.models import Study, Switches
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
        switches=Switches(**content.evidence.model_dump()),
        default_as_of=content.as_of,
        ledger_url=content.ledger,
    )
    # Without a study.toml this is no study: complaints about its other files would mislead.
    if not present(studyfile.FILE):
        return study, collectors[0].problems

    out = collect(indicator_tables.INDICATORS_FILE)
    indicators, known = indicator_tables.read_indicators(directory, known, out)
    study = dataclasses.replace(study, indicators=indicators)
    out = collect(indicator_tables.COVERAGE_FILE)
    coverage = indicator_tables.read_coverage(directory, known, indicators, out)

    out = collect(question_tables.QUESTIONS_FILE)
    questions, known = question_tables.read_questions(directory, study, known, out=out)
    out = collect(question_tables.RESOLUTIONS_FILE)
    resolutions = question_tables.read_resolutions(directory, known, out)

    study = dataclasses.replace(
        study, coverage=coverage, questions=questions, resolutions=resolutions
    )
    if present(question_tables.JUDGEMENTS_FILE):
        out = collect(question_tables.JUDGEMENTS_FILE)
        judgements = question_tables.read_judgements(directory, study, known, out=out)
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


def _content_hash(study: Study) -> str:
    """Return the SHA-256 of all that can alter a forecast or its wording."""
    content = dataclasses.asdict(study)
    for name in (*_NOT_HASHED, "content_hash"):
        del content[name]
    for question in content["questions"]:
        del question["line"]
    for indicator in content["indicators"].values():
        del indicator["collection_cost"]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
