"""Day by day: rungs as stacked bands, questions as lines with their interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from forecast.report.figures.axes import FONT, calm, in_order, note, title
from forecast.report.figures.palette import light, rung_colour
from forecast.report.figures.rungs import TRACKS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH: Final = 8.0
_PANEL: Final = 2.0
_GAP: Final = 0.68
_COLOURS: Final = 4
_TITLE: Final = 92
_TICKS: Final = 6


def rungs_by_day(
    frame: pd.DataFrame,
    days: pd.DataFrame,
    *,
    pair: str,
    rungs: Sequence[str] | None = None,
    tracks: Sequence[str] = ("any", "state"),
) -> Figure:
    """Draw how likely each rung is in the period under way, by day, stacked from the lowest up.

    Parameters
    ----------
    frame
        Columns date, pair, track, rung, probability.
    days
        Columns date, path, records: days with new records are marked above, refits by a line.
    rungs
        The ladder from its lowest rung; order of appearance by default.
    """
    from matplotlib.patches import Patch

    order = in_order(frame["rung"], rungs)
    figure, grid = _panels(len(tracks), _PANEL)
    for axes, track in zip(grid, tracks, strict=True):
        chosen = frame[(frame["pair"] == pair) & (frame["track"] == track)]
        title(axes, f"{pair.replace('->', ' → ')}, {TRACKS.get(track, track)}", pad=12.0)
        if chosen.empty:
            note(axes, 0.02, 0.5, "nothing is at stake")
            continue
        wide = chosen.pivot(index="date", columns="rung", values="probability")[order]
        edges = _edges(wide.index)
        tops = np.cumsum(wide.to_numpy(float), axis=1)
        floor = np.zeros(len(wide))
        for position, _ in enumerate(order):
            axes.fill_between(
                edges,
                _held(floor),
                _held(tops[:, position]),
                step="post",
                color=light(rung_colour(position, len(order))),
                linewidth=0,
            )
            floor = tops[:, position]
        axes.set_ylim(0, 1)
        axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        _mark(axes, days, above=True)
    _ends(grid, days)
    handles = [
        Patch(facecolor=light(rung_colour(place, len(order))), label=rung)
        for place, rung in enumerate(order)
    ]
    _legend(figure, handles)
    return figure


def questions_by_day(
    frame: pd.DataFrame,
    days: pd.DataFrame,
    *,
    questions: Sequence[str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the probability of each question by day with its interval, one panel each.

    Parameters
    ----------
    frame
        Columns date, question, probability, low, high, path; a day whose weights cannot be trusted
        is hollow.
    days
        Columns date, path, records.
    titles
        What each question asks.
    """
    order = in_order(frame["question"], questions)
    figure, grid = _panels(max(len(order), 1), _PANEL)
    for place, (axes, name) in enumerate(zip(grid, order, strict=False)):
        colour = light(f"domain-{place % _COLOURS}")
        chosen = frame[frame["question"] == name]
        when = _numbers(chosen["date"])
        chance = chosen["probability"].to_numpy(float)
        low, high = chosen["low"].to_numpy(float), chosen["high"].to_numpy(float)
        asked = (titles or {}).get(name, "")
        title(axes, f"{name}  {shorten(asked, _TITLE, placeholder=' …')}")
        for part in _stretches(chosen, days):
            edges = _edges(chosen["date"].iloc[part])
            band = (edges, _held(low[part]), _held(high[part]))
            axes.fill_between(*band, step="post", color=colour, alpha=0.2, linewidth=0)
            axes.step(edges, _held(chance[part]), where="post", color=colour, linewidth=1.6)
        trusted = (chosen["path"] != "not trusted").to_numpy()
        moved = np.isin(chosen["date"], days.loc[days["records"] > 0, "date"])
        for chosen_days, fill in ((moved & trusted, colour), (~trusted, light("panel"))):
            axes.plot(
                when[chosen_days],
                chance[chosen_days],
                "o",
                color=colour,
                mfc=fill,
                markersize=4.5,
                zorder=3,
            )
        if len(when):
            axes.annotate(
                _told(chance[-1]),
                (when[-1] + 1, chance[-1]),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=FONT,
                color=colour,
                annotation_clip=False,
            )
        _chances(axes, high)
        _mark(axes, days, above=False)
    _ends(grid, days)
    return figure


