"""What the indicators say, and how well the model reproduces them."""

from __future__ import annotations

from functools import partial

from forecast.report import figures
from forecast.report.blocks import (
    Block,
    Cell,
    Column,
    Gallery,
    Picture,
    Section,
    Table,
    clean,
    foreign,
)
from forecast.report.content import ReportData
from forecast.report.figures.palette import domain_colour
from forecast.report.numbers import decimal, significant


def loadings(data: ReportData) -> Section:
    """Return how strongly each indicator follows alignment."""
    name, title = "loadings", "What each indicator tells"
    if data.loadings.empty:
        return Section(id=name, title=title, missing="The run holds no loadings.")
    held = set(data.loadings["domain"].astype(str))
    pictures = tuple(
        Picture(
            name=f"loadings-{domain}",
            label=f"Loadings of the {domain} indicators with 90 % intervals",
            draw=partial(
                figures.loadings, data.loadings, domain=domain, palette=data.study.domains
            ),
        )
        for domain in data.study.domains
        if domain in held
    )
    legend = (
        *((domain_colour(d, data.study.domains), d) for d in data.study.domains if d in held),
        ("prior", "prior only: no record informs it"),
        ("rule", "prior 90 %"),
    )
    return Section(
        id=name,
        title=title,
        lead=(
            "A loading of 0 tells nothing of alignment; each domain's reference is fixed at 1. "
            "Free loadings may take either sign."
        ),
        blocks=(
            Gallery(heading="", pictures=pictures, legend=legend, wide=True),
            _loading_table(data),
        ),
    )


def _loading_table(data: ReportData) -> Table:
    signs = {1: "+1", -1: "\u22121", 0: "free"}
    rows = tuple(
        (
            foreign(row.indicator),
            Cell(clean(row.domain)),
            Cell(clean(row.kind)),
            Cell(signs.get(int(str(row.polarity)), str(row.polarity))),
            *(Cell(decimal(value)) for value in (row.mean, row.q05, row.q95)),
            *(Cell(decimal(value)) for value in (row.prior_q05, row.prior_q95)),
            Cell(significant(row.n_records)),
            Cell(clean(row.status)),
        )
        for row in data.loadings.itertuples()
    )
    numbers = ("Mean", "5 %", "95 %", "Prior 5 %", "Prior 95 %", "Records")
    return Table(
        caption=f"All {len(rows)} indicators",
        columns=(
            *(Column(name) for name in ("Indicator", "Domain", "Kind", "Polarity")),
            *(Column(name, number=True) for name in numbers),
            Column("Status"),
        ),
        rows=rows,
        collapsed=True,
    )


def fitted(data: ReportData) -> Section:
    """Return the rates of the indicators as observed and as fitted, zeros included."""
    name, title = "fitted", "Fitted against observed"
    if data.fitted.empty:
        return Section(id=name, title=title, missing="The run holds no fitted rates.")
    panels = list(data.fitted[["kind", "pair_group"]].drop_duplicates().itertuples(index=False))
    pictures = tuple(
        Picture(
            name=f"fitted-{kind}-{number}",
            label=f"Observed and fitted means of {kind} indicators, {group}",
            draw=partial(figures.fitted_rates, data.fitted, kind=kind, group=group),
        )
        for number, (kind, group) in enumerate(panels)
    )
    blocks: list[Block] = [
        Gallery(
            heading="",
            pictures=pictures,
            legend=(("domain-0", "● fitted, 90 % interval"), ("domain-2", "× observed")),
            wide=True,
        ),
        _fitted_table(data),
    ]
    return Section(
        id=name,
        title=title,
        lead="Means over all cells that could be observed, covered zeros included. Where a cross "
        "lies outside its interval, the model does not reproduce what was seen.",
        blocks=tuple(blocks),
    )


def _fitted_table(data: ReportData) -> Table:
    rows = tuple(
        (
            foreign(row.indicator),
            Cell(clean(row.kind)),
            Cell(clean(row.pair_group)),
            Cell(significant(row.n_cells)),
            Cell(significant(row.n_zero)),
            *(Cell(significant(value)) for value in (row.observed, row.fitted, row.q05, row.q95)),
        )
        for row in data.fitted.itertuples()
    )
    numbers = ("Cells", "Zeros", "Observed", "Fitted", "5 %", "95 %")
    return Table(
        caption="All indicators, observed and fitted",
        columns=(
            *(Column(name) for name in ("Indicator", "Kind", "Pairs")),
            *(Column(name, number=True) for name in numbers),
        ),
        rows=rows,
        collapsed=True,
    )
