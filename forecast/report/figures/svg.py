"""Turn a figure into inline SVG that follows the page's colours and is the same byte for byte."""

from __future__ import annotations

import re
import warnings
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Final

from forecast.report.figures.palette import THEME

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TAG: Final = re.compile(r"<[^>]*>")
_NUMBER: Final = re.compile(r"-?\d+\.\d{2,}")
_BY_COLOUR: Final = {pair[0]: name for name, pair in THEME.items()}
_COLOUR: Final = re.compile("|".join(_BY_COLOUR))
_UNREFERENCED_ID: Final = re.compile(r'<g id="[^"]*"')
_FONT: Final = re.compile(r"font: (?:[\w]+ )*?([\d.]+)px [^;\"]*|font-family: [^;\"]*;? ?")


def to_svg(figure: Figure, *, name: str, label: str) -> str:
    """Return a figure as an ``<svg>`` element to put into an HTML page.

    Parameters
    ----------
    figure
        Drawn with the light colours of :mod:`forecast.report.figures.palette`.
    name
        Unique in the page; it salts the ids, so that no two figures share one. (A clip path that
        is looked up in another, hidden figure would hide this one.)
    label
        What the figure shows, read out in place of the picture.
    """
    from matplotlib import rc_context

    out = StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with (
        rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "svg.id": None}),
        warnings.catch_warnings(),
    ):
        # Text stays text, so the reader's fonts draw the signs that this machine's lack.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        figure.savefig(out, format="svg", metadata=nothing)
    return _inline(out.getvalue(), label)


def _inline(document: str, label: str) -> str:
    """Cut a stand-alone SVG document down to what an HTML page needs."""
    body = document[document.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = _TAG.sub(lambda tag: _shorten(tag[0]), body)
    body = re.sub(r"\s*\n\s*", " ", body)
    view = re.search(r'viewBox="[^"]*"', body)
    opening = f'<svg {view[0] if view else ""} role="img" aria-label="{escape(label)}">'
    return opening + body[body.index(">") + 1 :].strip()


def _shorten(tag: str) -> str:
    """Shorten one tag and name its colours; the text between tags stays as it was drawn."""
    tag = _UNREFERENCED_ID.sub("<g", tag)
    tag = _FONT.sub(lambda match: f"font-size:{match[1]}px" if match[1] else "", tag)
    # A tenth of a point is finer than any screen shows.
    tag = _NUMBER.sub(lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), tag)
    return _COLOUR.sub(lambda match: f"var(--{_BY_COLOUR[match[0]]})", tag)
