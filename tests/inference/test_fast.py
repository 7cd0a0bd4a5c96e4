"""The fast engine: right moments, the same draws for the same seed, and clean ends."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import nullcontext
from types import SimpleNamespace

import arviz as az
import numpy as np
import pymc as pm
import pytest

from forecast.errors import FitError
from forecast.inference import fast
from forecast.inference.fast import COLD, STEP, STRIDE, WARM, sample_fast
from forecast.inference.nuts import sample_nuts

GROUPS = [f"group {number}" for number in range(12)]
PER_GROUP = 3
SPREAD, NOISE, PRIOR = 1.0, 0.5, 2.0


@pytest.fixture(scope="module")
def hierarchy():
    """Return a normal hierarchy with known scales, and its posterior in closed form."""
    rng = np.random.default_rng(7)
    values = 1.0 + rng.normal(size=(len(GROUPS), 1)) + 0.5 * rng.normal(size=(12, PER_GROUP))
    with pm.Model(coords={"group": GROUPS, "number": range(PER_GROUP)}) as model:
        mean = pm.Normal("mean", 0.0, PRIOR)
        effect = pm.Normal("effect", mean, SPREAD, dims="group")
        pm.Deterministic("twice", 2.0 * effect, dims="group")
        pm.Normal("seen", effect[:, None], NOISE, observed=values, dims=("group", "number"))
    precision = np.diag([1.0 / PRIOR**2 + 12 / SPREAD**2, *[SPREAD**-2 + 3 / NOISE**2] * 12])
    precision[0, 1:] = precision[1:, 0] = -1.0 / SPREAD**2
    covariance = np.linalg.inv(precision)
    pull = np.concatenate([[0.0], values.sum(axis=1) / NOISE**2])
    return SimpleNamespace(model=model, mean=covariance @ pull, variance=np.diag(covariance))


@pytest.fixture(scope="module")
def small():
    """Return a model with a scale, a block that runs do not keep, and effects summing to zero."""
    with pm.Model(coords={"place": ["a", "b", "c"], "side": ["left", "right"]}) as model:
        scale = pm.HalfNormal("scale", 1.0)
        raw = pm.Normal("path_raw", 0.0, 1.0, dims=("side", "place"))
        level = pm.ZeroSumNormal("level", sigma=1.0, dims="place")
        path = pm.Deterministic("path", level + scale * raw, dims=("side", "place"))
        pm.Normal("seen", path, 1.0, observed=np.full((2, 3), 0.4), dims=("side", "place"))
    return model


def sample(model, seed=1, **changes):
    settings = {"draws": 60, "tune": 40, "chains": 2, "progress": False} | changes
    return sample_fast(model, seed=seed, **settings)


@pytest.fixture(scope="module")
def long(hierarchy):
    return sample(hierarchy.model, draws=1000, tune=200)


def largest_error(posterior, hierarchy):
    """Return the largest departure of means and variances, in Monte Carlo standard errors."""
    draws = posterior.tree["posterior"]
    x = np.concatenate([draws["mean"].to_numpy()[..., None], draws["effect"].to_numpy()], axis=2)
    centred = x - hierarchy.mean
    errors = []
    for values in (centred, centred**2 - hierarchy.variance):
        spread = values.std(axis=(0, 1)) / np.sqrt(az.ess(values))
        errors.append(np.abs(values.mean(axis=(0, 1)) / spread).max())
    return max(errors)


class TestMoments:
    """26 numbers beyond 4.5 standard errors: by chance once in 5,000 seeds."""

    def test_they_are_those_of_the_closed_form(self, long, hierarchy):
        assert largest_error(long, hierarchy) < 4.5
        assert np.array_equal(
            2.0 * long.tree["posterior"]["effect"], long.tree["posterior"]["twice"]
        )

    def test_a_start_from_an_earlier_fit_gives_them_too_with_less_tuning(self, long, hierarchy):
        warm = sample(hierarchy.model, seed=2, draws=1000, tune=200, start=long.start)
        assert largest_error(warm, hierarchy) < 4.5
        assert warm.tuning_gradients < long.tuning_gradients / 2

    def test_the_end_of_a_fit_is_where_its_chains_stood_and_how_wide_they_were(
        self, long, hierarchy
    ):
        start = long.start
        assert start.labels.tolist() == ["mean", *(f"effect[{one}]" for one in GROUPS)]
        last = long.tree["posterior"]["effect"].to_numpy()[:, -1]
        assert start.positions[:, 1:] == pytest.approx(last)
        # Correlated coordinates have scales between the conditional and the marginal sd.
        conditional = np.array([(0.25 + 12.0) ** -0.5, *[13.0**-0.5] * 12])
        assert (start.scale > 0.8 * conditional).all()
        assert (start.scale < 1.2 * np.sqrt(hierarchy.variance)).all()


class TestSameDraws:
    def test_the_same_seed_gives_the_same_draws_and_another_others(self, small):
        one, again, other = (sample(small, seed).tree for seed in (5, 5, 6))
        for group in ("posterior", "sample_stats", "equipartition"):
            assert one[group].to_dataset().identical(again[group].to_dataset())
        scale = one["posterior"]["scale"]
        assert scale.shape == (2, 60)
        assert not np.array_equal(scale, other["posterior"]["scale"])
        assert not np.array_equal(scale[0], scale[1])

    def test_the_number_of_threads_does_not_matter(self, small, monkeypatch):
        made = []
        for cores in (1, 2):
            monkeypatch.setattr(fast.os, "cpu_count", lambda cores=cores: cores)
            made.append(sample(small, chains=3).tree)
        for group in ("posterior", "sample_stats"):
            assert made[0][group].to_dataset().identical(made[1][group].to_dataset())

    def test_the_same_start_gives_the_same_draws(self, small):
        start = sample(small).start
        one, again = (sample(small, 3, start=start).tree["posterior"]["level"] for _ in range(2))
        assert np.array_equal(one, again)

    def test_fewer_draws_are_the_first_of_more(self, small):
        """And none is lost where draws do not fill a last chunk."""
        few, many = (sample(small, draws=draws).tree["posterior"]["scale"] for draws in (31, 60))
        assert few.shape == (2, 31)
        assert np.array_equal(few[:, :25], many[:, :25])
        assert np.isfinite(few).all()


class TestTree:
    def test_variables_dimensions_and_labels_are_those_of_nuts(self, small):
        nuts = sample_nuts(small, draws=4, tune=4, chains=2, seed=1, progress=False).tree
        own = sample(small, draws=4).tree
        expected, found = (one["posterior"].to_dataset() for one in (nuts, own))
        assert set(found.data_vars) == set(expected.data_vars) == {"scale", "level", "path"}
        for name in found.data_vars:
            assert found[name].dims == expected[name].dims
            assert found[name].dtype == expected[name].dtype
        assert set(found.coords) == set(expected.coords)
        for name in found.coords:
            assert found[name].to_numpy().tolist() == expected[name].to_numpy().tolist()
        shared = {"diverging", "n_steps"}
        for name in shared:
            assert own["sample_stats"][name].dims == nuts["sample_stats"][name].dims

    def test_gradients_are_counted_in_the_draws_and_in_the_tuning(self, small):
        made = sample(small, tune=40)
        stats = made.tree["sample_stats"]
        assert not stats["divided"].any(), "the counts below hold for steps made whole"
        assert made.gradients == int(stats["n_steps"].sum()) == 2 * 60 * STRIDE / STEP
        # Of 40: 8 draws of 4 steps, 8 of 4, 10 of 6, 14 of 8; with a start 4 of 6 and 8 of 8.
        assert [round(share * 40) * steps for share, _, steps in COLD] == [32, 32, 60, 112]
        assert made.tuning_gradients >= 2 * (32 + 32 + 60 + 112)
        assert [round(share * 40) * steps for share, _, steps in WARM] == [24, 64]
        warm = sample(small, tune=40, start=made.start)
        assert 2 * (24 + 64) <= warm.tuning_gradients < made.tuning_gradients

    def test_progress_counts_all_draws_on_standard_error_alone(self, small, capfd):
        sample(small, draws=30, progress=True)
        out, err = capfd.readouterr()
        assert out == ""
        assert "140 of 140 draws" in err


def workers():
    """Return the threads of samplers that are alive."""
    return [one for one in threading.enumerate() if one.name.startswith("ThreadPoolExecutor")]


class TestInterruption:
    @pytest.mark.parametrize("call", [1, 4, 12])
    def test_one_within_a_chain_ends_all_of_them_and_returns_nothing(
        self, small, monkeypatch, call
    ):
        calls = []

        def advance(count, phase):
            calls.append(phase)
            if len(calls) >= call:
                raise KeyboardInterrupt

        monkeypatch.setattr(fast, "_bar", lambda show, total: nullcontext(advance))
        with pytest.raises(KeyboardInterrupt):
            # Left alone this would take hours.
            sample(small, draws=50_000_000)
        assert calls[-1] == ("tuning" if call < 9 else "drawing")
        assert not workers()

    @pytest.fixture
    def interruptible(self):
        """Let Ctrl-C work even where the tests run in the background, with the signal ignored."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
        signal.signal(signal.SIGINT, before)

    @pytest.mark.usefixtures("interruptible")
    def test_ctrl_c_ends_all_chains(self, small, monkeypatch):
        drawing = threading.Event()

        def advance(count, phase):
            if phase == "drawing" and not drawing.is_set():
                drawing.set()
                os.kill(os.getpid(), signal.SIGINT)

        monkeypatch.setattr(fast, "_bar", lambda show, total: nullcontext(advance))
        with pytest.raises(KeyboardInterrupt):
            sample(small, draws=50_000_000)
        assert drawing.is_set()
        assert not workers()

    def test_an_error_of_one_chain_is_raised_and_no_thread_is_left(self, small, monkeypatch):
        def advance(count, phase):
            raise FitError("planted")

        monkeypatch.setattr(fast, "_bar", lambda show, total: nullcontext(advance))
        with pytest.raises(FitError, match="planted"):
            sample(small)
        assert not workers()


