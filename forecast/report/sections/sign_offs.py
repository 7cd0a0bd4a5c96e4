"""Who signed the run, when, and which probabilities they put beside the model's and why."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from forecast.report.blocks import Cell, Column, Section, Table, clean, foreign
from forecast.report.content import ReportData
from forecast.report.numbers import long_date
from forecast.report.sign_offs import EARLIER, Adjustment, SignOff, standing
from forecast.report.words import percent_text, probability_words

# Marks that reverse or isolate a direction: a name with one could turn the numbers beside it round.
_TURNING: Final = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_ISOLATED: Final = "\u2068{}\u2069"


def sign_offs(data: ReportData) -> Section | None:
    """Return the section of sign-offs; None where nobody signed and nothing hides it."""
    if not data.sign_offs and not data.sign_off_problem:
        return None
    title = "Sign-off"
    if data.sign_off_problem:
        reason = f"It cannot be told who signed: {clean(data.sign_off_problem)}"
        return Section(id="sign-offs", title=title, missing=reason)
    signatures = Table(
        caption="Signatures",
        columns=(
            Column("Number", number=True),
            Column("Signed by"),
            Column("When"),
            Column("Standing"),
            Column("Reason"),
        ),
        rows=tuple(
            (
                Cell(str(one.number)),
                foreign(plain(one.by)),
                Cell(when(one)),
                Cell(standing(one, data.sign_offs, data.forecasts_hash)),
                foreign(plain(one.why)),
            )
            for one in reversed(data.sign_offs)
        ),
        stacked=True,
    )
    adjusted = _adjusted(data.in_force)
    lead = "A sign-off stands for the numbers as they were when it was given; the newest counts."
    blocks = (signatures, adjusted) if adjusted else (signatures,)
    return Section(id="sign-offs", title=title, lead=lead, blocks=blocks)


def _adjusted(signed: SignOff | None) -> Table | None:
    """Return the adjusted probabilities beside the model's, as displayed and as given."""
    if signed is None or not signed.adjustments:
        return None
    return Table(
        caption="Adjusted probabilities",
        columns=(
            Column("Question"),
            Column("Model", number=True),
            Column("Adjusted", number=True),
            Column("In words"),
            Column("As given", number=True),
        ),
        rows=tuple(
            (
                Cell(clean(one.question)),
                Cell(percent_text(one.model)),
                Cell(percent_text(one.adjusted)),
                Cell(probability_words(one.adjusted)),
                Cell(repr(one.adjusted)),
            )
            for one in signed.adjustments
        ),
        stacked=True,
    )


def signature(data: ReportData) -> str:
    """Return who stands behind the numbers, for the top of the report; empty where nobody does."""
    if data.sign_off_problem:
        return "cannot be told; see Sign-off"
    if data.in_force is not None:
        return f"{person(data.in_force.by)}, {when(data.in_force)}"
    if not data.sign_offs:
        return ""
    last = data.sign_offs[-1]
    return f"not yet; {person(last.by)} {EARLIER}, {when(last)}"


def changes(data: ReportData) -> str:
    """Return in a sentence every probability that was adjusted, with the reason."""
    signed = data.in_force
    if signed is None or not signed.adjustments:
        return ""
    parts = [
        f"{clean(one.question)} from {percent_text(one.model)} to {_shown(one)}"
        for one in signed.adjustments
    ]
    return f"Adjusted by {person(signed.by)}: {'; '.join(parts)}. Reason: {person(signed.why)}"


def adjustment(question: str, data: ReportData) -> Adjustment | None:
    """Return what the signature in force puts beside the model's probability of a question."""
    signed = data.in_force
    made = signed.adjustments if signed else ()
    return next((one for one in made if one.question == question), None)


def change(question: Mapping[str, Any], data: ReportData) -> str:
    """Return in a sentence what a person put beside the model's probability, and why."""
    one, signed = adjustment(str(question["id"]), data), data.in_force
    if one is None or signed is None:
        return ""
    span = question.get("interval") or {"low": 0.0, "high": 1.0}
    outside = not span["low"] <= one.adjusted <= span["high"]
    return (
        f"Signed: {_shown(one)}. {person(signed.by)} adjusted the model's "
        f"{percent_text(one.model)}"
        f"{f', beyond its {percent_text(span["prob"])} interval' if outside else ''}. "
        f"Reason: {person(signed.why)}"
    )


def _shown(one: Adjustment) -> str:
    return f"{percent_text(one.adjusted)} ({probability_words(one.adjusted)})"


def when(signed: SignOff) -> str:
    """Return the moment of a signature in words: ``27 November 2026, 06:51 UTC``."""
    moment = datetime.fromisoformat(signed.signed_at)
    return f"{long_date(moment.date())}, {moment:%H:%M} UTC"


def plain(text: str) -> str:
    """Return a person's words on one line, without marks that turn the direction of writing."""
    return clean("".join(sign for sign in text if unicodedata.bidirectional(sign) not in _TURNING))


def person(text: str) -> str:
    """Return a person's words, isolated so that they cannot reorder what stands beside them."""
    return _ISOLATED.format(plain(text))
