"""The questions with probability, words, interval, status and rungs; open ones first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from forecast.report.blocks import (
    Bar,
    Block,
    Cards,
    Cell,
    Column,
    QuestionCard,
    Section,
    Strip,
    Table,
    clean,
)
from forecast.report.content import ReportData, pair_text
from forecast.report.figures.palette import rung_colour
from forecast.report.numbers import long_date, real
from forecast.report.sections.sign_offs import adjustment, change
from forecast.report.words import interval_text, percent_text, probability_words

INTERVAL_LABEL: Final = (
    "Intervals cover 90 % of the posterior draws of each event's conditional probability: they "
    "show how unsure the model is of the probability, not of the outcome."
)

_STATUS: Final = {
    "draft": "Draft",
    "open": "Open",
    "closed": "Closed, not resolved",
    "resolved": "Resolved",
    "ambiguous": "Resolved as ambiguous",
    "void": "Void",
    "not_modelled": "Not modelled",
}


def questions(data: ReportData) -> Section:
    """Return the section that answers the study's questions."""
    title = "Questions"
    if not data.questions:
        return Section(id="questions", title=title, missing="The run answers no question.")
    cards = [(is_open(question, data), _card(question, data)) for question in data.questions]
    still_open = tuple(card for is_current, card in cards if is_current)
    past = tuple(card for is_current, card in cards if not is_current)
    blocks: list[Block] = []
    if still_open:
        rungs = [clean(rung) for rung in data.study.ladder.rungs]
        legend = tuple((rung_colour(i, len(rungs)), rung) for i, rung in enumerate(rungs))
        shown = legend if any(card.strips for card in still_open) else ()
        blocks.append(
            Cards(heading="Open questions", cards=still_open, prominent=True, legend=shown)
        )
    else:
        blocks.append(Cards(heading="No question is open on this date", cards=(), prominent=True))
    if past:
        blocks.append(Cards(heading="Closed and resolved questions", cards=past, prominent=False))
    return Section(id="questions", title=title, lead=INTERVAL_LABEL, blocks=tuple(blocks))


def is_open(question: Mapping[str, Any], data: ReportData) -> bool:
    """Return whether a question still awaits its answer on the as-of date."""
    status = str(question.get("status"))
    if status in {"open", "draft"}:
        return True
    return status == "not_modelled" and str(question.get("closes", "")) >= data.as_of.isoformat()


def question_title(question: Mapping[str, Any], data: ReportData) -> str:
    """Return the study's wording of a question; its event where the study does not hold it."""
    for each in data.study.questions:
        if each.id == question["id"]:
            return clean(each.title)
    return clean(question.get("event") or question["id"])


def _card(question: Mapping[str, Any], data: ReportData) -> QuestionCard:
    chance = real(question.get("probability"))
    interval = question.get("interval") if chance is not None else None
    status = str(question.get("status"))
    span = ""
    if interval:
        span = (
            f"{percent_text(interval['prob'])} interval "
            f"{interval_text(interval['low'], interval['high'])}"
        )
    no_answer = clean(question.get("reason")) or "The run gives no reason."
    # Whoever signed answers for the number: it leads, and the model's stands beside it.
    own = adjustment(str(question["id"]), data)
    shown = chance if own is None or chance is None else own.adjusted
    if own is not None and chance is not None:
        span = f"signed; model {percent_text(chance)}" + (f", {span}" if span else "")
    return QuestionCard(
        id=clean(question["id"]),
        title=question_title(question, data),
        pair=pair_text(clean(question.get("pair"))),
        event=clean(question.get("event")),
        window=_window(question),
        status=_STATUS.get(status, clean(status)),
        number="" if shown is None else percent_text(shown),
        words="" if shown is None else probability_words(shown),
        interval=span,
        reason=clean(question.get("reason")) if chance is not None else no_answer,
        extra=_extra(question, data),
        small=_small(question),
        bar=None
        if shown is None
        else Bar(
            shown,
            low=interval["low"] if interval else None,
            high=interval["high"] if interval else None,
            mark=None if own is None else chance,
        ),
        strips=_strips(question, data),
        rungs=_rungs(question, data),
        signed=change(question, data),
    )


def _window(question: Mapping[str, Any]) -> str:
    opens, closes = (
        long_date(date.fromisoformat(str(question[end])[:10])) for end in ("opens", "closes")
    )
    return f"{opens} to {closes}"


def _extra(question: Mapping[str, Any], data: ReportData) -> tuple[str, ...]:
    """Return the resolution, if it was known by the as-of date, and the previous forecast."""
    remarks = []
    known = [
        each
        for each in data.study.resolutions
        if each.question == question["id"] and each.known_at <= data.as_of
    ]
    if known:
        latest = max(known, key=lambda each: each.known_at)
        remarks.append(f"Answer: {latest.outcome}, {long_date(latest.resolved_on)}")
    previous = question.get("previous")
    if previous and previous.get("probability") is not None:
        before = percent_text(previous["probability"])
        remarks.append(f"Before: {before} (run {clean(previous.get('run'))})")
    return tuple(remarks)


def _small(question: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the noise that simulation leaves in the probability."""
    error = real(question.get("mc_error"))
    if error is None or question.get("probability") is None:
        return ()
    return (f"Simulation error of the probability: {100 * error:.1f} points",)


def _tracks(question: Mapping[str, Any]) -> list[tuple[str, Mapping[str, float]]]:
    """Return whose support, and how likely each is to be the highest rung in the window."""
    given = question.get("rungs") or {}
    named = (("anyone", given.get("any")), ("the state", given.get("state")))
    return [(whose, chances) for whose, chances in named if chances]


def _strips(question: Mapping[str, Any], data: ReportData) -> tuple[Strip, ...]:
    """Return the rungs at a glance, for a question that asks of them; others have the table."""
    if "rung" not in str(question.get("event", "")):
        return ()
    rungs = data.study.ladder.rungs
    strips = []
    for whose, chances in _tracks(question):
        start, parts = 0.0, []
        for position, rung in enumerate(rungs):
            width = float(chances.get(rung, 0.0))
            parts.append((rung_colour(position, len(rungs)), start, width))
            start += width
        strips.append(Strip(f"by {whose}", tuple(parts)))
    return tuple(strips)


def _rungs(question: Mapping[str, Any], data: ReportData) -> Table | None:
    """Return how likely each highest rung in the window is, exactly and at least, by track."""
    tracks = _tracks(question)
    if not tracks:
        return None
    columns = [Column("Rung")]
    for whose, _ in tracks:
        columns += [Column(f"By {whose}", number=True), Column("or higher", number=True)]
    rungs = data.study.ladder.rungs
    rows = []
    for position, rung in enumerate(rungs):
        row = [Cell(clean(rung), swatch=rung_colour(position, len(rungs)))]
        for _, chances in tracks:
            exact = [float(chances.get(each, 0.0)) for each in rungs]
            # Sums of draws may pass 1 by the last bit.
            at_least = min(1.0, sum(exact[position:])) if position else 1.0
            row += [Cell(percent_text(min(1.0, exact[position]))), Cell(percent_text(at_least))]
        rows.append(tuple(row))
    return Table(
        caption="Highest rung in the window",
        columns=tuple(columns),
        rows=tuple(rows),
        collapsed=True,
    )
