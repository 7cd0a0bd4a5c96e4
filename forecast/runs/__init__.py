"""Runs: fit, forecast, and write a run directory whole or not at all."""

from forecast.runs.fit import RunSettings, make_run

__all__ = ["RunSettings", "make_run"]
