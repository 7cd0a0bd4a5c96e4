import numpy as np
import xarray as xr

from forecast.forecasts.draws import generator, stack_draws


def test_chains_follow_each_other_in_the_stack(quiet):
    scale = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("chain", "draw"))
    pairs = xr.DataArray(np.arange(24.0).reshape(2, 3, 4), dims=("chain", "draw", "pair"))
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"scale": scale, "effect": pairs})})
    draws = stack_draws(tree, quiet)
    assert (draws.chains, draws.count) == (2, 6)
    assert draws["scale"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    # The second draw of the second chain is the stack's fifth.
    assert draws["effect"][4, 3] == pairs[1, 1, 3]
    assert draws["scale"].reshape(2, -1).tolist() == scale.values.tolist()


def test_a_study_without_signals_has_alignment_zero(quiet):
    scale = xr.DataArray(np.ones((2, 3)), dims=("chain", "draw"))
    draws = stack_draws(xr.DataTree.from_dict({"posterior": xr.Dataset({"one": scale})}), quiet)
    assert draws["alignment"].shape == (6, 4, 3, 14)
    assert not draws["alignment"].any()
    assert "path_now" not in draws


def test_generators_depend_on_seed_and_purpose_alone():
    first = generator(1, "rungs", "CHN->RUS").random(4)
    generator(1, "rungs", "NA->RUS").random(100)
    assert np.array_equal(first, generator(1, "rungs", "CHN->RUS").random(4))
    others = [
        generator(2, "rungs", "CHN->RUS"),
        generator(1, "rungs", "NA->RUS"),
        generator(1, "CHN->RUS", "rungs"),
        generator(1, "alignment", "CHN->RUS"),
    ]
    assert not any(np.array_equal(first, other.random(4)) for other in others)
