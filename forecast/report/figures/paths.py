"""Alignment over time by pair and domain, and its difference between two directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from forecast.report.figures.axes import (
    NARROW,
    day_of,
    in_order,
    middles,
    note,
    panels,
    title,
    year_of,
    year_ticks,
)
from forecast.report.figures.palette import domain_colour, light
from forecast.report.words import percent_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_RUG: Final = 0.17  # share of a panel's height kept free for evidence


def alignment(
    paths: pd.DataFrame,
    evidence: pd.DataFrame | None = None,
    *,
    pairs: Sequence[str] | None = None,
    domains: Sequence[str] | None = None,
    palette: Sequence[str] | None = None,
    as_of: str = "",
) -> Figure:
    """Draw alignment with its 90 % band over time, the evidence as marks at the foot.

    Parameters
    ----------
    paths
        Columns pair, domain, period, mean, q05, q95, prior_q05, prior_q95.
    evidence
        Columns first, last, pair, domain, measures, value, used; unused records are left out.
    pairs, domains
        What to draw, one row of panels a pair and one column a domain; everything by default.
    palette
        All domains of the study in their order, so that a domain keeps its colour.
    as_of
        ISO date to mark as the end of what is known.
    """
    rows = in_order(paths["pair"], pairs)
    columns = in_order(paths["domain"], domains)
    order = palette if palette is not None else in_order(paths["domain"], None)
    figure, grid = panels(len(rows), len(columns), width=NARROW)
    for row, pair in zip(grid, rows, strict=True):
        for axes, domain in zip(row, columns, strict=True):
            chosen = paths[(paths["pair"] == pair) & (paths["domain"] == domain)]
            colour = domain_colour(domain, order)
            heading = domain if len(rows) == 1 else f"{pair.replace('->', ' → ')}, {domain}"
            title(axes, heading, colour=colour)
            if chosen.empty:
                note(axes, 0.02, 0.5, "not estimated")
                continue
            _band(axes, chosen, colour, centre="q50")
            _mark_today(axes, as_of)
            if evidence is not None and len(evidence):
                keep = (evidence["pair"] == pair) & (evidence["domain"] == domain)
                _rug(axes, evidence[keep & evidence["used"].astype(bool)], colour)
    return figure


def asymmetry(
    frame: pd.DataFrame,
    *,
    domains: Sequence[str] | None = None,
    palette: Sequence[str] | None = None,
    as_of: str = "",
) -> Figure:
    """Draw the difference of alignment between two directions, posterior against prior.

    Parameters
    ----------
    frame
        Columns domain, period, mean, q05, q95, prior_mean, prior_q05, prior_q95, p_positive.
    domains
        One panel each; all by default.
    palette
        All domains of the study in their order.
    as_of
        ISO date to mark as the end of what is known.
    """
    columns = in_order(frame["domain"], domains)
    order = palette if palette is not None else in_order(frame["domain"], None)
    figure, grid = panels(1, len(columns), width=NARROW)
    for axes, domain in zip(grid[0], columns, strict=True):
        chosen = frame[frame["domain"] == domain]
        colour = domain_colour(domain, order)
        title(axes, domain, colour=colour)
        if chosen.empty:
            note(axes, 0.02, 0.5, "not estimated")
            continue
        _band(axes, chosen, colour, centre="mean")
        axes.axhline(0.0, color=light("ink"), linewidth=0.7, zorder=1)
        _mark_today(axes, as_of)
        latest = chosen[chosen["period"].map(lambda p: year_of(p)[0]) <= _end(as_of)]
        if len(latest):
            chance = float(latest["p_positive"].iloc[-1])
            note(axes, 0.02, 0.04, f"P(difference > 0) = {percent_text(chance)}")
    return figure


def _end(as_of: str) -> float:
    return day_of(as_of) if as_of else float("inf")


def _band(axes: Axes, chosen: pd.DataFrame, colour: str, *, centre: str) -> None:
    """Draw prior band, posterior band and central line, and leave room for evidence."""
    from matplotlib.ticker import MaxNLocator

    when = middles(chosen["period"])
    low, high = chosen["q05"].to_numpy(float), chosen["q95"].to_numpy(float)
    prior_low, prior_high = (chosen[f"prior_{q}"].to_numpy(float) for q in ("q05", "q95"))
    axes.fill_between(when, low, high, color=light(colour), alpha=0.22, linewidth=0)
    axes.plot(when, chosen[centre].to_numpy(float), color=light(colour), linewidth=1.6)
    for bound in (prior_low, prior_high):
        axes.plot(when, bound, color=light("prior"), linewidth=0.8, dashes=(2, 2))
    bottom = float(np.nanmin([low.min(), prior_low.min()]))
    top = float(np.nanmax([high.max(), prior_high.max()]))
    room = max(top - bottom, 1e-6)
    axes.set_ylim(bottom - room * _RUG / (1 - _RUG) * 1.2, top + 0.04 * room)
    ticks = MaxNLocator(nbins=4, steps=[1, 2, 5, 10]).tick_values(bottom, top)
    axes.set_yticks([tick for tick in ticks if bottom <= tick <= top])
    axes.grid(axis="y", color=light("rule"), linewidth=0.4, alpha=0.7)
    first, last = chosen["period"].iloc[0], chosen["period"].iloc[-1]
    year_ticks(axes, year_of(first)[0], year_of(last)[1])


def _mark_today(axes: Axes, as_of: str) -> None:
    if as_of:
        axes.axvline(day_of(as_of), color=light("muted"), linewidth=0.8, dashes=(4, 2))


def _rug(axes: Axes, records: pd.DataFrame, colour: str) -> None:
    """Mark signals in the domain's colour and reports on the ladder in grey, zeros hollow."""
    foot = axes.get_xaxis_transform()
    signal = records["measures"].astype(str) == "alignment"
    for chosen, height, shade in (
        (records[signal], 0.115, colour),
        (records[~signal], 0.04, "muted"),
    ):
        for zero in (False, True):
            part = chosen[(chosen["value"].astype(str).isin(["0", "0.0"])) == zero]
            when = [
                (day_of(first) + day_of(last)) / 2
                for first, last in zip(part["first"], part["last"], strict=True)
            ]
            axes.plot(
                when,
                [height] * len(when),
                linestyle="none",
                marker="o" if zero else "|",
                markersize=2.8 if zero else 6,
                markerfacecolor="none",
                markeredgecolor=light(shade),
                markeredgewidth=0.7 if zero else 0.9,
                transform=foot,
                clip_on=True,
            )
