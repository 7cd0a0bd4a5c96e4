"""Verdicts on chains made by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from forecast.inference.diagnostics import diagnose

CHAINS, DRAWS = 4, 500


def mixing(*shape, seed=1):
    """Return independent standard normal draws, (chain, draw, ...)."""
    return np.random.default_rng(seed).normal(size=(CHAINS, DRAWS, *shape))


def tree(parameters=None, *, diverging=0, energy=None):
    """Return a posterior with these parameters and sampler statistics."""
    parameters = {"scale": mixing()} if parameters is None else parameters
    variables = {
        name: (("chain", "draw", *(f"{name}_dim{axis}" for axis in range(values.ndim - 2))), values)
        for name, values in parameters.items()
    }
    flags = np.zeros(CHAINS * DRAWS, dtype=bool)
    flags[:diverging] = True
    stats = {
        "diverging": (("chain", "draw"), flags.reshape(CHAINS, DRAWS)),
        "energy": (("chain", "draw"), mixing(seed=9) if energy is None else energy),
    }
    return xr.DataTree.from_dict(
        {"posterior": xr.Dataset(variables), "sample_stats": xr.Dataset(stats)}
    )


def chance(values):
    """Return values as probabilities."""
    return 1.0 / (1.0 + np.exp(-values))


GOOD = {"Q1": chance(mixing(seed=2)), "Q2": chance(mixing(seed=3))}


def offsets(size):
    """Return draws of chains that sit apart by up to ``size`` standard deviations."""
    return mixing() + np.linspace(0.0, size, CHAINS)[:, None]


def slow(keep):
    """Return an autoregression with this autocorrelation."""
    noise, values = mixing(seed=4), np.empty((CHAINS, DRAWS))
    values[:, 0] = noise[:, 0]
    for step in range(1, DRAWS):
        values[:, step] = keep * values[:, step - 1] + np.sqrt(1 - keep**2) * noise[:, step]
    return values


def verdict(found, name):
    return found.table.set_index("name").loc[name, "verdict"]


def test_independent_chains_have_converged():
    found = diagnose(tree(), GOOD)
    assert found.status == "converged"
    assert found.table["name"].tolist() == [
        "question_rhat",
        "question_ess",
        "parameter_rhat",
        "parameter_ess",
        "divergent_share",
        "bfmi",
    ]
    assert set(found.table["verdict"]) == {"ok"}
    assert found.sentence.startswith("The chains agree")


def test_a_question_on_which_chains_differ_a_little_is_doubtful_and_named():
    found = diagnose(tree(), GOOD | {"Q3": chance(offsets(0.8))})
    assert found.status == "doubtful"
    assert verdict(found, "question_rhat") == "doubtful"
    assert found.sentence.startswith("These numbers may still move: The chains differ most on Q3")
    assert "bfmi" not in found.sentence


def test_a_question_on_which_chains_disagree_fails():
    found = diagnose(tree(), GOOD | {"Q3": chance(offsets(6.0))})
    assert found.status == "failed"
    assert found.sentence.startswith("Do not publish these numbers: The chains differ most on Q3")


def test_a_question_with_few_effective_draws_is_doubtful():
    found = diagnose(tree(), GOOD | {"Q3": chance(slow(0.9))})
    assert verdict(found, "question_ess") == "doubtful"
    assert "Q3 has the smallest effective sample" in found.sentence
    assert found.status == "doubtful"


def test_parameters_have_looser_limits_than_questions():
    # An offset of 0.8 gives an R-hat near 1.05: too much for a question, hardly for a parameter.
    apart = offsets(0.6)
    assert verdict(diagnose(tree(), {"Q": chance(apart)}), "question_rhat") == "doubtful"
    found = diagnose(tree({"scale": apart}), GOOD)
    assert verdict(found, "parameter_rhat") == "ok"
    assert found.status == "converged"


def test_one_element_of_a_vector_is_enough_to_fail():
    effects = mixing(3)
    effects[:, :, 1] = offsets(6.0)
    found = diagnose(tree({"scale": mixing(), "effects": effects}), GOOD)
    assert verdict(found, "parameter_rhat") == "failed"
    assert "chains differ most on effects" in found.sentence


def test_a_slow_parameter_is_named():
    found = diagnose(tree({"scale": mixing(), "lazy": slow(0.99)}), GOOD)
    row = found.table.set_index("name").loc["parameter_ess"]
    # 2,000 draws times (1 - 0.99) / (1 + 0.99) are 10.
    assert row["value"] < 40.0
    assert row["verdict"] != "ok"
    assert row["sentence"].startswith("The slowest parameter is lazy (effective sample ")


def test_innovations_are_not_judged_and_alignment_in_its_last_period_alone():
    stuck = np.repeat(np.arange(4.0)[:, None], DRAWS, axis=1) + 1e-3 * mixing()
    early, late = np.stack([stuck, mixing()], axis=-1), np.stack([mixing(), stuck], axis=-1)

    def judged(values):
        made = tree({"scale": mixing(), "shock_raw": stuck})
        posterior = made["posterior"].to_dataset()
        posterior = posterior.assign(alignment=(("chain", "draw", "period"), values))
        return diagnose(
            xr.DataTree.from_dict(
                {"posterior": posterior, "sample_stats": made["sample_stats"].to_dataset()}
            ),
            GOOD,
        )

    assert judged(early).status == "converged"
    found = judged(late)
    assert found.status == "failed"
    assert "alignment_now" in found.sentence


@pytest.mark.parametrize(
    ("diverging", "status"), [(0, "converged"), (9, "converged"), (11, "doubtful"), (101, "failed")]
)
def test_divergences_are_judged_by_their_share(diverging, status):
    # Of 2,000 transitions 0.5 % are 10 and 5 % are 100.
    found = diagnose(tree(diverging=diverging), GOOD)
    assert found.status == status
    if status != "converged":
        assert f"{diverging} transitions diverged." in found.sentence


def test_energy_that_creeps_is_told():
    found = diagnose(tree(energy=slow(0.9)), GOOD)
    # Neighbours differ by 2 (1 - 0.9) = 0.2 of the variance.
    value = found.table.set_index("name").loc["bfmi", "value"]
    assert value == pytest.approx(0.2, abs=0.06)
    assert verdict(found, "bfmi") == "doubtful"


def test_the_energy_fraction_is_that_worked_by_hand():
    # Energies 0, 1, 0, 1 ...: squared steps of 1, variance 1/4 * 500/499: 3.992.
    energy = np.tile([0.0, 1.0], (CHAINS, DRAWS // 2))
    value = diagnose(tree(energy=energy), GOOD).table.set_index("name").loc["bfmi", "value"]
    assert value == pytest.approx(4.0 * 499 / 500)


def test_a_constant_probability_is_skipped():
    found = diagnose(tree(), GOOD | {"sure": np.ones((CHAINS, DRAWS))})
    assert found.status == "converged"
    alone = diagnose(tree(), {"sure": np.ones((CHAINS, DRAWS))})
    assert alone.table["name"].tolist()[0] == "parameter_rhat"
    assert alone.status == "converged"


def test_a_fixed_element_of_a_parameter_is_skipped():
    # A reference loading is 1 in every draw.
    loading = mixing(2)
    loading[:, :, 0] = 1.0
    found = diagnose(tree({"signed_loading": loading, "fixed": np.ones((CHAINS, DRAWS))}), GOOD)
    assert found.status == "converged"
    assert np.isfinite(found.table["value"]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_draw_that_is_no_number_fails(bad):
    values = mixing(2)
    values[1, 7, 1] = bad
    found = diagnose(tree({"scale": mixing(), "broken": values}), GOOD)
    assert found.status == "failed"
    assert "not finite" in found.sentence


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_probability_that_is_no_number_fails_whatever_its_place(place):
    broken = {"broken": np.where(np.arange(DRAWS) == 3, np.nan, GOOD["Q1"])}
    questions = broken | GOOD if place == "first" else GOOD | broken
    found = diagnose(tree(), questions)
    assert verdict(found, "question_rhat") == "failed"
    assert found.status == "failed"
    assert "broken" in found.sentence


def test_chains_that_never_move_fail():
    stuck = np.repeat(np.arange(4.0)[:, None], DRAWS, axis=1)
    assert diagnose(tree({"scale": mixing(), "stuck": stuck}), GOOD).status == "failed"
    assert diagnose(tree(), GOOD | {"Q3": chance(stuck)}).status == "failed"


def test_the_document_holds_status_sentence_and_a_number_for_each_check():
    found = diagnose(tree(diverging=11), GOOD)
    document = found.as_dict()
    assert document["status"] == "doubtful"
    assert document["sentence"] == found.sentence
    assert document["divergent_share"] == pytest.approx(11 / 2000)
    assert set(document) == {"status", "sentence", *found.table["name"]}
    assert json.loads(json.dumps(document)) == document
