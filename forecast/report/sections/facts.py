"""What the figures show, as tables by year, for readers of the Markdown version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast.report.blocks import Cell, Column, Table, clean
from forecast.report.numbers import chance, decimal

if TYPE_CHECKING:
    import pandas as pd


def year_ends(frame: pd.DataFrame) -> set[str]:
    """Return the last period of each calendar year in a table with a column ``period``.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"period": ["2021-Q3", "2021-Q4", "2022-Q1"]})
    >>> sorted(year_ends(frame))
    ['2021-Q4', '2022-Q1']
    """
    periods = frame["period"].astype(str)
    return set(periods.groupby(periods.str[:4]).max())


def ladder_by_year(frame: pd.DataFrame, rungs: Sequence[str], *, caption: str) -> Table:
    """Return one pair's rungs at the end of each year, now and in every period to come."""
    ends = year_ends(frame)
    kept = frame[frame["period"].astype(str).isin(ends) | (frame["tense"] != "past")]
    rows = []
    for (period, track), group in kept.groupby(["period", "track"], sort=True):
        by_rung = dict(zip(group["rung"].astype(str), group["probability"], strict=True))
        rows.append(
            (
                Cell(str(period)),
                Cell(str(group["tense"].iloc[0])),
                Cell("the state" if track == "state" else "anyone"),
                *(Cell(chance(by_rung.get(rung))) for rung in rungs),
            )
        )
    columns = (
        *(Column(name) for name in ("Period", "Tense", "By")),
        *(Column(rung, number=True) for rung in rungs),
    )
    return Table(caption=caption, columns=columns, rows=tuple(rows))


def paths_by_year(frame: pd.DataFrame, *, caption: str) -> Table:
    """Return a path, or a difference of paths, at the end of each year by domain."""
    kept = frame[frame["period"].astype(str).isin(year_ends(frame))]
    rows = tuple(
        (
            Cell(clean(row.domain)),
            Cell(str(row.period)),
            *(Cell(decimal(value)) for value in (row.mean, row.q05, row.q95)),
            *(Cell(decimal(value)) for value in (row.prior_q05, row.prior_q95)),
        )
        for row in kept.itertuples()
    )
    names = ("Mean", "5 %", "95 %", "Prior 5 %", "Prior 95 %")
    columns = (
        Column("Domain"),
        Column("Period"),
        *(Column(name, number=True) for name in names),
    )
    return Table(caption=caption, columns=columns, rows=rows)
