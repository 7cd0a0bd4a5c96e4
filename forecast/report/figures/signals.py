"""What the indicators say: their loadings, and their rates as fitted and as observed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from forecast.report.figures.axes import FONT, PANEL_WIDTH, calm, title
from forecast.report.figures.palette import domain_colour, light

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW: Final = 0.19  # inches a row
_LONGEST: Final = 26


def loadings(
    frame: pd.DataFrame, *, domain: str | None = None, palette: Sequence[str] | None = None
) -> Figure:
    """Draw how strongly each indicator follows alignment: mean, 90 % interval and prior.

    Parameters
    ----------
    frame
        Columns indicator, domain, mean, q05, q95, prior_q05, prior_q95, status.
    domain
        Only this domain; all by default.
    palette
        All domains of the study in their order.
    """
    order = palette if palette is not None else list(dict.fromkeys(frame["domain"]))
    chosen = frame if domain is None else frame[frame["domain"] == domain]
    names = [str(name) for name in chosen["indicator"]]
    axes = _rows(names, domain or "")
    _whiskers(axes, chosen, "prior_q05", "prior_q95", colours=["rule"] * len(names), width=5)
    colours = [
        "prior" if status == "prior only" else domain_colour(str(domain_), order)
        for status, domain_ in zip(chosen["status"], chosen["domain"], strict=True)
    ]
    _whiskers(axes, chosen, "q05", "q95", colours=colours, width=1.4)
    for row, (mean, colour) in enumerate(zip(chosen["mean"].astype(float), colours, strict=True)):
        axes.plot(mean, row, marker="o", markersize=4, color=light(colour), linestyle="none")
    axes.axvline(0.0, color=light("muted"), linewidth=0.7, zorder=0)
    return axes.figure  # type: ignore[return-value]


def fitted_rates(
    frame: pd.DataFrame, *, kind: str | None = None, group: str | None = None
) -> Figure:
    """Draw the mean of each indicator's cells as observed (cross) and as fitted (dot, 90 %).

    Parameters
    ----------
    frame
        Columns indicator, kind, pair_group, observed, fitted, q05, q95.
    kind
        Only indicators of this kind; their values are on one scale only within a kind.
    group
        Only this group of pairs.
    """
    chosen = frame if kind is None else frame[frame["kind"] == kind]
    chosen = chosen if group is None else chosen[chosen["pair_group"] == group]
    several = chosen["pair_group"].nunique() > 1
    names = [
        f"{indicator}, {of}" if several else str(indicator)
        for indicator, of in zip(chosen["indicator"], chosen["pair_group"], strict=True)
    ]
    heading = ", ".join(filter(None, (kind, group)))
    axes = _rows(names, heading)
    _whiskers(axes, chosen, "q05", "q95", colours=["domain-0"] * len(names), width=1.4)
    rows = np.arange(len(names))
    axes.plot(
        chosen["fitted"].to_numpy(float),
        rows,
        marker="o",
        markersize=4,
        color=light("domain-0"),
        linestyle="none",
    )
    axes.plot(
        chosen["observed"].to_numpy(float),
        rows,
        marker="x",
        markersize=5,
        markeredgewidth=1.3,
        color=light("domain-2"),
        linestyle="none",
    )
    if kind == "binary":
        axes.set_xlim(-0.02, 1.02)
    elif kind == "count":
        axes.set_xlim(left=0)
        axes.locator_params(axis="x", nbins=5)
    return axes.figure  # type: ignore[return-value]


def _rows(names: list[str], heading: str) -> Axes:
    """Return axes with one named row each, first row on top."""
    from matplotlib.figure import Figure

    width, height = PANEL_WIDTH, _ROW * max(len(names), 1) + 0.55
    figure = Figure(figsize=(width, height), facecolor="none")
    axes = figure.subplots()
    longest = max((min(len(name), _LONGEST) for name in names), default=0)
    figure.subplots_adjust(
        left=(0.12 + 0.072 * longest) / width,
        right=1 - 0.12 / width,
        bottom=0.28 / height,
        top=1 - 0.24 / height,
    )
    calm(axes)
    if heading:
        title(axes, heading)
    axes.set_ylim(len(names) - 0.4, -0.6)
    labels = [_short(name) for name in names]
    axes.set_yticks(range(len(names)), labels, fontsize=FONT, parse_math=False)
    axes.grid(axis="x", color=light("rule"), linewidth=0.4, alpha=0.7)
    return axes


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _whiskers(
    axes: Axes, chosen: pd.DataFrame, low: str, high: str, *, colours: list[str], width: float
) -> None:
    axes.hlines(
        range(len(chosen)),
        chosen[low].to_numpy(float),
        chosen[high].to_numpy(float),
        colors=[light(colour) for colour in colours],
        linewidth=width,
    )
