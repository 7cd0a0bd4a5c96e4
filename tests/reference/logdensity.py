"""The joint log-density of the model once more, in plain NumPy and SciPy, from ``docs/model.md``.

Nothing here uses the arithmetic of the package: the panel gives the rows, the prior sets are read
from their files, and every number is worked out by the equations of the document, whose sections
the modules and functions name. Loops stand for the sums of the document, whatever they cost.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast.panel import Panel
from tests.reference.inputs import Case, PriorTables
from tests.reference.rungs import AXES, witness_terms
from tests.reference.signals import alignment, signal_terms

STANDARD = {"dist": "normal", "mu": 0.0, "sigma": 1.0}
ZERO_SUM = {"dist": "zero-sum"}
LOG_2PI = math.log(2 * math.pi)

Laws = dict[str, tuple[Mapping[str, Any], tuple[int, ...]]]


def log_density(
    panel: Panel, priors: PriorTables, values: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return the log-density by term (8.4).

    A parameter's term is the sum over its elements, that of a kind of signal has one element a
    row of the panel, and ``witness`` has one a chain. ``total`` is the sum of them all.
    """
    case = Case(panel, priors, values)
    terms = {name: np.array(one) for name, one in prior_terms(case).items()}
    x = alignment(case)
    terms |= {kind: np.array(one) for kind, one in signal_terms(case, x).items()}
    if case.chains:
        terms["witness"] = np.array(witness_terms(case, x))
    terms["total"] = np.array(sum(one.sum() for one in terms.values()))
    return terms


def prior_terms(case: Case) -> dict[str, float]:
    """Return the log prior density of each parameter, summed over its elements."""
    laws = signal_laws(case) | witness_laws(case)
    if set(laws) != set(case.values):
        raise ValueError(f"not in both: {sorted(set(laws) ^ set(case.values))}")
    terms = {}
    for name, (law, shape) in laws.items():
        value = np.asarray(case.values[name])
        if value.shape != shape:
            raise ValueError(f"{name} has shape {value.shape}, not {shape}")
        terms[name] = float(np.sum(log_prior(law, value)))
    return terms


def signal_laws(case: Case) -> Laws:
    """Return law and shape of each parameter of alignment and signals that exists (8.2)."""
    if not case.indicators:
        return {}
    given = case.priors.parameters
    pairs, domains, periods = len(case.pairs), len(case.domains), len(case.days)
    laws: Laws = {
        "path_half_life": (given["path_half_life"], (domains,)),
        "path_scale": (given["path_scale"], (domains,)),
        "path_raw": (STANDARD, (domains, pairs, periods)),
        "intercept": (intercept_law(case), (len(case.indicators),)),
    }
    for part, member in case.level_parts:
        members = len(set(member.values()))
        laws["level_scale"] = (given["level_scale"], (len(case.level_parts) * min(domains, 2),))
        laws[f"{part}_level_raw"] = (ZERO_SUM, (members,))
        if domains > 1:
            laws[f"{part}_domain_level_raw"] = (ZERO_SUM, (domains, members))
    if shocks := len(case.shock_days):
        laws["shock_mean"] = (given["shock_mean"], (shocks, domains))
        laws["shock_scale"] = (given["shock_scale"], (shocks,))
        laws["shock_raw"] = (STANDARD, (shocks, pairs, domains))
    unfixed = [one.polarity for one in case.indicators if not one.reference]
    if signed := sum(polarity != 0 for polarity in unfixed):
        laws["loading"] = (given["loading"], (signed,))
    if free := unfixed.count(0):
        laws["loading_free"] = (given["loading_free"], (free,))
    return laws | likelihood_laws(case)


def likelihood_laws(case: Case) -> Laws:
    """Return law and shape of the parameters that only one kind of signal needs."""
    given = case.priors.parameters
    laws: Laws = {}
    seen = set(case.panel.signals["indicator"])
    kinds = {case.panel.study.indicators[name].kind for name in seen}
    if "count" in kinds:
        laws["dispersion"] = (given["dispersion"], (len(case.of_kind("count")),))
    if "ordinal" in kinds and case.gapped:
        laws["level_gap"] = (given["level_gap"], (len(case.gapped),))
    if "continuous" in kinds:
        laws["noise_scale"] = (given["noise_scale"], (len(case.of_kind("continuous")),))
    if any(case.panel.study.indicators[name].lagged for name in seen):
        laws["lag_weight"] = (given["lag_weight"], (len(case.of_kind("continuous")),))
    if case.series:
        laws["series_scale"] = (given["series_scale"], ())
        laws["series_raw"] = (STANDARD, (len(case.series),))
    return laws


def intercept_law(case: Case) -> dict[str, Any]:
    """Return one law with a mean and a deviation for each indicator, by its kind."""
    mu, sigma = [], []
    for indicator in case.indicators:
        law = case.priors.parameters[f"intercept_{indicator.kind}"]
        moved = math.log(case.per_year / 4) if indicator.kind == "count" else 0.0
        mu.append(law["mu"] - moved)
        sigma.append(law["sigma"])
    return {"dist": "normal", "mu": np.array(mu), "sigma": np.array(sigma)}


def witness_laws(case: Case) -> Laws:
    """Return law and shape of each parameter of the rungs (8.2)."""
    if not case.chains:
        return {}
    shapes: dict[str, tuple[int, ...]] = {
        "rung_weight": (len(case.domains),),
        "rung_weight_deviation": (3, len(case.domains)),
        "recipient_shock_scale": (),
        "rung_gap": (len(case.rungs) - 2,),
    }
    if case.drivers:
        shapes["driver_weight"] = (len(case.drivers),)
    for name, axis in itertools.product(("first", "onset", "climb", "hold"), AXES):
        shapes[f"{name}_{axis}"] = ()
    laws: Laws = {name: (case.priors.parameters[name], shape) for name, shape in shapes.items()}
    periods = len(case.days) - case.staked_from
    laws["recipient_shock_raw"] = (STANDARD, (case.staked_recipients, periods))
    return laws


def log_prior(law: Mapping[str, Any], value: np.ndarray) -> Any:
    """Return the log-density of a law by element (8.1), or of the whole array (8.3)."""
    if law["dist"] == "zero-sum":
        free = math.prod(length - 1 for length in value.shape)
        return -0.5 * np.sum(value**2) - 0.5 * free * LOG_2PI
    if law["dist"] == "normal":
        return normal(value, law["mu"], law["sigma"])
    if law["dist"] == "lognormal":
        return normal(np.log(value), math.log(law["median"]), law["sigma"]) - np.log(value)
    if law["dist"] == "halfnormal":
        return math.log(2) + normal(value, 0.0, law["sigma"])
    raise ValueError(law["dist"])


def normal(value: np.ndarray, mu: Any, sigma: Any) -> np.ndarray:
    return -0.5 * ((value - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * LOG_2PI
