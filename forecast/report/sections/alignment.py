"""The paths of alignment with their evidence, and the asymmetry between the two directions."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from forecast.report import figures
from forecast.report.blocks import Block, Cell, Column, Gallery, Picture, Section, Table, clean
from forecast.report.content import ReportData, pair_text, reverse
from forecast.report.figures.palette import domain_colour
from forecast.report.numbers import chance, decimal
from forecast.report.sections.facts import paths_by_year
from forecast.report.sections.ladder import pairs_to_draw
from forecast.report.sections.records import newest_records

if TYPE_CHECKING:
    import pandas as pd


def alignment(data: ReportData) -> Section:
    """Return alignment by domain over time with the evidence on the time line."""
    name, title = "alignment", "Alignment by domain"
    if data.paths.empty:
        return Section(id=name, title=title, missing="The run holds no paths of alignment.")
    held = set(data.paths["pair"].astype(str))
    asked = pairs_to_draw(data, data.paths)
    # The other direction of the leading pair stands beside it: the study compares the two.
    other = [reverse(pair) for pair in asked[:1] if reverse(pair) in held]
    order = list(dict.fromkeys([*asked[:1], *other, *asked[1:]]))
    shown = [domain for domain in data.study.domains if domain in set(data.paths["domain"])]
    blocks: list[Block] = [
        Gallery(
            heading=pair_text(pair),
            pictures=tuple(_path_picture(data, pair, domain) for domain in shown),
            legend=_path_legend(data, shown) if number == 0 else (),
            collapsed=number >= 2,
            facts=paths_by_year(data.paths[data.paths["pair"] == pair], caption=pair_text(pair)),
        )
        for number, pair in enumerate(order)
    ]
    blocks.append(_path_table(data))
    blocks += [table for pair in order if (table := newest_records(data, pair)) is not None]
    return Section(
        id=name,
        title=title,
        lead=(
            "Alignment is what the signals of a pair have in common; its scale is that of each "
            "domain's reference indicator. A line that leaves the dotted band says that evidence "
            "moved the model away from what was assumed before."
        ),
        blocks=tuple(blocks),
    )


def _path_picture(data: ReportData, pair: str, domain: str) -> Picture:
    return Picture(
        name=f"path-{pair}-{domain}",
        label=f"Alignment over time, {pair_text(pair)}, {domain}",
        draw=partial(
            figures.alignment,
            data.paths,
            data.evidence,
            pairs=[pair],
            domains=[domain],
            palette=data.study.domains,
            as_of=data.as_of.isoformat(),
        ),
    )


def _path_legend(data: ReportData, shown: list[str]) -> tuple[tuple[str, str], ...]:
    return (
        *((domain_colour(domain, data.study.domains), domain) for domain in shown),
        ("", "line: median, band: 90 %; dotted: prior 90 %; dashed: as-of date"),
        ("", "foot: | signal, ○ absence or zero; grey: report on the ladder"),
    )


def _now(frame: pd.DataFrame, data: ReportData) -> str:
    """Return the label of the last period that began by the as-of date."""
    calendar = data.study.calendar
    known = [p for p in frame["period"].astype(str) if _begins(p, data) <= data.as_of]
    return max(known, default=calendar.label(calendar.index(data.as_of)))


def _begins(period: str, data: ReportData) -> date:
    return data.study.calendar.start(data.study.calendar.parse(period))


def _path_table(data: ReportData) -> Table:
    period = _now(data.paths, data)
    rows = tuple(
        (
            Cell(pair_text(str(row.pair))),
            Cell(clean(row.domain)),
            *(Cell(decimal(value)) for value in (row.mean, row.q05, row.q50, row.q95)),
            *(Cell(decimal(value)) for value in (row.prior_q05, row.prior_q95)),
        )
        for row in data.paths[data.paths["period"].astype(str) == period].itertuples()
    )
    names = ("Mean", "5 %", "Median", "95 %", "Prior 5 %", "Prior 95 %")
    return Table(
        caption=f"Alignment of all pairs in {period}",
        columns=(Column("Pair"), Column("Domain"), *(Column(name, number=True) for name in names)),
        rows=rows,
        collapsed=True,
    )


def asymmetry(data: ReportData) -> Section:
    """Return the difference of alignment between the two directions, against its prior."""
    minuend, subtrahend = pair_text(data.asymmetry_pair), pair_text(reverse(data.asymmetry_pair))
    name, title = "asymmetry", f"Asymmetry: {minuend} less {subtrahend}"
    if data.asymmetry.empty:
        reason = f"The run holds no difference between {minuend} and {subtrahend}."
        return Section(id=name, title=title, missing=reason)
    held = set(data.asymmetry["domain"].astype(str))
    shown = [domain for domain in data.study.domains if domain in held]
    pictures = tuple(
        Picture(
            name=f"asymmetry-{domain}",
            label=f"Alignment {minuend} less {subtrahend} over time, {domain}",
            draw=partial(
                figures.asymmetry,
                data.asymmetry,
                domains=[domain],
                palette=data.study.domains,
                as_of=data.as_of.isoformat(),
            ),
        )
        for domain in shown
    )
    legend = (("", "line: mean, band: 90 %; dotted: prior 90 %; solid rule: no difference"),)
    return Section(
        id=name,
        title=title,
        lead=(
            f"Above zero, {minuend} is stronger than {subtrahend}. Where the band hardly differs "
            "from the dotted prior, the evidence has not spoken."
        ),
        blocks=(
            Gallery(
                heading="",
                pictures=pictures,
                legend=legend,
                facts=paths_by_year(data.asymmetry, caption="By year"),
            ),
            _asymmetry_table(data),
        ),
    )


def _asymmetry_table(data: ReportData) -> Table:
    period = _now(data.asymmetry, data)
    chosen = data.asymmetry[data.asymmetry["period"].astype(str) == period]
    rows = tuple(
        (
            Cell(clean(row.domain)),
            *(Cell(decimal(value)) for value in (row.mean, row.q05, row.q95)),
            *(Cell(decimal(value)) for value in (row.prior_mean, row.prior_q05, row.prior_q95)),
            Cell(chance(row.p_positive)),
        )
        for row in chosen.itertuples()
    )
    names = ("Mean", "5 %", "95 %", "Prior mean", "Prior 5 %", "Prior 95 %", "P(> 0)")
    return Table(
        caption=f"Difference in {period}",
        columns=(Column("Domain"), *(Column(name, number=True) for name in names)),
        rows=rows,
    )
