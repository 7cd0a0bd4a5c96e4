"""Tidy tables of one fit for its report: ladder, paths, asymmetry, loadings, evidence."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage
from forecast.forecasts.draws import Draws
from forecast.forecasts.ladder import smoothed
from forecast.forecasts.questions import QuestionForecast
from forecast.forecasts.world import World
from forecast.panel import Panel
from forecast.panel.rows import rows
from forecast.study.models import Judgement, Study


def ladder_table(world: World, pairs: list[str]) -> pd.DataFrame:
    """Return P(rung) by pair, period and track, from the first period at stake to the horizon."""
    rows: list[dict[str, object]] = []
    chains = world.draws.data.chains
    for pair in pairs:
        chain = world.chain(pair)
        if chain is None or chains is None:
            continue
        cells = smoothed(world.filtered(chain), world.draws.weights)
        started = int(np.flatnonzero(chains.mode[:, chain] == 0)[0])
        for step in range(started, len(cells)):
            tense = "now" if step == len(cells) - 1 else "past"
            rows += _rung_rows(world, pair, chains.start + step, _tracks(cells[step]), tense)
        paths = world.rungs(chain)[:, :, world.back :]
        for step in range(paths.shape[2]):
            joint = _joint(paths[:, :, step], len(chains.firms_allowed), world.draws.shares)
            rows += _rung_rows(world, pair, world.now + 1 + step, _tracks(joint), "future")
    columns = ["pair", "period", "track", "rung", "probability", "tense"]
    return pd.DataFrame(rows, columns=columns)


def now_table(world: World, pairs: list[str]) -> pd.DataFrame:
    """Return P(rung) by pair and track in the period that holds the as-of date.

    The rows of :func:`ladder_table` whose tense is ``now``, without simulating what comes after.
    """
    rows: list[dict[str, object]] = []
    for pair in pairs:
        chain = world.chain(pair)
        if chain is not None:
            cells = smoothed(world.filtered(chain), world.draws.weights)
            rows += _rung_rows(world, pair, world.now, _tracks(cells[-1]), "now")
    table = pd.DataFrame(rows, columns=["pair", "period", "track", "rung", "probability", "tense"])
    return table.drop(columns="tense")


def _joint(rungs: np.ndarray, size: int, shares: np.ndarray) -> np.ndarray:
    flat = rungs[..., 0].astype(int) * size + rungs[..., 1]
    each = np.repeat(shares / flat.shape[1], flat.shape[1])
    counts = np.bincount(flat.ravel(), weights=each, minlength=size * size)
    return np.asarray(counts.reshape(size, size))


def _tracks(cells: np.ndarray) -> dict[str, np.ndarray]:
    size = len(cells)
    highest = np.maximum(np.arange(size)[:, None], np.arange(size)[None, :])
    either = np.array([cells[highest == rung].sum() for rung in range(size)])
    return {"any": either, "state": cells.sum(axis=1)}


def _rung_rows(
    world: World, pair: str, period: int, tracks: dict[str, np.ndarray], tense: str
) -> list[dict[str, object]]:
    study = world.panel.study
    label = study.calendar.label(period)
    return [
        {
            "pair": pair,
            "period": label,
            "track": track,
            "rung": rung,
            "probability": float(p),
            "tense": tense,
        }
        for track, values in tracks.items()
        for rung, p in zip(study.ladder.rungs, values, strict=True)
    ]


def _quantiles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95), axis=0)
    return values.mean(axis=0), low, middle, high


def paths_table(draws: Draws, prior: Draws) -> pd.DataFrame:
    """Return posterior alignment by pair, domain and period, with the prior's band per domain.

    The prior's band pools pairs and periods, which are exchangeable a priori but for shocks.
    """
    coords = draws.data.coords
    mean, low, middle, high = _quantiles(draws["alignment"])
    index = pd.MultiIndex.from_product(
        [coords["pair"], coords["domain"], coords["period"]], names=["pair", "domain", "period"]
    )
    table = pd.DataFrame(
        {"mean": mean.ravel(), "q05": low.ravel(), "q50": middle.ravel(), "q95": high.ravel()},
        index=index,
    ).reset_index()
    for name, level in (("prior_q05", 0.05), ("prior_q95", 0.95)):
        band = np.quantile(prior["alignment"], level, axis=(0, 1, 3))
        table[name] = table["domain"].map(dict(zip(coords["domain"], band, strict=True)))
    return table


def alignment_table(tree: Any) -> pd.DataFrame:
    """Return mean and quantiles of alignment as a tidy table.

    Returns
    -------
    DataFrame
        pair, domain, period, mean, q05, q50, q95; empty prior bands.
    """
    array = tree["posterior"].to_dataset()["alignment"]
    stacked = array.stack(sample=("chain", "draw"))
    table = stacked.mean("sample").to_dataframe("mean")
    for name, level in (("q05", 0.05), ("q50", 0.5), ("q95", 0.95)):
        table[name] = stacked.quantile(level, "sample").to_dataframe(name)[name]
    table = table.reset_index()[["pair", "domain", "period", "mean", "q05", "q50", "q95"]]
    table["prior_q05"] = float("nan")
    table["prior_q95"] = float("nan")
    return table


def asymmetry_table(draws: Draws, prior: Draws, pair: str, reverse: str) -> pd.DataFrame:
    """Return alignment of a pair minus that of its reverse, by domain and period."""
    coords = draws.data.coords
    one, other = coords["pair"].index(pair), coords["pair"].index(reverse)
    gap = draws["alignment"][:, one] - draws["alignment"][:, other]
    mean, low, _, high = _quantiles(gap)
    before = prior["alignment"][:, one] - prior["alignment"][:, other]
    rows = []
    for k, domain in enumerate(coords["domain"]):
        prior_low, prior_high = np.quantile(before[:, k], (0.05, 0.95))
        for t, period in enumerate(coords["period"]):
            rows.append(
                {
                    "domain": domain,
                    "period": period,
                    "mean": mean[k, t],
                    "q05": low[k, t],
                    "q95": high[k, t],
                    "prior_mean": float(before[:, k].mean()),
                    "prior_q05": prior_low,
                    "prior_q95": prior_high,
                    "p_positive": float((gap[:, k, t] > 0).mean()),
                }
            )
    return pd.DataFrame(rows)


def loadings_table(draws: Draws, prior: Draws, panel: Panel) -> pd.DataFrame:
    """Return the signed loading of every signal with its prior and its number of records."""
    records = {
        name: len({record for row in rows["records"] for record in row})
        for name, rows in panel.signals.groupby("indicator")
    }
    rows = []
    for position, indicator in enumerate(draws.data.indicators):
        own, before = draws["signed_loading"][:, position], prior["signed_loading"][:, position]
        count = records.get(indicator.name, 0)
        seen = indicator.name in set(panel.signals["indicator"])
        status = "reference" if indicator.reference else "estimated" if seen else "prior only"
        if indicator.loading_prior_only and not indicator.reference:
            status = "prior only"
        rows.append(
            {
                "indicator": indicator.name,
                "domain": indicator.domain,
                "kind": indicator.kind,
                "polarity": indicator.polarity,
                "mean": float(own.mean()),
                "q05": float(np.quantile(own, 0.05)),
                "q95": float(np.quantile(own, 0.95)),
                "prior_q05": float(np.quantile(before, 0.05)),
                "prior_q95": float(np.quantile(before, 0.95)),
                "n_records": count,
                "status": status,
            }
        )
    return pd.DataFrame(rows)


def evidence_table(study: Study, vintage: Vintage, panel: Panel) -> pd.DataFrame:
    """Return every record of the vintage, and for unused ones the reason."""
    why: dict[str, str] = {row.record: row.why for row in rows(panel.unused)}
    return pd.DataFrame([_evidence_row(study, record, why) for record in vintage.records])


def _evidence_row(study: Study, record: Record, why: dict[str, str]) -> dict[str, object]:
    indicator = study.indicators.get(record.indicator)
    measures: str = "" if indicator is None else indicator.measures
    if indicator is not None and indicator.rung is not None:
        measures = f"outcome:{indicator.rung}"
    return {
        "record": record.id,
        "first": record.first,
        "last": record.last,
        "pair": record.pair.label,
        "indicator": record.indicator,
        "domain": "" if indicator is None else indicator.domain,
        "measures": measures,
        "value": record.value,
        "grade": record.grade,
        "source_name": record.source_name,
        "source_url": record.source_url_or_doc,
        "known_at": record.known_at,
        "note": record.note,
        "used": record.id not in why,
        "why_not": why.get(record.id, ""),
    }


def change_records_table(records: Mapping[str, Sequence[str]], vintage: Vintage) -> pd.DataFrame:
    """Return the records behind a change by cause, withdrawn ones as they last stood."""
    held = {record.id: record for record in (*vintage.withdrawn, *vintage.records)}
    rows = [
        {
            "cause": cause,
            "record": name,
            "first": held[name].first,
            "last": held[name].last,
            "pair": held[name].pair.label,
            "indicator": held[name].indicator,
            "value": held[name].value,
            "grade": held[name].grade,
            "source_name": held[name].source_name,
            "source_url": held[name].source_url_or_doc,
        }
        for cause, ids in records.items()
        for name in ids
        if name in held
    ]
    return pd.DataFrame(rows)


def judgements_table(
    judgements: tuple[Judgement, ...], forecasts: list[QuestionForecast], as_of: date
) -> pd.DataFrame:
    """Return the judgements made by the as-of date beside the model's probabilities."""
    by_id = {forecast.id: forecast for forecast in forecasts}
    judgements = tuple(one for one in judgements if one.judged_on <= as_of)
    return pd.DataFrame(
        [
            {
                "id": one.id,
                "title": one.title,
                "event": one.event,
                "window": f"{one.opens} to {one.closes}",
                "expert_low": one.p_low,
                "expert_mid": one.p_mid,
                "expert_high": one.p_high,
                "model": by_id[one.id].probability,
                "outcome": "",
                "note": by_id[one.id].reason,
            }
            for one in judgements
        ]
    )
