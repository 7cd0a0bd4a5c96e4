"""Weight of evidence held to refits without a record; run by tests.slow.updates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from forecast.explain.basis import state_at
from forecast.explain.steps import vintage_with
from forecast.explain.weight import REFITTED, REWEIGHTED, bits_between, explain_all
from forecast.runs.fit import Fit, RunSettings, fit_vintage
from tests.slow.held_back import BASE, DATES, probabilities, shipped
from tests.slow.reweighted import keep_row, kept_rows

ASKED = ("Q17", "Q19", "Q20")
HEAVIEST = 20
EACH = "each record's heaviest"
#: Long runs: the bits of one record are a difference of two log-odds, each with its own noise.
LONG = replace(BASE, draws=4000, paths=30, seed=31)
#: Of a fit without a record, and of one with all that it is held to.
WITHOUT = replace(BASE, draws=4800, tune=100, paths=30, seed=77)


#: Other draws altogether.
NUTS = replace(BASE, engine="nuts", draws=1000, tune=500, seed=601)


@dataclass(frozen=True)
class ByNuts:
    """Bits of one record for one question, by weights on the draws of another sampler."""

    question: str
    record: str
    bits: float
    error: float


@dataclass(frozen=True)
class LeftOut:
    """Bits of one record for one question, by weights and by a refit without it."""

    question: str
    record: str
    bits: float
    refitted: float
    own_error: float
    """Monte Carlo error of the weights' bits."""

    error: float
    """Monte Carlo error of the refits' bits."""

    k_hat: float
    path: str


def kept(keep: Path | None) -> list[LeftOut]:
    """Return what was kept of an earlier call."""
    return kept_rows(_file(keep), LeftOut)


def _file(keep: Path | None) -> Path | None:
    # Rows of other sizes are other rows.
    name = f"left out, {LONG.draws} and {WITHOUT.draws} draws.jsonl"
    return keep / name if keep else None


def leave_out(keep: Path | None, say: Callable[[str], None]) -> list[LeftOut]:
    """Leave out the records that weigh most for any of three questions, one by one."""
    study, vintage = shipped(DATES[-1])
    fit = fit_vintage(study, vintage, settings=LONG, progress=False)
    tables = _weights(fit, LONG)
    weight = pd.concat([own["bits"].abs() for own in tables.values()], axis=1).max(axis=1)
    heaviest = weight[np.isfinite(weight)].sort_values(ascending=False).index[:HEAVIEST]
    start = fit.posterior.start
    again = replace(WITHOUT, seed=78)
    whole = probabilities(fit_vintage(study, vintage, settings=again, progress=False, start=start))
    file = _file(keep)
    found = kept(keep)
    done = {one.record for one in found}
    for name in heaviest:
        if name in done:
            continue
        others = [record for record in vintage.records if record.id != name]
        refit = fit_vintage(
            study,
            vintage_with(vintage, others),
            settings=WITHOUT,
            progress=False,
            start=start,
            delays=fit.panel.delays,
        )
        without = probabilities(refit)
        for question in ASKED:
            row = tables[question].loc[name]
            one = LeftOut(
                question,
                str(name),
                float(row["bits"]),
                bits_between(whole[question][0], without[question][0]),
                float(row["error"]),
                math.hypot(*(_in_bits(*part[question]) for part in (whole, without))),
                float(row["k_hat"]),
                str(row["path"]),
            )
            found.append(one)
            say(f"{question} {name}: {one.bits:+.3f}, refit {one.refitted:+.3f} ({one.error:.3f})")
            keep_row(file, one)
    return found


def _weights(fit: Fit, settings: RunSettings) -> dict[str, pd.DataFrame]:
    """Return by question the bits of every record, on the draws of a fit."""
    asked = [one for one in fit.study.questions if one.id in ASKED]
    state = state_at(fit.basis("the fit", settings), fit.vintage)
    made = explain_all(state, asked, kinds=("record",))
    return {one.question.id: one.of("record").set_index("name") for one in made}


def by_nuts(
    keep: Path | None, say: Callable[[str], None], found: Sequence[LeftOut]
) -> list[ByNuts]:
    """Weigh the same records on draws of NUTS, which has no bias of steps."""
    file = keep / f"by nuts, {NUTS.draws} draws.jsonl" if keep else None
    rows = kept_rows(file, ByNuts)
    done = {(one.question, one.record) for one in rows}
    missing = [one for one in found if (one.question, one.record) not in done]
    if not missing:
        return rows
    study, vintage = shipped(DATES[-1])
    tables = _weights(fit_vintage(study, vintage, settings=NUTS, progress=False), NUTS)
    for one in missing:
        row = tables[one.question].loc[one.record]
        rows.append(ByNuts(one.question, one.record, float(row["bits"]), float(row["error"])))
        say(f"{one.question} {one.record}: {one.bits:+.3f}, NUTS {rows[-1].bits:+.3f}")
        keep_row(file, rows[-1])
    return rows


