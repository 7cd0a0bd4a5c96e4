"""A replay: each day on what was known by its end, none reckoned twice, none seeing ahead."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from itertools import islice

import pandas as pd
import pytest

from forecast.api import Run, Study
from forecast.errors import FitError, RunError, StudyError
from forecast.explain.basis import ImpossibleError
from forecast.runs import replay as replay_module
from forecast.runs.basis import Saved
from forecast.runs.replay import Choices, replay_days
from forecast.runs.replay_days import replays_directory
from forecast.runs.replayed import Replay
from forecast.runs.update import plan_update
from tests import tiny
from tests.plugins import fits

FIRST, LAST = date(2023, 6, 6), date(2023, 6, 9)
DAYS = [(FIRST + timedelta(days=n)).isoformat() for n in range(4)]
SHOCK = """
[[shocks]]
id = "mutiny"
date = "2023-06-08"
title = "A mutiny"

[ladder]"""
SETTINGS = {"engine": "fast", "seed": 3, "draws": 300, "tune": 150, "paths": 20}
# Reported on the second day and on the day of the shock.
ROWS = [
    tiny.ARMS
    | {"id": "N1", "event_date": "2023-06-01", "known_at": "2023-06-07", "cluster": ""}
    | {"source_reliability": "E", "credibility": "5"},
    tiny.PATROL | {"id": "N2", "event_date": "2023-06-07", "known_at": "2023-06-08"},
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Run]:
    """Return a study whose model gets a new part on the third day, with a fit as of the eve."""
    home = tmp_path_factory.mktemp("replay")
    toml = fits.STUDY_TOML.replace("\n[ladder]", SHOCK)
    study = Study.load(fits.write_study(home / "tiny", study_toml=toml))
    fits.add_records(study, ROWS, home / "more")
    run = study.fit(as_of="2023-06-05", progress=False, prior_draws=20, horizon=1, **SETTINGS)
    assert run.status != "failed"
    return study, run


@pytest.fixture(scope="module")
def whole(made) -> Replay:
    """Replay all days, refitting where needed."""
    study, run = made
    return study.replay(FIRST, LAST, run=run, pairs=["CHN->RUS", "NA->RUS"])


@pytest.fixture
def copied(made, tmp_path):
    """Return a copy of the study with its fit and none of the days."""
    study, run = made
    place = tmp_path / "tiny"
    shutil.copytree(study.data.directory, place)
    shutil.rmtree(replays_directory(place), ignore_errors=True)
    return Study.load(place), Run.open(place / ".forecast" / "runs" / run.directory.name)


def tables(found: Replay) -> dict[str, str]:
    names = ("days", "questions", "rungs", "records")
    return {name: getattr(found, name).to_csv(index=False) for name in names}


def test_each_day_is_weighed_or_refitted_and_says_why(made, whole):
    _, run = made
    assert list(whole.days["date"]) == ["2023-06-05", *DAYS]
    assert list(whole.days["path"]) == ["base", *["reweighted"] * 2, "refitted", "reweighted"]
    refit = whole.days.iloc[3]
    assert refit["why"].endswith("knows nothing of another shock: mutiny")
    assert list(whole.days["fit"]) == [run.directory.name] * 3 + [refit["fit"]] * 2
    assert refit["fit"].startswith("2023-06-08-")


def test_a_weighed_day_is_what_an_update_as_of_it_says(made, whole):
    study, run = made
    for day, fit in ((DAYS[1], run.directory), (DAYS[3], _directory(made, whole, DAYS[3]))):
        with study.ledger as ledger:
            plan = plan_update(study.data, ledger, fit, date.fromisoformat(day))
        after = plan.answer.changes.set_index("question")["after"].dropna()
        told = whole.questions[whole.questions["date"] == day].set_index("question")
        assert len(after) > 3
        assert told["probability"].to_dict() == pytest.approx(after.to_dict(), abs=1e-6)
        assert told["ess"].iloc[0] == pytest.approx(plan.answer.gates["ess"].iloc[-1], rel=1e-6)


def _directory(made, whole, day):
    fit = whole.days.set_index("date").loc[day, "fit"]
    return made[0].data.directory / ".forecast" / "runs" / fit


def test_a_fitted_day_has_the_numbers_of_its_run(made, whole):
    for day in ("2023-06-05", DAYS[2]):
        told = whole.questions[whole.questions["date"] == day].set_index("question")
        said = Saved(_directory(made, whole, day)).probabilities
        assert told["probability"].to_dict() == pytest.approx(said, abs=1e-6)


def test_the_changes_of_the_causes_add_up(whole):
    rows = whole.questions[whole.questions["before"].notna()]
    parts = rows[["time", "revisions", "retractions", "evidence", "refit"]].fillna(0.0).sum(axis=1)
    assert len(rows) > 10
    assert parts.to_numpy() == pytest.approx(rows["change"].to_numpy(), abs=1e-5)
    ends = rows["before"] + rows["change"]
    assert ends.to_numpy() == pytest.approx(rows["probability"].to_numpy(), abs=1e-5)


def test_records_stand_on_the_day_they_became_known(whole):
    said = whole.records.set_index("record")
    assert said["date"].to_dict() == {"N1": DAYS[1], "P3": DAYS[1], "N2": DAYS[2]}
    assert set(said["cause"]) == {"evidence"}
    assert said.loc["N1", "grade"] == "E5"
    assert said.loc["N1", "used"]


def test_rungs_of_the_period_under_way_sum_to_one(whole):
    sums = whole.rungs.groupby(["date", "pair", "track"])["probability"].sum()
    assert len(sums) == 5 * 2 * 2
    assert sums.to_numpy() == pytest.approx(1.0, abs=1e-5)
    assert set(whole.rungs["period"]) == {"2023-Q2"}


def test_an_interrupted_replay_goes_on_where_it_ended(copied, whole, monkeypatch):
    study, run = copied
    choices = Choices(("CHN->RUS", "NA->RUS"))
    with study.ledger as ledger:
        steps = replay_days(
            study.data, ledger, FIRST, LAST, run=Saved(run.directory), choices=choices
        )
        done = [day.date for day in islice(steps, 3)]
        steps.close()
    assert done == ["2023-06-05", *DAYS[:2]]
    weighed = []
    real = replay_module.reweigh
    monkeypatch.setattr(
        replay_module, "reweigh", lambda *args: weighed.append(args[2].as_of) or real(*args)
    )
    again = study.replay(FIRST, LAST, run=run, pairs=choices.pairs)
    assert [day.isoformat() for day in weighed] == DAYS[2:]
    assert tables(again) == tables(whole)


def test_a_day_that_was_not_written_whole_is_made_again(made, whole):
    study, run = made
    place = next(replays_directory(study.data.directory).glob(f"{DAYS[1]}-*.json"))
    text = place.read_text()
    place.write_text(text[: len(text) // 2])
    again = study.replay(FIRST, LAST, run=run, pairs=["CHN->RUS", "NA->RUS"])
    assert place.read_text() == text
    assert tables(again) == tables(whole)


def test_no_day_sees_a_record_known_after_it(copied, whole, tmp_path):
    study, run = copied
    later = [
        tiny.ARMS | {"id": "Z1", "event_date": "2023-06-01", "known_at": "2023-06-07"},
        tiny.ARMS | {"id": "Z2", "event_date": "2023-06-06", "known_at": "2023-06-08"},
    ]
    fits.add_records(study, later, tmp_path / "later")
    found = study.replay(FIRST, DAYS[1], run=run, pairs=["CHN->RUS", "NA->RUS"])
    for name in ("days", "questions", "rungs", "records"):
        tables_of_both = [getattr(one, name) for one in (found, whole)]
        early = [one[one["date"] <= DAYS[0]].to_csv(index=False) for one in tables_of_both]
        assert early[0] == early[1], name
    assert set(found.records["record"]) == {"N1", "P3", "Z1"}


def test_without_refits_days_say_that_they_would_have_needed_one(copied):
    study, run = copied
    found = study.replay(FIRST, LAST, run=run, refit="never")
    assert list(found.days["path"])[3:] == ["not possible"] * 2
    assert set(found.questions["date"]) == {"2023-06-05", *DAYS[:2]}


def test_weights_that_cannot_be_trusted_are_shown_as_such(copied, monkeypatch):
    study, run = copied
    monkeypatch.setattr("forecast.inference.importance.SMALLEST_ESS", 1e9)
    found = study.replay(FIRST, FIRST, run=run, refit="structure")
    assert list(found.days["path"]) == ["base", "not trusted"]
    assert "fewer than" in found.days["why"].iloc[1]
    assert set(found.questions["path"]) == {"base", "not trusted"}


def test_a_day_whose_refit_fails_says_so_and_the_fit_before_goes_on(copied, monkeypatch):
    study, run = copied
    for other in run.directory.parent.glob(f"{DAYS[2]}-*"):
        shutil.rmtree(other)

    def make(study, ledger, as_of, **others):
        made = run.directory.parent / f"{as_of}-failed"
        shutil.copytree(run.directory, made, dirs_exist_ok=True)
        forecasts = json.loads((made / "forecasts.json").read_text())
        (made / "forecasts.json").write_text(json.dumps(forecasts | {"status": "failed"}))
        return made

    monkeypatch.setattr(replay_module, "make_run", make)
    told: list[str] = []
    found = study.replay(FIRST, LAST, run=run, say=told.append)
    assert list(found.days["path"]) == ["base", *["reweighted"] * 2, *["not possible"] * 2]
    assert set(found.days["fit"]) == {run.directory.name}
    for day, why in zip(DAYS[2:], found.days["why"][3:], strict=True):
        assert "knows nothing of another shock: mutiny; the fit" in why
        assert f"{day}-failed failed its diagnostics" in why
    assert told[2] == (
        f"{DAYS[2]}: the fit {DAYS[2]}-failed failed its diagnostics; going on with "
        f"{run.directory.name}"
    )


def test_a_fit_that_cannot_be_made_ends_no_replay_and_the_next_one_tells_of_both_days(
    copied, whole, monkeypatch
):
    study, run = copied
    make_run = replay_module.make_run
    for other in run.directory.parent.glob(f"{DAYS[2]}-*"):
        shutil.rmtree(other)

    def make(study, ledger, as_of, **others):
        if as_of.isoformat() == DAYS[2]:
            raise FitError("sampling stopped")
        return make_run(study, ledger, as_of, **others)

    monkeypatch.setattr(replay_module, "make_run", make)
    found = study.replay(FIRST, LAST, run=run)
    assert list(found.days["path"])[3:] == ["not possible", "refitted"]
    assert "the fit failed: sampling stopped" in found.days["why"].iloc[3]
    # What came in on the day that tells nothing is told, and stands in the change of the next.
    (row,) = found.records[found.records["date"] == DAYS[2]].to_dict("records")
    assert (row["record"], row["used"], row["cause"]) == ("N2", True, "evidence")
    last = found.questions[found.questions["date"] == DAYS[3]]
    before = found.questions[found.questions["date"] == DAYS[1]].set_index("question")
    told = last.set_index("question")["before"].dropna()
    assert len(told) > 3
    assert told.to_dict() == before.loc[told.index, "probability"].to_dict()


def test_a_day_whose_evidence_is_impossible_tells_nothing_and_the_next_goes_on(copied, monkeypatch):
    study, run = copied
    reweigh = replay_module.reweigh

    def at_first(basis, before, after, previous):
        if after.as_of == FIRST:
            raise ImpossibleError("impossible under every draw")
        return reweigh(basis, before, after, previous)

    monkeypatch.setattr(replay_module, "reweigh", at_first)
    found = study.replay(FIRST, FIRST + timedelta(days=1), run=run)
    assert list(found.days["path"]) == ["base", "not possible", "reweighted"]
    assert found.days["why"].iloc[1] == "impossible under every draw"
    assert set(found.records["record"]) == {"N1", "P3"}


def test_a_first_fit_is_made_as_of_the_eve_and_taken_again(copied, monkeypatch):
    study, run = copied
    settings = {**SETTINGS, "prior_draws": 20, "horizon": 1}
    monkeypatch.setattr(replay_module, "make_run", lambda *a, **k: pytest.fail("fitted again"))
    told: list[str] = []
    found = study.replay(FIRST, FIRST, say=told.append, **settings)
    assert found.days["fit"].iloc[0] == run.directory.name
    assert told == [f"Taking the fit {run.directory.name}, which is there already"]


def test_what_cannot_be_replayed_is_refused(made):
    study, run = made
    with pytest.raises(StudyError, match="2023-06-06 is before 2023-06-09"):
        study.replay(LAST, FIRST, run=run)
    with pytest.raises(StudyError, match="there is no pair 'CHN->MARS'"):
        study.replay(FIRST, LAST, run=run, pairs=["CHN->MARS"])
    with pytest.raises(RunError, match="2023-06-05 is not after the run"):
        study.replay("2023-06-05", LAST, run=run)


def test_the_tables_are_files_and_one_document(whole, tmp_path):
    files = whole.write(tmp_path / "out")
    assert [file.name for file in files] == [
        "days.csv",
        "questions.csv",
        "rungs.csv",
        "records.csv",
    ]
    assert len(pd.read_csv(files[1])) == len(whole.questions)
    document = whole.document
    assert document["format"] == "replay/1"
    assert document["days"][0]["path"] == "base"
    assert document["days"][3]["k_hat"] is None


def test_the_tables_draw_themselves(whole):
    assert len(whole.plot().axes) == whole.questions["question"].nunique()
    assert len(whole.plot_rungs("CHN->RUS").axes) == 2
    assert len(whole.plot_day(DAYS[1]).axes) == 1
