"""The model's log-density equals that of the reference written from ``docs/model.md`` alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pymc as pm
import pytest

import forecast.studies
from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import read_as_of
from forecast.inference.prior import sample_prior
from forecast.model import build_data, build_model
from forecast.panel import Panel, build_panel
from forecast.priors import load_priors
from forecast.study.load import load_study
from tests.reference import studies
from tests.reference.inputs import read_priors
from tests.reference.logdensity import log_density

PRIORS = Path(__file__).parents[2] / "priors"
POINTS = 5
CLOSE = 1e-8

Values = dict[str, np.ndarray]


@dataclass(frozen=True)
class Compared:
    """A study's panel, its compiled model, and points drawn from the prior."""

    panel: Panel
    points: list[Values]
    terms: Callable[[Values], dict[str, np.ndarray]]

    def reference(self, values: Values) -> dict[str, np.ndarray]:
        return log_density(self.panel, read_priors(PRIORS, self.panel.study.prior_sets), values)


def panel_of(directory: Path, as_of: date, ledger_file: Path) -> Panel:
    study = load_study(directory)
    with Ledger.open(ledger_file) as ledger:
        import_table(ledger, study, directory / "evidence.csv")
        return build_panel(study, read_as_of(ledger, as_of))


def compared(panel: Panel) -> Compared:
    priors = load_priors(panel.study.prior_sets, panel.study.directory)
    model = build_model(build_data(panel, priors), priors)
    drawn = sample_prior(model, POINTS, 20240630)["posterior"]
    names = [one.name for one in model.free_RVs]
    points = [{n: drawn[n].values[0, i] for n in names} for i in range(POINTS)]
    return Compared(panel, points, compiled(model))


def compiled(model: pm.Model) -> Callable[[Values], dict[str, np.ndarray]]:
    """Return a function from constrained values to the model's log-density by term."""
    constrained, unconstrained = [], []
    for one in model.free_RVs:
        transform = model.rvs_to_transforms[one]
        given = one.type(f"{one.name} given")
        constrained.append(given)
        inputs = one.owner.inputs
        unconstrained.append(given if transform is None else transform.forward(given, *inputs))
    forward = pm.compile(constrained, unconstrained, mode="FAST_COMPILE")
    density = model.compile_logp(jacobian=False, sum=False, mode="FAST_COMPILE")
    value_names = [model.rvs_to_values[one].name for one in model.free_RVs]
    terms = [*model.free_RVs, *model.observed_RVs, *model.potentials]

    def by_term(values: Values) -> dict[str, np.ndarray]:
        moved = forward(*[values[one.name] for one in model.free_RVs])
        found = density(dict(zip(value_names, moved, strict=True)))
        return {one.name: np.asarray(at) for one, at in zip(terms, found, strict=True)}

    return by_term


@pytest.fixture(scope="module")
def ukraine(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    ledger_file = tmp_path_factory.mktemp("ukraine") / "ledger.db"
    directory = forecast.studies.directory("ukraine")
    return compared(panel_of(directory, date(2024, 6, 30), ledger_file))


@pytest.fixture(scope="module")
def monthly(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    place = tmp_path_factory.mktemp("monthly")
    directory = studies.write(place / "study", studies.MONTHLY, studies.MONTHLY_RECORDS)
    return compared(panel_of(directory, date(2023, 5, 20), place / "ledger.db"))


@pytest.fixture(scope="module")
def yearly(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    place = tmp_path_factory.mktemp("yearly")
    directory = studies.write(place / "study", studies.YEARLY, studies.YEARLY_RECORDS)
    return compared(panel_of(directory, date(2020, 5, 20), place / "ledger.db"))


@pytest.fixture(params=["ukraine", "monthly", "yearly"])
def study(request: pytest.FixtureRequest) -> Compared:
    return request.getfixturevalue(request.param)


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    """Compare every term; a parameter's reference is the sum over its elements."""
    observed = {"count", "binary", "ordinal", "continuous", "witness"}
    assert set(found) == set(expected) - {"total"}
    for name, ours in found.items():
        compared = ours if name in observed else ours.sum()
        np.testing.assert_allclose(compared, expected[name], rtol=0, atol=CLOSE, err_msg=name)
    total = sum(one.sum() for one in found.values())
    np.testing.assert_allclose(total, expected["total"], rtol=0, atol=CLOSE, err_msg="total")


def test_every_term_equals_the_reference_at_draws_from_the_prior(study: Compared) -> None:
    for values in study.points:
        assert_same(study.terms(values), study.reference(values))


def test_years_cap_the_climb_where_it_would_pass_the_hold(yearly: Compared) -> None:
    low = {"climb_state": 0.4, "hold_state": 0.7, "climb_firms": 0.3, "hold_firms": 0.2}
    values = yearly.points[0] | {name: np.array(value) for name, value in low.items()}
    assert_same(yearly.terms(values), yearly.reference(values))
