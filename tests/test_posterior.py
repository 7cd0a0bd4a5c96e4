"""Draws on disk: stored as they are, and refused in a format that is not known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from forecast.errors import RunError
from forecast.posterior import FORMAT, load_posterior, save_posterior


@pytest.fixture
def tree() -> xr.DataTree:
    """Return draws of a scalar and of alignment, with sampler statistics."""
    rng = np.random.default_rng(1)
    coords = {"pair": ["CHN->RUS", "RUS->CHN"], "period": ["2022-Q1", "2022-Q2", "2022-Q3"]}
    posterior = xr.Dataset(
        {
            "scale": (("chain", "draw"), rng.random((2, 5))),
            "alignment": (("chain", "draw", "pair", "period"), rng.normal(size=(2, 5, 2, 3))),
        },
        coords=coords,
        attrs={"created_at": "2026-11-24T10:00:00"},
    )
    stats = xr.Dataset(
        {
            "diverging": (("chain", "draw"), np.zeros((2, 5), dtype=bool)),
            "message": (("chain", "draw"), np.full((2, 5), "none", dtype=object)),
        }
    )
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


def test_what_was_saved_is_loaded(tree, tmp_path):
    path = save_posterior(tree, tmp_path)
    assert path == tmp_path / "posterior.zarr"
    posterior = load_posterior(tmp_path)["posterior"].to_dataset()
    np.testing.assert_array_equal(posterior["scale"], tree["posterior"]["scale"])
    assert posterior["alignment"].dims == ("chain", "draw", "pair", "period")
    assert posterior["pair"].values.tolist() == ["CHN->RUS", "RUS->CHN"]


def test_alignment_is_kept_in_single_precision_and_the_rest_in_double(tree, tmp_path):
    save_posterior(tree, tmp_path)
    posterior = load_posterior(tmp_path)["posterior"].to_dataset()
    assert (posterior["alignment"].dtype, posterior["scale"].dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(posterior["alignment"], tree["posterior"]["alignment"], rtol=1e-6)
    # The draws in memory stay as they were.
    assert tree["posterior"]["alignment"].dtype == np.float64


def test_only_numbers_of_the_sampler_are_kept_and_no_wall_time(tree, tmp_path):
    save_posterior(tree, tmp_path)
    loaded = load_posterior(tmp_path)
    assert set(loaded["sample_stats"].data_vars) == {"diverging"}
    assert loaded.attrs == {"format": FORMAT}
    assert "created_at" not in loaded["posterior"].attrs


def test_a_run_without_draws_is_told(tmp_path):
    with pytest.raises(RunError, match="the run has no draws") as caught:
        load_posterior(tmp_path)
    assert "forecast run" in str(caught.value)


@pytest.mark.parametrize("attributes", [{"format": "posterior/0"}, {}])
def test_another_format_is_refused_with_the_one_expected(tmp_path, attributes):
    made = xr.DataTree.from_dict({"posterior": xr.Dataset({"scale": ("chain", [1.0])})})
    made.attrs.update(attributes)
    made.to_zarr(tmp_path / "posterior.zarr", consolidated=False)
    with pytest.raises(RunError, match="draws in format") as caught:
        load_posterior(tmp_path)
    assert repr(attributes.get("format")) in str(caught.value)
    assert "posterior/1" in str(caught.value)
