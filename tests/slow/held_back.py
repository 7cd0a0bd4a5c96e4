"""Fits that have not seen some records: of the shipped study, and of a small simulated one."""

from __future__ import annotations

import math
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage, read_as_of
from forecast.explain.basis import Basis
from forecast.explain.steps import vintage_with
from forecast.forecasts.draws import Draws
from forecast.runs.fit import Fit, RunSettings, fit_vintage
from forecast.studies import directory
from forecast.study.load import load_study
from forecast.study.models import Indicator, Pair, Study
from tests import tiny
from tests.plugins import fits

DATES = (date(2022, 11, 30), date(2024, 6, 30), date(2026, 11, 24))
BASE = RunSettings(engine="fast", draws=600, tune=400, chains=2, paths=100, prior_draws=1, seed=1)
#: Of the refit: from where the fit ended, by other random numbers.
AGAIN = replace(BASE, draws=300, tune=100, seed=902)
SMALL = replace(BASE, paths=50)
SMALL_AGAIN = replace(SMALL, tune=150, seed=902)
#: For the ordinary tests.
FEW = replace(BASE, draws=400, tune=300, paths=20)
FEW_AGAIN = replace(FEW, draws=300, tune=60, seed=902)
HISTORY, HELD_BACK = 90, 30


@dataclass(frozen=True)
class Held:
    """A fit, and records that it has not seen."""

    name: str
    fit: Fit
    basis: Basis
    held_back: tuple[Record, ...]
    again: RunSettings


def hold_back(
    name: str,
    study: Study,
    vintage: Vintage,
    ids: set[str],
    *,
    settings: RunSettings = BASE,
    again: RunSettings = AGAIN,
) -> Held:
    """Fit a vintage without some of its records."""
    kept = [record for record in vintage.records if record.id not in ids]
    fit = fit_vintage(study, vintage_with(vintage, kept), settings=settings, progress=False)
    held = tuple(record for record in vintage.records if record.id in ids)
    return Held(name, fit, fit.basis("the fit", settings), held, again)


# The shipped study


@cache
def shipped(as_of: date) -> tuple[Study, Vintage]:
    """Return the shipped study and what was known on a date."""
    study = load_study(directory("ukraine"))
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Ledger.open(Path(folder) / "ledger.db")) as ledger,
    ):
        import_table(ledger, study, study.directory / "evidence.csv")
        return study, read_as_of(ledger, as_of, pairs=study.pairs)


def usable(study: Study, record: Record) -> bool:
    """Say whether the likelihood reads a record's indicator."""
    return study.indicators[record.indicator].measures != "none"


