"""The headline: whether the run may be published, and its key finding in a sentence."""

from __future__ import annotations

from typing import Final

from forecast.report.blocks import Headline, Verdict, clean
from forecast.report.content import ReportData, pair_text, question_pairs
from forecast.report.gate import publish_gate, worst
from forecast.report.numbers import long_date
from forecast.report.sections.questions import is_open, question_title
from forecast.report.sections.reasons import rests_on
from forecast.report.sections.sign_offs import adjustment, changes, signature
from forecast.report.words import interval_text, percent_text, probability_words

_STANDING: Final[dict[Verdict, str]] = {
    "ok": "Fit to publish",
    "doubtful": "Publish with reservations",
    "failed": "Not fit to publish",
}


def headline(data: ReportData) -> Headline:
    """Return the top of the report."""
    gate = publish_gate(data)
    verdict = worst(gate)
    return Headline(
        title=clean(data.study.title),
        as_of=long_date(data.as_of),
        status=clean(data.forecasts.get("status", "unknown")),
        verdict=verdict,
        status_text=_STANDING[verdict],
        finding=tuple(filter(None, (*_lead_question(data), changes(data), _standing(data)))),
        checks=tuple((check.name, check.verdict, check.sentence) for check in gate),
        facts=_facts(data),
    )


def _lead_question(data: ReportData) -> tuple[str, str]:
    """Answer the first open question that has a probability; say if one record carries it."""
    for question in data.questions:
        chance = question.get("probability")
        if chance is None or not is_open(question, data):
            continue
        own = adjustment(str(question["id"]), data)
        shown = chance if own is None else own.adjusted
        sentence = (
            f"{question_title(question, data)} {percent_text(shown)}, {probability_words(shown)}"
        )
        beside = [] if own is None else [f"signed; the model says {percent_text(chance)}"]
        interval = question.get("interval")
        if interval:
            span = interval_text(interval["low"], interval["high"])
            beside.append(f"{percent_text(interval['prob'])} interval {span}")
        sentence += (f" ({', '.join(beside)})" if beside else "") + "."
        return sentence, rests_on(str(question["id"]), data)
    return "No open question has a probability in this run.", ""


def _standing(data: ReportData) -> str:
    """Say on which rung the most asked-about pair most probably stands now."""
    if data.ladder.empty:
        return ""
    current = data.ladder[data.ladder["tense"] == "now"]
    for pair in question_pairs(data):
        chosen = current[current["pair"] == pair]
        if chosen.empty:
            continue
        parts = []
        for track, whose in (("any", "by anyone, firms included"), ("state", "by the state")):
            rows = chosen[chosen["track"] == track]
            if rows.empty:
                continue
            chances = rows["probability"].to_numpy(float)
            rung = rows["rung"].iloc[int(chances.argmax())]
            parts.append(f"{rung} {whose} ({percent_text(float(chances.max()))})")
        if parts:
            period = chosen["period"].iloc[0]
            return f"Most likely rung of {pair_text(pair)} in {period}: {', '.join(parts)}."
    return ""


def _facts(data: ReportData) -> tuple[tuple[str, str], ...]:
    open_count = sum(is_open(question, data) for question in data.questions)
    signed = signature(data)
    return (
        *((("Signed off", signed),) if signed else ()),
        ("Questions", f"{len(data.questions)}, {open_count} open"),
        ("Records used", f"{len(data.used)} of {len(data.evidence)}"),
        ("Engine", clean(data.forecasts.get("engine", ""))),
        ("Run", clean(data.forecasts.get("run", ""))),
    )
