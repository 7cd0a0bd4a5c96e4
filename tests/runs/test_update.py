"""Updates of a small fit: what is written, what it says, and what is refused.

The gate lets a larger simulation error pass here than for users: 300 draws are few.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecast.api import Run, Study
from forecast.errors import RunError
from forecast.explain import update as reweighing
from forecast.posterior import load_posterior
from forecast.report.words import probability_words
from forecast.runs import files as files_module
from forecast.runs import update as update_module
from forecast.runs.basis import Saved, load_basis, stale, vintage_of
from forecast.runs.files import read_forecasts, read_json
from forecast.runs.report_data import load_report_data
from forecast.runs.since import with_refit
from forecast.runs.update import Answer, carry_out, plan_update
from tests import tiny
from tests.evidence.tamper import execute
from tests.plugins import fits
from tests.plugins.fits import AS_OF

PATROL = fits.BASE | {"id": "N1", "event_date": "2023-04-20", "known_at": "2023-06-15"}
VOTE = fits.BASE | {"mutual": "0", "indicator": "un_vote", "value": "abstain"}
LATER = VOTE | {"id": "N2", "event_date": "2023-07-05", "known_at": "2023-07-06"}
SHOCK = '\n[[shocks]]\nid = "new"\ndate = "2023-07-03"\ntitle = "Something new"\n'
CHANGES = ["question", "before", "time", "revisions", "retractions", "evidence", "after"]


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch):
    monkeypatch.setattr(reweighing, "LARGEST_ERROR", 0.1)


@dataclass
class Place:
    """A study of its own with the fit as a run in it."""

    study: Study
    fit: Path

    def update(self, run: Path, day: date = AS_OF, rows=(), write: bool = True):
        """Take in rows of evidence, and update a run."""
        if rows:
            fits.add_records(self.study, list(rows), self.fit.parent / ".rows")
        with self.study.ledger as ledger:
            plan = plan_update(self.study.data, ledger, run, day)
            return carry_out(plan, progress=False) if write else plan


def copy_of(shared, target: Path) -> Place:
    return Place(*fits.copy_run(shared, target))


@pytest.fixture
def place(shared, tmp_path):
    return copy_of(shared, tmp_path / "tiny")


@dataclass
class Chain:
    """A fit, an update of it, and an update of that."""

    place: Place
    first: Path
    said: Answer
    second: Path
    told: Answer


@pytest.fixture(scope="module")
def chain(shared, tmp_path_factory):
    """Return two updates in a row; the second one begins a quarter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reweighing, "LARGEST_ERROR", 0.1)
        place = copy_of(shared, tmp_path_factory.mktemp("chain") / "tiny")
        first, said = place.update(place.fit, AS_OF, [PATROL])
        second, told = place.update(first, date(2023, 7, 10), [LATER])
    return Chain(place, first, said, second, told)


def runs_of(place: Place) -> list[str]:
    return sorted(one.name for one in place.fit.parent.glob("[!.]*"))


def drafts_of(place: Place) -> list[Path]:
    return list(place.fit.parent.glob(".draft-*"))


# What is written


def test_with_nothing_new_the_run_stays_what_it_is(place):
    before = runs_of(place)
    directory, answer = place.update(place.fit)
    assert (directory, answer.path) == (place.fit, "unchanged")
    assert answer.why == "nothing is new since this run"
    assert answer.records == {}
    assert (answer.changes["before"] == answer.changes["after"]).all()
    assert runs_of(place) == before


def test_a_new_record_makes_a_whole_run(chain):
    assert (chain.said.path, chain.said.records) == ("reweighted", {"evidence": ("N1",)})
    names = {one.name for one in chain.first.iterdir()}
    assert names == {one.name for one in chain.place.fit.iterdir()}
    assert chain.first.name.startswith("2023-06-30-")
    assert chain.first != chain.place.fit


def test_the_manifest_tells_whose_draws_are_weighed_and_how(chain):
    manifest = read_json(chain.first / "manifest.json")
    link = manifest["reweighted"]
    assert list(link) == ["fit", "since", "k_hat", "ess", "records", "changes"]
    assert (link["fit"], link["since"]) == (chain.place.fit.name, chain.place.fit.name)
    assert link["k_hat"] is None or link["k_hat"] <= 0.7
    assert 100 <= link["ess"] <= 300
    assert link["records"] == {"evidence": ["N1"]}
    assert [list(row) for row in link["changes"]] == [CHANGES] * len(link["changes"])
    assert manifest["command"] == (
        f"forecast update tiny --run {chain.place.fit.name} --as-of 2023-06-30"
    )
    assert manifest["vintage"]["records"] == len(fits.ROWS) + 1


