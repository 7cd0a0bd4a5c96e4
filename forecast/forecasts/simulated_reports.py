"""Simulate reports on the ladder by the witness model (docs/model.md, section 6).

In each period of a chain, rung and attribution, at most one report is on record:

* an axis that stands on rung r or above is truly reported on it with chance ``d_r F_r``, under its
  own name, with a grade from the shares of true reports;
* else, or if it stands lower, a false report under that name is there with chance ``eps_r F_r``,
  with a grade from the shares of false ones. False reports take as long to become known as true
  ones; this is why a report on record counts in full.

Relative to a cell that reaches nothing, silence then has the factor ``1 - d_r F_r`` and a report
``1 - d_r F_r + d_r lambda``: the likelihood is exact where one axis reaches the rung.

**Where the likelihood departs from this story.** Where *both* axes reach a rung, the story gives
each axis a bracket of its own, ``(S + d lambda_state) (S + d lambda_firm)`` with ``S = 1 - d F``;
the likelihood has ``S^2 (1 + d lambda_state / S^2) (1 + d lambda_firm / S^2)``, larger for every
report by the factor ``1 / S``. Not simulated: reports of unknown attribution, interval-dated ones,
several sources of one act, and findings of nothing, for which the model states no rate.
"""

import numpy as np
import pandas as pd

from forecast.errors import ModelError
from forecast.forecasts.draws import Draws
from forecast.model.chains import IDLE
from forecast.model.witness import Witness
from forecast.panel import Panel
from forecast.panel.build import REPORT_COLUMNS

ATTRIBUTIONS = ("state", "firm")


def simulate_reports(
    template: Panel, draws: Draws, rungs: np.ndarray, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the reports that true rungs leave on record by the as-of date.

    Parameters
    ----------
    rungs : int array, shape (chain, time, axis)

    Raises
    ------
    ModelError
        If a rung has no indicator that could report it.
    """
    chains = draws.data.chains
    rows: list[dict[str, object]] = []
    if chains is not None:
        kinds = _kinds(template)
        calendar, ladder = template.study.calendar, template.study.ladder.rungs
        pairs = draws.data.coords["pair"]
        for step, chain in np.argwhere(chains.mode != IDLE):
            period = chains.start + int(step)
            known = chains.witness.known_share(
                calendar.start(period), calendar.end(period), template.as_of
            )
            found = draw_reports(chains.witness, rungs[chain, step], known, rng)
            rows.extend(
                {
                    "indicator": kinds[ladder[rung]],
                    "rung": ladder[rung],
                    "pair": pairs[chains.pair[chain]],
                    "attribution": attribution,
                    "nothing": False,
                    "first": template.periods[period],
                    "last": template.periods[period],
                    "sources": (("simulated", grade),),
                    "records": (f"report {chain}.{step}.{rung}.{attribution}",),
                }
                for rung, attribution, grade in found
            )
    return pd.DataFrame(rows, columns=REPORT_COLUMNS)


def draw_reports(
    witness: Witness, cell: np.ndarray, known: np.ndarray, rng: np.random.Generator
) -> list[tuple[int, str, str]]:
    """Draw the reports of one chain and period: rung, attribution and grade of each.

    Parameters
    ----------
    cell : int array, shape (axis,)
        True rungs of the state and of the firms.
    known : array, shape (rung,)
        Share of the reports of the period that are known by the as-of date.
    """
    found = []
    for rung in range(1, witness.rungs):
        for axis, attribution in enumerate(ATTRIBUTIONS):
            if attribution == "firm" and not witness.firms_allowed[rung]:
                continue
            detected = rng.random() < witness.detection[rung] * known[rung]
            invented = rng.random() < witness.false_rate[rung] * known[rung]
            if cell[axis] >= rung and detected:
                found.append((rung, attribution, _grade(witness.true_share, rng)))
            elif invented:
                found.append((rung, attribution, _grade(witness.false_share, rng)))
    return found


def _grade(shares: dict[str, float], rng: np.random.Generator) -> str:
    chances = np.array(list(shares.values()))
    return list(shares)[int(rng.choice(len(chances), p=chances / chances.sum()))]


def _kinds(template: Panel) -> dict[str, str]:
    """Return for each rung the first indicator that reports it."""
    kinds: dict[str, str] = {}
    for indicator in template.study.indicators.values():
        if indicator.rung is not None:
            kinds.setdefault(indicator.rung, indicator.name)
    if lacking := [rung for rung in template.study.ladder.rungs[1:] if rung not in kinds]:
        raise ModelError(
            f"no indicator reports the rungs {', '.join(lacking)}",
            where=f"study {template.study.id}",
            expected="an indicator with measures = outcome:<rung> for each rung but the lowest",
            remedy="add one; the witness model reads silence about every rung",
        )
    return kinds
