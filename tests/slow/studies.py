"""Studies of different shapes, against which an engine is held to a long NUTS run.

Five are simulated from draws of the prior: few pairs over a long time, many pairs over a short
one, sparse evidence, evidence that contradicts itself, and a shock that moves half of the pairs.
Two are the shipped study ``ukraine`` as of two dates.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from forecast.errors import ModelError
from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import Record
from forecast.evidence.vintage import read_as_of
from forecast.forecasts.draws import Draws, stack_draws
from forecast.forecasts.questions import QuestionForecast, forecast_questions, make_world
from forecast.forecasts.simulate import simulate_panel
from forecast.forecasts.simulated_signals import Grades
from forecast.inference.prior import sample_prior
from forecast.model import ModelData, build_data, build_model, pad_data
from forecast.panel import Panel, build_panel
from forecast.priors import Priors, load_priors
from forecast.studies import directory
from forecast.study.load import load_study
from forecast.study.models import Actor, AtStake, Coverage, Pair, Question, Shock, Study, Switches
from forecast.study.periods import Calendar
from tests.slow.small_study import GRADES, SIGNALS, small_study
from tests.toys import fact, priors, seen

SEED = 4
# The event of each question of a simulated study, asked of every supporter's pair with RUS.
EVENTS = (
    "max_rung >= economic",
    "max_rung >= dual-use by state",
    "max_rung >= lethal",
    "count(exercise) >= 1",
    "any(hosted)",
)


@dataclass(frozen=True)
class Target:
    """A panel with the priors and questions of its study."""

    name: str
    panel: Panel
    priors: Priors
    data: ModelData

    def model(self):
        return build_model(self.data, self.priors)

    def padded_model(self):
        """Return the model as the program builds it."""
        return build_model(pad_data(self.data).data, self.priors)

    def forecast(self, draws: Draws, *, paths: int, seed: int = 1) -> list[QuestionForecast]:
        """Forecast the questions, and the judgements, of the study."""
        study = self.panel.study
        asked = [*study.questions, *study.judgements]
        world = make_world(
            self.panel,
            draws,
            asked,
            seed=seed,
            degrees_of_freedom=self.priors.constant("continuous_df"),
            horizon=4,
            paths=paths,
        )
        return forecast_questions(world, asked)


@dataclass(frozen=True)
class Shape:
    """How a simulated study is laid out: its supporters of RUS, its years, its evidence."""

    supporters: int
    first_year: int
    years: int
    per_year: int = 7
    grades: Grades = GRADES
    seed: int = SEED


DOUBTFUL = Grades({"B2": 0.3, "C3": 0.4, "D4": 0.3}, most=60)
SHAPES = {
    "few-long": Shape(2, 2002, 20),
    "many-short": Shape(16, 2018, 4),
    "sparse": Shape(6, 2014, 8, per_year=1),
    "contradiction": Shape(4, 2014, 8, grades=DOUBTFUL),
    "shock": Shape(6, 2014, 8),
}
UKRAINE = {"ukraine-2022": date(2022, 2, 4), "ukraine-2026": date(2026, 11, 24)}
NAMES = (*SHAPES, *UKRAINE)


@cache
def target(name: str) -> Target:
    """Return one of the seven studies."""
    if name in UKRAINE:
        return shipped(name, UKRAINE[name])
    panel = _simulated(SHAPES[name], CHANGES.get(name, lambda draws: draws))
    if name == "contradiction":
        panel = contradicted(panel)
    return Target(name, panel, priors(), build_data(panel, priors()))


def shipped(name: str, as_of: date) -> Target:
    """Return the shipped study as of a date."""
    # The long runs that engines are held to read no reporting delays.
    study = replace(load_study(directory("ukraine")), switches=Switches(delay=False))
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Ledger.open(Path(folder) / "ledger.db")) as ledger,
    ):
        import_table(ledger, study, study.directory / "evidence.csv")
        vintage = read_as_of(ledger, as_of)
    panel = build_panel(study, vintage)
    own = load_priors(study.prior_sets, study.directory)
    return Target(name, panel, own, build_data(panel, own))


def shaped_study(shape: Shape) -> Study:
    """Return a study of this shape; support to RUS is at stake in its second half."""
    codes = tuple(f"S{number:02}" for number in range(shape.supporters))
    forward = tuple(Pair(code, "RUS") for code in codes)
    pairs = (*forward, *(pair.reverse for pair in forward))
    start = date(shape.first_year, 1, 1)
    turn = date(shape.first_year + shape.years // 2, 1, 1)
    as_of = date(shape.first_year + shape.years - 1, 12, 31)
    base = small_study()
    return replace(
        base,
        id="shaped",
        calendar=Calendar("quarter", start),
        actors={code: Actor(code, code) for code in ("RUS", *codes)},
        pairs=pairs,
        shocks=(Shock("turn", turn, "A turn"),),
        at_stake=(AtStake("RUS", turn, None, turn),),
        coverage=tuple(
            Coverage(name, pairs, start, None, "zero", "") for name in ("visit", "exercise")
        ),
        questions=tuple(
            Question(
                id=f"{pair.supporter} {event}",
                title=event,
                event=event,
                pair=pair,
                opens=as_of,
                closes=date(as_of.year + 1, 12, 31),
                rule="",
            )
            for pair in forward[:4]
            for event in EVENTS
        ),
    )


def placeholders(shape: Shape, study: Study) -> Iterator[Record]:
    """Yield records whose values are to be simulated."""
    number = 0
    for year in range(shape.first_year, shape.first_year + shape.years):
        for pair in study.pairs:
            if pair.recipient != "RUS":
                continue
            for indicator, day, grade in (
                ("vote", f"{year}-03-01", "A1"),
                ("trade", f"{year}", "B1"),
                ("hosted", f"{year}-08-01", "B1"),
                ("sanction", f"{year}-05-01", "B2"),
                ("vote", f"{year}-11-01", "B2"),
                ("denial", f"{year}-06-01", "B2"),
                ("hosted", f"{year}-09-01", "C3"),
            )[: shape.per_year]:
                number += 1
                yield fact(
                    indicator,
                    day,
                    id=f"E{number:04}",
                    pair=pair.label,
                    grade=grade,
                    known_at=f"{year}-12-31",
                    mutual=str(int(indicator == "trade")),
                )


def _simulated(shape: Shape, change: Callable[[Draws], Draws]) -> Panel:
    """Simulate from the first draw of the prior whose acts can be reported one by one."""
    study = shaped_study(shape)
    as_of = study.questions[0].opens
    structure = seen(study, *placeholders(shape, study), as_of=as_of)
    data = build_data(structure, priors())
    drawn = stack_draws(sample_prior(build_model(data, priors()), 30, shape.seed), data)
    for draw in range(drawn.count):
        one = Draws(1, data, {k: v[draw : draw + 1] for k, v in drawn.values.items()})
        rng = np.random.default_rng([shape.seed, draw])
        try:
            made = simulate_panel(
                structure, change(one), priors=priors(), rng=rng, grades=shape.grades
            )
        except ModelError:
            continue
        return made.panel
    raise AssertionError("no draw of the prior gave a data set")


def _shocked(draws: Draws) -> Draws:
    """Move every second pair by 2.5 after the shock, far beyond what its prior expects."""
    moved = np.arange(len(draws.data.coords["pair"])) % 2 == 0
    alignment = draws["alignment"] + 2.5 * moved[:, None, None] * draws.data.steps[0]
    return Draws(1, draws.data, draws.values | {"alignment": alignment})


CHANGES: dict[str, Callable[[Draws], Draws]] = {"shock": _shocked}


def contradicted(panel: Panel) -> Panel:
    """Turn every third vote and every third yes or no of a panel into its opposite."""
    signals = panel.signals.copy()
    top = {one.name: len(one.levels) - 1 if one.levels else 1 for one in SIGNALS}
    rows = signals.index[signals["kind"].isin(("ordinal", "binary"))][::3]
    signals.loc[rows, "value"] = [
        float(top[str(signals.loc[row, "indicator"])]) - float(signals.loc[row, "value"])
        for row in rows
    ]
    return replace(panel, signals=signals)