def ukraine(as_of: date) -> Held:
    """Fit the shipped study without its 15 newest records and 15 others."""
    study, vintage = shipped(as_of)
    known = sorted(
        (one for one in vintage.records if usable(study, one)),
        key=lambda one: (one.known, one.id),
    )
    rng = np.random.default_rng([7, as_of.year])
    newest, older = known[-HELD_BACK // 2 :], known[: -HELD_BACK // 2]
    others = rng.choice(len(older), HELD_BACK - len(newest), replace=False)
    ids = {one.id for one in (*newest, *(older[place] for place in others))}
    return hold_back(f"ukraine {as_of}", study, vintage, ids)


# A small study with simulated records


@cache
def small_study() -> Study:
    """Return the small study of the tests, with its own files."""
    folder = Path(tempfile.mkdtemp(prefix="updates-")) / "tiny"
    return load_study(fits.write_study(folder))


def simulated(number: int, *, few: bool = False) -> Held:
    """Simulate records from one draw of the prior, and fit all but some of them.

    So the records are what the model expects, but for reports on the ladder, which are of any grade
    and mostly doubtful.
    """
    study = small_study()
    # A panel with every kind of evidence, so that the draw has all parameters.
    truth = fits.prior_of(fits.panel_of(study, fits.ROWS, fits.AS_OF), 1, 200 + number).draws
    rng = np.random.default_rng([11, number])
    made = [
        _simulated(study, truth, rng, f"S{place:03}", place % 7 == 6)
        for place in range(HISTORY + HELD_BACK)
    ]
    ids = {record.id for record in made[HISTORY:]}
    vintage = vintage_with(Vintage(fits.AS_OF, (), ""), made)
    settings, again = (FEW, FEW_AGAIN) if few else (SMALL, SMALL_AGAIN)
    return hold_back(f"simulated {number}", study, vintage, ids, settings=settings, again=again)


def _simulated(
    study: Study, truth: Draws, rng: np.random.Generator, name: str, report: bool
) -> Record:
    """Return a record of a random indicator, pair and day, as a draw would have it."""
    measures = "outcome" if report else "alignment"
    indicators = [one for one in study.indicators.values() if one.measures == measures]
    indicator = indicators[rng.integers(len(indicators))]
    pairs = [
        pair
        for pair in study.pairs
        if (not indicator.mutual or pair.reverse in study.pairs)
        and (not report or pair.recipient == "RUS")
    ]
    pair = pairs[rng.integers(len(pairs))]
    start = date(2022, 3, 1) if report else date(2020, 1, 1)
    day = start + timedelta(days=int(rng.integers((fits.AS_OF - start).days)))
    known = min(fits.AS_OF, day + timedelta(days=int(rng.integers(10)))).isoformat()
    when, precision = day.isoformat(), "day"
    if indicator.kind == "continuous":
        # A figure of a year is out on the as-of date.
        when, precision, known = str(min(day.year, 2022)), "year", fits.AS_OF.isoformat()
    value = "0" if rng.random() < 0.15 else "1"
    if not report:
        value = _value(indicator, _predictor(study, truth, indicator, pair, day), truth, rng)
    grade = rng.choice(["B2", "C3", "D4", "E5"] if report else ["A1", "B1", "B2", "C3"])
    row = tiny.PATROL | {
        "id": name,
        "event_date": when,
        "date_precision": precision,
        "known_at": known,
        "supporter": pair.supporter,
        "recipient": pair.recipient,
        "mutual": str(int(indicator.mutual)),
        "indicator": indicator.name,
        "value": value,
        "attribution": str(rng.choice(["state", "firm", "unknown"])) if report else "",
        "theatre": "Ukraine" if report else "bilateral",
        "source_name": f"source {rng.integers(20)}",
        "source_reliability": grade[0],
        "credibility": grade[1],
    }
    return tiny.record(study, **row)


def _predictor(study: Study, truth: Draws, indicator: Indicator, pair: Pair, day: date) -> float:
    """Return what a draw expects of an indicator on a day; of a year's figure, near enough."""
    pairs = truth.data.coords["pair"]
    own = [pairs.index(pair.label)]
    if indicator.mutual:
        own.append(pairs.index(pair.reverse.label))
    path = truth["alignment"][0, own, study.domains.index(indicator.domain)]
    place = truth.data.coords["indicator"].index(indicator.name)
    state = path[:, study.calendar.index(day)].mean()
    eta = truth["intercept"][0, place] + truth["signed_loading"][0, place] * state
    return float(np.clip(eta, -5.0, 5.0))


def _value(indicator: Indicator, eta: float, truth: Draws, rng: np.random.Generator) -> str:
    """Return a value that a draw simulates."""
    if indicator.kind == "binary":
        return str(int(rng.random() < -math.expm1(-math.exp(eta))))
    if indicator.kind == "count":
        # What is recorded has happened: one event or more.
        return str(1 + int(rng.poisson(min(math.exp(eta), 3.0) / 2.0)))
    if indicator.kind == "ordinal":
        above = rng.logistic() + eta > np.cumsum([0.0, *truth["level_gap"][0]])
        return indicator.levels[int(above.sum())]
    noise = truth["noise_scale"][0, 0] * rng.standard_t(4)
    return f"{math.exp(indicator.location + indicator.scale * np.clip(eta + noise, -6, 6)):.2f}"


def probabilities(fit: Fit) -> dict[str, tuple[float, float]]:
    """Return the probability of each question that has one, and its Monte Carlo error."""
    return {
        one.id: (one.probability, one.mc_error or 0.0)
        for one in fit.questions
        if one.probability is not None
    }