def test_forecasts_follow_the_run_before(chain):
    made = read_forecasts(chain.first / "forecasts.json")
    before = Saved(chain.place.fit).probabilities
    after = dict(zip(chain.said.changes["question"], chain.said.changes["after"], strict=True))
    for one in made["questions"]:
        if one["probability"] is None:
            continue
        assert one["probability"] == pytest.approx(after[one["id"]])
        assert one["words"] == probability_words(one["probability"])
        assert one["previous"] == {
            "run": chain.place.fit.name,
            "probability": before[one["id"]],
        }
    assert made["reweighted"] == read_json(chain.first / "manifest.json")["reweighted"]
    # The patrol is the second of the year.
    assert fits.probabilities(made)["Q2"] == 1.0


def test_a_second_update_weighs_the_fit_and_tells_the_change_since_the_first(chain):
    link = read_json(chain.second / "manifest.json")["reweighted"]
    assert (link["fit"], link["since"]) == (chain.place.fit.name, chain.first.name)
    assert link["records"] == {"evidence": ["N2"]}
    before = Saved(chain.first).probabilities
    table = chain.told.changes.dropna(subset=["before"]).set_index("question")
    assert dict(table["before"]) == before
    moved = table[["time", "revisions", "retractions", "evidence"]].sum(axis=1)
    assert (table["before"] + moved).to_numpy() == pytest.approx(table["after"].to_numpy(float))
    for one in read_forecasts(chain.second / "forecasts.json")["questions"]:
        assert one["previous"] is None or one["previous"]["run"] == chain.first.name


def test_the_posterior_keeps_its_dims_and_grows_by_the_period_that_began(chain):
    trees = [
        load_posterior(one)["posterior"].to_dataset()
        for one in (chain.place.fit, chain.first, chain.second)
    ]
    sizes = [dict(one.sizes) for one in trees]
    assert sizes[1] == sizes[0]
    grown = {"period": sizes[0]["period"] + 1, "staked_period": sizes[0]["staked_period"] + 1}
    assert sizes[2] == sizes[0] | grown
    assert str(trees[2]["period"].values[-1]) == "2023-Q3"
    for one in trees:
        assert one["alignment"].dims == trees[0]["alignment"].dims
        assert np.isfinite(one["alignment"].values).all()
    assert "means over these draws" in trees[1].attrs["resampled"]


def test_the_report_says_that_the_draws_were_weighted(chain):
    text = (chain.second / "report.md").read_text(encoding="utf-8")
    assert "What changed since the last report" in text
    data = load_report_data(chain.second, chain.place.study.data)
    assert {"k_hat", "weights_ess"} <= set(data.diagnostics["name"])


def test_a_question_that_opens_meanwhile_has_no_number_before(chain):
    row = chain.told.changes.set_index("question").loc["Q9"]
    assert np.isnan(float(row["before"]))
    assert 0.0 <= row["after"] <= 1.0


def test_the_same_inputs_give_the_same_run_with_the_same_bytes(chain):
    kept = {
        one.relative_to(chain.first): one.read_bytes()
        for one in chain.first.rglob("*")
        if one.is_file() and one.name != "run.log.json"
    }
    # The ledger now holds a record that became known later, too.
    directory, _ = chain.place.update(chain.place.fit, AS_OF)
    assert directory == chain.first
    assert kept == {
        one.relative_to(directory): one.read_bytes()
        for one in directory.rglob("*")
        if one.is_file() and one.name != "run.log.json"
    }


def test_a_notebook_gets_the_same_answer(chain):
    run = Run.open(chain.first)
    found = run.update(as_of="2023-07-10", write=False)
    assert (found.path, found.directory) == ("reweighted", chain.first)
    assert list(found.table["question"]) == list(chain.told.changes["question"])
    np.testing.assert_allclose(
        found.table["after"].to_numpy(float), chain.told.changes["after"].to_numpy(float)
    )
    assert list(found.gates["cause"]) == ["time", "evidence"]
    assert len(found.plot().axes) == 1


# Causes


def test_corrected_and_withdrawn_records_stand_under_their_causes(place):
    study = place.study
    row = next(one for one in fits.ROWS if one["id"] == "V0")
    with study.ledger as ledger:
        fixed = tiny.record(study.data, **row | {"note": "checked"})
        ledger.supersede(fixed, known_at=date(2023, 6, 20))
        ledger.retract("C1", known_at=date(2023, 6, 21), why="no such act")
    directory, answer = place.update(place.fit, AS_OF, [PATROL])
    assert answer.records == {
        "revisions": ("V0",),
        "retractions": ("C1",),
        "evidence": ("N1",),
    }
    assert list(answer.gates["cause"]) == ["revisions", "retractions", "evidence"]
    assert answer.path == "reweighted"
    assert read_json(directory / "manifest.json")["vintage"]["withdrawn"] == 1


