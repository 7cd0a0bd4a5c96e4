import numpy as np
import pytest
import xarray as xr

from forecast.exchange.posterior_table import COLUMNS, summarise


def tree(**variables):
    """A posterior with two chains of four draws each."""
    return xr.DataTree.from_dict({"posterior": xr.Dataset(variables)})


def array(values, dims=(), **coords):
    return xr.DataArray(
        np.asarray(values, dtype=float), dims=("chain", "draw", *dims), coords=coords
    )


def test_numbers_of_a_scalar_equal_those_worked_by_hand():
    # Draws 1..8: mean 4.5, variance 42/7 = 6, median 4.5, 5 % quantile 1 + .05 * 7 = 1.35.
    table = summarise(tree(scale=array([[1, 3, 5, 7], [2, 4, 6, 8]])))
    row = table.iloc[0]
    assert tuple(table.columns) == COLUMNS
    assert (row["variable"], row["supporter"], row["period"]) == ("scale", "", "")
    assert row[["mean", "sd", "q05", "q50", "q95"]].to_list() == pytest.approx(
        [4.5, np.sqrt(6.0), 1.35, 4.5, 7.65]
    )


def test_labels_go_to_their_columns_and_stay_with_their_numbers():
    values = np.zeros((2, 4, 2, 1, 2))
    values[:, :, 0, 0, 0], values[:, :, 1, 0, 1] = 10.0, 20.0
    alignment = array(
        values,
        ("pair", "domain", "period"),
        pair=["CHN->RUS", "RUS->CHN"],
        domain=["military"],
        period=["2022-Q1", "2022-Q2"],
    )
    table = summarise(tree(alignment=alignment))
    labels = table[["supporter", "recipient", "domain", "indicator", "period", "mean"]]
    assert labels.iloc[0].to_list() == ["CHN", "RUS", "military", "", "2022-Q1", 10.0]
    assert labels.iloc[3].to_list() == ["RUS", "CHN", "military", "", "2022-Q2", 20.0]
    assert len(table) == 4


def test_other_dims_stand_in_the_name():
    effect = array(
        np.ones((2, 4, 1, 1)),
        ("shock", "staked_recipient"),
        shock=["invasion"],
        staked_recipient=["RUS"],
    )
    row = summarise(tree(effect=effect)).iloc[0]
    assert (row["variable"], row["recipient"]) == ("effect[invasion]", "RUS")


def test_dims_of_a_part_go_to_the_column_of_the_whole():
    free = array(np.ones((2, 4, 1)), ("free_indicator",), free_indicator=["denial"])
    staked = array(np.ones((2, 4, 1)), ("staked_pair",), staked_pair=["CHN->RUS"])
    table = summarise(tree(loading_free=free, first=staked)).set_index("variable")
    assert table.loc["loading_free", "indicator"] == "denial"
    assert table.loc["first", ["supporter", "recipient"]].to_list() == ["CHN", "RUS"]


def test_innovations_are_left_out():
    table = summarise(tree(path_raw=array(np.ones((2, 4))), path=array(np.ones((2, 4)))))
    assert table["variable"].to_list() == ["path"]


def test_diagnostics_tell_stuck_chains_from_mixing_ones():
    rng = np.random.default_rng(20221125)
    mixing = rng.normal(size=(4, 500))
    stuck = mixing + np.array([[0.0], [5.0], [10.0], [15.0]])
    table = summarise(tree(mixing=array(mixing), stuck=array(stuck))).set_index("variable")
    assert table.loc["mixing", "rhat"] < 1.02
    assert table.loc["mixing", "ess_bulk"] > 1000
    assert table.loc["stuck", "rhat"] > 2
    assert table.loc["stuck", "ess_bulk"] < 20


def test_a_fixed_element_has_no_diagnostics_and_disturbs_no_other():
    rng = np.random.default_rng(7)
    loading = np.stack([np.ones((2, 100)), rng.normal(size=(2, 100))], axis=-1)
    table = summarise(tree(loading=array(loading, ("indicator",), indicator=["visits", "votes"])))
    assert np.isnan(table["rhat"][0])
    assert table["mean"][0] == 1.0
    assert table["rhat"][1] == pytest.approx(1.0, abs=0.1)
