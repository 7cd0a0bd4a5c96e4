"""Tables of scores: who is scored on what, and what stays empty."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.scoring import score_forecasts, summarise_scores
from forecast.scoring.table import resolved_outcomes
from forecast.study.models import Resolution


def resolution(question, outcome, day=1):
    known = date(2024, 1, day)
    return Resolution(question=question, outcome=outcome, resolved_on=known, known_at=known)


def table(**columns):
    return pd.DataFrame(columns)


def test_answers_count_as_one_and_zero_and_no_answer_as_nothing():
    found = resolved_outcomes(
        [resolution("Q1", "yes"), resolution("Q2", "no"), resolution("Q3", "void")]
    )
    assert found == {"Q1": 1.0, "Q2": 0.0}


def test_the_newest_resolution_of_a_question_counts():
    corrected = [resolution("Q1", "no", 9), resolution("Q1", "yes", 2)]
    assert resolved_outcomes(corrected) == {"Q1": 0.0}
    assert resolved_outcomes([*corrected, resolution("Q1", "ambiguous", 10)]) == {}


def test_a_forecast_without_an_outcome_or_a_probability_has_no_score():
    scored = score_forecasts(table(outcome=[1.0, np.nan, 0.0], model=[0.5, 0.5, np.nan]), ["model"])
    assert scored["brier_model"].tolist() == pytest.approx([0.25, np.nan, np.nan], nan_ok=True)
    assert scored["log_model"].tolist() == pytest.approx(
        [math.log(2.0), np.nan, np.nan], nan_ok=True
    )


def test_means_are_over_the_questions_that_every_forecaster_answered():
    scored = score_forecasts(
        table(outcome=[1.0, 0.0, 1.0], model=[0.8, 0.4, 0.1], base=[0.5, 0.5, np.nan]),
        ["model", "base"],
    )
    means = summarise_scores(scored, ["model", "base"]).set_index("forecaster")
    assert means["questions"].tolist() == [2, 2]
    # (0.04 + 0.16) / 2 and 0.25
    assert means["brier"].tolist() == pytest.approx([0.1, 0.25])


def test_an_infinite_score_is_counted_and_makes_the_mean_infinite():
    scored = score_forecasts(table(outcome=[1.0, 0.0], model=[0.0, 0.0]), ["model"])
    (row,) = summarise_scores(scored, ["model"]).itertuples()
    assert (row.log, row.infinite) == (math.inf, 1)


def test_without_a_common_question_there_are_no_means():
    scored = score_forecasts(
        table(outcome=[1.0, 0.0], a=[0.5, np.nan], b=[np.nan, 0.5]), ["a", "b"]
    )
    means = summarise_scores(scored, ["a", "b"])
    assert means["questions"].tolist() == [0, 0]
    assert means[["brier", "log"]].isna().all(axis=None)
