"""From posterior draws to probabilities of the study's questions."""

from forecast.forecasts.questions import QuestionForecast, forecast_questions

__all__ = ["QuestionForecast", "forecast_questions"]
