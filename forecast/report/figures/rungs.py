"""The ladder forecast: how likely each rung is in each period, stacked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from forecast.report.figures.axes import FONT, in_order, note, panels, title, year_of, year_ticks
from forecast.report.figures.palette import light, rung_colour

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TRACKS: Final = {"any": "by anyone, firms included", "state": "by the state itself"}


def ladder(
    frame: pd.DataFrame,
    *,
    pairs: Sequence[str] | None = None,
    tracks: Sequence[str] = ("any", "state"),
    rungs: Sequence[str] | None = None,
    legend: bool = True,
) -> Figure:
    """Draw the probability of each rung by period, stacked from the lowest rung up.

    Parameters
    ----------
    frame
        Columns pair, period, track, rung, probability, tense.
    pairs, tracks
        One row of panels a pair, one column a track.
    rungs
        The ladder from its lowest rung; order of appearance by default.
    legend
        Whether to name the rungs in the figure.
    """
    rows = in_order(frame["pair"], pairs)
    order = in_order(frame["rung"], rungs)
    figure, grid = panels(len(rows), len(tracks))
    for row, pair in zip(grid, rows, strict=True):
        for axes, track in zip(row, tracks, strict=True):
            chosen = frame[(frame["pair"] == pair) & (frame["track"] == track)]
            what = TRACKS.get(track, track)
            label = f"{pair.replace('->', ' → ')}, {what}" if len(rows) > 1 else what
            title(axes, label)
            if chosen.empty:
                note(axes, 0.02, 0.5, "no forecast")
                continue
            _stack(axes, chosen, order)
    if legend:
        _name_rungs(grid[0][-1], order)
    return figure


def _stack(axes: Axes, chosen: pd.DataFrame, order: list[str]) -> None:
    """Fill one panel; each rung is one step-shaped area over the periods."""
    wide = chosen.pivot_table(
        index="period", columns="rung", values="probability", aggfunc="sum", sort=True
    ).reindex(columns=order, fill_value=0.0)
    edges = np.array([year_of(str(wide.index[0]))[0], *(year_of(str(p))[1] for p in wide.index)])
    tops = np.cumsum(wide.to_numpy(float), axis=1)
    floor = np.zeros(len(wide))
    for position, _ in enumerate(order):
        top = tops[:, position]
        axes.fill_between(
            edges,
            np.append(floor, floor[-1]),
            np.append(top, top[-1]),
            step="post",
            color=light(rung_colour(position, len(order))),
            linewidth=0,
        )
        floor = top
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    year_ticks(axes, float(edges[0]), float(edges[-1]))
    _mark_forecast(axes, chosen)


def _mark_forecast(axes: Axes, chosen: pd.DataFrame) -> None:
    """Draw a line where knowledge ends and the forecast begins."""
    current = chosen.loc[chosen["tense"] == "now", "period"]
    if current.empty:
        return
    edge = year_of(str(current.iloc[0]))[1]
    axes.axvline(edge, color=light("ink"), linewidth=0.9, dashes=(4, 2))
    axes.text(
        edge,
        1.015,
        "forecast",
        transform=axes.get_xaxis_transform(),
        fontsize=FONT - 1,
        color=light("muted"),
        ha="center",
        va="bottom",
    )


def _name_rungs(axes: Axes, order: list[str]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(color=light(rung_colour(position, len(order))), label=rung)
        for position, rung in reversed(list(enumerate(order)))
    ]
    axes.legend(
        handles=handles,
        loc="lower left",
        fontsize=FONT - 1,
        facecolor=light("panel"),
        edgecolor=light("rule"),
        labelcolor=light("ink"),
        framealpha=0.85,
    )
