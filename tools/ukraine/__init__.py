"""Decisions, as data, by which the raw material becomes the study ``ukraine``."""
