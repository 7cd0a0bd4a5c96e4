"""Scores of forecasts that have been answered, beside baselines."""

from forecast.scoring.scores import brier_score, log_score
from forecast.scoring.table import score_forecasts, summarise_scores

__all__ = ["brier_score", "log_score", "score_forecasts", "summarise_scores"]
