"""What moved a forecast: bars of bits, for on the right and against on the left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from forecast.report.figures.axes import FONT, calm, title
from forecast.report.figures.palette import light

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from forecast.evidence.record import Record

_SHOWN: Final = 12
_LONGEST: Final = 44


def contributions(
    weights: pd.DataFrame,
    labels: Mapping[str, str],
    name: str,
    *,
    shown: int = _SHOWN,
) -> Figure:
    """Draw the heaviest pieces of evidence with twice their Monte Carlo error.

    Parameters
    ----------
    weights
        Rows of an explanation, one kind of unit; pieces that decide the question alone are drawn
        to the edge.
    labels
        What a piece says in a few words, by its name; the name stands where there is none.
    name
        The question's id; empty where the figure stands under it anyway.
    """
    from matplotlib.figure import Figure

    column = "record" if "record" in weights else "name"
    trusted = weights[weights["path"] != "not trusted"]
    chosen = trusted.head(shown).iloc[::-1]
    height = 1.05 + 0.3 * max(len(chosen), 1)
    figure = Figure(figsize=(7.2, height), facecolor="none")
    axes = figure.subplots()
    calm(axes)
    figure.subplots_adjust(left=0.44, right=0.97, top=1 - 0.32 / height, bottom=0.52 / height)
    title(axes, f"{name}: bits of evidence" if name else "Bits of evidence")
    axes.axvline(0.0, color=light("rule"), linewidth=0.8)
    if chosen.empty:
        axes.set_yticks([])
        return figure
    bits = chosen["bits"].to_numpy(float)
    finite = bits[np.isfinite(bits)]
    reach = float(np.abs(finite).max()) if len(finite) else 1.0
    drawn = np.clip(bits, -1.3 * reach, 1.3 * reach)
    error = 2.0 * np.nan_to_num(chosen["error"].to_numpy(float), posinf=0.0)
    error[~np.isfinite(bits)] = 0.0
    colours = [light("domain-0") if value > 0 else light("domain-2") for value in drawn]
    places = np.arange(len(chosen))
    axes.barh(places, drawn, height=0.62, color=colours)
    axes.errorbar(
        drawn, places, xerr=error, fmt="none", ecolor=light("ink"), elinewidth=0.8, capsize=2
    )
    axes.set_yticks(places)
    axes.set_yticklabels(
        [_short(labels.get(str(one), str(one))) for one in chosen[column]],
        fontsize=FONT,
        parse_math=False,
    )
    axes.set_xlabel("against  ←  bits  →  for", fontsize=FONT, color=light("muted"))
    return figure


def label_of(record: Record) -> str:
    """Return what a record says in one line."""
    return f"{record.event_date} {record.pair.label} {record.indicator}={record.value}"


def _short(text: str) -> str:
    shown = text.replace("->", "→")
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
