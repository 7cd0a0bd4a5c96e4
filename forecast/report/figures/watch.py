"""What would move a forecast: tripwires from now to after, and what watching tells on average."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from forecast.report.figures.axes import FONT, calm, note, title
from forecast.report.figures.palette import domain_colour, light

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW: Final = 0.24  # inches a row
_LINE: Final = 0.068  # inches a letter
_LONGEST: Final = 48
_WIRES: Final = 2.6  # inches of the probabilities
_BARS: Final = 1.7  # inches of the information
_GAP: Final = 0.12


def watch(
    tripwires: pd.DataFrame,
    collection: pd.DataFrame,
    *,
    probability: float,
    thresholds: Sequence[float] = (),
    pair: str = "",
    most: int = 12,
    palette: Sequence[str] | None = None,
) -> Figure:
    """Draw single observations that would move a question, next to expected information.

    Parameters
    ----------
    tripwires
        Columns indicator, pair, observation, probability, ok; the first ones are drawn.
    collection
        Columns indicator, pair, domain, expected_bits, error, rank.
    probability
        Of the question now.
    thresholds
        Drawn as lines.
    pair
        The question's; others are named with what is seen of them.
    most
        So many rows in each panel.
    palette
        All domains of the study in their order.
    """
    wires = tripwires[tripwires["ok"].astype(bool)].head(most)
    ranked = collection.sort_values("rank").head(most)
    wire_names = [_wire_name(row, pair) for row in wires.to_dict("records")]
    bar_names = [_name(str(n), str(p), pair) for n, p in ranked[["indicator", "pair"]].to_numpy()]
    left, right = _panels(wire_names, bar_names)
    _draw_wires(left, wires, probability, thresholds)
    order = palette if palette is not None else list(dict.fromkeys(collection["domain"]))
    _draw_bars(right, ranked, order)
    return left.figure  # type: ignore[return-value]


def _wire_name(row: dict[Any, Any], pair: str) -> str:
    seen, indicator = str(row["observation"]), str(row["indicator"])
    return _name(f"silence: {indicator}" if seen == "silence" else seen, str(row["pair"]), pair)


def _name(text: str, of: str, pair: str) -> str:
    full = text if of == pair else f"{text}, {of.replace('->', ' → ')}"
    return textwrap.shorten(full, _LONGEST, placeholder="…") if len(full) > _LONGEST else full


def _panels(wires: list[str], bars: list[str]) -> tuple[Axes, Axes]:
    """Return two sets of axes with named rows, laid out by the number of letters of the names."""
    from matplotlib.figure import Figure

    rooms = [
        _LINE * max((len(name) for name in names), default=0) + _GAP for names in (wires, bars)
    ]
    width = rooms[0] + _WIRES + 3.0 * _GAP + rooms[1] + _BARS + 1.5 * _GAP
    rows = max(len(wires), len(bars), 1)
    height = _ROW * rows + 0.75
    figure = Figure(figsize=(width, height), facecolor="none")
    made = []
    starts = (rooms[0], width - 1.5 * _GAP - _BARS)
    for start, size, names in zip(starts, (_WIRES, _BARS), (wires, bars), strict=True):
        tall = _ROW * max(len(names), 1)
        bottom = 0.4 + _ROW * rows - tall
        axes = figure.add_axes(
            (start / width, bottom / height, size / width, tall / height), facecolor="none"
        )
        calm(axes)
        axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
        axes.set_yticks(range(len(names)), names, fontsize=FONT, parse_math=False)
        axes.grid(axis="x", color=light("rule"), linewidth=0.4, alpha=0.7)
        axes.set_axisbelow(True)
        made.append(axes)
    return made[0], made[1]


def _draw_wires(axes: Axes, wires: pd.DataFrame, now: float, thresholds: Sequence[float]) -> None:
    title(axes, "probability, if this were seen")
    axes.set_xlim(-0.02, 1.02)
    axes.set_xticks([0.0, 0.5, 1.0], ["0 %", "50 %", "100 %"])
    for mark in thresholds:
        axes.axvline(mark, color=light("muted"), linewidth=0.6, dashes=(2, 2), zorder=1)
    axes.axvline(now, color=light("ink"), linewidth=0.9, zorder=1)
    if wires.empty:
        note(axes, 0.04, 0.5, "nothing that can be trusted")
        return
    after = wires["probability"].to_numpy(float)
    rows = np.arange(len(after))
    colours = [light("domain-0" if value >= now else "domain-2") for value in after]
    axes.hlines(rows, np.full(len(rows), now), after, colors=colours, linewidth=1.4, zorder=2)
    for row, value, colour in zip(rows, after, colours, strict=True):
        axes.plot(value, row, marker="o", markersize=5, color=colour, linestyle="none", zorder=3)


def _draw_bars(axes: Axes, ranked: pd.DataFrame, order: Sequence[str]) -> None:
    title(axes, "expected information, bits")
    if ranked.empty:
        note(axes, 0.04, 0.5, "nothing to watch")
        return
    bits = ranked["expected_bits"].to_numpy(float)
    error = np.nan_to_num(ranked["error"].to_numpy(float))
    # A set of reports may belong to several domains, joined by a stroke: the first colours it.
    firsts = [str(domain).split("/")[0] for domain in ranked["domain"]]
    colours = [light(domain_colour(one, order) if one in order else "prior") for one in firsts]
    rows = np.arange(len(bits))
    axes.barh(rows, bits, height=0.55, color=colours)
    axes.hlines(
        rows, np.maximum(bits - error, 0.0), bits + error, colors=light("ink"), linewidth=0.8
    )
    axes.set_xlim(0.0, max(float((bits + error).max()) * 1.05, 1e-6))
    axes.locator_params(axis="x", nbins=3)
