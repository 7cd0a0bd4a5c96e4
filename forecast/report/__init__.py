"""Report of a run: one self-contained HTML page and the same facts as Markdown."""

from forecast.report.content import ReportData
from forecast.report.gate import GateVerdict, publish_gate
from forecast.report.html import render_html
from forecast.report.markdown import render_markdown
from forecast.report.sign_offs import Adjustment, SignOff
from forecast.report.words import probability_words

__all__ = [
    "Adjustment",
    "ReportData",
    "SignOff",
    "render_html",
    "render_markdown",
    "publish_gate",
    "GateVerdict",
    "probability_words",
]