class TestBadStart:
    def refused(self, model):
        with pytest.raises(FitError) as caught:
            sample(model)
        return str(caught.value)

    def test_an_impossible_observation_is_named_with_its_label(self):
        with pm.Model(coords={"place": ["a", "b", "c"]}) as model:
            scale = pm.HalfNormal("scale", 1.0)
            pm.HalfNormal("fine", scale, observed=[1.0, 2.0, 1.0], dims="place")
            pm.HalfNormal("seen", scale, observed=[0.4, -1.0, 2.0], dims="place")
        text = self.refused(model)
        assert "the term seen[b] is not finite where sampling starts" in text
        assert "forecast check" in text

    def test_a_potential_that_is_no_number_is_named_with_its_label(self):
        with pm.Model(coords={"place": ["a", "b"]}) as model:
            x = pm.Normal("x", 0.0, 1.0, dims="place")
            pm.Potential("doubt", pm.math.log(x + np.array([50.0, -50.0])), dims="place")
        assert "the term doubt[b] is not finite" in self.refused(model)

    def test_where_all_terms_are_finite_the_coordinate_with_a_bad_slope_is_named(self):
        """The root of max(x - 50, 0) is 0, and its slope 0 times infinity."""
        with pm.Model(coords={"place": ["a", "b"]}) as model:
            x = pm.Normal("x", 0.0, 1.0, dims="place")
            pm.Potential("edge", pm.math.sqrt(pm.math.maximum(x[1] - 50.0, 0.0)))
        assert "the slope along x[b] is not finite" in self.refused(model)
