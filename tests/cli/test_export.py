import csv
import io
import json

import numpy as np
import pytest
import xarray as xr

from forecast.posterior import save_posterior


@pytest.fixture
def run(blank_study):
    """A run with the draws 1 to 8 of one parameter, and one that is fixed."""
    place = blank_study / ".forecast" / "runs" / "r1"
    place.mkdir(parents=True)
    (place / "manifest.json").write_text("{}")
    draws = xr.DataArray(np.arange(1.0, 9.0).reshape(2, 4), dims=("chain", "draw"))
    posterior = xr.Dataset({"scale": draws, "fixed": xr.ones_like(draws)})
    stats = xr.Dataset({"depth": draws})
    tree = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})
    save_posterior(tree, place)
    return place


def rows(text):
    return {row["variable"]: row for row in csv.DictReader(io.StringIO(text))}


def test_the_summary_goes_to_standard_output(program, run):
    found = rows(program("export", "posterior", "mine").out)
    # Mean of 1..8 is 4.5, its sample sd the root of 6.
    assert (found["scale"]["mean"], found["scale"]["sd"]) == ("4.5", "2.44949")
    assert (found["fixed"]["mean"], found["fixed"]["rhat"]) == ("1", "")


def test_a_file_holds_the_same(program, run, workplace):
    printed = program("export", "posterior", "mine", "r1").out
    assert program("export", "posterior", "mine", "-o", "p.csv").out == "2 rows in p.csv\n"
    assert (workplace / "p.csv").read_text() == printed


def test_json_has_null_where_nothing_applies(program, run):
    found = json.loads(program("export", "posterior", "mine", "--json").out)
    assert found["run"] == "r1"
    assert {row["variable"]: row["rhat"] for row in found["rows"]}["fixed"] is None


def test_a_place_that_cannot_be_written_is_told(program, run):
    outcome = program("export", "posterior", "mine", "-o", "nowhere/p.csv")
    assert outcome.code == 1
    assert "nowhere/p.csv: No such file or directory" in outcome.err
