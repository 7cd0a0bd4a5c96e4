"""Figures of a run, each drawn from one tidy table; used by the report and by notebooks alike.

Every function takes a table and returns a :class:`matplotlib.figure.Figure` made without pyplot,
so that no state is shared and nothing opens a window.
"""

from forecast.report.figures.changes import changes, scenarios
from forecast.report.figures.paths import alignment, asymmetry
from forecast.report.figures.rungs import ladder
from forecast.report.figures.signals import fitted_rates, loadings
from forecast.report.figures.svg import to_svg
from forecast.report.figures.watch import watch
from forecast.report.figures.weights import contributions

__all__ = [
    "alignment",
    "asymmetry",
    "changes",
    "contributions",
    "fitted_rates",
    "ladder",
    "loadings",
    "scenarios",
    "to_svg",
    "watch",
]
