"""Before and after: what each cause did to a probability, and scenarios side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from forecast.report.figures.axes import FONT, calm, title
from forecast.report.figures.palette import light

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: The causes of a change as a reader knows them, each with its colour.
CAUSES: Final = {
    "time": ("passage of time", "prior"),
    "revisions": ("revisions", "domain-3"),
    "retractions": ("retractions", "domain-4"),
    "evidence": ("new evidence", "domain-0"),
    "refit": ("refit", "muted"),
}
_ROW: Final = 0.42


def changes(table: pd.DataFrame) -> Figure:
    """Draw for each question the way from before to after, cause by cause.

    Parameters
    ----------
    table
        ``question``, ``before``, one column a cause, ``after``, as an update returns it.
    """
    shown = table[["before", "after"]].to_numpy(float)
    figure, axes = _lines(len(table), largest=float(np.nanmax(shown, initial=0.0)))
    title(axes, "From before (hollow) to after")
    used = [
        cause
        for cause in CAUSES
        if cause in table and (table[cause].fillna(0.0).abs() > 1e-9).any()
    ]
    for place, row in enumerate(table.to_dict("records")[::-1]):
        before, after = row["before"], row["after"]
        at = before
        for cause in used:
            step = row[cause]
            if at is None or at != at or step != step:
                continue
            axes.plot(
                [at, at + step],
                [place, place],
                color=light(CAUSES[cause][1]),
                linewidth=4,
                solid_capstyle="butt",
            )
            at = at + step
        if before is not None and before == before:
            axes.plot(before, place, "o", mfc="white", mec=light("ink"), markersize=6)
        if after is not None and after == after:
            axes.plot(after, place, "o", color=light("ink"), markersize=6)
            _tell(axes, after, place)
    axes.set_yticks(
        range(len(table)), list(table["question"])[::-1], fontsize=FONT, parse_math=False
    )
    for cause in used:
        name, colour = CAUSES[cause]
        axes.plot([], [], color=light(colour), linewidth=4, label=name)
    if used:
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=len(used),
            frameon=False,
            fontsize=FONT,
            handlelength=1.2,
            borderaxespad=0.1,
        )
    return figure


def scenarios(table: pd.DataFrame, now: Mapping[str, float]) -> Figure:
    """Draw the probability under each scenario, with that of today as a line.

    Parameters
    ----------
    table
        ``scenario``, ``question``, ``probability``, ``path``.
    now
        Today's probability by question.
    """
    figure, axes = _lines(len(table))
    questions = list(dict.fromkeys(table["question"]))
    title(axes, f"{', '.join(questions)} by scenario")
    labels = []
    for place, row in enumerate(table.to_dict("records")[::-1]):
        today = now.get(row["question"])
        if today is not None:
            axes.plot([today, today], [place - 0.4, place + 0.4], color=light("muted"), lw=1)
        trusted = row["path"] != "not trusted"
        axes.plot(
            row["probability"],
            place,
            "o",
            color=light("domain-0"),
            markersize=7,
            mfc=light("domain-0") if trusted else "white",
        )
        _tell(axes, row["probability"], place)
        name = str(row["scenario"])
        labels.append(name if len(questions) == 1 else f"{row['question']}: {name}")
    shown = [one[:30] for one in labels]
    axes.set_yticks(range(len(labels)), shown, fontsize=FONT, parse_math=False)
    return figure


def _lines(count: int, largest: float = 1.0) -> tuple[Figure, Axes]:
    """Return axes of probability with a line for each row, wide enough for the largest."""
    from matplotlib.figure import Figure

    height = 0.95 + _ROW * max(count, 1)
    figure = Figure(figsize=(7.2, height), facecolor="none")
    axes = figure.subplots()
    calm(axes)
    figure.subplots_adjust(left=0.24, right=0.94, top=1 - 0.42 / height, bottom=0.36 / height)
    end = next((end for end in (0.1, 0.25, 0.5) if largest <= 0.8 * end), 1.0)
    ticks = np.linspace(0, end, 6)
    axes.set_xlim(-0.01 * end, 1.01 * end)
    axes.set_ylim(-0.6, max(count, 1) - 0.4)
    axes.set_xticks(ticks, [f"{100 * share:.3g} %" for share in ticks])
    axes.grid(axis="x", color=light("rule"), linewidth=0.4, alpha=0.6)
    return figure, axes


def _tell(axes: Axes, chance: float, place: int) -> None:
    """Write a probability beside its mark, on the side that has room."""
    right = chance < 0.85 * axes.get_xlim()[1]
    axes.annotate(
        f"{100 * chance:.1f} %",
        (chance, place),
        xytext=(8 if right else -8, 0),
        textcoords="offset points",
        va="center",
        ha="left" if right else "right",
        fontsize=FONT,
        color=light("ink"),
    )
