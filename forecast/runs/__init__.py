"""Runs: fit, forecast, explain, and write a run directory whole or not at all."""

from forecast.runs.fit import RunSettings
from forecast.runs.make import make_run

__all__ = ["RunSettings", "make_run"]
