"""Sampling: the same seed gives the same draws, and an interruption ends it."""

from __future__ import annotations

import _thread
import signal
import threading

import numpy as np
import nutpie
import pymc as pm
import pytest

from forecast.errors import FitError
from forecast.inference.nuts import sample_nuts


@pytest.fixture(scope="module")
def model():
    """Return a model of two parameters, one of a name that the run does not keep."""
    with pm.Model(coords={"place": ["a", "b"]}) as made:
        scale = pm.HalfNormal("scale", 1.0)
        raw = pm.Normal("path_raw", 0.0, 1.0, dims="place")
        pm.Normal("seen", scale * raw, 1.0, observed=np.array([0.3, -1.2]), dims="place")
    return made


@pytest.fixture(scope="module", autouse=True)
def compiled_once():
    """Compile the model once for all tests of this module."""
    made = {}
    compile_model = nutpie.compile_pymc_model

    def once(model, **settings):
        return made.setdefault(id(model), compile_model(model, **settings))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nutpie, "compile_pymc_model", once)
        yield


def sample(model, seed, **changes):
    settings = {"draws": 40, "tune": 40, "chains": 2, "progress": False} | changes
    return sample_nuts(model, seed=seed, **settings)


def test_the_same_seed_gives_the_same_draws(model):
    one, again, other = (sample(model, seed).tree["posterior"]["scale"] for seed in (5, 5, 6))
    assert one.shape == (2, 40)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one[0], one[1])


def test_what_forecasts_do_not_need_is_dropped_and_warm_up_too(model):
    made = sample(model, 5)
    assert set(made.tree["posterior"].data_vars) == {"scale"}
    assert set(made.tree.children) == {"posterior", "sample_stats"}
    assert {"diverging", "energy"} <= set(made.tree["sample_stats"].data_vars)
    assert set(made.seconds) == {"compile", "sample"}


def test_progress_goes_to_standard_error_alone(model, capfd):
    sample(model, 5, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "Sampling" in err
    assert "160 of 160 draws" in err


@pytest.fixture
def interruptible():
    """Let Ctrl-C work even where the tests run in the background, with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_during_sampling_raises_and_ends_the_sampler(model, monkeypatch):
    begun = nutpie.sample
    samplers = []

    def sample_and_interrupt(*arguments, **settings):
        sampler = begun(*arguments, **settings)
        samplers.append(sampler)
        threading.Timer(0.3, _thread.interrupt_main).start()
        return sampler

    monkeypatch.setattr(nutpie, "sample", sample_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        # Left alone this would take hours.
        sample(model, 5, draws=50_000_000)
    assert samplers[0].is_finished


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_the_sampler_is_cancelled_once_and_its_errors_are_translated(model, monkeypatch, error):
    class Sampler:
        cancelled = 0

        def wait(self):
            raise error("all initialisation points failed")

        def cancel(self):
            self.cancelled += 1

    sampler = Sampler()
    monkeypatch.setattr(nutpie, "sample", lambda *a, **s: sampler)
    if error is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            sample(model, 5)
        assert sampler.cancelled == 1
    else:
        with pytest.raises(FitError, match="all initialisation points failed") as caught:
            sample(model, 5)
        assert "--seed" in str(caught.value)


def test_the_gradients_of_the_draws_are_counted(model):
    made = sample(model, 5)
    assert made.gradients == int(made.tree["sample_stats"]["n_steps"].sum())
    assert made.gradients >= 2 * 40
