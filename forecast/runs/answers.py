"""What a run answers in a notebook: tidy tables that draw themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.explain.watch import Watch
from forecast.explain.weight import Explanation
from forecast.explain.what_if import WhatIf
from forecast.runs.update import Answer


@dataclass(frozen=True)
class Updated:
    """What is new since a run, and what it did.

    Attributes
    ----------
    directory : Path
        Of the run that was written; that of the earlier run where nothing is new, or where nothing
        was to be written.
    answer : Answer
    """

    directory: Path
    answer: Answer

    @property
    def path(self) -> str:
        """``reweighted``, ``refitted`` or ``unchanged``."""
        return self.answer.path

    @property
    def table(self) -> pd.DataFrame:
        """By question: ``before``, the change by cause, ``after``."""
        return self.answer.changes

    @property
    def gates(self) -> pd.DataFrame:
        """By cause: ``records``, ``k_hat``, ``ess``, ``ok``, ``why``."""
        return self.answer.gates

    def plot(self) -> Any:
        """Draw before and after with the change by cause; returns a matplotlib figure."""
        from forecast.report.figures.changes import changes

        return changes(self.table)


@dataclass(frozen=True)
class Explained:
    """What moved the forecast of a question.

    Attributes
    ----------
    explanation : Explanation
    history : DataFrame
        What earlier runs said: ``run``, ``as_of``, ``path``, ``status``, ``probability``, ``low``,
        ``high``.
    """

    explanation: Explanation
    history: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a record, cluster, source, indicator or domain, the heaviest of each first."""
        kinds = list(dict.fromkeys(self.explanation.weights["unit"]))
        parts = [self.of(kind) for kind in kinds]
        return pd.concat(parts, ignore_index=True) if parts else self.explanation.weights

    @property
    def unused(self) -> pd.DataFrame:
        """The records that the forecast did not use, and why."""
        return self.explanation.unused

    def of(self, unit: str) -> pd.DataFrame:
        """Return the rows of one kind of unit, the heaviest first."""
        return self.explanation.of(unit)

    def plot(self, unit: str = "record") -> Any:
        """Draw the heaviest pieces of one kind; returns a matplotlib figure."""
        from forecast.report.figures.weights import contributions, label_of

        found = self.explanation
        labels = {name: label_of(record) for name, record in found.records.items()}
        return contributions(found.of(unit), labels, found.question.id)


@dataclass(frozen=True)
class Imagined:
    """Forecasts under imagined evidence.

    Attributes
    ----------
    result : WhatIf
    """

    result: WhatIf

    @property
    def table(self) -> pd.DataFrame:
        """One row a scenario and question; see :class:`forecast.explain.what_if.WhatIf`."""
        return self.result.table

    def plot(self) -> Any:
        """Draw the scenarios side by side; returns a matplotlib figure."""
        from forecast.report.figures.changes import scenarios

        return scenarios(self.table, self.result.now)


@dataclass(frozen=True)
class Watched:
    """What to watch for a question.

    Attributes
    ----------
    result : Watch
    """

    result: Watch

    @property
    def tripwires(self) -> pd.DataFrame:
        """Single observations that would move the question."""
        return self.result.tripwires

    @property
    def collection(self) -> pd.DataFrame:
        """What is worth watching, by expected information."""
        return self.result.collection

    def plot(self) -> Any:
        """Draw both side by side; returns a matplotlib figure."""
        from forecast.report.figures.watch import watch

        found = self.result
        usable = found.tripwires[found.tripwires["ok"].astype(bool)]
        return watch(
            usable,
            found.collection,
            probability=found.probability,
            thresholds=found.thresholds,
            pair=found.pair,
        )
