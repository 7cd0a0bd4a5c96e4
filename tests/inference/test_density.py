"""The log-density outside PyMC: the same numbers, one program for many data, names of unknowns."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import numpy as np
import pymc as pm
import pytest

from forecast.inference.density import make_density

PLACES = ["north", "south", "east", "west"]


def build(seed=1, *, terms=12, sigma=2.0, weights=(1.0, 0.5, 0.25, 2.0)):
    """Return a model of four places, seen through so many terms."""
    rng = np.random.default_rng(seed)
    where = rng.integers(len(PLACES), size=terms)
    with pm.Model(coords={"place": PLACES, "group": PLACES[:3], "term": range(terms)}) as made:
        scale = pm.HalfNormal("scale", 1.0)
        effect = pm.ZeroSumNormal("effect", sigma=1.0, dims="place")
        mean = pm.Normal("mean", 0.0, sigma, dims="place")
        pm.Normal("grid", 0.0, 1.0, dims=("group", "place"))
        total = pm.Deterministic("total", mean + np.array(weights) * scale * effect, dims="place")
        pm.Normal("seen", total[where], 0.5, observed=rng.normal(size=terms), dims="term")
    return made


def points(density, count=4):
    return density.origin + np.random.default_rng(3).normal(size=(count, density.size))


def by_value(model, density, x):
    """Split a flat vector into what PyMC's own functions take."""
    return {
        model.rvs_to_values[variable].name: x[one.start : one.stop].reshape(one.shape)
        for variable, one in zip(model.free_RVs, density.blocks, strict=True)
    }


def log_density(density, x):
    return float(density.program.log_density(x, density.data))


@pytest.fixture(scope="module")
def made():
    """Return two models that differ in their data alone, and their densities."""
    models = [build(seed) for seed in (1, 2)]
    return SimpleNamespace(models=models, densities=[make_density(one) for one in models])


def test_models_of_the_same_shapes_share_a_program_and_each_has_the_log_density_of_pymc(made):
    first, second = made.densities
    assert first.program is second.program
    own = []
    for model, density in zip(made.models, made.densities, strict=True):
        pymc = model.compile_logp(mode="FAST_COMPILE")
        found = [log_density(density, x) for x in points(density)]
        expected = [float(pymc(by_value(model, density, x))) for x in points(density)]
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-10)
        own.append(found)
    assert (np.abs(np.subtract(*own)) > 0.1).all(), "the data should tell the two apart"


def test_expansion_returns_the_constrained_values_of_pymc(made):
    model, density = made.models[0], made.densities[0]
    x = points(density)[0]
    chosen = [one for one in model.unobserved_value_vars if one.name in density.outputs]
    pymc = model.compile_fn(chosen, inputs=model.value_vars, mode="FAST_COMPILE")
    expected = dict(zip(density.outputs, pymc(by_value(model, density, x)), strict=True))
    found = dict(zip(density.outputs, density.program.expand(x, density.data), strict=True))
    assert set(found) == {"scale", "effect", "mean", "grid", "total"}
    for name, value in expected.items():
        assert np.asarray(found[name]) == pytest.approx(value, rel=1e-10, abs=1e-12)
    (scale,) = (one for one in density.blocks if one.name == "scale")
    assert float(found["scale"]) == pytest.approx(np.exp(x[scale.start]))
    assert float(found["effect"].sum()) == pytest.approx(0.0, abs=1e-12)


def test_what_is_left_out_is_not_expanded_and_its_dimensions_go_with_it(made):
    density = make_density(made.models[0], without=("grid",))
    assert set(density.outputs) == {"scale", "effect", "mean", "total"}
    assert density.dims["total"] == ("place",)
    assert density.coords == {"place": PLACES}
    assert density.size == made.densities[0].size


@pytest.mark.parametrize(
    "change", [{"terms": 13}, {"sigma": 2.5}, {"weights": (1.0, 0.5, 0.25, 2.5)}]
)
def test_another_shape_or_another_small_constant_is_another_program(made, change):
    model = build(**change)
    density = make_density(model)
    assert density.program is not made.densities[0].program
    x = points(density)[0]
    pymc = model.compile_logp(mode="FAST_COMPILE")
    assert log_density(density, x) == pytest.approx(pymc(by_value(model, density, x)), rel=1e-10)


def test_small_constants_that_print_alike_are_told_apart():
    """At the mean of the first model the second, whose mean is 4 sds off, is lower by 8 nats."""
    densities = []
    for mean in (2.0, 2.000000004):
        with pm.Model() as model:
            pm.Normal("x", np.array([1.0, mean]), 1e-9, shape=2)
        densities.append(make_density(model))
    one, other = (log_density(density, np.array([1.0, 2.0])) for density in densities)
    assert one - other == pytest.approx(8.0, rel=1e-5)


def test_a_coordinate_is_named_by_its_variable_and_labels(made):
    density = made.densities[0]
    blocks = {one.name: one for one in density.blocks}
    assert density.label(blocks["scale"].start) == "scale"
    assert density.label(blocks["mean"].start + 2) == "mean[east]"
    assert density.label(blocks["grid"].start + 4 + 3) == "grid[south, west]"
    # Three free coordinates stand for the four effects that sum to zero: no label is theirs.
    assert blocks["effect"].stop - blocks["effect"].start == 3
    assert density.label(blocks["effect"].start + 1) == "effect[1]"


def test_blocks_fill_the_flat_vector_without_gap_or_overlap(made):
    density = made.densities[0]
    covered = [i for one in density.blocks for i in range(one.start, one.stop)]
    assert covered == list(range(density.size))
    assert density.size == 1 + 3 + 4 + 12


def test_the_gradient_is_that_of_pymc(made):
    for model, density in zip(made.models, made.densities, strict=True):
        pymc = model.compile_dlogp(mode="FAST_COMPILE")
        x = points(density)[0]
        found = jax.grad(density.program.log_density)(x, density.data)
        assert np.asarray(found) == pytest.approx(pymc(by_value(model, density, x)), rel=1e-9)
