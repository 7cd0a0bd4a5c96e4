"""Looks at all records together for what no single row shows: gaps, twins, outliers, silence."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise
from statistics import median

from forecast.errors import Problem
from forecast.evidence.check import Checker
from forecast.evidence.record import Record
from forecast.study.models import Indicator, Study
from forecast.study.problems import Collector, Row

#: Fewer records than this say nothing of an indicator's or a source's habits.
FEW = 3
HABIT = 5
#: A count this many times the next largest is more likely a slip than an event.
OUTLIER = 1_000.0
#: A source stopped if it is silent for a year, and for this many times its usual gap.
GAPS = 4.0
_YEAR = 365


def check_records(
    study: Study,
    records: Sequence[Record],
    *,
    today: date,
    file: str = "ledger",
    lines: Mapping[str, int] | None = None,
) -> list[Problem]:
    """Return what is wrong with records taken together, and with each in the study as it now is.

    Parameters
    ----------
    study
        The study as it is now; it may have changed since the records were taken in.
    records
        The records that stand.
    today
        What lies after it is of the future.
    file, lines
        Where the records stand, for the places of the problems; lines by id.
    """
    checks = _Checks(study, records, today, Collector(file), lines or {})
    checks.run()
    return checks.out.problems


class _Checks:
    def __init__(
        self,
        study: Study,
        records: Sequence[Record],
        today: date,
        out: Collector,
        lines: Mapping[str, int],
    ) -> None:
        self.study, self.records, self.today = study, records, today
        self.out, self.lines = out, lines
        self.by_indicator: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            self.by_indicator[record.indicator].append(record)

    def run(self) -> None:
        if not self.records:
            self.warn(
                "no-records",
                "there is no record of this study's pairs",
                "id",
                "records; without any, every number is the prior's alone",
                "add some with 'forecast evidence add STUDY' or 'import'",
            )
            return
        self.each_record()
        for indicator in self.study.indicators.values():
            if indicator.measures != "none":
                self.habits(indicator, self.by_indicator[indicator.name])
        self.twins()
        self.sources()

    def warn(
        self, name: str, what: str, field: str, expected: str, remedy: str, record: str = ""
    ) -> None:
        self.out.add(
            name,
            what,
            line=self.lines.get(record),
            field=field,
            expected=expected,
            remedy=remedy,
            severity="warning",
        )

    def each_record(self) -> None:
        """Check each record against the study as it is now, and its dates against each other."""
        checker = Checker(self.study)
        for record in self.records:
            known = record.indicator in self.study.indicators
            if known and record.pair in self.study.pairs:
                line = self.lines.get(record.id)
                own = Collector(self.out.file)
                checker.read(Row(line or 0, record.columns), own)
                for one in own.problems:
                    what = one.what if line else f"record {record.id!r}: {one.what}"
                    self.out.problems.append(Problem(**{**vars(one), "what": what, "line": line}))
            else:
                self.warn(
                    "unused",
                    f"record {record.id!r} is about {record.pair} and {record.indicator!r}, "
                    "which are not both in the study",
                    "pair" if known else "indicator",
                    "pairs and indicators of the study",
                    "add them to the study, or leave the record for other studies",
                    record.id,
                )
            self.dates(record)

    def dates(self, record: Record) -> None:
        if record.known > self.today:
            self.warn(
                "future",
                f"record {record.id!r} became known on {record.known}, which is yet to come",
                "known_at",
                f"{self.today} or earlier",
                "correct the date; until then no fit sees the record",
                record.id,
            )
        elif record.announced:
            self.warn(
                "announced",
                f"record {record.id!r} was known on {record.known}, before its event of "
                f"{record.event_date}",
                "known_at",
                "a report of something that happened, known on its day or later",
                "leave it if the event was announced and took place; else correct the dates",
                record.id,
            )

    def habits(self, indicator: Indicator, records: list[Record]) -> None:
        """Note an indicator that is never observed, never varies, or has one absurd count."""
        name = indicator.name
        if not records:
            self.warn(
                "never-observed",
                f"indicator {name!r} has no record",
                "indicator",
                "records, or an indicator that somebody will code",
                "code it, or drop it: its loading stays at its prior",
            )
            return
        values = {record.number for record in records}
        covered = any(
            one.indicator == name and one.silence == "zero" for one in self.study.coverage
        )
        # Reports on the ladder are told when something is reported; silence is their zero.
        varies = len(values) > 1 or covered or indicator.measures == "outcome"
        if len(records) >= FEW and not varies:
            self.warn(
                "constant",
                f"all {len(records)} records of {name!r} have the value {records[0].value!r}",
                "value",
                "values that differ, or coverage in which silence is a zero",
                "code the occasions on which it did not happen, or declare coverage",
            )
        if indicator.kind == "count":
            self.outliers(records)

    def outliers(self, records: list[Record]) -> None:
        ranked = sorted(records, key=lambda one: one.number)
        for below, above in pairwise(ranked):
            if above.number > OUTLIER * max(below.number, 1.0):
                orders = round(math.log10(above.number / max(below.number, 1.0)))
                self.warn(
                    "outlier",
                    f"record {above.id!r} counts {above.value}, {orders} orders of magnitude "
                    f"above the rest of {above.indicator!r}",
                    "value",
                    f"a count in the manner of {below.value}",
                    "check the unit and the digits",
                    above.id,
                )

    def twins(self) -> None:
        """Note indicators that hold the same values, and records that differ by their id alone."""
        said = {
            name: frozenset((one.pair.dyad, one.event_date, one.value) for one in records)
            for name, records in self.by_indicator.items()
            if len(records) >= FEW and name in self.study.indicators
        }
        for one, other in combinations(sorted(said), 2):
            if said[one] == said[other]:
                self.warn(
                    "identical-indicators",
                    f"{one!r} and {other!r} say the same of the same pairs and dates",
                    "indicator",
                    "indicators that may differ",
                    "drop one of the two: together they count each fact twice",
                )
        seen: dict[tuple[str, ...], str] = {}
        for record in self.records:
            key = tuple(text for name, text in record.columns.items() if name != "id")
            first = seen.setdefault(key, record.id)
            if first != record.id:
                self.warn(
                    "identical-records",
                    f"records {first!r} and {record.id!r} differ by their id alone",
                    "id",
                    "each report once",
                    f"retract one of the two: forecast evidence retract STUDY {record.id} "
                    "--reason duplicate --why TEXT",
                    record.id,
                )

    def sources(self) -> None:
        """Note sources that reported regularly and have fallen silent."""
        for source, days in sorted(self._days().items()):
            gaps = [(later - earlier).days for earlier, later in pairwise(days)]
            if len(days) < HABIT or not gaps:
                continue
            silent = (self.today - days[-1]).days
            if silent > max(_YEAR, GAPS * median(gaps)):
                self.warn(
                    "source-stopped",
                    f"source {source!r} reported on {len(days)} days up to {days[-1]}, then not "
                    f"for {silent} days",
                    "source_name",
                    "sources that still report, or coverage that ends with them",
                    "look for a successor, and end the coverage that rests on it",
                )

    def _days(self) -> dict[str, list[date]]:
        days: dict[str, set[date]] = defaultdict(set)
        for record in self.records:
            if record.known_at_basis == "exact" and record.known <= self.today:
                days[record.source_name].add(record.known)
        return {source: sorted(known) for source, known in days.items()}
