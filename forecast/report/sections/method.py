"""How the numbers were made, whether they can be trusted, and how to make them again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final

from forecast.report.blocks import Block, Cell, Code, Column, Prose, Section, Table, Verdict, clean
from forecast.report.content import ReportData
from forecast.report.gate import newest_known, publish_gate
from forecast.report.numbers import counted, significant
from forecast.report.words import SCALE, SCALE_NAME

_METHOD: Final = (
    "Alignment between two states is not seen; what it makes them say, sign, vote, exercise and "
    "trade is. One hierarchical Bayesian model estimates alignment by pair, domain and period "
    "from those signals, conspicuous absences included.",
    "The rung of support is not seen either. Reports of acts are witnesses of it: each raises the "
    "odds of its rung by as much as its source's grade deserves, and silence where a report would "
    "be expected lowers them. Support by the state and by its firms are two chains; 'by anyone' "
    "is the higher of the two.",
    "Draws from the posterior are rolled forward through each question's window. A probability is "
    "the mean over draws; its interval spans 90 % of the draws' conditional probabilities.",
    "Only records known by the as-of date are read. Nothing that became known later, and no "
    "outcome, can reach the model.",
)

_VERDICTS: Final[dict[str, Verdict]] = {"ok": "ok", "doubtful": "doubtful", "failed": "failed"}


def how_good(data: ReportData) -> Section:
    """Say where the record of past forecasts is to be had."""
    return Section(
        id="how-good",
        title="How good we have been",
        missing="Not part of this report yet. `forecast score` scores this study's runs on the "
        "questions that were answered, beside base rates. Here no claim of skill is made.",
    )


def method(data: ReportData) -> Section:
    """Return how the numbers were made, and the scale of words."""
    scale = Table(
        caption="Words of probability",
        columns=(Column("Shown number"), Column("Words")),
        rows=tuple((Cell(f"{low} to {high} %"), Cell(word)) for low, high, word in SCALE),
        note=f"{SCALE_NAME}. The word follows from the number as displayed; a bound that two "
        "bands share takes the word further from even.",
    )
    return Section(id="method", title="Method", blocks=(Prose("", items=_METHOD), scale))


def diagnostics(data: ReportData) -> Section:
    """Return the checks of the fit and of the publish gate."""
    gate = Table(
        caption="Publish gate",
        columns=(Column("Check"), Column("Verdict"), Column("In words")),
        rows=tuple(
            (Cell(each.name), Cell(each.verdict, verdict=each.verdict), Cell(each.sentence))
            for each in publish_gate(data)
        ),
        stacked=True,
    )
    if data.diagnostics.empty:
        reason = "The run carries no diagnostics: its convergence cannot be judged."
        return Section(id="diagnostics", title="Diagnostics", blocks=(gate,), missing=reason)
    rows = tuple(
        (
            Cell(clean(row.name)),
            Cell(significant(row.value)),
            Cell(significant(row.threshold)),
            Cell(clean(row.verdict), verdict=_VERDICTS.get(str(row.verdict), "failed")),
            Cell(clean(row.sentence)),
        )
        for row in data.diagnostics.itertuples()
    )
    checks = Table(
        caption="Checks of the sampler",
        columns=(
            Column("Check"),
            Column("Value", number=True),
            Column("Threshold", number=True),
            Column("Verdict"),
            Column("In words"),
        ),
        rows=rows,
        stacked=True,
    )
    return Section(id="diagnostics", title="Diagnostics", blocks=(gate, checks))


def freshness(data: ReportData) -> Section:
    """Return how recent the evidence of each indicator is."""
    name, title = "freshness", "Data freshness"
    newest = newest_known(data)
    if newest is None:
        return Section(id=name, title=title, missing="No record is used.")
    delays = data.manifest.get("reporting_delays") or {}
    frame = data.used.assign(
        _known=data.used["known_at"].astype(str).str[:10],
        _last=data.used["last"].astype(str).str[:10],
    )
    rows = []
    for domain in data.study.domains:
        part = frame[frame["domain"].astype(str) == domain]
        for indicator, group in part.groupby("indicator", sort=True):
            rows.append(
                (
                    Cell(clean(domain)),
                    Cell(clean(indicator), foreign=True),
                    Cell(str(len(group))),
                    Cell(group["_last"].max()),
                    Cell(group["_known"].max()),
                    *(
                        Cell(_known_after(delays.get(indicator), days))
                        for days in _DELAYS
                        if delays
                    ),
                )
            )
    table = Table(
        caption=f"Newest record of {counted(len(rows), 'indicator')}",
        columns=(
            Column("Domain"),
            Column("Indicator"),
            Column("Records", number=True),
            Column("Last event", number=True),
            Column("Last known", number=True),
            *(Column(f"Known in {days} days", number=True) for days in _DELAYS if delays),
        ),
        rows=tuple(rows),
        collapsed=True,
    )
    gate = next(each for each in publish_gate(data) if each.name == "Data freshness")
    lead = gate.sentence
    if delays:
        lead += (
            " Silence about the last weeks counts only as far as reports of an indicator are "
            "usually in by now; the table says how soon they are."
        )
    return Section(id=name, title=title, lead=lead, blocks=(table,))


# Days after an event by which the share of known ones is told.
_DELAYS = (7, 90)


def _known_after(delay: Mapping[str, float] | None, days: int) -> str:
    return "" if delay is None else f"{delay[f'known_after_{days}_days']:.0%}"


def reproduce(data: ReportData) -> Section:
    """Return the exact command that makes this report again, and what it rests on."""
    rows = tuple((Cell(name), Cell(clean(value))) for name, value in _inputs(data) if value)
    blocks: list[Block] = [Code(command(data))]
    if rows:
        columns = (Column("Input"), Column("Value"))
        blocks.append(Table(caption="What it rests on", columns=columns, rows=rows))
    return Section(
        id="reproduce",
        title="Make it again",
        lead="The same inputs, seed and versions give the same forecasts.",
        blocks=tuple(blocks),
    )


def command(data: ReportData) -> str:
    """Return the command that reproduces the run; the manifest's own where it holds one."""
    given = data.manifest.get("command")
    if given:
        return clean(given) if isinstance(given, str) else shlex.join(map(str, given))
    words = ["forecast", "run", data.study.id, "--as-of", data.as_of.isoformat()]
    for option in ("engine", "seed"):
        value = data.manifest.get(option, data.forecasts.get(option))
        if value is not None:
            words += [f"--{option}", str(value)]
    return shlex.join(words)


def _inputs(data: ReportData) -> list[tuple[str, object]]:
    """Return hashes, seed and versions from the manifest, as far as it holds them."""
    manifest = data.manifest
    vintage: Any = manifest.get("vintage")
    if isinstance(vintage, Mapping):
        vintage = vintage.get("hash")
    pairs: list[tuple[str, object]] = [
        ("Run", manifest.get("run") or data.forecasts.get("run")),
        ("Study hash", manifest.get("study_hash") or data.study.content_hash),
        ("Vintage hash", vintage),
        ("Engine", manifest.get("engine")),
        ("Seed", manifest.get("seed")),
        ("Chains", manifest.get("chains")),
        ("Draws", manifest.get("draws")),
    ]
    for group, heading in (("priors", "Prior set"), ("versions", "Version of")):
        held = manifest.get(group) or {}
        pairs += [(f"{heading} {name}", held[name]) for name in sorted(held)]
    return pairs
