"""Latent alignment: which levels exist, how shocks step, and that the path is stationary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest

from forecast.model.alignment import _accumulated, add_alignment, level_parts
from forecast.model.data import build_data
from tests.toys import VISITS, VOTE, priors, seen, shock, toy_study

PATROLS = replace(VISITS, name="patrols", domain="military")
BOTH = ["supporter", "supporter by domain"]


def data_of(**changes):
    return build_data(seen(toy_study(**changes)), priors())


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (["A->X"], {}),
        (["A->X", "B->X"], {"supporter": "AB"}),
        (["A->X", "A->Y"], {"recipient": "XY"}),
        (["A->X", "B->Y"], {"supporter": "AB"}),
        (["A->X", "A->Y", "B->Z"], {"supporter": "AB", "recipient": "XY"}),
        (
            ["A->X", "A->Y", "B->X", "B->Y"],
            {"supporter": "AB", "recipient": "XY", "pair": ["A->X", "A->Y", "B->X", "B->Y"]},
        ),
        (["A->X", "A->Y", "B->X"], {"supporter": "AB", "recipient": "XY"}),
        (["X->Y", "Y->X"], {"supporter": "XY"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_only_effects_that_the_pairs_can_tell_apart_exist(pairs, expected):
    parts = {part.name: part for part in level_parts(data_of(pairs=pairs))}
    assert {name: list(part.members) for name, part in parts.items()} == {
        name: list(members) for name, members in expected.items()
    }


def test_a_pair_without_an_effect_of_its_own_points_past_the_last_member():
    parts = {part.name: part for part in level_parts(data_of(pairs=["A->X", "A->Y", "B->Z"]))}
    assert parts["supporter"].index.tolist() == [0, 0, 1]
    assert parts["recipient"].index.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("indicators", "names"), [([VISITS, VOTE], ["supporter"]), ([VISITS, PATROLS], BOTH)]
)
def test_parts_by_domain_exist_only_where_there_are_several(indicators, names):
    data = data_of(pairs=["A->X", "B->X"], indicators=indicators)
    with pm.Model(coords=coords(data)) as model:
        add_alignment(data, priors())
    assert list(model.coords["level_part"]) == names
    assert ("supporter_domain_level_raw" in model.named_vars) == (len(names) == 2)


def coords(data):
    return {name: list(labels) for name, labels in data.coords.items() if labels}


@pytest.fixture(scope="module", params=["month", "year"])
def solved(request):
    """Return a model of six pairs and six periods, and a function of its parameters."""
    start = date(2022, 1, 1) if request.param != "year" else date(2017, 1, 1)
    pairs = ["A->X", "A->Y", "B->X", "B->Y", "C->X", "C->Y"]
    study = toy_study(
        pairs=pairs,
        indicators=[VISITS, PATROLS],
        start=start,
        frequency=request.param,
        shocks=(shock(f"{start.year}-02-10"),),
    )
    last = {"month": date(2022, 6, 30), "year": date(2022, 12, 31)}
    data = build_data(seen(study, as_of=last[request.param]), priors())
    with pm.Model(coords=coords(data)) as model:
        alignment = add_alignment(data, priors())
    inputs = model.free_RVs
    function = pytensor.function(
        inputs, [alignment, model["level"], model["path_now"]], mode="FAST_COMPILE"
    )
    dims = model.named_vars_to_dims
    zero = {rv.name: np.zeros([len(model.coords[dim]) for dim in dims[rv.name]]) for rv in inputs}
    zero["path_half_life"] += [1.0, 2.5]
    zero["path_scale"] += [0.7, 1.3]

    def evaluate(**values):
        given = {name: values.get(name, held) for name, held in zero.items()}
        return function(*(given[rv.name] for rv in inputs))

    return {"month": 12, "year": 1}[request.param], evaluate, zero, data


def test_the_path_is_stationary_with_a_half_life_in_years(solved):
    per_year, evaluate, zero, _ = solved
    lag = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    for domain, (half_life, scale) in enumerate([(1.0, 0.7), (2.5, 1.3)]):
        raw = np.zeros_like(zero["path_raw"])
        raw[domain] = np.eye(6)
        path, _, now = evaluate(path_raw=raw)
        # Pair j received innovation j alone: the paths are the columns of the triangular factor.
        factor = path[:, domain, :].T
        assert np.allclose(factor, np.tril(factor))
        phi = 0.5 ** (1 / (half_life * per_year))
        assert factor @ factor.T == pytest.approx(scale**2 * phi**lag, abs=1e-12)
        assert np.all(path[:, 1 - domain] == 0.0)
        assert now[:, domain] == pytest.approx(path[:, domain, -1])


def test_a_shock_moves_pairs_for_the_days_after_it_and_then_for_good(solved):
    per_year, evaluate, *_ = solved
    raw = np.arange(12.0).reshape(1, 6, 2) / 10
    path, _, _ = evaluate(
        shock_mean=np.array([[0.5, -1.0]]), shock_scale=np.array([2.0]), shock_raw=raw
    )
    effect = np.array([0.5, -1.0]) + 2.0 * raw[0]
    step = {
        12: [0, 19 / 28, 1, 1, 1, 1],  # 10 to 28 February
        1: [(365 - 40) / 365, 1, 1, 1, 1, 1],
    }[per_year]
    assert path == pytest.approx(effect[:, :, None] * np.array(step), abs=1e-12)


def test_the_level_sums_the_parts_each_on_its_scale(solved):
    _, evaluate, _, _ = solved
    values = {
        "level_scale": np.array([0.5, 0.2, 0.3, 0.1, 2.0, 3.0]),
        "supporter_level_raw": np.array([1.0, -2.0, 1.0]),
        "supporter_domain_level_raw": np.array([[1.0, 0.0, -1.0], [-1.0, 0.0, 1.0]]),
        "recipient_level_raw": np.array([1.0, -1.0]),
        "recipient_domain_level_raw": np.array([[1.0, -1.0], [-1.0, 1.0]]),
        "pair_level_raw": np.array([1.0, -1.0, 0, 0, 0, 0]),
        "pair_domain_level_raw": np.array([[0, 0, 0, 1.0, 0, -1], [0, 0, 0, -1, 0, 1]]),
    }
    path, level, _ = evaluate(**values)
    # A->X: 0.5 + 0.3 + 2.0 common; 0.2 + 0.1 more in the first domain, as much less in the second.
    assert level[0] == pytest.approx([2.8 + 0.3, 2.8 - 0.3])
    # B->Y: 0.5 * -2 - 0.3 common; first domain: 0 - 0.1 + 3.
    assert level[3] == pytest.approx([-1.3 + 2.9, -1.3 - 2.9])
    assert path == pytest.approx(np.repeat(level[:, :, None], 6, axis=2))
    assert level.sum() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("periods", [1, 6, 8, 16, 24, 48])
def test_shocks_add_up_and_decay_with_their_age_in_blocks_of_any_length(periods):
    rng = np.random.default_rng(periods)
    shocks, rate = rng.normal(size=(2, 3, periods)), np.array([0.02, 0.7])
    expected, last = np.empty_like(shocks), np.zeros((2, 3))
    for step in range(periods):
        last = np.exp(-rate)[:, None] * last + shocks[:, :, step]
        expected[:, :, step] = last
    found = _accumulated(pt.as_tensor(shocks), pt.as_tensor(rate), shocks.shape)
    np.testing.assert_allclose(found.eval(mode="FAST_COMPILE"), expected, rtol=1e-11, atol=1e-13)
