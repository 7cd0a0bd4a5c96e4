"""The tables of scores, from invented forecasts: nothing is fitted here."""

from datetime import date

import numpy as np
import pytest

from forecast.studies import directory
from forecast.study.load import load_study
from tools.score_openings import judgement_table, opening_dates, question_table, report
from tools.ukraine.judgement_outcomes import OUTCOMES


@pytest.fixture(scope="module")
def study():
    return load_study(directory("ukraine"))


@pytest.fixture(scope="module")
def forecasts(study):
    one = {"probability": 0.3, "low": 0.1, "high": 0.6, "reason": ""}
    asked = [item.id for item in (*study.questions, *study.judgements)]
    document = {"fit": {"status": "converged", "seconds": 60.0}} | dict.fromkeys(asked, one)
    return {day.isoformat(): document for day in opening_dates(study)}


def test_each_modelled_and_resolved_question_is_fitted_at_its_opening(study):
    days = opening_dates(study)
    assert len(days) == 11
    assert days[0] == date(2022, 2, 4)
    # Q11 opens on this day, but the model cannot express it.
    assert date(2022, 11, 5) not in days


def test_sixteen_questions_are_listed_and_those_with_a_forecast_are_scored(study, forecasts):
    table = question_table(study, forecasts).set_index("question")
    assert len(table) == 16
    assert table.index[table["model"].isna()].tolist() == ["Q05", "Q11"]
    assert table.loc["Q11", "reason"].startswith("the ladder has one rung for arms")
    # Q02 is a yes with base rate 0.0329.
    assert table.loc["Q02", "brier_model"] == pytest.approx(0.49)
    assert table.loc["Q02", "brier_base_rate"] == pytest.approx(0.9671**2)
    assert np.isnan(table.loc["Q11", "log_model"])


def test_judgements_are_scored_where_a_file_of_the_study_documents_the_outcome(study, forecasts):
    table = judgement_table(study, forecasts)
    assert table["judgement"].nunique() == 12
    scored = table[table["brier_model"].notna()]
    assert scored["judgement"].tolist() == ["J01", "J01", "J02", "J04", "J08", "J09", "J10"]
    first, second = scored[scored["judgement"] == "J01"].itertuples()
    assert (first.key, first.brier_article_mid) == ("central", pytest.approx(0.85**2))
    assert (second.key, second.brier_article_mid) == ("strict", pytest.approx(0.15**2))


def test_every_basis_names_rows_that_the_study_has(study):
    text = {path.name: path.read_text(encoding="utf-8") for path in study.directory.glob("*.csv")}
    for one in OUTCOMES:
        file, words = one.basis.split(": ", maxsplit=1)
        key = words.split(",")[0]
        assert file in text
        assert key in text[file] or file == "outcomes.csv"


def test_the_coded_rungs_support_both_readings_of_the_headline_judgement(study):
    (judgement,) = [one for one in study.judgements if one.id == "J01"]
    index = study.calendar.index
    inside = [
        one
        for one in study.outcomes
        if one.pair == judgement.pair
        and index(judgement.opens) <= study.calendar.parse(one.period) <= index(judgement.closes)
        and "state" in one.actor
    ]
    assert max(one.rung for one in inside) == 2
    assert max(one.rung_low for one in inside) == 1


def test_the_report_shows_every_question_its_scores_and_no_claim_of_skill(study, forecasts):
    text = report(question_table(study, forecasts), judgement_table(study, forecasts))
    assert all(f"| Q{number:02} |" in text for number in range(1, 17))
    assert "no claim of skill" in text
    assert "| model | 14 |" in text
    assert "* Q05: no probability" in text
    assert "nan" not in text
