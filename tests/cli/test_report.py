import json
import os

import pytest

from tests.cli.test_run import FORECASTS


@pytest.fixture
def runs(blank_study):
    """Two runs, the newer one with the smaller name."""
    for name, age in (("b-older", 1000), ("a-newer", 2000)):
        place = blank_study / ".forecast" / "runs" / name
        place.mkdir(parents=True)
        (place / "forecasts.json").write_text(json.dumps({**FORECASTS, "run": name}))
        (place / "report.html").write_text("<p>report</p>")
        (place / "report.md").write_text(f"# Report of {name}\n")
        (place / "manifest.json").write_text("{}")
        os.utime(place / "manifest.json", (age, age))
    # Half-made: a run that is being written, or whose writer was killed.
    (blank_study / ".forecast" / "runs" / ".c-half").mkdir()
    return blank_study


def test_the_newest_run_is_shown_unless_one_is_named(program, runs):
    assert program("report", "mine", "--json").json["run"] == "a-newer"
    assert program("report", "mine", "b-older", "--json").json["run"] == "b-older"


def test_the_files_that_are_named_exist(program, runs, workplace):
    files = program("report", "mine", "--json").json["report"]
    assert [(workplace / file).is_file() for file in files.values()] == [True, True]


def test_the_headlines_and_the_place_of_the_report_are_printed(program, runs):
    out = program("report", "mine").out
    assert "12.3 %" in out
    assert out.rstrip().endswith("a-newer/report.html")


def test_markdown_is_the_whole_output(program, runs):
    assert program("report", "mine", "b-older", "--markdown").out == "# Report of b-older\n"


def test_an_unknown_run_is_refused_with_those_that_exist(program, runs):
    outcome = program("report", "mine", "z")
    assert outcome.code == 1
    assert "b-older, a-newer" in outcome.err


def test_a_study_without_a_run_says_how_to_make_one(program, blank_study):
    outcome = program("report", "mine")
    assert outcome.code == 1
    assert "forecast run mine" in outcome.err
