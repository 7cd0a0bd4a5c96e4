"""The report as one HTML page that needs nothing but itself."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import forecast
from forecast.report.blocks import Bar, Picture
from forecast.report.content import ReportData
from forecast.report.figures.palette import stylesheet
from forecast.report.figures.svg import to_svg
from forecast.report.sections import build_sections, headline

if TYPE_CHECKING:
    from forecast.report.blocks import Block


def render_html(data: ReportData) -> str:
    """Return the report as a self-contained HTML page.

    The page loads nothing from anywhere, runs no script and is the same byte for byte for the
    same data. Text from evidence and studies is escaped.

    Parameters
    ----------
    data
        What to report.

    Returns
    -------
    str
        The page, to be written as UTF-8.
    """
    page = _environment().get_template("report.html.j2")
    return page.render(
        head=headline(data),
        sections=build_sections(data),
        colours=Markup(stylesheet()),
        version=forecast.__version__,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("forecast.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["kind"] = _kind
    environment.filters["picture"] = _picture
    environment.filters["hundredths"] = _hundredths
    environment.filters["span"] = _span
    return environment


def _kind(block: Block) -> str:
    """Return which block this is, for the template to choose how to set it."""
    return type(block).__name__.lower()


def _picture(picture: Picture) -> Markup:
    """Draw a figure; its text was escaped when the SVG was written."""
    return Markup(to_svg(picture.draw(), name=picture.name, label=picture.label))


def _hundredths(probability: float) -> str:
    """Return a probability as a position on a line of length 100."""
    return f"{100 * probability:.1f}"


def _span(bar: Bar) -> str:
    """Return the width of a bar's range on a line of length 100, never too thin to see."""
    if bar.low is None or bar.high is None:
        return "0"
    return f"{max(100 * (bar.high - bar.low), 0.6):.1f}"
