"""Shared drawing: a calm set of axes, time as decimal years, and grids of small panels."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from forecast.report.figures.palette import light

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_WIDTH: Final = 4.0
NARROW: Final = 3.2
PANEL_HEIGHT: Final = 2.2
FONT: Final = 9.0

_LABEL: Final = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d{2}))?")


def panels(rows: int, columns: int, *, width: float = PANEL_WIDTH) -> tuple[Figure, np.ndarray]:
    """Return a figure with a grid of axes of equal size, laid out without measuring text.

    ``width`` is that of one panel, in inches.
    """
    from matplotlib.figure import Figure

    wide, tall = width * columns, PANEL_HEIGHT * rows
    figure = Figure(figsize=(wide, tall), facecolor="none")
    grid = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(
        left=0.45 / wide,
        right=1 - 0.2 / wide,
        bottom=0.3 / tall,
        top=1 - 0.28 / tall,
        wspace=0.65 / (width - 0.6),
        hspace=0.62 / (PANEL_HEIGHT - 0.5),
    )
    for axes in grid.flat:
        calm(axes)
    return figure, grid


def calm(axes: Axes) -> None:
    """Take the ink that carries no data out of a set of axes."""
    axes.set_facecolor("none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(light("rule"))
    axes.tick_params(
        colors=light("muted"), labelsize=FONT, length=2.5, width=0.6, color=light("rule"), pad=2
    )
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", pad=3.5)


def title(axes: Axes, text: str, *, colour: str = "ink", pad: float = 5.0) -> None:
    """Put a title at the upper left, where reading begins, so many points above the panel."""
    axes.set_title(
        text, loc="left", fontsize=FONT + 0.5, color=light(colour), pad=pad, parse_math=False
    )


def note(axes: Axes, x: float, y: float, text: str, **options: Any) -> None:
    """Write a short remark into the panel, in axes coordinates."""
    options.setdefault("color", light("muted"))
    axes.text(x, y, text, transform=axes.transAxes, fontsize=FONT, parse_math=False, **options)


def year_of(period: str) -> tuple[float, float]:
    """Return where a period begins and ends, in decimal years.

    Examples
    --------
    >>> year_of("2022-Q2")
    (2022.25, 2022.5)
    """
    match = _LABEL.fullmatch(str(period))
    if match is None:
        raise ValueError(f"period label {period!r} is not YYYY, YYYY-Qn or YYYY-MM")
    year = int(match[1])
    if match[2]:
        return year + (int(match[2]) - 1) / 4, year + int(match[2]) / 4
    if match[3]:
        return year + (int(match[3]) - 1) / 12, year + int(match[3]) / 12
    return float(year), year + 1.0


def middles(periods: Iterable[str]) -> np.ndarray:
    """Return the middles of periods in decimal years; shape (periods,)."""
    return np.array([sum(year_of(period)) / 2 for period in periods])


def day_of(day: date | str | pd.Timestamp) -> float:
    """Return a day in decimal years."""
    when = date.fromisoformat(str(day)[:10])
    return when.year + (when.timetuple().tm_yday - 1) / 365.25


def year_ticks(axes: Axes, low: float, high: float) -> None:
    """Mark whole years, at most about seven of them."""
    step = next(step for step in (1, 2, 4, 5, 10, 20, 50, 100) if (high - low) / step <= 7.5)
    first = math.ceil(low / step) * step
    axes.set_xlim(low, high)
    axes.set_xticks([float(year) for year in range(first, math.floor(high) + 1, step)])
    axes.xaxis.set_major_formatter("{x:.0f}")


def in_order(values: Iterable[str], wanted: Sequence[str] | None) -> list[str]:
    """Return the distinct values, in the wanted order where one is given."""
    return list(wanted) if wanted is not None else list(dict.fromkeys(map(str, values)))
