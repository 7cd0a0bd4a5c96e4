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


def tripwire_rows(
    scene: Scene,
    one: Imagined,
    where: tuple[float, tuple[float, ...]],
    gate: Callable[[np.ndarray], bool],
) -> list[dict[str, Any]]:
    """Return one row for each outcome that is shown.

    Parameters
    ----------
    where
        The probability now, and the thresholds in rising order.
    """
    now, thresholds = where
    points = one.points
    probability, effective, errors = points.probability, points.effective, probability_error(points)
    # A report on the ladder is rare by its nature; what it would do is worth knowing.
    least = PLAUSIBLE if one.indicator in scene.world.panel.study.indicators else 0.0
    rows = []
    for place, words in enumerate(one.words):
        chance, after = float(one.chances[place]), float(probability[place])
        if not np.isfinite(after) or chance < least:
            continue
        rows.append(
            {
                "indicator": one.indicator,
                "pair": one.pair.label,
                "period": scene.label,
                "observation": words,
                "chance": chance,
                "probability": after,
                "error": float(errors[place]),
                "change": after - now,
                "bits": _log_odds(after) - _log_odds(now),
                "crosses": _crossed(now, after, thresholds),
                "ess": float(effective[place]),
                "ok": bool(gate(points.weights(place))),
            }
        )
    return rows


def tripwire_table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return the rows, the most telling first."""
    ordered: list[dict[str, Any]] = sorted(rows, key=_urgency)
    return pd.DataFrame(ordered, columns=TRIPWIRES)


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


def collection_row(one: Imagined, now: float) -> dict[str, Any]:
    """Return what watching something tells and costs."""
    bits, brier = expected_bits(one.joint), expected_brier(one.joint)
    value, cost, whole = max(0.0, bits.value), _cost(one), entropy(now)
    return {
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


def collection_table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the rows with their rank: by bits per cost where all have a cost, else by bits."""
    priced = all(np.isfinite(row["cost"]) for row in rows)
    by = "bits_per_cost" if priced else "expected_bits"
    ordered = sorted(rows, key=lambda row: (-row[by], row["indicator"], row["pair"]))
    ranked = [row | {"rank": rank} for rank, row in enumerate(ordered, start=1)]
    return pd.DataFrame(ranked, columns=COLLECTION)


def _cost(one: Imagined) -> float:
    """Return what watching costs: of reports, all kinds of act that may be reported."""
    costs = [each.collection_cost for each in one.watched]
    stated = [cost for cost in costs if cost is not None]
    return float(sum(stated)) if costs and len(stated) == len(costs) else float("nan")


def _doubt(bits: Estimate) -> str:
    return "" if bits.distinct else "not told from zero"
