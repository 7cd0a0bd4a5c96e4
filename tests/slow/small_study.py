"""A small study with every kind of signal, and the template of a panel to simulate into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from forecast.evidence.record import Record
from forecast.forecasts.simulated_signals import Grades
from forecast.panel import Panel
from forecast.study.models import (
    Actor,
    AtStake,
    Coverage,
    Indicator,
    Ladder,
    Pair,
    Shock,
    Study,
    Switches,
)
from forecast.study.periods import Calendar
from tests.toys import fact, seen

FIRST_YEAR, YEARS = 2016, 6
AS_OF = date(2021, 12, 31)
SUPPORTERS = ("CHN", "IRN", "PRK")
PAIRS = tuple(Pair(one, "RUS") for one in SUPPORTERS)
ALL_PAIRS = (*PAIRS, *(pair.reverse for pair in PAIRS))
# Graded as records of the shipped study mostly are.
GRADES = Grades({"A1": 0.2, "B1": 0.3, "B2": 0.3, "C3": 0.2}, most=60)

SIGNALS = (
    Indicator(
        name="vote",
        domain="rhetorical",
        kind="ordinal",
        levels=("against", "abstain", "with"),
        reference=True,
    ),
    Indicator(name="visit", domain="rhetorical", kind="count"),
    Indicator(name="denial", domain="military", kind="binary", polarity=0),
    Indicator(
        name="trade",
        domain="economic",
        kind="continuous",
        mutual=True,
        lagged=True,
        reference=True,
    ),
    Indicator(name="sanction", domain="economic", kind="binary", polarity=-1),
    Indicator(name="exercise", domain="military", kind="count", mutual=True, reference=True),
    Indicator(name="hosted", domain="military", kind="binary"),
)
RUNGS = ("none", "rhetorical", "economic", "dual-use", "lethal", "troops")
REPORTS = tuple(
    Indicator(
        name=f"report {rung}", domain="military", kind="binary", measures="outcome", rung=rung
    )
    for rung in RUNGS[1:]
)


def small_study() -> Study:
    """Return six pairs over 24 quarters; support to RUS is at stake from the ninth on."""
    start = date(FIRST_YEAR, 1, 1)
    turn = date(FIRST_YEAR + 2, 1, 1)
    codes = ("RUS", *SUPPORTERS)
    return Study(
        id="small",
        title="A small study",
        directory=Path("small"),
        calendar=Calendar("quarter", start),
        actors={code: Actor(code, code) for code in codes},
        pairs=ALL_PAIRS,
        domains=("rhetorical", "economic", "military"),
        ladder=Ladder(RUNGS, ("rhetorical", "troops")),
        shocks=(Shock("turn", turn, "A turn"),),
        at_stake=(AtStake("RUS", turn, None, turn),),
        prior_sets=("signals-2026", "witness-2026"),
        indicators={one.name: one for one in (*SIGNALS, *REPORTS)},
        coverage=tuple(
            Coverage(name, ALL_PAIRS, start, None, "zero", "") for name in ("visit", "exercise")
        ),
        # Placeholders are known at the end of their year, which is no reporting delay.
        switches=Switches(delay=False),
    )


def template() -> Panel:
    """Return the panel of the small study with placeholders for all that is to be simulated."""
    return seen(small_study(), *_placeholders(), as_of=AS_OF)


def _placeholders() -> Iterator[Record]:
    number = 0
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        for pair in PAIRS:
            for indicator, day, grade in (
                ("vote", f"{year}-03-01", "A1"),
                ("vote", f"{year}-11-01", "B2"),
                ("hosted", f"{year}-08-01", "B1"),
                ("hosted", f"{year}-09-01", "C3"),
                ("sanction", f"{year}-05-01", "B2"),
                ("denial", f"{year}-06-01", "B2"),
                ("trade", f"{year}", "B1"),
            ):
                number += 1
                yield fact(
                    indicator,
                    day,
                    id=f"E{number:03}",
                    pair=pair.label,
                    grade=grade,
                    known_at=f"{year}-12-31",
                    mutual=str(int(indicator == "trade")),
                )
