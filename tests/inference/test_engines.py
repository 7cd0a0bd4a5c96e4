"""Which engine samples, and that a fast one that cannot be trusted is caught."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytest
import xarray as xr

from forecast.errors import FitError
from forecast.inference import engines
from forecast.inference.diagnostics import sampler_checks
from forecast.inference.engines import distrust, sample
from forecast.inference.fast import sample_fast
from forecast.inference.posterior import Posterior

SETTINGS = {"draws": 7, "tune": 5, "chains": 2, "seed": 3, "progress": False}


def tree(ratio=1.0, error=0.001, diverging=0, variables=2, coordinates=1, others=0.001):
    """Return a tree with the statistics that the checks read; one variable may be off."""
    sound = variables - 1
    flags = np.arange(1000).reshape(2, 500) < diverging
    return xr.DataTree.from_dict(
        {
            "sample_stats": xr.Dataset({"diverging": (("chain", "draw"), flags)}),
            "equipartition": xr.Dataset(
                {
                    "ratio": ("variable", [*[1.0] * sound, ratio]),
                    "error": ("variable", [*[others] * sound, error]),
                    "coordinates": ("variable", [*[1] * sound, coordinates]),
                },
                {"variable": np.array([*["path_raw"] * sound, "scale"], dtype=object)},
                {"batches": 20},
            ),
        }
    )


class Stubs:
    """Stand for both engines; the fast one returns or raises what it is given."""

    def __init__(self, monkeypatch, fast):
        self.calls, self.said, self.start = [], [], object()
        self.fast = fast if isinstance(fast, Exception) else Posterior(fast, {}, 1, engine="fast")
        self.nuts = Posterior(tree(), {}, 2)
        monkeypatch.setattr(engines, "sample_fast", self.sample_fast)
        monkeypatch.setattr(engines, "sample_nuts", self.sample_nuts)

    def sample_fast(self, model, *, start, **settings):
        assert (model, start, settings) == ("model", self.start, SETTINGS)
        self.calls.append("fast")
        if isinstance(self.fast, Exception):
            raise self.fast
        return self.fast

    def sample_nuts(self, model, **settings):
        assert (model, settings) == ("model", SETTINGS)
        self.calls.append("nuts")
        return self.nuts

    def sample(self, engine):
        return sample("model", engine, **SETTINGS, start=self.start, say=self.said.append)


class TestAuto:
    def test_a_fast_fit_whose_checks_pass_is_kept(self, monkeypatch):
        stubs = Stubs(monkeypatch, tree())
        assert stubs.sample("auto") is stubs.fast
        assert stubs.calls == ["fast"]
        assert not stubs.fast.fallback
        assert not stubs.said

    def test_an_error_of_the_fast_engine_leads_to_nuts_with_the_reason(self, monkeypatch):
        stubs = Stubs(monkeypatch, FitError("the term seen[b] is not finite", remedy="look"))
        found = stubs.sample("auto")
        assert stubs.calls == ["fast", "nuts"]
        assert (found.engine, found.gradients, found.tree) == ("nuts", 2, stubs.nuts.tree)
        assert found.fallback == "the term seen[b] is not finite."
        assert stubs.said == ["Falling back to NUTS. the term seen[b] is not finite."]

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ({"ratio": 1.1}, "too coarse for scale: its equipartition ratio is 1.100."),
            ({"ratio": 0.6}, "too coarse for scale: its equipartition ratio is 0.600."),
            ({"ratio": float("nan")}, "too coarse for scale"),
            ({"error": float("nan")}, "too coarse for scale"),
            ({"ratio": 4000.0, "error": 4000.0}, "too coarse for scale"),
            ({"diverging": 5}, "5 transitions diverged."),
        ],
    )
    def test_checks_that_do_not_pass_lead_to_nuts_with_the_reason(self, monkeypatch, bad, reason):
        stubs = Stubs(monkeypatch, tree(**bad))
        found = stubs.sample("auto")
        assert stubs.calls == ["fast", "nuts"]
        assert found.engine == "nuts"
        assert reason in found.fallback
        assert found.fallback in stubs.said[0]

    def test_all_reasons_are_given(self, monkeypatch):
        found = Stubs(monkeypatch, tree(ratio=1.3, diverging=100)).sample("auto")
        assert "100 transitions diverged." in found.fallback
        assert "too coarse for scale" in found.fallback

    @pytest.mark.parametrize("fine", [{"ratio": 1.04}, {"ratio": 1.12, "error": 0.03}])
    def test_a_small_bias_or_one_within_its_error_is_no_reason(self, monkeypatch, fine):
        """Judged is what exceeds chance, against .05."""
        stubs = Stubs(monkeypatch, tree(**fine, diverging=4))
        assert stubs.sample("auto") is stubs.fast

    def test_too_few_draws_to_tell_make_a_fit_doubtful_and_are_no_reason_for_nuts(
        self, monkeypatch
    ):
        """Of two variables with 20 batches chance is 2.43 errors: 1.09 here, where 1 is allowed."""
        blurred = tree(ratio=1.5, error=0.45)
        stubs = Stubs(monkeypatch, blurred)
        assert stubs.sample("auto") is stubs.fast
        rows = {name: rest for name, *rest in sampler_checks(blurred)}
        value, limit, verdict, text = rows["sampler_bias_margin"]
        assert (value, limit, verdict) == (pytest.approx(1.094, abs=0.01), 1.0, "doubtful")
        assert "too few draws to tell" in text
        assert "coarse for scale" in text
        assert rows["sampler_bias"][2] == "ok"

    @pytest.mark.parametrize(("variables", "engine"), [(2, "nuts"), (30, "fast")])
    def test_one_of_many_variables_may_depart_further_by_chance(
        self, monkeypatch, variables, engine
    ):
        """Five standard errors, where each rests on 20 batches.

        t quantiles of 19 degrees of freedom at 1 - .05 / 4 and 1 - .05 / 60: 2.43 and 3.56; what
        is left of .15 is .077 and .043.
        """
        found = Stubs(monkeypatch, tree(ratio=1.15, error=0.03, variables=variables))
        assert found.sample("auto").engine == engine

    @pytest.mark.parametrize(("coordinates", "engine"), [(1, "fast"), (400, "nuts")])
    def test_an_error_is_no_smaller_than_others_of_as_many_coordinates(
        self, monkeypatch, coordinates, engine
    ):
        """An error of .002 beside eleven of .06: luck for one coordinate, what 400 should have.

        Twelve variables, 20 batches: chance is t(1 - .05 / 24) = 3.22 errors, so .19 of the .2, or
        3.22 * .06 / 20 = .01 of it.
        """
        lucky = tree(ratio=1.2, error=0.002, variables=12, coordinates=coordinates, others=0.06)
        assert Stubs(monkeypatch, lucky).sample("auto").engine == engine

    @pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
    def test_an_interruption_or_a_bug_is_not_a_reason_for_nuts(self, monkeypatch, error):
        stubs = Stubs(monkeypatch, tree())

        def interrupted(*arguments, **settings):
            raise error

        monkeypatch.setattr(engines, "sample_fast", interrupted)
        with pytest.raises(error):
            stubs.sample("auto")
        assert not stubs.calls


class TestChosen:
    @pytest.mark.parametrize("engine", ["fast", "nuts"])
    def test_a_chosen_engine_is_the_only_one_called(self, monkeypatch, engine):
        stubs = Stubs(monkeypatch, tree(ratio=3.0, diverging=500))
        assert stubs.sample(engine) is getattr(stubs, engine)
        assert stubs.calls == [engine]
        assert not stubs.said

    def test_the_chosen_fast_engine_does_not_hide_its_error(self, monkeypatch):
        stubs = Stubs(monkeypatch, FitError("planted"))
        with pytest.raises(FitError, match="planted"):
            stubs.sample("fast")
        assert stubs.calls == ["fast"]


@pytest.fixture(scope="module")
def skewed():
    """Return a model of logarithms of half-normal variables: skewed, and steep on one side."""
    with pm.Model(coords={"place": range(30)}) as model:
        pm.HalfNormal("scale", 1.0, dims="place")
    return model


class TestRealBias:
    """Steps made too coarse on purpose, with the dividing of steps switched off."""

    def sample(self, model, **changes):
        settings = {"draws": 600, "tune": 200, "chains": 2, "seed": 1, "progress": False}
        return sample_fast(model, **settings | changes)

    def check(self, posterior):
        rows = {name: (value, verdict) for name, value, _, verdict, _ in sampler_checks(posterior)}
        return rows["sampler_bias"]

    def test_a_step_that_is_too_coarse_is_caught(self, skewed):
        for step in (1.0, 1.5):
            posterior = self.sample(skewed, step=step, bound=1e9)
            assert self.check(posterior.tree)[1] == "failed"
            assert "too coarse for scale" in distrust(posterior)

    def test_the_usual_step_passes_on_the_same_model(self, skewed):
        posterior = self.sample(skewed)
        assert self.check(posterior.tree) == (pytest.approx(0.0, abs=0.05), "ok")
        assert distrust(posterior) == ""

    def test_the_bias_found_on_a_normal_model_is_that_of_the_variance(self):
        """Of a normal law the ratio is the variance of the draws, but for the cut into batches."""
        with pm.Model(coords={"place": range(10)}) as model:
            pm.Normal("x", 0.0, np.geomspace(0.1, 10.0, 10), dims="place")
        posterior = self.sample(model, step=1.5, bound=1e9)
        table = posterior.tree["equipartition"].to_dataset()
        x = posterior.tree["posterior"]["x"].to_numpy() / np.geomspace(0.1, 10.0, 10)
        actual = x.var(axis=(0, 1)).mean()
        assert float(table["ratio"][0]) == pytest.approx(actual, rel=1e-2)
        assert abs(actual - 1.0) > 0.1
