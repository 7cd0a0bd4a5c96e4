"""The same inputs give the same run, and what is known later changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from forecast.api import Study
from forecast.errors import ModelError
from forecast.evidence.vintage import Review
from forecast.inference.likelihood import log_likelihoods
from forecast.posterior import load_posterior
from forecast.runs import fit as fit_module
from forecast.runs import make as make_module
from forecast.runs.basis import Saved, load_basis
from forecast.runs.files import runs_directory
from forecast.runs.fit import run_identifier
from forecast.runs.make import make_run
from tests.plugins import fits


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the run anew, elsewhere, of a ledger and a study that know of later days."""
    place = tmp_path_factory.mktemp("again")
    directory = fits.write_study(place / "tiny", resolutions_csv=fits.LATER_RESOLUTIONS)
    study = Study.load(directory)
    fits.add_records(study, fits.LATER, place / "later")
    with study.ledger as ledger:
        assert len(ledger.entries()) == len(fits.ROWS) + len(fits.LATER)
        return make_run(study.data, ledger, fits.AS_OF, settings=fits.SETTINGS, progress=False)


def test_later_records_and_resolutions_leave_every_file_as_it_is(shared, again):
    assert again.name == shared.directory.name
    for name in ("forecasts.json", "manifest.json", "report.html", "report.md"):
        assert (again / name).read_bytes() == (shared.directory / name).read_bytes(), name


def test_the_draws_are_the_same_value_by_value(shared, again):
    one, other = load_posterior(shared.directory), load_posterior(again)
    assert (
        set(one.children)
        == set(other.children)
        == {
            "posterior",
            "sample_stats",
            "equipartition",
        }
    )
    for group in one.children:
        assert one[group].to_dataset().identical(other[group].to_dataset())


def test_the_log_likelihood_is_that_of_the_draws_as_they_are_stored(again):
    """Updates take it from the run; it has to be what they would have found."""
    study = Study.load(again.parents[2])
    with study.ledger as ledger:
        basis = load_basis(Saved(again), study.data, ledger)
    stats = load_posterior(again)["sample_stats"]
    kept = stats["log_likelihood"].transpose("chain", "draw").values.reshape(-1)
    assert np.array_equal(basis.log_likelihood, kept)
    assert len(set(kept)) == fits.SETTINGS.draws * fits.SETTINGS.chains
    found = log_likelihoods([basis.data], basis.priors, basis.draws.values)[0]
    np.testing.assert_allclose(kept, found, atol=1e-9)


def test_no_room_for_the_log_likelihood_loses_no_fit(caplog):
    """Updates evaluate it themselves; what is wrong in the program is not passed over."""

    def keeping(error):
        def keep():
            raise error

        return SimpleNamespace(keep_log_likelihood=keep)

    for error in (MemoryError(), RuntimeError("RESOURCE_EXHAUSTED: Out of memory")):
        caplog.clear()
        make_module._keep_log_likelihood(keeping(error))
        assert "could not be kept" in caplog.text
    with pytest.raises(ValueError, match="shapes"):
        make_module._keep_log_likelihood(keeping(ValueError("shapes")))


def test_the_log_tells_what_differs(shared, again):
    log = json.loads((again / "run.log.json").read_text())
    assert log["format"] == "run-log/1"
    assert set(log["seconds"]) == {"before sampling", "compile", "sample", "forecasts"}
    assert all(value >= 0.0 for value in log["seconds"].values())
    assert len(log["ledger_head"]) == 64
    assert log["records_of_other_pairs"] == 0


def test_the_panel_ends_with_the_period_of_the_date(shared):
    panel = shared.fit.panel
    assert panel.periods[-1] == "2023-Q2"
    assert shared.fit.draws["alignment"].shape[-1] == len(panel.periods) == 14


def test_everything_that_decides_numbers_decides_the_name(shared):
    fit = shared.fit

    def name(**changes):
        settings = replace(fits.SETTINGS, **changes.pop("settings", {}))
        parts = {"study": fit.study, "vintage": fit.vintage, "priors": fit.priors} | changes
        return run_identifier(parts["study"], parts["vintage"], parts["priors"], settings)

    others = [
        name(settings={"seed": 12}),
        name(settings={"draws": 151}),
        name(settings={"start": "2023-03-31-0a1b2c3d"}),
        name(settings={"paths": 41}),
        name(study=replace(fit.study, content_hash="0")),
        name(vintage=replace(fit.vintage, hash="0")),
        name(vintage=replace(fit.vintage, as_of=fits.AS_OF.replace(day=29))),
        name(vintage=replace(fit.vintage, review=Review(disputed=1))),
    ]
    assert name() == shared.directory.name
    assert len({name(), *others}) == len(others) + 1


def test_an_unknown_engine_is_refused_before_anything_is_done(shared, ledger):
    settings = replace(fits.SETTINGS, engine="magic")
    with pytest.raises(ModelError, match=r"no engine 'magic'.*auto, fast, nuts"):
        make_run(shared.fit.study, ledger, fits.AS_OF, settings=settings)


def test_an_interruption_writes_nothing(monkeypatch, tmp_path):
    study = Study.load(fits.write_study(tmp_path / "tiny"))

    def interrupt(model, engine, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(fit_module, "sample", interrupt)
    with study.ledger as ledger, pytest.raises(KeyboardInterrupt):
        make_run(study.data, ledger, fits.AS_OF, settings=fits.SETTINGS, progress=False)
    assert not runs_directory(study.data.directory).exists()


def test_the_steps_are_told(shared, monkeypatch, ledger):
    told: list[str] = []

    def stop(model, engine, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(fit_module, "sample", stop)
    with pytest.raises(KeyboardInterrupt):
        make_run(shared.fit.study, ledger, fits.AS_OF, say=told.append)
    assert told == ["0 records known on 2023-06-30; building the model"]


def test_expert_judgements_are_forecast_beside_the_questions(shared):
    assert [one.id for one in shared.fit.judgements] == ["J1"]
    assert shared.fit.judgements[0].status == "closed"
    assert np.isfinite([one.mc_error for one in shared.fit.questions if one.mc_error]).all()
