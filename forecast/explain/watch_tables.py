"""The tables of a watch list, from what was imagined."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecast.explain.information import (
    Estimate,
    entropy,
    expected_bits,
    expected_brier,
    probability_error,
)
from forecast.explain.observations import Imagined
from forecast.explain.scene import Scene

#: Observations of a signal that are less likely are no tripwires.
PLAUSIBLE = 0.001
#: So many draws must stand behind a probability, or a quarter of them where there are fewer.
ENOUGH = 100.0
TRIPWIRES = [
    *("indicator", "pair", "period", "observation", "chance", "probability", "error", "change"),
    *("bits", "crosses", "ess", "ok"),
]
COLLECTION = [
    *("indicator", "pair", "domain", "expected_bits", "error", "share", "expected_brier"),
    *("cost", "bits_per_cost", "rank", "note"),
]


def enough(weights: np.ndarray) -> bool:
    """Say whether weights of draws leave enough of them (Kish's effective number)."""
    return float(1.0 / (weights**2).sum()) >= min(ENOUGH, len(weights) / 4.0)


def tripwire_table(
    scene: Scene,
    seen: Iterable[Imagined],
    where: tuple[float, tuple[float, ...]],
    gate: Callable[[np.ndarray], bool],
) -> pd.DataFrame:
    """Return one row for each imagined observation that is shown, the most telling first."""
    now, thresholds = where
    """Return one row for each imagined observation that is shown, the most telling first."""
    rows: list[dict[str, Any]] = []
    for one in seen:
        points = one.points
        probability, effective = points.probability, points.effective
        errors = probability_error(points)
        report = one.indicator not in scene.world.panel.study.indicators
        for place, words in enumerate(one.words):
            chance = float(one.chances[place])
            # A report on the ladder is rare by its nature; what it would do is worth knowing.
            if not np.isfinite(probability[place]) or (chance < PLAUSIBLE and not report):
                continue
            after = float(probability[place])
            rows.append(
                {
                    "indicator": one.indicator,
                    "pair": one.pair.label,
                    "period": scene.label,
                    "observation": words,
                    "chance": chance,
                    "probability": after,
                    "error": float(errors[place]),
                    "change": 100.0 * (after - now),
                    "bits": _log_odds(after) - _log_odds(now),
                    "crosses": _crossed(now, after, thresholds),
                    "ess": float(effective[place]),
                    "ok": bool(gate(points.weights(place))),
                }
            )
    rows.sort(key=_urgency)
    return pd.DataFrame(rows, columns=TRIPWIRES)


def _urgency(row: dict[str, Any]) -> tuple[Any, ...]:
    moved = row["chance"] * abs(row["change"])
    return not row["ok"], not row["crosses"], -moved, row["indicator"], row["pair"]


def _log_odds(probability: float) -> float:
    with np.errstate(divide="ignore"):
        return float(np.log2(probability) - np.log2(1.0 - probability))


def _crossed(now: float, after: float, thresholds: tuple[float, ...]) -> str:
    """Return the thresholds between two probabilities, in the order in which they are crossed."""
    if after >= now:
        between = [one for one in thresholds if now < one <= after]
    else:
        between = [one for one in reversed(thresholds) if after < one <= now]
    return ", ".join(f"{one:g}" for one in between)


def collection_table(seen: Sequence[Imagined], now: float) -> pd.DataFrame:
    """Return one row for each indicator and pair, with what watching it tells and costs."""
    whole = entropy(now)
    rows: list[dict[str, Any]] = []
    for one in seen:
        bits, brier = expected_bits(one.joint), expected_brier(one.joint)
        value, cost = max(0.0, bits.value), _cost(one)
        rows.append(
            {
                "indicator": one.indicator,
                "pair": one.pair.label,
                "domain": "/".join(dict.fromkeys(each.domain for each in one.watched)),
                "expected_bits": value,
                "error": bits.error,
                "share": value / whole if whole > 0.0 else 0.0,
                "expected_brier": max(0.0, brier.value),
                "cost": cost,
                "bits_per_cost": value / cost,
                "note": "; ".join(filter(None, [one.note, _doubt(bits)])),
            }
        )
    by = (
        "bits_per_cost"
        if rows and all(np.isfinite(row["cost"]) for row in rows)
        else "expected_bits"
    )
    rows.sort(key=lambda row: (-float(row[by]), row["indicator"], row["pair"]))
    for rank, row in enumerate(rows, start=1):
        row["rank"] = rank
    return pd.DataFrame(rows, columns=COLLECTION)


def _cost(one: Imagined) -> float:
    """Return what watching costs: of reports, all kinds of act that may be reported."""
    costs = [each.collection_cost for each in one.watched]
    stated = [cost for cost in costs if cost is not None]
    return float(sum(stated)) if costs and len(stated) == len(costs) else float("nan")


def _doubt(bits: Estimate) -> str:
    return "" if bits.distinct else "not told from zero"