def _told(chance: float) -> str:
    return f"{100 * chance:.1f} %" if chance >= 0.0005 or chance == 0.0 else "<0.1 %"


def _chances(axes: Axes, high: np.ndarray) -> None:
    """Let a panel end at a round probability just above what it shows."""
    reach = float(np.nanmax(high)) if len(high) else 1.0
    top = next((end for end in (0.05, 0.1, 0.2, 0.4, 0.6) if reach <= end), 1.0)
    axes.set_ylim(0, top)
    ticks = np.linspace(0, top, 3)
    axes.set_yticks(ticks, [f"{100 * tick:.3g} %" for tick in ticks])
    axes.grid(axis="y", color=light("rule"), linewidth=0.4, alpha=0.7)


def _edges(days: Any) -> np.ndarray:
    """Return where days begin, and where the last one ends: what is said of a day holds for it."""
    when = _numbers(days)
    return np.append(when, when[-1] + 1)


def _held(values: np.ndarray) -> np.ndarray:
    """Repeat the last value, for the end of the last day."""
    return np.append(values, values[-1])


def _stretches(chosen: pd.DataFrame, days: pd.DataFrame) -> list[np.ndarray]:
    """Cut a line where a new fit begins: what lies between is not one movement."""
    refits = set(days.loc[days["path"] == "refitted", "date"])
    begins = np.cumsum([day in refits for day in chosen["date"]])
    return [np.flatnonzero(begins == number) for number in dict.fromkeys(begins)]


def _mark(axes: Axes, days: pd.DataFrame, *, above: bool) -> None:
    """Mark the days on which records came in, and draw a line where the model was fitted again."""
    arrivals = _numbers(days.loc[days["records"] > 0, "date"])
    if above:
        axes.plot(
            arrivals,
            np.full(len(arrivals), 1.06),
            "v",
            transform=axes.get_xaxis_transform(),
            color=light("ink"),
            markersize=4,
            clip_on=False,
        )
    for day in _numbers(days.loc[days["path"] == "refitted", "date"]):
        axes.axvline(day, color=light("ink"), linewidth=0.9, dashes=(4, 2))


def _panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    tall = height * count + 0.5
    figure = Figure(figsize=(_WIDTH, tall), facecolor="white", dpi=100)
    grid = figure.subplots(count, 1, squeeze=False)[:, 0]
    figure.subplots_adjust(
        left=0.55 / _WIDTH,
        right=1 - 0.6 / _WIDTH,
        bottom=0.75 / tall,
        top=1 - 0.42 / tall,
        hspace=_GAP / (height - _GAP),
    )
    for axes in grid:
        calm(axes)
    return figure, list(grid)


def _ends(grid: Sequence[Axes], days: pd.DataFrame) -> None:
    """Give all panels the same days, named by day and month."""
    from matplotlib.dates import DateFormatter, WeekdayLocator

    when = _numbers(days["date"])
    few = len(when) <= 3 * _TICKS
    for axes in grid:
        axes.set_xlim(when.min(), when.max() + 1)
        if few:
            axes.set_xticks(when[:: max(1, len(when) // _TICKS)])
        else:
            axes.xaxis.set_major_locator(WeekdayLocator(byweekday=0))
        axes.xaxis.set_major_formatter(DateFormatter("%-d %b"))
    _explain(grid[-1])


def _explain(axes: Axes) -> None:
    """Say what the marks mean, below the last panel."""
    axes.set_xlabel(
        "Marks: days on which records arrived.  Dashed line: the model was fitted again.",
        fontsize=FONT - 0.5,
        color=light("muted"),
        loc="left",
    )


def _legend(figure: Figure, handles: Sequence[Any]) -> None:
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.4 / _WIDTH, 0.0),
        ncols=len(handles),
        frameon=False,
        fontsize=FONT - 0.5,
        labelcolor=light("ink"),
        handlelength=1.2,
        columnspacing=1.2,
    )


def _numbers(days: Any) -> np.ndarray:
    """Return ISO dates as Matplotlib's day numbers."""
    from matplotlib.dates import date2num

    return np.asarray(date2num([date.fromisoformat(str(day)) for day in days]), dtype=float)