def test_a_record_entered_late_is_new_whenever_it_was_known(place):
    late = VOTE | {"id": "N9", "event_date": "2022-12-15", "known_at": "2022-12-16"}
    plan = place.update(place.fit, AS_OF, [late], write=False)
    assert plan.answer.records == {"evidence": ("N9",)}
    saved, data = Saved(place.fit), place.study.data
    with place.study.ledger as ledger:
        known = vintage_of(saved, data, ledger)
        assert load_basis(saved, data, ledger).vintage.hash == known.hash
    assert "N9" not in [one.id for one in known.records]


def test_what_becomes_known_later_is_not_let_in(place):
    directory, answer = place.update(place.fit, AS_OF, fits.LATER)
    assert (directory, answer.path) == (place.fit, "unchanged")


# What is refused, and what is fitted again


def test_a_date_before_the_run_is_refused(place):
    with pytest.raises(RunError, match="2023-06-29 is before the run") as caught:
        place.update(place.fit, date(2023, 6, 29))
    assert "2023-06-30" in str(caught.value)


def test_a_ledger_that_lost_what_the_run_read_is_told(place):
    execute(
        str(place.study.data.directory / ".forecast" / "ledger.db"),
        "DELETE FROM entries WHERE record_id = 'C1'",
    )
    with pytest.raises(RunError, match="does not hold what the run was made from"):
        place.update(place.fit)


def test_a_fit_that_is_gone_is_named(chain, tmp_path):
    alone = tmp_path / "tiny" / ".forecast" / "runs" / chain.first.name
    shutil.copytree(chain.first, alone)
    with pytest.raises(RunError, match=f"the fit {chain.place.fit.name} .* is gone"):
        _ = Saved(alone).fit


def with_manifest(run: Path, **changes) -> None:
    manifest = read_json(run / "manifest.json")
    (run / "manifest.json").write_text(json.dumps(manifest | changes))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"study_hash": "0" * 64}, "the study's files have changed since the fit"),
        ({"priors": {"signals-2026": "0"}}, "the prior sets have changed since the fit"),
        (
            {"versions": {"alignment-forecast": "0.0.1"}},
            "the fit was made by version 0.0.1, this is",
        ),
    ],
)
def test_what_the_draws_no_longer_serve_is_fitted_again(place, changes, why):
    with_manifest(place.fit, **changes)
    plan = place.update(place.fit, write=False)
    assert plan.refit
    assert plan.answer.path == "refitted"
    assert plan.answer.why.startswith(why)
    assert plan.answer.changes.empty
    with place.study.ledger as ledger, pytest.raises(RunError, match=why.split(",")[0]):
        load_basis(Saved(place.fit), place.study.data, ledger)


def test_a_failed_fit_is_fitted_again(place):
    document = read_json(place.fit / "forecasts.json") | {"status": "failed"}
    (place.fit / "forecasts.json").write_text(json.dumps(document))
    study = place.study.data
    assert stale(Saved(place.fit), study, fits.priors_of(study)) == "the fit's diagnostics failed"


def test_a_session_sees_what_is_edited_meanwhile(place):
    """As a command would: what was loaded before serves no longer."""
    run = Run.open(place.fit)
    assert run.update(as_of=AS_OF, write=False).path == "unchanged"
    loaded = run._kept[0]
    assert run.update(as_of=AS_OF, write=False).path == "unchanged"
    assert run._kept[0] is loaded
    file = run.study.data.directory / "study.toml"
    file.write_text(file.read_text() + SHOCK)
    found = run.update(as_of=AS_OF, write=False)
    assert (found.path, found.answer.why) == (
        "refitted",
        "the study's files have changed since the fit",
    )
    with pytest.raises(RunError, match="files have changed since the fit"):
        run.explain("Q4")


def test_a_shock_since_the_fit_is_fitted_again(place, monkeypatch):
    file = place.study.data.directory / "study.toml"
    file.write_text(file.read_text() + SHOCK)
    changed = Study.load(file.parent)
    # The study is as if it had had the shock from the start.
    with_manifest(place.fit, study_hash=changed.data.content_hash)
    with changed.ledger as ledger:
        plan = plan_update(changed.data, ledger, place.fit, date(2023, 7, 10))
    assert plan.refit
    assert "knows nothing of" in plan.why
    assert list(plan.answer.changes["question"])
    assert plan.answer.changes["after"].isna().all()


