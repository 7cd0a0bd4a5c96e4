"""Studies, records and panels made in memory, for tests of the panel and of the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage
from forecast.panel import Panel, build_panel
from forecast.priors import Priors, load_priors
from forecast.priors.load import PriorSet
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

AS_OF = date(2022, 12, 31)
PATROLS = Indicator(name="patrols", domain="military", kind="count", mutual=True, reference=True)
VISITS = Indicator(name="visits", domain="words", kind="count")
CHARGE = Indicator(name="charge", domain="words", kind="binary", polarity=0)
INVITED = Indicator(name="invited", domain="military", kind="binary")
VOTE = Indicator(
    name="vote", domain="words", kind="ordinal", levels=("no", "abstain", "yes"), reference=True
)
TRADE = Indicator(
    name="trade",
    domain="words",
    kind="continuous",
    transform="log",
    location=2.0,
    scale=0.5,
    lagged=True,
)
ARMS = Indicator(name="arms", domain="military", kind="count", measures="outcome", rung="lethal")
WORDS = Indicator(
    name="praise", domain="words", kind="binary", measures="outcome", rung="rhetorical"
)
KEPT_OUT = Indicator(
    name="mediation", domain="words", kind="binary", measures="none", definition="no side"
)
INDICATORS = (PATROLS, VISITS, CHARGE, INVITED, VOTE, TRADE, ARMS, WORDS, KEPT_OUT)
LADDER = Ladder(("none", "rhetorical", "lethal"), ("rhetorical",))
PAIRS = ("CHN->RUS", "RUS->CHN", "IRN->RUS", "IRN->CHN")


@cache
def priors() -> Priors:
    """Return the shipped prior sets."""
    return load_priors(["signals-2026", "witness-2026"])


def tables(**given: dict[str, float]) -> Priors:
    """Return priors that hold nothing but some tables, so that numbers can be worked by hand."""
    about = {"id": "own", "title": "Own", "made_on": "2022-01-01", "provenance": "a test"}
    return Priors((PriorSet(format="priors/1", **about, tables=given),), {})


def toy_study(
    *,
    pairs: Iterable[str] = PAIRS,
    indicators: Iterable[Indicator] = INDICATORS,
    start: date = date(2022, 1, 1),
    frequency: str = "quarter",
    **changes: object,
) -> Study:
    """Return a study of four quarters of 2022, with some parts replaced."""
    made = tuple(Pair.parse(one) for one in pairs)
    codes = dict.fromkeys(code for pair in made for code in (pair.supporter, pair.recipient))
    chosen = tuple(indicators)
    study = Study(
        id="toy",
        title="A toy",
        directory=Path("toy"),
        calendar=Calendar(frequency, start),  # type: ignore[arg-type]
        actors={code: Actor(code, code) for code in codes},
        pairs=made,
        domains=tuple(dict.fromkeys(one.domain for one in chosen)) or ("words",),
        ladder=LADDER,
        at_stake=(AtStake("RUS", start, None, start),),
        indicators={one.name: one for one in chosen},
        # Its exposures are worked by hand, and it names no prior set.
        switches=Switches(delay=False),
    )
    return replace(study, **changes)  # type: ignore[arg-type]


def covered(
    indicator: str,
    pairs: Iterable[str] = PAIRS,
    start: str = "2022-01-01",
    end: str = "",
    silence: str = "zero",
) -> Coverage:
    """Return a window in which silence about an indicator means zero."""
    last = date.fromisoformat(end) if end else None
    made = tuple(Pair.parse(one) for one in pairs)
    return Coverage(indicator, made, date.fromisoformat(start), last, silence, "")  # type: ignore[arg-type]


def shock(day: str) -> Shock:
    """Return a shock of a day."""
    return Shock(f"on {day}", date.fromisoformat(day), "A shock")


def fact(indicator: str, day: str = "2022-05-10", **changes: object) -> Record:
    """Return a record: ``fact("patrols", "2022-05", id="E2", cluster="K")``.

    The precision follows from the date's length, and it is known at the end of 2022-05-31 unless
    said otherwise; `grade` stands for the two columns of the grade, `pair` for two more.
    """
    pair = Pair.parse(str(changes.pop("pair", "CHN->RUS")))
    grade = str(changes.pop("grade", "B2"))
    number = float(changes.pop("number", 1.0))  # type: ignore[arg-type]
    columns: dict[str, object] = {
        "id": "E1",
        "event_date": day,
        "date_precision": {4: "year", 7: "month", 10: "day"}[len(day)],
        "known_at": "2022-05-31",
        "known_at_basis": "exact",
        "supporter": pair.supporter,
        "recipient": pair.recipient,
        "mutual": "0",
        "indicator": indicator,
        "value": f"{number:g}",
        "attribution": "",
        "theatre": "",
        "source_name": "agency",
        "source_url_or_doc": "",
        "source_reliability": grade[0],
        "credibility": grade[1],
        "cluster": "",
        "note": "",
    }
    return Record(number=number, **columns | changes)  # type: ignore[arg-type]


def seen(study: Study, *records: Record, as_of: date = AS_OF) -> Panel:
    """Return the panel of those records that are known on a date."""
    known = sorted((one for one in records if one.known <= as_of), key=lambda one: one.id)
    return build_panel(study, Vintage(as_of, tuple(known), "no ledger"))
