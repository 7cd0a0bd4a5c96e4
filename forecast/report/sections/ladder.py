"""The ladder forecast: how likely each rung is over time, on both tracks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from forecast.report import figures
from forecast.report.blocks import Block, Cell, Column, Gallery, Picture, Section, Table
from forecast.report.content import ReportData, pair_text, question_pairs
from forecast.report.figures.palette import rung_colour
from forecast.report.figures.rungs import TRACKS
from forecast.report.numbers import chance
from forecast.report.sections.facts import ladder_by_year

if TYPE_CHECKING:
    import pandas as pd

# More pairs than this as pictures would bury the ones that matter; the rest are in the tables.
MOST_PAIRS: Final = 8


def ladder(data: ReportData) -> Section:
    """Return how likely each rung is over time, for the pairs with questions."""
    name, title = "ladder", "The ladder of support"
    if data.ladder.empty:
        return Section(id=name, title=title, missing="The run holds no ladder forecast.")
    rungs = [str(rung) for rung in data.study.ladder.rungs]
    legend = tuple((rung_colour(i, len(rungs)), rung) for i, rung in enumerate(rungs))
    blocks: list[Block] = []
    for number, pair in enumerate(pairs_to_draw(data, data.ladder)):
        pictures = tuple(
            Picture(
                name=f"ladder-{number}-{track}",
                label=f"Probability of each rung over time, {pair_text(pair)}, {whose}",
                draw=partial(
                    figures.ladder,
                    data.ladder,
                    pairs=[pair],
                    tracks=[track],
                    rungs=rungs,
                    legend=False,
                ),
            )
            for track, whose in TRACKS.items()
        )
        blocks.append(
            Gallery(
                heading=pair_text(pair),
                pictures=pictures,
                legend=legend if number == 0 else (),
                collapsed=number >= 3,
                facts=ladder_by_year(
                    data.ladder[data.ladder["pair"] == pair], rungs, caption=pair_text(pair)
                ),
            )
        )
    blocks.append(_ladder_table(data, rungs))
    return Section(
        id=name,
        title=title,
        lead=(
            f"How likely each rung is in each period, stacked from {rungs[0]} at the foot to "
            f"{rungs[-1]} at the top; the stronger the colour, the graver the support. Left of the "
            "dashed line is what the evidence says of the past, right of it the forecast. An act "
            "that nobody has recorded here reads as none: a fall may be one of the records."
        ),
        blocks=tuple(blocks),
    )


def pairs_to_draw(data: ReportData, frame: pd.DataFrame) -> list[str]:
    """Return the pairs to draw: those with questions, else the first ones of the table."""
    held = list(dict.fromkeys(str(pair) for pair in frame["pair"]))
    asked = [pair for pair in question_pairs(data) if pair in held]
    return (asked or held[:3])[:MOST_PAIRS]


def _ladder_table(data: ReportData, rungs: list[str]) -> Table:
    """Return every pair's rungs now and at the horizon."""
    frame = data.ladder
    horizon = frame["period"].astype(str).max()
    chosen = frame[(frame["tense"] == "now") | (frame["period"].astype(str) == horizon)]
    rows = []
    for (pair, track, period), group in chosen.groupby(["pair", "track", "period"], sort=False):
        by_rung = dict(zip(group["rung"].astype(str), group["probability"], strict=True))
        rows.append(
            (
                Cell(pair_text(str(pair))),
                Cell("the state" if track == "state" else "anyone"),
                Cell(str(period)),
                *(Cell(chance(by_rung.get(rung))) for rung in rungs),
            )
        )
    columns = (
        Column("Pair"),
        Column("By"),
        Column("Period"),
        *(Column(rung, number=True) for rung in rungs),
    )
    return Table(
        caption="All pairs, now and at the horizon",
        columns=columns,
        rows=tuple(rows),
        collapsed=True,
    )
