"""Scores of probabilities against outcomes, with numbers worked by hand."""

import math

import numpy as np
import pytest

from forecast.scoring import brier_score, log_score


def test_brier_is_the_squared_distance_from_the_outcome():
    # (0.2 - 1)^2, (0.2 - 0)^2, and a sure forecast that was right or wrong.
    scores = brier_score([0.2, 0.2, 1.0, 1.0], [1, 0, 1, 0])
    assert scores == pytest.approx([0.64, 0.04, 0.0, 1.0])


def test_log_is_minus_the_logarithm_of_what_happened():
    scores = log_score([0.25, 0.25, 1.0], [1, 0, 1])
    assert scores == pytest.approx([math.log(4.0), -math.log(0.75), 0.0])


def test_the_impossible_that_happens_costs_infinity_and_is_not_clipped():
    assert log_score([0.0, 1.0], [1, 0]).tolist() == [math.inf, math.inf]
    assert log_score(1e-6, 1) == pytest.approx(6.0 * math.log(10.0))


def test_both_scores_are_proper():
    """In the mean, no forecast does better than the chance itself."""
    chance, others = 0.3, np.linspace(0.01, 0.99, 99)
    for score in (brier_score, log_score):
        expected = chance * score(others, 1) + (1.0 - chance) * score(others, 0)
        assert others[np.argmin(expected)] == pytest.approx(chance)


@pytest.mark.parametrize("score", [brier_score, log_score])
@pytest.mark.parametrize("probability", [-0.1, 1.000001, math.nan])
def test_what_is_no_probability_is_refused(score, probability):
    with pytest.raises(ValueError, match="probability"):
        score(probability, 1)


@pytest.mark.parametrize("score", [brier_score, log_score])
@pytest.mark.parametrize("outcome", [0.5, 2, math.nan])
def test_what_is_no_outcome_is_refused(score, outcome):
    with pytest.raises(ValueError, match="outcome"):
        score(0.5, outcome)
