"""The whole model: what it is made of, that it is built soundly, and what its terms read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from forecast.model import build_data, build_model
from forecast.study.models import Ladder
from tests.model.conftest import RECORDS, STUDY, fast_mode
from tests.toys import CHARGE, INVITED, VISITS, covered, fact, priors, seen, toy_study


class TestSoundness:
    def test_D13_no_variable_carries_a_start_value_of_its_own(self, toy):
        starts = toy.model.rvs_to_initial_values
        assert set(starts) >= set(toy.model.free_RVs)
        assert all(value is None for value in starts.values())

    def test_D12_no_data_are_missing_and_nothing_is_imputed(self, toy):
        observed = {rv.name: toy.model.rvs_to_values[rv].data for rv in toy.model.observed_RVs}
        assert set(observed) == {"count", "binary", "ordinal", "continuous"}
        assert all(np.isfinite(values).all() for values in observed.values())
        assert sum(len(values) for values in observed.values()) == len(toy.panel.signals)
        assert not toy.model.data_vars
        assert not [name for name in toy.model.named_vars if "observed" in name]
        for terms in toy.data.terms.values():
            assert all(np.isfinite(values).all() for values in terms.extra.values())
        assert np.isfinite(toy.data.chains.kernel).all()

    def test_every_variable_has_named_dimensions_of_plain_text(self, toy):
        dims = toy.model.named_vars_to_dims
        vectors = [rv.name for rv in toy.model.free_RVs if rv.ndim]
        assert vectors
        assert all(None not in dims[name] for name in vectors)
        labels = {
            type(label)
            for dim, coord in toy.model.coords.items()
            if not dim.endswith("_term")
            for label in coord
        }
        assert labels == {str}

    def test_rungs_and_alignment_are_not_sampled(self, toy):
        free = {rv.name for rv in toy.model.free_RVs}
        assert not free & {"alignment", "level", "signed_loading", "equation_weight", "witness"}

    def test_the_log_density_is_finite_and_the_sum_of_its_terms(self, toy):
        terms = toy.logp()
        assert set(terms) == {rv.name for rv in toy.model.basic_RVs} | {"witness"}
        assert all(np.isfinite(values).all() for values in terms.values())
        assert terms["witness"].shape == (2,)
        # Priors of the parameters, worked apart.
        half_life = np.exp(toy.start["path_half_life_log__"])
        expected = stats.lognorm.logpdf(half_life, 0.4, scale=2.0)
        assert terms["path_half_life"] == pytest.approx(expected, rel=1e-12)

    def test_more_indicators_make_longer_variables_not_more_of_them(self):
        def names(count):
            made = [
                replace(one, name=f"{one.name} {number}")
                for number in range(count)
                for one in (VISITS, INVITED, CHARGE)
            ]
            windows = [covered(one.name) for one in made if one.kind == "count"]
            study = toy_study(indicators=made, coverage=tuple(windows))
            records = [fact(f"invited {n}", id=str(n)) for n in range(count)]
            model = build_model(build_data(seen(study, *records), priors()), priors())
            return [rv.name for rv in model.basic_RVs], model.coords["indicator"]

        few, many = names(1), names(6)
        assert few[0] == many[0]
        assert (len(few[1]), len(many[1])) == (3, 18)


class TestShapes:
    def names(self, study, *records):
        model = build_model(build_data(seen(study, *records), priors()), priors())
        return {rv.name for rv in model.free_RVs}, model

    def test_a_study_without_indicators_has_an_outcome_model_alone(self):
        free, model = self.names(toy_study(indicators=()))
        assert "alignment" not in model.named_vars
        assert not model.observed_RVs
        assert free == {
            "rung_weight",
            "rung_weight_deviation",
            "recipient_shock_scale",
            "recipient_shock_raw",
            "rung_gap",
            *(
                f"{name}_{axis}"
                for name in ("first", "onset", "climb", "hold")
                for axis in ("state", "firms")
            ),
        }

    def test_a_study_with_nothing_at_stake_has_no_outcome_model(self):
        free, model = self.names(replace(STUDY, at_stake=()), *RECORDS)
        assert not model.potentials
        assert not {name for name in free if name.startswith(("rung", "first", "recipient_shock"))}

    def test_a_ladder_of_two_rungs_has_no_gap(self):
        arms = replace(STUDY.indicators["arms"], rung="lethal")
        study = toy_study(indicators=[arms], ladder=Ladder(("none", "lethal")))
        free, model = self.names(study, fact("arms", attribution="state"))
        assert "rung_gap" not in free
        logp = model.compile_fn(model.logp(sum=False), inputs=model.value_vars, mode=fast_mode())
        assert all(np.isfinite(term).all() for term in logp(model.initial_point(random_seed=1)))

    def test_a_shock_after_the_as_of_date_does_not_exist(self):
        free, _ = self.names(replace(STUDY, shocks=()), *RECORDS)
        assert not {name for name in free if name.startswith("shock")}

    def test_parameters_of_a_kind_without_rows_do_not_exist(self):
        free, model = self.names(STUDY)
        assert [rv.name for rv in model.observed_RVs] == ["count"]
        assert not free & {"level_gap", "noise_scale", "lag_weight", "series_scale", "series_raw"}
        assert {"intercept", "loading", "loading_free", "dispersion"} <= free


class TestTerms:
    def test_the_intercept_of_a_count_is_moved_to_the_period(self, toy):
        """In quarters that of visits, a count, is N(-2, 1.5); that of a charge is N(-0.4, 1.5)."""
        names = list(toy.data.coords["indicator"])
        logs = toy.logp(intercept=np.zeros(len(names)))["intercept"]
        assert logs[names.index("visits")] == pytest.approx(stats.norm.logpdf(0, -2.0, 1.5))
        assert logs[names.index("charge")] == pytest.approx(stats.norm.logpdf(0, -0.4, 1.5))

    def test_an_intercept_moves_the_terms_of_its_own_indicator_alone(self, toy):
        names = list(toy.data.coords["indicator"])
        base = toy.logp()
        moved = toy.start["intercept"].copy()
        moved[names.index("vote")] += 1.0
        after = toy.logp(intercept=moved)
        assert (after["ordinal"] != base["ordinal"]).all()
        for kind in ("count", "binary", "continuous", "witness"):
            assert after[kind] == pytest.approx(base[kind], abs=0)

    def test_a_covered_zero_reads_exposure_alignment_and_dispersion(self, toy):
        """At start values alignment is 0: the mean of a covered zero is its exposure at e^-2."""
        terms = toy.data.terms["count"]
        zero = {
            name: np.zeros_like(value)
            for name, value in toy.start.items()
            if name.endswith(("_raw", "zerosum__"))
        }
        zero |= {"shock_mean": np.zeros((1, 2)), "intercept": np.full(6, -2.0)}
        zero |= {"dispersion_log__": np.log([8.0, 3.0])}
        logs = toy.logp(**zero)["count"]
        silent = terms.value == 0
        mean = terms.extra["exposure"][silent] * np.exp(-2.0)
        patrols = toy.data.coords["indicator"].index("patrols")
        shape = np.where(terms.indicator[silent] == patrols, 8.0, 3.0)
        expected = stats.nbinom.logpmf(0, shape, shape / (shape + mean))
        assert logs[silent] == pytest.approx(expected, rel=1e-12)
        assert silent.sum() == 17

    def test_a_lagged_value_reads_the_value_before_and_its_series(self, toy):
        zero = {
            name: np.zeros_like(value)
            for name, value in toy.start.items()
            if name.endswith(("_raw", "zerosum__"))
        }
        zero |= {"shock_mean": np.zeros((1, 2)), "intercept": np.full(6, 0.3)}
        zero |= {"lag_weight": [0.5], "noise_scale_log__": np.log([0.6])}
        zero |= {"series_scale_log__": np.log(2.0), "series_raw": [0.1, -0.2]}
        value = (np.log([9.0, 11.0, 3.0]) - 2.0) / 0.5
        mean = 0.3 + np.array([0.0, 0.5 * value[0], 0.0]) + 2.0 * np.array([0.1, 0.1, -0.2])
        credible = toy.data.terms["continuous"].extra["credible"]
        true, false = stats.t.pdf(value, 4, mean, 0.6), stats.t.pdf(value, 4)
        assert toy.logp(**zero)["continuous"] == pytest.approx(
            np.log(credible * true + (1 - credible) * false), rel=1e-12
        )

    def test_evidence_of_another_pair_does_not_read_a_path(self, toy):
        base = toy.logp()
        raw = toy.start["path_raw"].copy()
        raw[:, list(toy.data.coords["pair"]).index("IRN->CHN")] += 1.0
        after = toy.logp(path_raw=raw)
        assert after["witness"] == pytest.approx(base["witness"], abs=0)
        assert after["ordinal"] == pytest.approx(base["ordinal"], abs=0)
        changed = after["count"] != base["count"]
        pairs = toy.panel.signals.query("kind == 'count'")["pair"].to_numpy()
        assert set(pairs[changed]) == {"IRN->CHN"}

    def test_alignment_moves_rungs_in_its_pair_alone(self, toy):
        base = toy.logp()["witness"]
        raw = toy.start["path_raw"].copy()
        raw[:, 0] += 1.0
        after = toy.logp(path_raw=raw)["witness"]
        assert after[0] > base[0], "arms were reported: alignment makes them likelier"
        assert after[1] == base[1]
