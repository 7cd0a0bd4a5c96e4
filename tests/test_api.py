"""The Python face: load a study, read a run; and importing it costs nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import pytest

import forecast
from forecast import api
from forecast.errors import ProblemsError, RunError
from forecast.runs.tables import alignment_table
from tests.plugins import fits
from tests.runs.made_up import write_run

shared = fits.shared


def test_importing_the_package_loads_no_heavy_library():
    code = (
        "import sys, forecast; "
        "heavy = ('pymc', 'pytensor', 'jax', 'nutpie', 'arviz', 'matplotlib', 'pandas', 'xarray'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_face_is_loaded_when_first_used_and_still_without_samplers():
    code = (
        "import sys, forecast; forecast.Study, forecast.Run; "
        "print([name for name in ('pymc', 'pytensor', 'jax', 'nutpie', 'arviz', 'matplotlib') "
        "if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_package_offers_study_and_run_and_nothing_it_lacks():
    assert forecast.Study is api.Study
    assert forecast.Run is api.Run
    with pytest.raises(AttributeError, match="no attribute 'Forecast'"):
        _ = forecast.Forecast


def test_a_study_is_loaded_with_its_evidence_in_the_ledger(tmp_path):
    study = forecast.Study.load(fits.write_study(tmp_path / "tiny"))
    with study.ledger as ledger:
        assert ledger.head.seq == len(fits.ROWS)
    # Loaded again, an unchanged ledger stays as it is.
    with forecast.Study.load(tmp_path / "tiny").ledger as ledger:
        assert ledger.head.seq == len(fits.ROWS)


def test_the_parts_of_a_study_are_within_reach(tmp_path):
    study = forecast.Study.load(fits.write_study(tmp_path / "tiny"))
    assert study.id == "tiny"
    assert [question.id for question in study.questions][:2] == ["Q1", "Q2"]
    assert study.pairs[0].label == "CHN->RUS"
    with pytest.raises(AttributeError, match="colour"):
        _ = study.colour


def test_a_study_with_problems_lists_all_of_them(tmp_path):
    broken = fits.QUESTIONS_CSV.replace(">= lethal", ">= deadly").replace("joint_patrol", "patrols")
    directory = fits.write_study(tmp_path / "tiny", questions_csv=broken)
    with pytest.raises(ProblemsError) as caught:
        forecast.Study.load(directory)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("as_of", ["2022-05-01", date(2022, 5, 1), None])
def test_fit_passes_date_and_settings_on(tmp_path, monkeypatch, shared, as_of):
    asked = []

    def make_run(study, ledger, day, *, settings, progress, say):
        asked.append((day, settings, progress))
        say("Fitting")
        return shared.directory

    monkeypatch.setattr(api, "make_run", make_run)
    study = forecast.Study.load(fits.write_study(tmp_path / "tiny"))
    told = []
    run = study.fit(as_of, seed=7, draws=10, progress=False, say=told.append)
    assert run.directory == shared.directory
    day, settings, progress = asked[0]
    # Without a date, that of study.toml.
    assert day == (date(2022, 5, 1) if as_of else date(2023, 6, 30))
    assert (settings.seed, settings.draws, settings.engine, progress) == (7, 10, "auto", False)
    assert told == ["Fitting"]


def test_a_run_shows_what_its_files_say(shared):
    run = forecast.Run.open(str(shared.directory))
    document = json.loads((shared.directory / "forecasts.json").read_text(encoding="utf-8"))
    assert run.forecasts == document
    assert run.status == document["status"]
    assert run.manifest["run"] == shared.directory.name
    assert run.report_path.is_file()


def test_the_draws_of_a_run_have_named_dims(shared):
    posterior = forecast.Run.open(shared.directory).posterior["posterior"]
    assert posterior["alignment"].dims == ("chain", "draw", "pair", "domain", "period")
    found = posterior["alignment"].sel(pair="CHN->RUS", domain="military", period="2023-Q2")
    assert found.shape == (2, 150)
    assert (
        posterior["signed_loading"].sel(indicator="joint_patrol").values.tolist()
        == [[1.0] * 150] * 2
    )


def test_alignment_is_summed_up_and_drawn(shared):
    run = forecast.Run.open(shared.directory)
    table = alignment_table(run.posterior)
    assert len(table) == 4 * 3 * 14
    assert (table["q05"] <= table["q50"]).all()
    assert (table["q50"] <= table["q95"]).all()
    row = table.set_index(["pair", "domain", "period"]).loc[("NA->RUS", "economic", "2021-Q3")]
    own = run.posterior["posterior"]["alignment"].sel(
        pair="NA->RUS", domain="economic", period="2021-Q3"
    )
    assert row["mean"] == pytest.approx(float(own.mean()), rel=1e-4)
    figure = run.plot_alignment(["CHN->RUS"])
    assert len(figure.axes) >= 1


def test_a_place_without_a_manifest_is_no_run(tmp_path):
    with pytest.raises(RunError, match="not a run directory"):
        forecast.Run.open(tmp_path)


def test_a_run_is_signed_and_shows_who_signed(tmp_path):
    directory = write_run(fits.write_study(tmp_path / "tiny"))
    run = forecast.Run.open(directory)
    assert run.sign_offs == ()
    made = run.sign_off(by="A. Analyst", adjust={"Q03": 0.125}, why="talks under way")
    assert made.problem == ""
    assert run.sign_offs == (made.sign_off,)
    assert run.sign_offs[0].adjusted == {"Q03": 0.125}
    assert "A. Analyst" in (directory / "report.md").read_text(encoding="utf-8")
    with pytest.raises(ProblemsError, match="3 problems"):
        run.sign_off(by="", adjust={"Q99": 0.5})


def test_a_study_scores_its_runs(tmp_path):
    record = forecast.Study.load(fits.write_study(tmp_path / "tiny")).score()
    assert record.table["question"].tolist() == ["Q2"]
    assert record.table["model"].isna().all()