def _in_bits(probability: float, error: float) -> float:
    """Return the Monte Carlo error of log-odds in bits."""
    slope = probability * (1.0 - probability) * math.log(2.0)
    return error / slope if slope > 0.0 else 0.0


def agreement(found: Sequence[LeftOut]) -> pd.DataFrame:
    """Return by question, and over all, how the weights' bits agree with the refits'.

    The last row has each record for the one question that it weighs most for. Where the gate fails
    the refit's answer is what is shown, and marked: such records are left out here.
    """
    own = [one for one in found if one.path == REWEIGHTED]
    heaviest = _heaviest(own)
    groups = {name: [one for one in own if one.question == name] for name in ASKED}
    groups |= {"all": own, EACH: heaviest}
    return pd.DataFrame([{"question": name} | _agreement(part) for name, part in groups.items()])


def _heaviest(found: Sequence[LeftOut]) -> list[LeftOut]:
    """Return of each record the question that it weighs most for."""
    heaviest: dict[str, LeftOut] = {}
    for one in found:
        other = heaviest.get(one.record)
        if other is None or abs(one.bits) > abs(other.bits):
            heaviest[one.record] = one
    return list(heaviest.values())


def beside_nuts(found: Sequence[LeftOut], others: Sequence[ByNuts]) -> pd.DataFrame:
    """Return of each record whose weights passed the bits by weights, by a refit, and by NUTS."""
    known = {(one.question, one.record): one for one in others}
    own = _heaviest([one for one in found if one.path == REWEIGHTED])
    rows = []
    for one in own:
        other = known[one.question, one.record]
        rows.append(
            {
                "record": one.record,
                "question": one.question,
                "weights": f"{one.bits:+.3f} ± {one.own_error:.3f}",
                "refit": f"{one.refitted:+.3f} ± {one.error:.3f}",
                "weights of NUTS draws": f"{other.bits:+.3f} ± {other.error:.3f}",
            }
        )
    ours, true = ([getattr(one, name) for one in own] for name in ("bits", "refitted"))
    theirs = [known[one.question, one.record].bits for one in own]
    last = {"record": "rank correlation with NUTS", "question": ""}
    last |= {"weights": f"{spearmanr(ours, theirs)[0]:.3f}"}
    last |= {"refit": f"{spearmanr(true, theirs)[0]:.3f}", "weights of NUTS draws": ""}
    return pd.DataFrame([*rows, last])


def _agreement(own: Sequence[LeftOut]) -> dict[str, object]:
    ours = np.array([one.bits for one in own])
    true = np.array([one.refitted for one in own])
    both = np.array([math.hypot(one.error, one.own_error) for one in own])
    # What is left where the two differ by noise of this size alone, and by half of it.
    noise = both * np.random.default_rng(1).standard_normal((400, len(own)))
    attainable, half = (
        np.mean([spearmanr(ours, ours + part * one)[0] for one in noise]) for part in (1.0, 0.5)
    )
    worst = int(np.abs(ours - true).argmax())
    return {
        "records": len(own),
        "heaviest": f"{np.abs(true).max():.2f}",
        "rank correlation": f"{spearmanr(ours, true)[0]:.3f}",
        "attainable": f"{attainable:.3f}",
        "with half the error": f"{half:.3f}",
        "rms difference": f"{np.sqrt(np.mean((ours - true) ** 2)):.3f}",
        "rms of Monte Carlo": f"{np.sqrt(np.mean(both**2)):.3f}",
        "largest difference": f"{abs(ours[worst] - true[worst]):.3f}",
        "of": own[worst].record,
        "its Monte Carlo error": f"{both[worst]:.3f}",
        "beyond 2 errors": int((np.abs(ours - true) > 2.0 * both).sum()),
    }


def each(found: Sequence[LeftOut]) -> pd.DataFrame:
    """Return the bits of every record, by weights and by a refit with its Monte Carlo error."""
    rows: dict[str, dict[str, str]] = {}
    for one in found:
        row = rows.setdefault(one.record, {"record": one.record, "k-hat": f"{one.k_hat:.2f}"})
        row[one.question] = f"{one.bits:+.3f} ± {one.own_error:.3f}"
        row[f"{one.question} refitted"] = f"{one.refitted:+.3f} ± {one.error:.3f}"
        row["path"] = one.path if one.path == REWEIGHTED else REFITTED
    return pd.DataFrame(rows.values())
