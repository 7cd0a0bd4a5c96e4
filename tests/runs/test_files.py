"""What stands in a run directory, and that it is whole or absent."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from forecast.report.words import probability_words
from forecast.runs import files as files_module
from forecast.runs.files import _plain, forecasts_document, runs_directory
from tests.plugins import fits

FILES = {
    "forecasts.json",
    "manifest.json",
    "posterior.zarr",
    "report-data.json.gz",
    "report.html",
    "report.md",
    "run.log.json",
    "start.npz",
}


def read(shared, name):
    return json.loads((shared.directory / name).read_text(encoding="utf-8"))


@pytest.fixture
def elsewhere(shared, tmp_path, monkeypatch):
    """Return the fit as that of an empty study directory, free to be written to."""
    # What the report shows is tested elsewhere; drawing it takes a second each time.
    monkeypatch.setattr(files_module, "render_html", lambda data: "<html></html>")
    study = replace(shared.fit.study, directory=tmp_path / "copy")
    return replace(shared.fit, study=study)


def test_the_directory_holds_the_documented_files(shared):
    assert {path.name for path in shared.directory.iterdir()} == FILES
    assert shared.directory.parent == shared.study_directory / ".forecast" / "runs"
    assert shared.directory.name.startswith("2023-06-30-")


def test_forecasts_have_exactly_the_documented_fields(shared):
    document = read(shared, "forecasts.json")
    assert list(document) == [
        "format",
        "study",
        "run",
        "as_of",
        "made_at",
        "engine",
        "status",
        "diagnostics",
        "questions",
    ]
    assert document["format"] == "forecast/1"
    assert (document["study"], document["run"]) == ("tiny", shared.directory.name)
    assert (document["as_of"], document["made_at"]) == ("2023-06-30", "2023-06-30")
    assert document["engine"] == "fast"
    assert document["status"] in ("converged", "doubtful", "failed")
    for question in document["questions"]:
        assert list(question) == [
            "id",
            "pair",
            "event",
            "opens",
            "closes",
            "status",
            "probability",
            "reason",
            "interval",
            "mc_error",
            "words",
            "rungs",
            "previous",
            "drivers",
        ]


def test_every_question_of_the_study_is_answered_or_says_why(shared):
    questions = read(shared, "forecasts.json")["questions"]
    assert [one["id"] for one in questions] == [one.id for one in shared.fit.study.questions]
    known = [one for one in questions if one["probability"] is not None]
    assert {one["id"] for one in known} == {"Q1", "Q2", "Q4", "Q5", "Q6", "Q7", "Q8"}
    for one in known:
        assert one["status"] == "open"
        assert one["reason"] == ""
        assert one["words"] == probability_words(one["probability"])
        assert list(one["interval"]) == ["prob", "low", "high"]
        assert one["interval"]["prob"] == 0.9
        assert 0.0 <= one["interval"]["low"] <= one["interval"]["high"] <= 1.0
        assert 0.0 <= one["mc_error"] < 0.2
        for track in ("any", "state"):
            assert sum(one["rungs"][track].values()) == pytest.approx(1.0)
    unknown = {one["id"]: one for one in questions if one["probability"] is None}
    assert {name: one["status"] for name, one in unknown.items()} == {
        "Q3": "not_modelled",
        "Q9": "draft",
        "Q10": "closed",
    }
    for one in unknown.values():
        assert one["reason"]
        assert (one["interval"], one["mc_error"], one["words"], one["rungs"]) == (
            None,
            None,
            "",
            {},
        )


def test_json_files_are_strict_and_end_with_a_line(shared):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    for name in ("forecasts.json", "manifest.json", "run.log.json"):
        text = (shared.directory / name).read_text(encoding="utf-8")
        json.loads(text, parse_constant=refuse)
        assert text.endswith("}\n")


def test_numbers_that_are_not_finite_become_null():
    values = {"a": math.nan, "b": math.inf, "c": 0.12345678, "d": "text", "e": 3}
    assert _plain(values) == {"a": None, "b": None, "c": 0.123457, "d": "text", "e": 3}


def test_the_manifest_holds_the_hash_of_every_input(shared):
    manifest, fit = read(shared, "manifest.json"), shared.fit
    assert manifest["format"] == "manifest/1"
    assert manifest["study_hash"] == fit.study.content_hash
    assert manifest["vintage"] == {
        "hash": fit.vintage.hash,
        "records": len(fits.ROWS),
        "withdrawn": 0,
        "review": {"accepted": 0, "disputed": 0, "pending": 0},
    }
    assert manifest["panel_hash"] == fit.panel.content_hash
    signals = {one.name for one in fit.study.indicators.values() if one.measures == "alignment"}
    assert set(manifest["reporting_delays"]) == signals
    for delay in manifest["reporting_delays"].values():
        shares = [delay[f"known_after_{days}_days"] for days in (7, 30, 90)]
        assert 0 < shares[0] <= shares[1] <= shares[2] <= 1
    assert set(manifest["priors"]) == {"signals-2026", "witness-2026"}
    hashes = [manifest["study_hash"], manifest["vintage"]["hash"], *manifest["priors"].values()]
    assert all(len(one) == 64 and int(one, 16) >= 0 for one in hashes)
    settings = fits.SETTINGS
    assert (manifest["seed"], manifest["draws"], manifest["chains"]) == (
        settings.seed,
        settings.draws,
        settings.chains,
    )
    assert {"python", "pymc", "nutpie", "jax", "alignment-forecast"} <= set(manifest["versions"])
    assert manifest["diagnostics"] == read(shared, "forecasts.json")["diagnostics"]
    assert manifest["command"] == (
        "forecast run tiny --as-of 2023-06-30 --engine fast --seed 11 --draws 150 --tune 150"
        " --chains 2 --no-reasons"
    )


def test_no_place_of_the_machine_stands_in_what_is_shared(shared):
    for name in FILES - {"posterior.zarr"}:
        content = (shared.directory / name).read_bytes()
        assert str(shared.study_directory).encode() not in content
        assert str(shared.study_directory.parent.parent).encode() not in content


@pytest.mark.parametrize(
    ("step", "error"),
    [("render_html", OSError), ("save_posterior", KeyboardInterrupt), ("log_document", OSError)],
)
def test_a_crash_in_the_middle_leaves_nothing(elsewhere, monkeypatch, step, error):
    def crash(*arguments):
        raise error("no space left")

    monkeypatch.setattr(files_module, step, crash)
    with pytest.raises(error):
        fits.write_files(elsewhere)
    home = runs_directory(elsewhere.study.directory)
    assert list(home.iterdir()) == []


def test_a_crash_while_a_run_is_made_again_keeps_the_old_one(elsewhere, monkeypatch):
    path = fits.write_files(elsewhere)
    before = (path / "forecasts.json").read_bytes()

    def crash(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(files_module, "save_posterior", crash)
    with pytest.raises(OSError, match="no space left"):
        fits.write_files(elsewhere)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert (path / "forecasts.json").read_bytes() == before


def test_writing_again_replaces_and_leaves_no_draft(elsewhere):
    path = fits.write_files(elsewhere)
    (path / "stray.txt").write_text("of an earlier version")
    assert fits.write_files(elsewhere) == path
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert {one.name for one in path.iterdir()} == FILES


# The previous run


def earlier(home, as_of, probability, run, name="Q1", status="converged"):
    """Write the forecasts of another run beside."""
    place = home / run
    place.mkdir(parents=True)
    questions = [{"id": name, "probability": probability}]
    document = {"format": "forecast/1", "run": run, "as_of": as_of, "status": status}
    document["questions"] = questions
    (place / "forecasts.json").write_text(json.dumps(document))


def previous(fit):
    files = files_module.RunFiles("2023-06-30-now", {"engine": "nuts"}, "")
    document = forecasts_document(fit, files)
    return {one["id"]: one["previous"] for one in document["questions"]}


def test_the_first_run_has_no_previous_one(shared):
    assert {one["previous"] for one in read(shared, "forecasts.json")["questions"]} == {None}


def test_the_newest_run_of_an_earlier_date_is_the_previous_one(elsewhere):
    home = runs_directory(elsewhere.study.directory)
    earlier(home, "2023-04-30", 0.99, "2023-04-30-failed", status="failed")
    (home / "2023-05-01-damaged").mkdir(parents=True)
    (home / "2023-05-01-damaged" / "forecasts.json").write_text("{")
    earlier(home, "2023-03-31", 0.25, "2023-03-31-a")
    earlier(home, "2022-12-31", 0.5, "2022-12-31-b")
    earlier(home, "2023-06-30", 0.75, "2023-06-30-other-seed")
    earlier(home, "2023-09-30", 0.9, "2023-09-30-c")
    found = previous(elsewhere)
    assert found["Q1"] == {"run": "2023-03-31-a", "probability": 0.25}
    assert found["Q2"] is None


def test_a_question_that_had_no_probability_has_no_previous_one(elsewhere):
    earlier(runs_directory(elsewhere.study.directory), "2023-03-31", None, "2023-03-31-a")
    assert previous(elsewhere)["Q1"] is None


def test_a_draft_of_another_process_is_no_previous_run(elsewhere):
    earlier(runs_directory(elsewhere.study.directory), "2023-03-31", 0.25, ".draft-x")
    assert previous(elsewhere)["Q1"] is None
