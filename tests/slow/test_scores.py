"""Every resolved question of the shipped study, forecast as of its opening date and scored."""

import math
import os
from pathlib import Path

import pytest

from forecast.runs.fit import RunSettings
from forecast.studies import directory
from forecast.study.load import load_study
from tools.score_openings import forecast_openings, judgement_table, opening_dates, question_table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def study():
    return load_study(directory("ukraine"))


@pytest.fixture(scope="module")
def forecasts(study):
    """Half an hour of fits; FORECAST_SCORES_KEEP names a folder that keeps them."""
    keep = os.environ.get("FORECAST_SCORES_KEEP")
    settings = RunSettings(prior_draws=2)
    return forecast_openings(opening_dates(study), settings, Path(keep) if keep else None)


def test_no_fit_failed(forecasts):
    failed = [day for day, one in forecasts.items() if one["fit"]["status"] == "failed"]
    assert failed == []


def test_each_modelled_question_has_a_probability_and_both_scores(study, forecasts):
    table = question_table(study, forecasts)
    modelled = {one.id for one in study.questions if not one.not_modelled}
    asked = table[table["question"].isin(modelled)]
    assert len(asked) == 14
    assert asked["model"].between(0.0, 1.0).all()
    assert asked[["brier_model", "brier_base_rate"]].notna().all(axis=None)
    # Nothing was held impossible or certain: infinite scores would be shown, not hidden.
    assert all(math.isfinite(score) for score in asked["log_model"])


def test_the_article_is_scored_beside_the_model_on_the_same_events(study, forecasts):
    table = judgement_table(study, forecasts)
    scored = table[table["brier_model"].notna()]
    assert scored["judgement"].nunique() == 6
    assert (
        scored[["brier_article_low", "brier_article_mid", "brier_article_high"]]
        .notna()
        .all(axis=None)
    )
