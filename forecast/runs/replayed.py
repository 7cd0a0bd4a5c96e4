"""What a replay gives: tidy tables of days, questions, rungs and records, which draw themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.runs.replay_days import Day
from forecast.study.models import Study

FORMAT = "replay/1"
DAYS = ("date", "path", "fit", "k_hat", "ess", "records", "why")
QUESTIONS = (
    "date",
    "question",
    "pair",
    "probability",
    "low",
    "high",
    "mc_error",
    "before",
    "time",
    "revisions",
    "retractions",
    "evidence",
    "refit",
    "change",
    "path",
    "k_hat",
    "ess",
    "why",
)
RUNGS = ("date", "pair", "period", "track", "rung", "probability")
RECORDS = (
    "date",
    "cause",
    "record",
    "first",
    "last",
    "pair",
    "indicator",
    "domain",
    "measures",
    "value",
    "grade",
    "source_name",
    "source_url",
    "known_at",
    "note",
    "used",
    "why_not",
)
_TABLES = {"days": DAYS, "questions": QUESTIONS, "rungs": RUNGS, "records": RECORDS}


@dataclass(frozen=True)
class Replay:
    """A stretch of days, each forecast on what was known by its end.

    Attributes
    ----------
    study : Study
    days : DataFrame
        One row a day, first that of the run it begins with (path ``base``): ``date``, ``path``
        (``reweighted``, ``refitted``; ``not trusted`` or ``not possible`` where a refit was needed
        and not wanted), ``fit`` (the run whose draws stand for the day), ``k_hat`` and ``ess`` of
        the weights (of a refit: those that were refused), ``records`` that came in, ``why``.
    questions : DataFrame
        One row a day and question that has a probability: ``probability``, ``low``, ``high`` (its
        interval), ``mc_error``, ``before`` (the day before), the change by cause (``time``,
        ``revisions``, ``retractions``, ``evidence``, ``refit``), ``change``, and the day's path.
    rungs : DataFrame
        One row a day, pair, track and rung: the probability that it is the rung of the period under
        way.
    records : DataFrame
        The records of each day with their cause, what they say, source, grade, and whether the
        model used them.
    """

    study: Study
    days: pd.DataFrame
    questions: pd.DataFrame
    rungs: pd.DataFrame
    records: pd.DataFrame
    titles: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, study: Study, days: Iterable[Day]) -> Replay:
        """Return the tables of days."""
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _TABLES}
        for day in days:
            rows["days"].append(day.about)
            rows["questions"] += day.questions
            rows["rungs"] += day.rungs
            rows["records"] += day.records
        frames = {
            name: pd.DataFrame(rows[name], columns=list(columns))
            for name, columns in _TABLES.items()
        }
        return cls(study, **frames, titles={one.id: one.title for one in study.questions})

    @property
    def document(self) -> dict[str, Any]:
        """The four tables as one JSON document, ``replay/1``."""
        tables = {
            name: json.loads(getattr(self, name).to_json(orient="records")) for name in _TABLES
        }
        return {"format": FORMAT, "study": self.study.id} | tables

    def write(self, directory: Path) -> list[Path]:
        """Write ``days.csv``, ``questions.csv``, ``rungs.csv`` and ``records.csv``."""
        directory.mkdir(parents=True, exist_ok=True)
        made = []
        for name in _TABLES:
            path = directory / f"{name}.csv"
            getattr(self, name).to_csv(path, index=False, lineterminator="\n")
            made.append(path)
        return made

    def plot(self, questions: list[str] | None = None) -> Any:
        """Draw the probability of each question by day; returns a matplotlib figure."""
        from forecast.report.figures.replay import questions_by_day

        return questions_by_day(self.questions, self.days, questions=questions, titles=self.titles)

    def plot_rungs(self, pair: str) -> Any:
        """Draw how likely each rung is by day, on both tracks; returns a matplotlib figure."""
        from forecast.report.figures.replay import rungs_by_day

        rungs = list(self.study.ladder.rungs)
        return rungs_by_day(self.rungs, self.days, pair=pair, rungs=rungs)

    def plot_day(self, day: str) -> Any:
        """Draw what each cause did to each question on one day; returns a matplotlib figure."""
        from forecast.report.figures.changes import changes

        table = self.questions[self.questions["date"] == day]
        return changes(table.rename(columns={"probability": "after"}))
