"""Section 1 of ``docs/model.md``: coordinates and inputs of the reference, from a panel.

Definitions that only count or order things (parts of the level, series, chains) are here too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.panel import Panel
from forecast.study.models import Indicator, Pair


@dataclass(frozen=True)
class PriorTables:
    """The tables of all prior sets of a study (8.1)."""

    parameters: Mapping[str, Mapping[str, Any]]
    constants: Mapping[str, float]
    tables: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Chain:
    """A pair, and a span in which support to its recipient is at stake (5.1)."""

    pair: int
    recipient: int
    first: int
    last: int


@dataclass(frozen=True)
class Report:
    """A row of the reports table with numbers for labels (1.5)."""

    rung: int
    attribution: str
    nothing: bool
    first: int
    last: int
    sources: tuple[tuple[str, str], ...]


def read_priors(directory: Path, names: Iterable[str]) -> PriorTables:
    """Read prior sets from their files, one after the other."""
    parameters: dict[str, Any] = {}
    constants: dict[str, float] = {}
    tables: dict[str, Any] = {}
    for name in names:
        content = tomllib.loads((directory / f"{name}.toml").read_text(encoding="utf-8"))
        parameters |= content.get("parameters", {})
        constants |= content.get("constants", {})
        tables |= content.get("tables", {})
    return PriorTables(parameters, constants, tables)


def days_of(label: str) -> tuple[date, date]:
    """Return the first and the last day of a period by its label."""
    year = int(label[:4])
    if "Q" in label:
        month, months = 3 * int(label[-1]) - 2, 3
    elif len(label) == 7:
        month, months = int(label[-2:]), 1
    else:
        month, months = 1, 12
    after = date(year + 1, 1, 1) if month + months > 12 else date(year, month + months, 1)
    return date(year, month, 1), after - timedelta(days=1)


def rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


def first_appearances(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Case:
    """A panel with priors and parameter values, and what section 1 derives from them."""

    panel: Panel
    priors: PriorTables
    values: Mapping[str, np.ndarray]

    @cached_property
    def per_year(self) -> int:
        return {"month": 12, "quarter": 4, "year": 1}[self.panel.study.calendar.frequency]

    @cached_property
    def days(self) -> list[tuple[date, date]]:
        return [days_of(label) for label in self.panel.periods]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return self.panel.study.pairs

    @property
    def domains(self) -> tuple[str, ...]:
        return self.panel.study.domains

    @property
    def rungs(self) -> tuple[str, ...]:
        return self.panel.study.ladder.rungs

    @cached_property
    def indicators(self) -> list[Indicator]:
        return [i for i in self.panel.study.indicators.values() if i.measures == "alignment"]

    def of_kind(self, kind: str) -> list[str]:
        return [one.name for one in self.indicators if one.kind == kind]

    @cached_property
    def gapped(self) -> list[tuple[str, int]]:
        """Each gap between the thresholds of an ordinal indicator (4.4)."""
        return [
            (one.name, n)
            for one in self.indicators
            if one.kind == "ordinal"
            for n in range(1, len(one.levels) - 1)
        ]

    @cached_property
    def series(self) -> list[tuple[str, str]]:
        """Lagged indicators that are observed for more than one pair, by pair (4.5)."""
        seen: dict[str, set[str]] = {}
        for row in rows(self.panel.signals):
            if self.panel.study.indicators[row.indicator].lagged:
                seen.setdefault(row.indicator, set()).add(row.pair)
        return sorted(
            (name, pair) for name, found in seen.items() if len(found) > 1 for pair in found
        )

    @cached_property
    def shock_days(self) -> list[date]:
        known = [one for one in self.panel.study.shocks if one.date <= self.panel.as_of]
        return [one.date for one in sorted(known, key=lambda one: (one.date, one.id))]

    @cached_property
    def level_parts(self) -> list[tuple[str, dict[int, int]]]:
        """Parts of the level: name, and the member of each pair with an effect (2.1)."""
        suppliers = [pair.supporter for pair in self.pairs]
        recipients = [pair.recipient for pair in self.pairs]
        several_s = [suppliers.count(name) > 1 for name in suppliers]
        several_r = [recipients.count(name) > 1 for name in recipients]
        parts = []
        for part, names, effect in (
            ("supporter", suppliers, [True] * len(self.pairs)),
            ("recipient", recipients, np.logical_or(several_s, several_r)),
            ("pair", [one.label for one in self.pairs], np.logical_and(several_s, several_r)),
        ):
            members = first_appearances(
                name for name, has in zip(names, effect, strict=True) if has
            )
            if len(members) >= 2:
                member = {p: members.index(n) for p, n in enumerate(names) if effect[p]}
                parts.append((part, member))
        return parts

    @cached_property
    def chains(self) -> list[Chain]:
        """Pairs by the spans at stake (5.1)."""
        as_of, made = self.panel.as_of, []
        for p, pair in enumerate(self.pairs):
            for span in self.panel.study.at_stake:
                if span.recipient != pair.recipient or max(span.known_at, span.start) > as_of:
                    continue
                end = as_of if span.end is None else min(span.end, as_of)
                inside = [t for t, (u, v) in enumerate(self.days) if v >= span.start and u <= end]
                if inside:
                    made.append((p, pair.recipient, inside[0], inside[-1]))
        names = first_appearances(one[1] for one in made)
        return [Chain(p, names.index(name), first, last) for p, name, first, last in made]

    @property
    def staked_recipients(self) -> int:
        return len({one.recipient for one in self.chains})

    @property
    def staked_from(self) -> int:
        return min(one.first for one in self.chains)

    @cached_property
    def drivers(self) -> dict[str, dict[tuple[str, str], float]]:
        """Values of drivers by (pair, period), of the rows known on the as-of date (5.2)."""
        found: dict[str, dict[tuple[str, str], float]] = {}
        for one in self.panel.study.drivers:
            if one.known_at <= self.panel.as_of:
                pair = f"{one.supporter}->{one.recipient}"
                found.setdefault(one.name, {})[pair, one.period] = one.value
        return found

    def position(self, label: str) -> int:
        return self.panel.periods.index(label)

    def reports_of(self, pair: Pair) -> list[Report]:
        return [
            Report(
                rung=self.rungs.index(row.rung),
                attribution=row.attribution,
                nothing=bool(row.nothing),
                first=self.position(row.first),
                last=self.position(row.last),
                sources=tuple(row.sources),
            )
            for row in rows(self.panel.reports)
            if row.pair == pair.label
        ]
