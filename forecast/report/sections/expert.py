"""An expert's judgements beside the model's, and findings to hold against what is known."""

from __future__ import annotations

from forecast.report.blocks import Bar, Cell, Column, Section, Table, clean, foreign
from forecast.report.content import ReportData
from forecast.report.numbers import chance, real, significant


def judgements(data: ReportData) -> Section:
    """Return the expert's probabilities beside the model's."""
    name, title = "judgements", "The expert's judgements beside the model"
    if data.judgements.empty:
        return Section(id=name, title=title, missing="The study holds no expert judgement.")
    rows = tuple(
        (
            Cell(clean(row.id)),
            foreign(row.title),
            Cell(clean(row.window)),
            Cell(chance(row.expert_mid)),
            Cell(f"{chance(row.expert_low)} to {chance(row.expert_high)}"),
            Cell(chance(row.model)),
            Cell(
                "",
                bar=Bar(
                    real(row.model),
                    real(row.expert_low),
                    real(row.expert_high),
                    real(row.expert_mid),
                ),
            ),
            foreign(row.note),
        )
        for row in data.judgements.itertuples()
    )
    table = Table(
        caption="Probabilities of the expert and of the model",
        columns=(
            *(Column(heading) for heading in ("Id", "Judgement", "Window")),
            *(Column(heading, number=True) for heading in ("Expert", "Range", "Model")),
            *(Column(heading) for heading in ("Side by side", "Note")),
        ),
        rows=rows,
        stacked=True,
    )
    return Section(
        id=name,
        title=title,
        lead=(
            "Probability that the event takes place. The band is the expert's range with a thin "
            "tick at the middle, the thick tick the model. A handful of judgements, most of them "
            "settled before this page was made, proves nothing about skill."
        ),
        blocks=(table,),
    )


def face_validity(data: ReportData) -> Section:
    """Return findings that a reader can hold against what is known."""
    name, title = "face-validity", "Does it make sense?"
    if data.face_validity.empty:
        return Section(id=name, title=title, missing="The run holds no checks of face validity.")
    rows = tuple(
        (foreign(row.name), Cell(significant(row.value)), foreign(row.sentence))
        for row in data.face_validity.itertuples()
    )
    # A value may be a ranking in words, which reads from the left.
    numbers = all(real(value) is not None for value in data.face_validity["value"])
    table = Table(
        caption="Findings to hold against what is known",
        columns=(Column("What"), Column("Value", number=numbers), Column("In words")),
        rows=rows,
        stacked=True,
    )
    return Section(
        id=name,
        title=title,
        lead="Reported as they came out; nothing was tuned to them.",
        blocks=(table,),
    )
