"""Probabilistic forecasts of material support between states, from sourced evidence."""

__version__ = "0.1.0"
