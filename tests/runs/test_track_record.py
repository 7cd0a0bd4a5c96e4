"""Scores of answered questions: model, as signed and base rates, worked out by hand."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest

from forecast.errors import IntegrityError, ProblemsError
from forecast.runs import signing
from forecast.runs.sign_offs import sign_offs_path
from forecast.runs.signing import Request, sign_off
from forecast.runs.track_record import score_study
from forecast.study.load import load_study
from tests.tiny import write_study

QUESTIONS = """\
id,title,pair,event,opens,closes,resolves_on,key,rule,not_modelled,source,note
Q1,Arms?,CHN->RUS,max_rung >= lethal by state,2023-01-01,2023-12-31,truth,strict,r,,,
Q2,Two patrols?,CHN->RUS,count(joint_patrol) >= 2,2023-01-01,2023-12-31,record,central,r,,,
Q3,A contract?,CHN->RUS,,2023-01-01,2023-12-31,record,central,r,no indicator of contracts,,
Q4,Troops?,CHN->RUS,rung == troops,2023-01-01,2023-12-31,truth,strict,r,,,
Q5,Open,CHN->RUS,max_rung >= economic,2023-01-01,2023-12-31,truth,strict,r,,,
"""
RESOLUTIONS = """\
question,outcome,resolved_on,known_at,source,note
Q1,no,2023-12-31,2023-12-31,press,
Q2,yes,2023-08-01,2023-08-02,press,
Q3,yes,2023-08-01,2023-08-02,press,
Q4,void,2023-08-01,2023-08-02,press,
"""
RATES = "question,probability,reason\nQ1,0.5,coin\nQ2,0.5,coin\nQ3,0.5,coin\n"
EVENTS = {"Q1": "max_rung >= lethal by state", "Q2": "count(joint_patrol) >= 2"}


@pytest.fixture
def directory(tmp_path):
    place = write_study(tmp_path / "tiny", questions_csv=QUESTIONS, resolutions_csv=RESOLUTIONS)
    (place / "base_rates.csv").write_text(RATES, encoding="utf-8")
    return place


def write(directory, as_of, status="converged", made="2023-07-01", **probabilities):
    place = directory / ".forecast" / "runs" / f"{as_of}-run"
    place.mkdir(parents=True)
    asked = [
        {
            "id": name,
            "pair": "CHN->RUS",
            "event": EVENTS[name],
            "opens": "2023-01-01",
            "closes": "2023-12-31",
            "probability": value,
        }
        for name, value in probabilities.items()
    ]
    document = {"format": "forecast/1", "run": place.name, "as_of": as_of, "status": status}
    (place / "forecasts.json").write_text(json.dumps(document | {"questions": asked}))
    log = {"finished_at": f"{made}T12:00:00+00:00"}
    (place / "run.log.json").write_text(json.dumps(log))
    return place


def sign(monkeypatch, directory, run, day, **adjust):
    monkeypatch.setattr(
        signing, "now", lambda: datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)
    )
    request = Request(by="A", why="w", adjust=list(adjust.items()))
    sign_off(load_study(directory), run, request)


def rows(directory, **options):
    table = score_study(load_study(directory), **options).table
    return table.set_index("question").to_dict("index")


def means(table):
    return {
        row["forecaster"]: (row["questions"], round(row["brier"], 6), round(row["log"], 6))
        for row in table.to_dict("records")
    }


def test_model_signed_and_base_rate_stand_side_by_side(directory, monkeypatch):
    run = write(directory, "2023-06-30", Q1=0.2, Q2=0.4)
    sign(monkeypatch, directory, run, "2023-07-15", Q2=0.8)
    record = score_study(load_study(directory))
    first, second, third = record.table.to_dict("records")
    # Q1 came out no: 0.2 squared, and -ln 0.8. It was signed as it was.
    assert (first["model"], first["signed"], first["outcome"]) == (0.2, 0.2, 0.0)
    assert first["brier_model"] == pytest.approx(0.04)
    assert first["log_model"] == pytest.approx(-math.log(0.8))
    # Q2 came out yes: 0.6 squared for the model, 0.2 squared as signed.
    assert (second["brier_model"], second["brier_signed"]) == pytest.approx((0.36, 0.04))
    assert (second["run"], second["signed_by"]) == ("2023-06-30-run", "A")
    assert (third["run"], third["reason"]) == ("", "no indicator of contracts")
    assert third["brier_base rate"] == 0.25
    # Two questions are common: (0.04 + 0.36) / 2 and (0.04 + 0.04) / 2.
    half = round(math.log(2.0), 6)
    model = round((-math.log(0.8) - math.log(0.4)) / 2, 6)
    assert means(record.common) == {"model": (2, 0.2, model), "base rate": (2, 0.25, half)}
    assert means(record.common_with_signed)["signed"] == (2, 0.04, round(-math.log(0.8), 6))


def test_only_what_was_forecast_and_signed_before_the_answer_counts(directory, monkeypatch):
    run = write(directory, "2023-06-30", Q1=0.2, Q2=0.4)
    write(directory, "2023-08-01", Q2=0.99)
    write(directory, "2023-08-31", Q2=1.0)
    # The answer to Q2 was out on 1 August, that to Q1 on 31 December.
    sign(monkeypatch, directory, run, "2023-08-01", Q1=0.1, Q2=0.9)
    found = rows(directory)
    assert (found["Q2"]["as_of"], found["Q2"]["model"]) == ("2023-06-30", 0.4)
    assert math.isnan(found["Q2"]["signed"])
    assert found["Q2"]["reason"] == "signed only when the answer was out"
    assert found["Q1"]["signed"] == 0.1


def test_the_newest_sign_off_before_the_answer_counts(directory, monkeypatch):
    run = write(directory, "2023-06-30", Q1=0.2, Q2=0.4)
    for day, value in (("2023-07-01", 0.5), ("2023-07-31", 0.6), ("2023-08-02", 0.99)):
        sign(monkeypatch, directory, run, day, Q2=value)
    assert rows(directory)["Q2"]["signed"] == 0.6


def test_a_sign_off_of_other_numbers_does_not_count(directory, monkeypatch):
    run = write(directory, "2023-06-30", Q1=0.2, Q2=0.4)
    sign(monkeypatch, directory, run, "2023-07-01", Q2=0.5)
    path = run / "forecasts.json"
    path.write_text(path.read_text().replace("0.4", "0.45"))
    found = rows(directory)["Q2"]
    assert (found["model"], found["reason"]) == (0.45, "signed an earlier version of these numbers")
    assert math.isnan(found["signed"])


def test_where_nobody_signed_there_is_no_signed_forecaster(directory):
    write(directory, "2023-06-30", Q1=0.2, Q2=0.4)
    record = score_study(load_study(directory))
    assert record.table["signed"].isna().all()
    assert record.common["forecaster"].tolist() == ["model", "base rate"]
    assert record.common_with_signed.empty


def test_an_infinite_score_is_counted(directory):
    write(directory, "2023-06-30", Q1=0.2, Q2=0.0)
    (model, _) = score_study(load_study(directory)).common.to_dict("records")
    assert (model["log"], model["infinite"]) == (math.inf, 1)


def test_what_has_no_yes_or_no_is_named_and_not_scored(directory):
    record = score_study(load_study(directory))
    assert record.not_scored == {"ambiguous": (), "void": ("Q4",), "unresolved": ("Q5",)}
    assert record.table["question"].tolist() == ["Q1", "Q2", "Q3"]


def test_a_run_made_in_hindsight_is_marked(directory):
    write(directory, "2023-06-30", Q1=0.2, Q2=0.4, made="2023-08-01")
    found = rows(directory)
    assert (found["Q1"]["in_hindsight"], found["Q2"]["in_hindsight"]) == (False, True)


def test_the_first_run_in_the_window_is_scored_on_request(directory):
    for as_of, value in (("2022-12-31", 0.1), ("2023-01-31", 0.2), ("2023-06-30", 0.4)):
        write(directory, as_of, Q2=value)
    assert rows(directory, at="opening")["Q2"]["model"] == 0.2
    assert rows(directory)["Q2"]["model"] == 0.4


def test_drafts_and_damaged_runs_are_passed_over(directory):
    write(directory, "2023-06-30", Q2=0.4)
    write(directory, "2023-07-01", Q2=0.5).rename(directory / ".forecast" / "runs" / ".draft-x")
    (write(directory, "2023-07-02", Q2=0.6) / "forecasts.json").write_text("{")
    record = score_study(load_study(directory))
    assert record.passed_over == ("2023-07-02-run",)
    assert record.table["model"].dropna().tolist() == [0.4]


def test_without_runs_and_base_rates_there_is_nothing_to_score(directory):
    (directory / "base_rates.csv").unlink()
    record = score_study(load_study(directory))
    assert record.common.empty
    assert record.table["reason"].tolist()[0] == "no run as of a day in its window"


def test_faults_of_the_files_are_told(directory):
    (directory / "base_rates.csv").write_text("question,probability,reason\nQ1,often,\n")
    with pytest.raises(ProblemsError, match=r"base_rates\.csv:2"):
        score_study(load_study(directory))
    (directory / "base_rates.csv").unlink()
    sign_offs_path(directory).parent.mkdir(exist_ok=True)
    sign_offs_path(directory).write_bytes(b"{}\n")
    with pytest.raises(IntegrityError, match="line 1"):
        score_study(load_study(directory))
