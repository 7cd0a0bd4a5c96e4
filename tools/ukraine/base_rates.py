"""Base rates of the questions from frequencies that were public when each opened."""

import math
from collections import Counter
from datetime import date

from tools.ukraine.days import last_day
from tools.ukraine.files import Row
from tools.ukraine.questions import BASE_RATES, BaseRate
from tools.ukraine.study import SUPPORTERS_OF_RUSSIA

#: Onsets of support by a state to a government at war per pair-year at risk, UCDP External Support
#: 1975-2017, 40 most frequent supporters: 367 onsets and 197 first rows in 48,946 pair-years.
SUPPORT_RATE = 564 / 48_946
#: Share of those supports that were troops as a secondary warring party, in the same data, where
#: one state alone supported a government: 110 of 862.
TROOPS_SHARE = 110 / 862
#: The war that exposes supporters of Russia to the onset of a rung.
INVASION = date(2022, 2, 24)
LOOK_BACK_YEARS = 3
_YEAR = 365.25


def base_rates(questions: list[Row], evidence: list[Row]) -> list[Row]:
    """Return the rows of ``base_rates.csv``: question, probability, reason."""
    rows: list[Row] = []
    for question in questions:
        opens = date.fromisoformat(question["opens"])
        known = [row for row in evidence if date.fromisoformat(row["known_at"]) <= opens]
        rate = BASE_RATES[question["id"]]
        probability, reason = _RULES[rate.rule](rate, question, known)
        rows.append(
            {"question": question["id"], "probability": f"{probability:.4f}", "reason": reason}
        )
    return rows


def _rung(rate: BaseRate, question: Row, known: list[Row]) -> tuple[float, str]:
    """Onset of the rung among supporters of Russia, on top of the historical rate."""
    opens = date.fromisoformat(question["opens"])
    onset: dict[str, date] = {}
    for row in known:
        if (
            row["indicator"] in rate.indicators
            and row["recipient"] == "RUS"
            and row["value"] == "1"
            and _day(row) >= INVASION
        ):
            seen = date.fromisoformat(row["known_at"])
            onset[row["supporter"]] = min(seen, onset.get(row["supporter"], seen))
    at_risk = sum(
        max(0.0, (onset.get(code, opens) - INVASION).days / _YEAR) for code in SUPPORTERS_OF_RUSSIA
    )
    historical = SUPPORT_RATE * (TROOPS_SHARE if rate.prior == "troops" else 1.0)
    # Half an event at the historical rate, as half a success is added in the other rules.
    yearly = (len(onset) + 0.5) / (at_risk + 0.5 / historical)
    years = _years(question)
    return 1.0 - math.exp(-yearly * years), (
        f"{len(onset)} of {len(SUPPORTERS_OF_RUSSIA)} supporters of Russia reported at the rung in "
        f"{at_risk:.1f} pair-years of the war, half an event added at the historical "
        f"{historical:.4f} a year: {yearly:.4f} a year over {years:.2f} years"
    )


def _opportunities(rate: BaseRate, question: Row, known: list[Row]) -> tuple[float, str]:
    past = _past(rate, question, known)
    hits = sum(row["value"] == rate.level for row in past)
    return _share(hits, len(past)), (
        f"{hits} of {len(past)} like opportunities of the pair in the three years before came "
        f"out so; a half added to each side"
    )


def _years_rule(rate: BaseRate, question: Row, known: list[Row]) -> tuple[float, str]:
    last = date.fromisoformat(question["opens"]).year
    years = range(last - LOOK_BACK_YEARS + 1, last + 1)
    if date.fromisoformat(question["opens"]).month < 12:
        years = range(last - LOOK_BACK_YEARS, last)
    counts = Counter(row["event_date"][:4] for row in known if _matches(rate, question, row))
    hits = sum(counts[str(year)] >= rate.at_least for year in years)
    return _share(hits, len(years)), (
        f"{hits} of the years {years[0]} to {years[-1]} had {rate.at_least} or more; a half "
        f"added to each side"
    )


def _rises(rate: BaseRate, question: Row, known: list[Row]) -> tuple[float, str]:
    values = {
        int(row["event_date"][:4]): float(row["value"])
        for row in known
        if _matches(rate, question, row)
    }
    opened = date.fromisoformat(question["opens"]).year
    years = [y for y in range(opened - LOOK_BACK_YEARS, opened) if {y, y - 1} <= {*values}]
    hits = sum(values[year] > values[year - 1] for year in years)
    return _share(hits, len(years)), (
        f"{hits} of {len(years)} known changes in the three years before were rises; a half "
        f"added to each side"
    )


def _events(rate: BaseRate, question: Row, known: list[Row]) -> tuple[float, str]:
    past = _past(rate, question, known)
    yearly = (len(past) + 0.5) / LOOK_BACK_YEARS
    years = _years(question)
    return 1.0 - math.exp(-yearly * years), (
        f"{len(past)} in the three years before, a half added: {yearly:.3f} a year over "
        f"{years:.2f} years"
    )


def _ignorance(rate: BaseRate, question: Row, known: list[Row]) -> tuple[float, str]:
    del rate, question, known
    return 0.5, "no frequency of such statements was found"


_RULES = {
    "rung": _rung,
    "opportunities": _opportunities,
    "years": _years_rule,
    "rises": _rises,
    "events": _events,
    "ignorance": _ignorance,
}


def _past(rate: BaseRate, question: Row, known: list[Row]) -> list[Row]:
    opens = date.fromisoformat(question["opens"])
    since = opens.replace(year=opens.year - LOOK_BACK_YEARS)
    return [row for row in known if _matches(rate, question, row) and since <= _day(row) < opens]


def _matches(rate: BaseRate, question: Row, row: Row) -> bool:
    """Whether a record is of the question's pair, in either direction where it is mutual."""
    pair = f"{row['supporter']}->{row['recipient']}"
    reverse = f"{row['recipient']}->{row['supporter']}"
    own = question["pair"] in ((pair, reverse) if row["mutual"] == "1" else (pair,))
    return row["indicator"] in rate.indicators and own


def _day(row: Row) -> date:
    return date.fromisoformat(last_day(row["event_date"]))


def _years(question: Row) -> float:
    opens, closes = (date.fromisoformat(question[field]) for field in ("opens", "closes"))
    return (closes - opens).days / _YEAR


def _share(hits: int, total: int) -> float:
    return (hits + 0.5) / (total + 1.0)
