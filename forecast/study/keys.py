"""Reads ``outcomes.csv`` (a coder's key, for scoring only) and ``drivers.csv``."""

from __future__ import annotations

from pathlib import Path

from forecast.study.csvfile import read_csv
from forecast.study.models import Driver, OutcomeQuarter, Pair
from forecast.study.periods import Calendar
from forecast.study.problems import Cells, Collector
from forecast.study.references import Known

OUTCOMES_FILE = "outcomes.csv"
DRIVERS_FILE = "drivers.csv"

_OUTCOME_COLUMNS = (
    *("supporter", "recipient", "period", "rung", "rung_low", "rung_high", "rung_known", "actor"),
    *("first_known", "disputed", "basis", "source", "note"),
)
_DRIVER_COLUMNS = ("supporter", "recipient", "period", "name", "value", "known_at")


def read_outcomes(
    directory: Path, known: Known, calendar: Calendar | None, out: Collector
) -> tuple[OutcomeQuarter, ...]:
    """Return the coder's key, one row a pair and period; whatever is wrong is noted in ``out``."""
    table = read_csv(directory / OUTCOMES_FILE, _OUTCOME_COLUMNS, out=out)
    outcomes: list[OutcomeQuarter] = []
    lines: dict[str, int] = {}
    for row in table.rows:
        cells = Cells(row, out)
        outcome = OutcomeQuarter(
            pair=_pair(cells, known),
            period=_period(cells, calendar),
            rung=_rung(cells, "rung", known),
            rung_low=_rung(cells, "rung_low", known),
            rung_high=_rung(cells, "rung_high", known),
            rung_known=_rung(cells, "rung_known", known),
            actor=cells.required("actor"),
            first_known=cells.known_at("first_known"),
            disputed=cells.flag("disputed"),
            basis=cells.choice("basis", ("coded", "carried")),
            source=cells.text("source"),
            note=cells.text("note"),
        )
        _once(cells, f"{outcome.pair} in {outcome.period}", lines)
        if cells.ok and not outcome.rung_low <= outcome.rung <= outcome.rung_high:
            cells.add(
                "rungs",
                f"{outcome.rung_low}, {outcome.rung}, {outcome.rung_high} do not rise",
                field="rung",
                expected="rung_low <= rung <= rung_high",
                remedy="correct the three readings",
            )
        if cells.ok:
            outcomes.append(outcome)
    return tuple(outcomes)


def read_drivers(
    directory: Path, known: Known, calendar: Calendar | None, out: Collector
) -> tuple[Driver, ...]:
    """Return the outside covariates of the outcome model; whatever is wrong is noted."""
    table = read_csv(directory / DRIVERS_FILE, _DRIVER_COLUMNS, out=out)
    drivers: list[Driver] = []
    lines: dict[str, int] = {}
    for row in table.rows:
        cells = Cells(row, out)
        pair = _pair(cells, known)
        driver = Driver(
            supporter=pair.supporter,
            recipient=pair.recipient,
            period=_period(cells, calendar),
            name=cells.required("name"),
            value=cells.number("value"),
            known_at=cells.known_at("known_at"),
        )
        _once(cells, f"{driver.name} of {pair} in {driver.period} as of {driver.known_at}", lines)
        if cells.ok:
            drivers.append(driver)
    return tuple(drivers)


def _pair(cells: Cells, known: Known) -> Pair:
    pair = Pair(cells.required("supporter"), cells.required("recipient"))
    known.check(cells, "supporter", "pair", pair.label)
    return pair


def _period(cells: Cells, calendar: Calendar | None) -> str:
    if calendar is not None:
        cells.parsed("period", calendar.parse, placeholder=0)
    return cells.required("period")


def _rung(cells: Cells, field: str, known: Known) -> int:
    """Return a rung's number, counted from 0 at the bottom of the ladder."""
    if not known.knows("rung"):
        return 0
    numbers = [str(number) for number in range(len(known.rungs))]
    return int(cells.choice(field, numbers))


def _once(cells: Cells, name: str, lines: dict[str, int]) -> None:
    if name in lines:
        cells.add(
            "duplicate",
            f"{name} stands in line {lines[name]} already",
            field="period",
            expected="one row",
            remedy="remove one of the two rows",
        )
    lines.setdefault(name, cells.line)
