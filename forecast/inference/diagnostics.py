"""Judge a posterior: converged, doubtful or failed, with a sentence in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

Status = Literal["converged", "doubtful", "failed"]
Verdict = Literal["ok", "doubtful", "failed"]

# Thresholds after Vehtari et al. (2021), doi:10.1214/20-BA1221, and Betancourt (2016) for BFMI.
QUESTION_RHAT, QUESTION_ESS = 1.02, 200.0
PARAMETER_RHAT, FAILED_RHAT = 1.05, 1.2
PARAMETER_ESS = 40.0
DIVERGENT_SHARE, FAILED_SHARE = 0.005, 0.05
SMALLEST_BFMI = 0.3


@dataclass(frozen=True)
class Diagnosis:
    """What the diagnostics say of one fit.

    Attributes
    ----------
    status
        ``converged``: publish. ``doubtful``: a number may move in a longer run. ``failed``: do
        not publish.
    sentence
        The reason in plain words.
    table
        One row per check: name, value, threshold, verdict, sentence.
    """

    status: Status
    sentence: str
    table: pd.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """Return the part that goes into forecasts.json and the manifest."""
        numbers = {row.name: row.value for row in self.table.itertuples(index=False)}
        return {"status": self.status, "sentence": self.sentence, **numbers}


def diagnose(tree: Any, probabilities: Mapping[str, np.ndarray]) -> Diagnosis:
    """Judge a posterior by its draws and by the forecasts made from them.

    Parameters
    ----------
    tree : DataTree
        With groups ``posterior`` and ``sample_stats``.
    probabilities : mapping of str to array, shape (chain, draw)
        The conditional probability of each question's event, per draw.
    """
    checks = [
        *_question_checks(probabilities),
        *_parameter_checks(tree),
        *_sampler_checks(tree),
    ]
    table = pd.DataFrame(checks, columns=["name", "value", "threshold", "verdict", "sentence"])
    status: Status = "converged"
    if (table["verdict"] == "failed").any():
        status = "failed"
    elif (table["verdict"] == "doubtful").any():
        status = "doubtful"
    return Diagnosis(status=status, sentence=_sentence(status, table), table=table)


def _sentence(status: Status, table: pd.DataFrame) -> str:
    if status == "converged":
        return "The chains agree, and every question's probability rests on enough draws."
    worst = table[table["verdict"] == ("failed" if status == "failed" else "doubtful")]
    start = (
        "Do not publish these numbers: " if status == "failed" else "These numbers may still move: "
    )
    return start + " ".join(worst["sentence"])


def _grade(value: float, limit: float, worst: float, *, low: bool) -> Verdict:
    """Judge a number: ``low`` says that small is good. NaN fails."""
    if not np.isfinite(value):
        return "failed"
    if low:
        return "ok" if value < limit else "doubtful" if value < worst else "failed"
    return "ok" if value > limit else "doubtful" if value > worst else "failed"


Row = tuple[str, float, float, Verdict, str]


def _question_checks(probabilities: Mapping[str, np.ndarray]) -> list[Row]:
    varied = {name: p for name, p in probabilities.items() if np.ptp(p) > 0.0}
    if not varied:
        return []
    rhats = {name: _rhat(p) for name, p in varied.items()}
    sizes = {name: _ess(p) for name, p in varied.items()}
    worst, fewest = max(rhats, key=lambda n: rhats[n]), min(sizes, key=lambda n: sizes[n])
    return [
        (
            "question_rhat",
            rhats[worst],
            QUESTION_RHAT,
            _grade(rhats[worst], QUESTION_RHAT, FAILED_RHAT, low=True),
            f"The chains differ most on {worst} (R-hat {rhats[worst]:.3f}).",
        ),
        (
            "question_ess",
            sizes[fewest],
            QUESTION_ESS,
            _grade(sizes[fewest], QUESTION_ESS, 25.0, low=False),
            f"{fewest} has the smallest effective sample ({sizes[fewest]:.0f}).",
        ),
    ]


def _rhat(values: np.ndarray) -> float:
    import arviz as az

    return float(az.rhat(values))


def _ess(values: np.ndarray) -> float:
    import arviz as az

    return float(az.ess(values))


def _parameter_checks(tree: Any) -> list[Row]:
    import arviz as az

    posterior = tree["posterior"].to_dataset()
    keep = [
        name
        for name in posterior
        if not str(name).endswith("_raw") and str(name) != "alignment"
    ]
    if "alignment" in posterior:
        last = posterior["alignment"].isel(period=-1, drop=True)
        posterior = posterior.assign(alignment_now=last)
        keep.append("alignment_now")
    chosen = posterior[keep]
    if not all(bool(np.isfinite(chosen[name]).all()) for name in chosen):
        text = "Some draws are not finite numbers."
        return [("parameter_rhat", float("nan"), PARAMETER_RHAT, "failed", text)]
    rhat, ess = az.rhat(chosen), az.ess(chosen)
    worst = max(chosen, key=lambda name: float(rhat[name].max(skipna=True)))
    fewest = min(chosen, key=lambda name: float(ess[name].min(skipna=True)))
    high, low = float(rhat[worst].max()), float(ess[fewest].min())
    return [
        (
            "parameter_rhat",
            high,
            PARAMETER_RHAT,
            _grade(high, PARAMETER_RHAT, FAILED_RHAT, low=True),
            f"Among parameters the chains differ most on {worst} (R-hat {high:.3f}).",
        ),
        (
            "parameter_ess",
            low,
            PARAMETER_ESS,
            _grade(low, PARAMETER_ESS, 10.0, low=False),
            f"The slowest parameter is {fewest} (effective sample {low:.0f}).",
        ),
    ]


def _sampler_checks(tree: Any) -> list[Row]:
    stats = tree["sample_stats"].to_dataset()
    share = float(stats["diverging"].mean())
    count = int(stats["diverging"].sum())
    smallest = float(np.min(_bfmi(stats["energy"].to_numpy())))
    return [
        (
            "divergent_share",
            share,
            DIVERGENT_SHARE,
            _grade(share, DIVERGENT_SHARE, FAILED_SHARE, low=True),
            f"{count} transitions diverged.",
        ),
        (
            "bfmi",
            smallest,
            SMALLEST_BFMI,
            _grade(smallest, SMALLEST_BFMI, 0.1, low=False),
            f"The smallest energy fraction (BFMI) is {smallest:.2f}.",
        ),
    ]


def _bfmi(energy: np.ndarray) -> np.ndarray:
    """Return the energy fraction of each chain (Betancourt 2016, eq. 29), shape (chain,)."""
    return np.asarray(np.mean(np.diff(energy, axis=1) ** 2, axis=1) / np.var(energy, axis=1))
