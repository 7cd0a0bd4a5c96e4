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
# Of the variance of an unadjusted sampler's draws, as a share (docs/model.md, section 12).
LARGEST_BIAS, FAILED_BIAS = 0.05, 0.2
# Share of unbiased fits in which any variable may depart further than its error is taken for.
BIAS_FALSE_ALARM = 0.05
# What chance alone may do to a variance before a bias could hide in it.
BIAS_MARGIN, LARGEST_MARGIN = "sampler_bias_margin", 1.0


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
        numbers = dict(
            zip(self.table["name"].map(str), self.table["value"].map(float), strict=True)
        )
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
        *sampler_checks(tree),
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
    # A probability that is the same in every draw says nothing about mixing; one with a NaN does.
    varied = {name: p for name, p in probabilities.items() if np.ptp(p) != 0.0}
    if not varied:
        return []
    worst, high = _largest({name: _rhat(p) for name, p in varied.items()})
    fewest, low = _smallest({name: _ess(p) for name, p in varied.items()})
    return [
        (
            "question_rhat",
            high,
            QUESTION_RHAT,
            _grade(high, QUESTION_RHAT, FAILED_RHAT, low=True),
            f"The chains differ most on {worst} (R-hat {high:.3f}).",
        ),
        (
            "question_ess",
            low,
            QUESTION_ESS,
            _grade(low, QUESTION_ESS, 25.0, low=False),
            f"{fewest} has the smallest effective sample ({low:.0f}).",
        ),
    ]


def _rhat(values: np.ndarray) -> float:
    """Return the largest R-hat of the elements, shape (chain, draw, ...)."""
    import arviz as az

    with np.errstate(divide="ignore", invalid="ignore"):  # a chain that never moves: not finite
        return float(np.max(az.rhat(values)))


def _ess(values: np.ndarray) -> float:
    """Return the smallest effective sample of the elements, shape (chain, draw, ...)."""
    import arviz as az

    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.min(az.ess(values)))


def _largest(values: Mapping[str, float]) -> tuple[str, float]:
    """Return the name and number of the largest value; NaN is larger than any."""
    return max(values.items(), key=lambda item: (np.isnan(item[1]), item[1]))


def _smallest(values: Mapping[str, float]) -> tuple[str, float]:
    """Return the name and number of the smallest value; NaN is smaller than any."""
    return min(values.items(), key=lambda item: (not np.isnan(item[1]), item[1]))


def _parameter_checks(tree: Any) -> list[Row]:
    posterior = tree["posterior"].to_dataset()
    keep = [name for name in posterior if not str(name).endswith("_raw") and name != "alignment"]
    if "alignment" in posterior:
        posterior = posterior.assign(
            alignment_now=posterior["alignment"].isel(period=-1, drop=True)
        )
        keep.append("alignment_now")
    chosen = posterior[keep]
    if not all(bool(np.isfinite(chosen[name]).all()) for name in chosen):
        text = "Some draws are not finite numbers."
        return [("parameter_rhat", float("nan"), PARAMETER_RHAT, "failed", text)]
    elements = {str(name): _varied(chosen[name]) for name in chosen}
    varied = {name: values for name, values in elements.items() if values.shape[2]}
    if not varied:
        return []
    worst, high = _largest({name: _rhat(values) for name, values in varied.items()})
    fewest, low = _smallest({name: _ess(values) for name, values in varied.items()})
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


def _varied(variable: Any) -> np.ndarray:
    """Return the elements that are not fixed (reference loadings are), (chain, draw, element)."""
    values = variable.transpose("chain", "draw", ...).to_numpy()
    flat = values.reshape(*values.shape[:2], -1)
    return np.asarray(flat[:, :, np.ptp(flat, axis=(0, 1)) > 0.0])


def sampler_checks(tree: Any) -> list[Row]:
    """Judge the sampler by itself, whatever the questions: whether its draws can be trusted."""
    stats = tree["sample_stats"].to_dataset()
    share = float(stats["diverging"].mean())
    count = int(stats["diverging"].sum())
    rows: list[Row] = [
        (
            "divergent_share",
            share,
            DIVERGENT_SHARE,
            _grade(share, DIVERGENT_SHARE, FAILED_SHARE, low=True),
            f"{count} transitions diverged.",
        )
    ]
    if "energy" in stats:
        rows.append(_bfmi_check(stats))
    if "equipartition" in tree.children:
        rows.extend(_equipartition_checks(tree["equipartition"].to_dataset()))
    return rows


def _bfmi_check(stats: Any) -> Row:
    import arviz as az

    smallest = float(np.min(az.bfmi(stats["energy"].to_numpy())))
    return (
        "bfmi",
        smallest,
        SMALLEST_BFMI,
        _grade(smallest, SMALLEST_BFMI, 0.1, low=False),
        f"The smallest energy fraction (BFMI) is {smallest:.2f}.",
    )


def _equipartition_checks(table: Any) -> list[Row]:
    """Judge the bias of an unadjusted sampler: the largest departure beyond chance.

    Chance is what the largest of so many t-distributed departures exceeds in one fit of twenty.
    An error from a dozen batches may come out far too small by luck, and among many variables one
    does: none is taken for smaller than the median one of as many coordinates. Where chance is
    large, the first check cannot see much, and the second says so.
    """
    from scipy.stats import t

    names = table["variable"].to_numpy().astype(str)
    ratio, error = table["ratio"].to_numpy(), table["error"].to_numpy()
    batches = int(table.attrs["batches"])
    root = np.sqrt(table["coordinates"].to_numpy())
    known = np.isfinite(error)
    if known.any():
        error = np.maximum(error, np.median((error * root)[known]) / root)
    chance = error * t.ppf(1.0 - BIAS_FALSE_ALARM / (2.0 * len(names)), max(batches - 1, 1))
    # Chance excuses no more: a chain that breaks out has a huge ratio and as huge an error.
    excess = np.abs(ratio - 1.0) - np.minimum(chance, LARGEST_MARGIN)
    worst, bias = _largest(dict(zip(names, excess, strict=True)))
    blurred, margin = _largest(dict(zip(names, chance, strict=True)))
    found = float(ratio[names.tolist().index(worst)])
    return [
        (
            "sampler_bias",
            bias if np.isnan(bias) else max(bias, 0.0),
            LARGEST_BIAS,
            _grade(bias, LARGEST_BIAS, FAILED_BIAS, low=True),
            f"The sampler's steps are too coarse for {worst}: "
            f"its equipartition ratio is {found:.3f}."
            if not bias <= LARGEST_BIAS
            else f"The equipartition ratio farthest from 1 beside chance is {found:.3f}, "
            f"of {worst}.",
        ),
        (
            BIAS_MARGIN,
            margin,
            LARGEST_MARGIN,
            _grade(margin, LARGEST_MARGIN, np.inf, low=True),
            f"There are too few draws to tell whether the sampler's steps are too coarse for "
            f"{blurred}: chance alone may move its equipartition ratio by {margin:.2f}."
            if not margin <= LARGEST_MARGIN
            else f"Chance alone may move the equipartition ratio of {blurred} by {margin:.2f}.",
        ),
    ]
