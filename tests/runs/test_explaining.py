"""Explanations and what-ifs of a run on disk: baselines, accounts, history, refits."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from forecast.api import Run
from forecast.errors import FitError, QuestionError
from forecast.explain import update as reweighing
from forecast.explain import what_if as imagining
from forecast.explain.imagined import scenario_of
from forecast.runs import explaining
from forecast.runs.explaining import (
    baseline_of,
    distance,
    explain_run,
    find_question,
    imagine,
    load_run,
    probability_history,
    watch_run,
)
from tests.plugins import fits

TRAINING = "CHN->RUS military_training=1 2023-06-30 grade=B2"


@pytest.fixture(scope="module")
def loaded(shared, tmp_path_factory):
    study, run = fits.copy_run(shared, tmp_path_factory.mktemp("explained") / "tiny")
    with study.ledger as ledger:
        return load_run(run, study.data, ledger)


@pytest.fixture(scope="module")
def explanation(loaded):
    return explain_run(loaded, find_question(loaded.basis.study, "Q4"), kinds=("record",), refit=())


def question(loaded, name="Q4"):
    return find_question(loaded.basis.study, name)


# Questions and baselines


def test_a_question_is_found_by_its_id(tiny_study):
    assert find_question(tiny_study, "Q2").id == "Q2"


def test_an_unknown_question_lists_those_there_are(tiny_study):
    with pytest.raises(QuestionError, match="no question 'Q9'") as caught:
        find_question(tiny_study, "Q9")
    assert "one of Q1, Q2, Q3" in str(caught.value)


def test_a_baseline_is_a_probability(tiny_study):
    assert baseline_of(tiny_study, tiny_study.questions[0], "0.05") == 0.05


@pytest.mark.parametrize("named", ["0", "1", "-0.1", "1.5", "nan", "inf", "half", "", "5 %"])
def test_what_is_no_probability_is_no_baseline(tiny_study, named):
    with pytest.raises(QuestionError, match="is no baseline"):
        baseline_of(tiny_study, tiny_study.questions[0], named)


def test_the_base_rate_is_the_study_s(tiny_study):
    with pytest.raises(QuestionError, match="there is no base rate of Q1"):
        baseline_of(tiny_study, tiny_study.questions[0], "base-rate")
    file = tiny_study.directory / "base_rates.csv"
    file.write_text("question,probability,reason\nQ1,0.07,two in thirty\n")
    assert baseline_of(tiny_study, tiny_study.questions[0], "base-rate") == 0.07
    with pytest.raises(QuestionError, match="there is no base rate of Q2"):
        baseline_of(tiny_study, tiny_study.questions[1], "base-rate")


# Accounts


def test_the_parts_of_a_distance_add_up_to_it(explanation):
    table = distance(explanation, 0.2)
    p = explanation.forecast.probability
    assert table["bits"].sum() == pytest.approx(math.log2(p / (1 - p)) + 2.0)
    assert table["records"].sum() == len(explanation.records)
    assert table["part"].iloc[-1] == "what records say together, and the prior"
    heavy = table["bits"].abs().iloc[:-1]
    assert heavy.is_monotonic_decreasing
    assert set(table["part"].iloc[:-1]) <= {one.indicator for one in explanation.records.values()}


def test_what_is_not_trusted_is_in_the_rest(explanation):
    doubtful = SimpleNamespace(
        forecast=explanation.forecast,
        records=explanation.records,
        of=lambda unit: explanation.of(unit).assign(path="not trusted"),
    )
    (row,) = distance(doubtful, 0.2).to_dict("records")
    p = explanation.forecast.probability
    assert row["bits"] == pytest.approx(math.log2(p / (1 - p)) + 2.0)
    assert row["records"] == len(explanation.records)


def test_every_record_in_use_has_its_weight(loaded, explanation):
    assert set(explanation.of("record")["name"]) == set(explanation.records)
    used = set(explanation.records) | set(explanation.unused["record"])
    assert used == {one.id for one in loaded.known.records}
    assert set(explanation.weights["path"]) <= {"reweighted", "not trusted"}


def test_a_notebook_explains_with_history_and_a_picture(loaded):
    found = Run.open(loaded.run.directory).explain("Q4", kinds=("record", "indicator"))
    assert set(found.table["unit"]) == {"record", "indicator"}
    assert found.history["run"].tolist() == [loaded.run.id]
    assert len(found.plot("indicator").axes) == 1


# History


def earlier(home: Path, run: str, as_of: str, probability: float | None, **more) -> None:
    place = home / run
    place.mkdir(parents=True)
    asked = [{"id": "Q1", "probability": probability}]
    document = {"format": "forecast/1", "run": run, "as_of": as_of, "status": "converged"}
    (place / "forecasts.json").write_text(json.dumps(document | {"questions": asked} | more))


def test_past_runs_are_told_by_date(tiny_study):
    home = tiny_study.directory / ".forecast" / "runs"
    earlier(home, "2023-06-30-b", "2023-06-30", 0.3, reweighted={"fit": "2023-03-31-a"})
    earlier(home, "2023-03-31-a", "2023-03-31", 0.2, status="failed")
    earlier(home, "2023-05-31-c", "2023-05-31", None)
    earlier(home, ".draft-x", "2023-05-31", 0.9)
    earlier(home, "2023-04-30-d", "2023-04-30", 0.8, format="forecast/9")
    (home / "2023-04-01-e").mkdir()
    (home / "2023-04-01-e" / "forecasts.json").write_text("{")
    table = probability_history(tiny_study, "Q1")
    assert table[["run", "path", "status", "probability"]].to_numpy().tolist() == [
        ["2023-03-31-a", "fit", "failed", 0.2],
        ["2023-06-30-b", "reweighted", "converged", 0.3],
    ]
    assert table["low"].isna().all()


def test_without_runs_there_is_no_history(tiny_study):
    table = probability_history(tiny_study, "Q1")
    assert table.empty
    assert list(table) == ["run", "as_of", "path", "status", "probability", "low", "high"]


# What if


def test_imagined_records_are_held_against_nothing_new(loaded, monkeypatch):
    monkeypatch.setattr(reweighing, "LARGEST_ERROR", 0.1)
    scenario = scenario_of(loaded.basis.study, [TRAINING])
    found = imagine(loaded, [question(loaded)], [scenario], refit=False)
    assert found.as_of == date(2023, 6, 30)
    assert found.table["scenario"].tolist() == ["nothing new", "imagined"]
    nothing, imagined = found.table.to_dict("records")
    assert (nothing["change"], nothing["bits"]) == (0.0, 0.0)
    assert nothing["probability"] == pytest.approx(found.now["Q4"])
    assert imagined["probability"] > nothing["probability"]
    assert imagined["change"] == imagined["probability"] - nothing["probability"]


@pytest.fixture
def refits(loaded, monkeypatch):
    """Let no weights pass; a refit is stood in for, and its vintage noted."""
    asked: list[list[str]] = []

    def fit(loaded, vintage, *, progress, delays_of=None):
        asked.append([one.id for one in vintage.records])
        return SimpleNamespace(world=None)

    monkeypatch.setattr(imagining, "too_noisy", lambda basis, made: "they are too noisy")
    monkeypatch.setattr(explaining, "_fit", fit)
    monkeypatch.setattr(explaining, "_answer", lambda fit, one: (0.25, 0.01))
    return asked


def test_a_refit_whose_diagnostics_fail_gives_no_answer(loaded, monkeypatch):
    bad = SimpleNamespace(status="failed", sentence="R-hat is 1.3.")
    monkeypatch.setattr(
        explaining, "fit_vintage", lambda *args, **words: SimpleNamespace(diagnosis=bad)
    )
    with pytest.raises(FitError, match=r"its diagnostics failed: R-hat is 1\.3"):
        explaining._fit(loaded, loaded.known, progress=False)


def test_only_later_days_may_be_asked_of_a_question_that_has_not_begun(loaded):
    (later,) = [one for one in loaded.basis.study.questions if one.id == "Q9"]
    assert later.opens.isoformat() > loaded.run.manifest["as_of"]
    gone = replace(later, id="Q10", opens=later.opens.replace(year=2022))
    unknown = replace(later, id="Q98")
    explaining.insist_forecast(loaded.run.directory, unknown, later=True)
    for one, words in ((unknown, {}), (gone, {"later": True})):
        with pytest.raises(QuestionError, match="has no probability in this run"):
            explaining.insist_forecast(loaded.run.directory, one, **words)


def test_where_the_gate_fails_a_refit_answers(loaded, refits):
    scenario = scenario_of(loaded.basis.study, [TRAINING])
    said: list[str] = []
    found = imagine(loaded, [question(loaded)], [scenario], say=said.append)
    assert set(found.table["path"]) == {"refitted"}
    assert set(found.table["probability"]) == {0.25}
    assert set(found.table["why"]) == {"they are too noisy"}
    known = {one.id for one in loaded.known.records}
    assert [set(one) - known for one in refits] == [set(), {"imagined-01"}]
    assert "Refitted for the scenario 'imagined', since they are too noisy" in said


def test_without_refits_the_answer_is_marked(loaded, refits):
    scenario = scenario_of(loaded.basis.study, [TRAINING])
    found = imagine(loaded, [question(loaded)], [scenario], refit=False)
    assert set(found.table["path"]) == {"not trusted"}
    assert refits == []


def test_a_record_that_cannot_be_weighed_is_refitted_if_asked(loaded, refits, monkeypatch):
    from forecast.inference.importance import Weights

    monkeypatch.setattr(Weights, "ok", property(lambda self: False))
    said: list[str] = []
    found = explain_run(
        loaded, question(loaded), kinds=("indicator",), refit=("indicator",), say=said.append
    )
    assert set(found.weights["path"]) == {"refitted"}
    assert set(found.weights["without"]) == {0.25}
    assert len(refits) == len(found.weights)
    assert any("--refit none" in text for text in said)
    left_out = [len(loaded.known.records) - len(one) for one in refits]
    # The heaviest first.
    assert sorted(left_out) == sorted(found.weights["records"])


def test_watching_a_run_speaks_of_its_own_day(loaded):
    found = watch_run(loaded, question(loaded), thresholds=(0.5,))
    assert found.probability == pytest.approx(loaded.run.probabilities["Q4"])
    assert found.thresholds == (0.5,)
    assert isinstance(found.tripwires, pd.DataFrame)
