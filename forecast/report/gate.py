"""The publish gate: may these forecasts be acted on? Convergence, data freshness, coverage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from forecast.report.blocks import Verdict
from forecast.report.content import ReportData
from forecast.report.numbers import counted, long_date

# A quarter without news is usual; after a year a forecast rests on the model alone.
FRESH_DAYS: Final = 92
STALE_DAYS: Final = 366
#: A forecast is fresh if so many records are: one alone does not tell of the rest.
FRESH_RECORDS: Final = 3
# Share of the questions that need a probability before a run counts as covering its study.
COVERED_SHARE: Final = 0.7

_WORSE: Final[dict[str, int]] = {"ok": 0, "doubtful": 1, "failed": 2}


@dataclass(frozen=True)
class GateVerdict:
    """One check of the publish gate, with a sentence in plain words."""

    name: str
    verdict: Verdict
    sentence: str


def publish_gate(data: ReportData) -> list[GateVerdict]:
    """Judge whether a run's forecasts may be published.

    Returns
    -------
    list of GateVerdict
        Convergence, data freshness and coverage, in this order. A run may be published where
        none of them is ``failed``; ``doubtful`` ones are printed beside the forecasts.
    """
    return [_convergence(data), _freshness(data), _coverage(data)]


def worst(verdicts: Iterable[GateVerdict]) -> Verdict:
    """Return the worst of some verdicts; ``ok`` where there is none."""
    found: Verdict = "ok"
    for each in verdicts:
        if _WORSE[each.verdict] > _WORSE[found]:
            found = each.verdict
    return found


def _convergence(data: ReportData) -> GateVerdict:
    """Take the worse of the run's status and its single diagnostics."""
    status = str(data.forecasts.get("status", "failed"))
    from_status: Verdict = (
        "ok" if status == "converged" else "doubtful" if status == "doubtful" else "failed"
    )
    if data.diagnostics.empty:
        return GateVerdict(
            "Convergence",
            "failed",
            f"The run calls itself {status}, but carries no diagnostics to judge that by.",
        )
    bad = data.diagnostics[data.diagnostics["verdict"] != "ok"]
    verdicts = {str(verdict) for verdict in bad["verdict"]}
    verdict: Verdict = "failed" if "failed" in verdicts else "doubtful" if verdicts else "ok"
    if _WORSE[from_status] > _WORSE[verdict]:
        verdict = from_status
    total = len(data.diagnostics)
    if bad.empty and verdict == "ok":
        sentence = f"All {total} checks of the sampler passed."
    elif bad.empty:
        sentence = f"The run calls itself {status}, though no single check failed."
    else:
        names = ", ".join(str(name) for name in bad["name"])
        sentence = f"{len(bad)} of {counted(total, 'check')} did not pass: {names}."
    return GateVerdict("Convergence", verdict, sentence)


def newest_known(data: ReportData) -> date | None:
    """Return the day on which the newest used record became known; None without any."""
    return max(_known_days(data), default=None)


def _known_days(data: ReportData) -> list[date]:
    if data.used.empty:
        return []
    return [date.fromisoformat(str(known)[:10]) for known in data.used["known_at"]]


def _freshness(data: ReportData) -> GateVerdict:
    """Judge by the third newest record: one that came in alone does not tell of the rest."""
    days = sorted(_known_days(data), reverse=True)
    if not days:
        return GateVerdict(
            "Data freshness",
            "doubtful",
            "No record is used: every number is the prior's alone.",
        )
    newest, told_by = days[0], days[min(FRESH_RECORDS, len(days)) - 1]
    age = (data.as_of - told_by).days
    verdict: Verdict = "ok" if age <= FRESH_DAYS else "doubtful" if age <= STALE_DAYS else "failed"
    sentence = (
        f"The newest record became known on {long_date(newest)}, "
        f"{counted((data.as_of - newest).days, 'day')} before the as-of date."
    )
    if verdict != "ok" and (data.as_of - newest).days <= FRESH_DAYS:
        few = sum((data.as_of - day).days <= FRESH_DAYS for day in days)
        sentence += (
            f" Only {counted(few, 'record')} became known in the last {FRESH_DAYS} days, the one "
            f"before on {long_date(days[few])}."
        )
    if verdict == "doubtful":
        sentence += " What happened since is not in the forecast."
    elif verdict == "failed":
        sentence += " That is too old to speak of the present."
    return GateVerdict("Data freshness", verdict, sentence)


def _coverage(data: ReportData) -> GateVerdict:
    total = len(data.questions)
    if not total:
        return GateVerdict("Coverage", "failed", "The run answers no question.")
    # A resolved or closed question is answered by the world, not by this run.
    asked = [
        each
        for each in data.questions
        if each.get("status") in ("open", "not_modelled") or each.get("probability") is not None
    ]
    live = [each for each in asked if not _is_over(data, each)]
    given = [each for each in live if each.get("probability") is not None]
    unexplained = sum(
        each.get("probability") is None and not each.get("reason") for each in data.questions
    )
    missing = _silent_domains(data)
    if not live:
        return GateVerdict("Coverage", "doubtful", "No question is open on the as-of date.")
    sentence = f"{len(given)} of {counted(len(live), 'open question')} have a probability."
    if unexplained:
        sentence += f" {unexplained} lack one without a reason."
    if missing:
        sentence += f" No record informs: {', '.join(missing)}."
    if not given or unexplained:
        verdict: Verdict = "failed"
    elif len(given) < COVERED_SHARE * len(live) or missing:
        verdict = "doubtful"
    else:
        verdict = "ok"
    return GateVerdict("Coverage", verdict, sentence)


def _is_over(data: ReportData, question: Mapping[str, Any]) -> bool:
    """Say whether a question's window ended before the as-of date."""
    return date.fromisoformat(str(question["closes"])) < data.as_of


def _silent_domains(data: ReportData) -> list[str]:
    """Return the study's domains without any record in use."""
    heard = set() if data.used.empty else {str(domain) for domain in data.used["domain"]}
    return [domain for domain in data.study.domains if domain not in heard]