def test_a_refit_is_announced_and_told_beside_the_way_there(place, monkeypatch):
    """The fit itself is stood in for: that of another test is its answer."""
    monkeypatch.setattr(reweighing, "LARGEST_ERROR", 0.0)
    monkeypatch.setattr(reweighing, "_ERROR_GROWTH", 0.0)
    plan = place.update(place.fit, AS_OF, [PATROL], write=False)
    assert "the simulation error of" in plan.why
    asked = {}

    def make(study, ledger, as_of, *, settings, progress, say, follows):
        asked.update(settings=settings, as_of=as_of, follows=follows)
        return place.fit

    monkeypatch.setattr(update_module, "make_run", make)
    said: list[str] = []
    directory, answer = carry_out(plan, progress=False, say=said.append)
    assert directory == place.fit
    assert answer.path == "refitted"
    assert said[0].startswith(f"Refitting, since {plan.why}; starting where {place.fit.name}")
    assert asked["as_of"] == AS_OF
    assert asked["settings"] == replace(fits.SETTINGS, start=place.fit.name)
    told = asked["follows"].changes({"Q1": 0.9})
    assert (asked["follows"].run, told.since, told.path) == (plan.run.id, plan.run.id, "refitted")
    assert told.table.set_index("question")["after"]["Q1"] == 0.9
    assert list(answer.changes.columns) == [*CHANGES[:-1], "refit", "after"]
    assert answer.changes["refit"].to_numpy(float) == pytest.approx(0.0)


def test_what_no_step_tells_is_the_refit_s_part(chain):
    before, after = {"Q1": 0.2, "Q2": 0.5}, {"Q1": 0.3, "Q3": 0.1}
    bare = with_refit(chain.said.changes.iloc[:0], before, after)
    # A question that the refit is the first to forecast comes in, with nothing before.
    assert bare["question"].tolist() == ["Q1", "Q3"]
    assert bare["refit"].iloc[0] == pytest.approx(0.1)
    assert bare["before"].isna().tolist() == [False, True]
    assert bare[["time", "evidence"]].isna().all(axis=None)
    row = chain.said.changes.head(1).assign(before=0.2, time=0.0, evidence=0.07, after=0.27)
    assert with_refit(row, before, after)["refit"].iloc[0] == pytest.approx(0.03)


# Whole or absent


@pytest.mark.parametrize(
    ("step", "error"), [("save_posterior", KeyboardInterrupt), ("render_markdown", OSError)]
)
def test_a_crash_before_the_end_leaves_no_half_run(place, monkeypatch, step, error):
    def crash(*arguments):
        raise error("stopped")

    monkeypatch.setattr(files_module, step, crash)
    monkeypatch.setattr(files_module, "render_html", lambda data: "<html></html>")
    before = runs_of(place)
    with pytest.raises(error):
        place.update(place.fit, AS_OF, [PATROL])
    assert runs_of(place) == before
    assert drafts_of(place) == []


# Reasons


@pytest.fixture(scope="module")
def reasoned(shared, tmp_path_factory):
    """Return an update of the fit that gives its reasons, as if the fit had been asked to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reweighing, "LARGEST_ERROR", 0.1)
        place = copy_of(shared, tmp_path_factory.mktemp("reasons") / "tiny")
        with_manifest(place.fit, reasons=True)
        directory, _ = place.update(place.fit, AS_OF, [PATROL])
    return place, directory


def test_reasons_weigh_the_records_of_open_questions(reasoned):
    _, directory = reasoned
    for one in read_forecasts(directory / "forecasts.json")["questions"]:
        assert len(one["drivers"]) <= 10
        if one["probability"] is None:
            assert one["drivers"] == []
        for driver in one["drivers"]:
            assert list(driver) == ["record", "bits", "k_hat"]
            assert driver["k_hat"] is None or driver["k_hat"] <= 0.7
    drivers = {
        one["id"]: [driver["record"] for driver in one["drivers"]]
        for one in read_forecasts(directory / "forecasts.json")["questions"]
    }
    assert "N1" in drivers["Q2"]


def test_reasons_name_what_changed_and_what_to_watch(reasoned):
    place, directory = reasoned
    data = load_report_data(directory, place.study.data)
    assert set(data.watched["question"]) <= set(data.changes["question"])
    assert not data.watched.empty
    assert set(data.tripwires["question"]) == set(data.watched["question"])
    assert data.change_records["record"].tolist() == ["N1"]
    text = (directory / "report.md").read_text(encoding="utf-8")
    assert "N1" in text
    assert f"Since the run {place.fit.name.replace('-', chr(92) + '-')}" in text or (
        f"Since the run {place.fit.name}" in text
    )
    assert "What would change it" in text


def test_a_run_without_reasons_says_so_in_its_place(chain):
    for one in read_forecasts(chain.first / "forecasts.json")["questions"]:
        assert one["drivers"] == []
    text = (chain.first / "report.md").read_text(encoding="utf-8")
    assert "this run was made without its reasons" in text
