"""The kernel of the fast engine: right moments, and steps that are divided where it is steep."""

from __future__ import annotations

import arviz as az
import numpy as np
import pytest

from forecast.inference.jax_setup import prepare_jax
from forecast.inference.langevin import CHUNK, MOST_PARTS, make_kernel

INDEPENDENT = 60
MEAN = np.concatenate([[1.0, -2.0], np.linspace(-3.0, 3.0, INDEPENDENT)])
SD = np.concatenate([[1.0, 2.0], np.geomspace(0.2, 5.0, INDEPENDENT)])
CORRELATION = 0.8
LENGTH = 3.0


def normal(x, data):
    """Return the log-density of a normal law whose first two coordinates are correlated."""
    mean, sd = data
    z = (x - mean) / sd
    pair = (z[0] ** 2 - 2.0 * CORRELATION * z[0] * z[1] + z[1] ** 2) / (1.0 - CORRELATION**2)
    return -0.5 * (pair + (z[2:] ** 2).sum())


def quartic(x, data):
    """Return the log-density of normal coordinates beside one in a narrow well."""
    return -data[0] * x[0] ** 4 - 0.5 * (x[1:] ** 2).sum()


def cliff(x, data):
    """Return a log-density that is no number beyond 1 along the first coordinate."""
    import jax.numpy as jnp

    return jnp.log(1.0 - x[0]) - 0.5 * (x**2).sum()


@pytest.fixture(scope="module")
def kernels():
    """Return the compiled kernel of each density."""
    prepare_jax()
    return {one: make_kernel(one) for one in (normal, quartic, cliff)}


def follow(kernel, x, data, **settings):
    """Let a chain run from a point; returns the fields of its chunks, joined over the draws."""
    import jax

    given = {"step": 0.25, "bound": 1e9, "steps": 12, "chunks": 1, "seed": 0, "scale": None}
    given |= settings
    velocity = np.random.default_rng(given["seed"]).normal(size=len(x))
    state = kernel.begin(x, velocity / np.linalg.norm(velocity), data)
    scale = np.ones(len(x)) if given["scale"] is None else given["scale"]
    made = []
    for number in range(given["chunks"]):
        key = jax.random.fold_in(jax.random.key(given["seed"]), number)
        state, chunk = kernel.run(
            key, state, scale, given["step"], LENGTH, given["bound"], CHUNK, given["steps"], data
        )
        made.append(chunk)
    return {
        name: np.concatenate([np.asarray(getattr(one, name)) for one in made])
        for name in made[0]._fields
    }


@pytest.fixture(scope="module")
def drawn(kernels):
    """Return 2,500 draws of the normal law, at the engine's usual step."""
    return follow(kernels[normal], MEAN, (MEAN, SD), scale=SD, chunks=100)


def z_values(values, expected):
    """Compare means of draws (draw, coordinate) with what is expected, in standard errors."""
    error = values.std(axis=0) / np.sqrt(az.ess(values[None]))
    return (values.mean(axis=0) - expected) / error


def test_means_variances_and_the_covariance_are_those_of_the_normal_law(drawn):
    """125 numbers beyond 4.5 standard errors: by chance once in 1,200 seeds."""
    standard = (drawn["x"] - MEAN) / SD
    assert np.abs(z_values(standard, 0.0)).max() < 4.5
    assert np.abs(z_values(standard**2, 1.0)).max() < 4.5
    assert np.abs(z_values(standard[:, :1] * standard[:, 1:2], CORRELATION)).max() < 4.5


def test_what_is_returned_belongs_to_the_draws(drawn):
    standard = (drawn["x"] - MEAN) / SD
    assert drawn["gradient"][:, 2:] == pytest.approx(-standard[:, 2:] / SD[2:], rel=1e-9)
    expected = [float(normal(x, (MEAN, SD))) for x in drawn["x"][:5]]
    assert drawn["log_density"][:5] == pytest.approx(expected, rel=1e-9)
    assert (drawn["gradients"] == 12).all()
    assert not drawn["divided"].any()
    assert not drawn["unresolved"].any()


def test_the_energy_error_falls_at_least_with_the_square_of_the_step(kernels):
    errors = [
        follow(kernels[normal], MEAN + SD, (MEAN, SD), scale=SD, step=step, steps=1, chunks=40)[
            "energy_error"
        ].mean()
        for step in (0.4, 0.2, 0.1)
    ]
    assert errors[0] > 4.0 * errors[1] > 16.0 * errors[2] > 0.0


def test_the_same_key_gives_the_same_draws_and_another_key_others(kernels):
    one, again, other = (
        follow(kernels[normal], MEAN, (MEAN, SD), scale=SD, seed=seed) for seed in (4, 4, 5)
    )
    for name, values in one.items():
        assert np.array_equal(values, again[name])
    assert not np.array_equal(one["x"], other["x"])


class TestDividing:
    x = np.full(8, 0.05)

    def follow(self, kernels, bound, sharpness=1e4):
        return follow(kernels[quartic], self.x, (sharpness,), bound=bound, step=0.5, chunks=20)

    def test_steps_that_break_the_bound_are_divided(self, kernels):
        found = self.follow(kernels, 2.0)
        assert found["divided"].sum() > 0
        assert np.isfinite(found["x"]).all()
        # What the parts of a step cost beyond the step itself: 2 at least for each divided one.
        assert (found["gradients"] >= 12 + 2 * found["divided"]).all()
        assert (found["gradients"][found["divided"] == 0] == 12).all()
        resolved = found["unresolved"] == 0
        assert resolved.mean() > 0.9
        assert found["energy_error"][resolved].max() <= 2.0

    def test_without_a_bound_no_step_is_divided_and_errors_are_large(self, kernels):
        found = self.follow(kernels, 1e9)
        assert not found["divided"].any()
        assert found["energy_error"].max() > 2.0

    def test_a_smooth_well_needs_no_dividing(self, kernels):
        assert not self.follow(kernels, 2.0, sharpness=0.1)["divided"].any()

    def test_a_step_that_no_division_mends_counts_as_unresolved(self, kernels):
        found = self.follow(kernels, 1e-12)
        most = sum(2**power for power in range(MOST_PARTS.bit_length()))
        assert found["unresolved"].max() == 12
        assert found["gradients"].max() == 12 * most
        assert np.isfinite(found["x"]).all()


def test_a_region_without_a_density_is_never_drawn_and_does_not_hold_a_chain(kernels):
    x = np.concatenate([[0.9], np.zeros(5)])
    found = follow(kernels[cliff], x, (), step=0.5, bound=5.0, chunks=40)
    for name in ("x", "gradient", "log_density"):
        assert np.isfinite(found[name]).all()
    assert found["x"][:, 0].max() < 1.0
    assert found["divided"].sum() > 0, "the chain should have met the cliff"
    assert (np.abs(np.diff(found["x"], axis=0)).max(axis=1) > 0.0).all()
    assert np.ptp(found["x"][:, 0]) > 1.0
