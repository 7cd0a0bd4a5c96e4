"""The witness model: how rungs of support come to be reported, as factors on the joint cells.

A cell is (rung of the state, rung of the firms). Relative to a cell that reaches nothing, a cell's
factor is a product over rungs r of ``S_r * (1 + d_r * lambda * [the report is true] / (1 - d_r *
F_r))`` with the silence ``S_r = prod over axes that reach r of (1 - d_r * F_r)`` (docs/model.md,
section 6).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np

from forecast.errors import PriorError
from forecast.panel.acts import best_grades
from forecast.priors import Priors
from forecast.study.models import Ladder


@dataclass(frozen=True)
class Report:
    """What the witness model reads of one act: rung, axis, (source, grade), if it found nothing."""

    rung: int
    attribution: str
    sources: tuple[tuple[str, str], ...]
    nothing: bool = False


@dataclass(frozen=True, kw_only=True)
class Witness:
    """The fixed tables of the witness model for one ladder, indexed by rung (0 is unused).

    Attributes
    ----------
    detection
        Chance that a rung reached in a period is truly reported, shape (rung,).
    delay_years
        Mean of the exponential reporting delay, shape (rung,).
    false_rate
        False reports per pair and period, shape (rung,).
    odds
        Share of a grade among true reports over its share among false ones.
    nothing
        Multiplier of cells that reach the rung, by source reliability.
    firms_allowed
        Rungs that firms can reach, shape (rung,).
    """

    detection: np.ndarray
    delay_years: np.ndarray
    false_rate: np.ndarray
    odds: dict[str, float]
    true_share: dict[str, float]
    false_share: dict[str, float]
    nothing: dict[str, float]
    firms_allowed: np.ndarray

    @property
    def rungs(self) -> int:
        """Number of rungs, none included."""
        return len(self.detection)

    def likelihood_ratio(self, rung: int, grades: Iterable[str]) -> float:
        """Return lambda of a rung: of its best source, times the root of the second's above 1."""
        ratios = sorted((self.odds[grade] for grade in grades), reverse=True)
        scaled = [ratio / float(self.false_rate[rung]) for ratio in ratios]
        if len(scaled) > 1 and scaled[1] > 1.0:
            return scaled[0] * math.sqrt(scaled[1])
        return scaled[0]

    def known_share(self, begin: date, end: date, as_of: date) -> np.ndarray:
        """Return F: the share of true reports of a period that is known by the as-of date.

        The delay runs from the middle of the elapsed part of the period.
        """
        elapsed = min(end, as_of) - begin
        middle = begin + timedelta(days=elapsed.days / 2)
        years = max(0.0, (as_of - middle).days / 365.25)
        share = np.zeros(self.rungs)
        share[1:] = 1.0 - np.exp(-years / self.delay_years[1:])
        return share


def build_witness(
    priors: Priors,
    ladder: Ladder,
    periods_per_year: float,
    *,
    report_years: Mapping[str, float] = MappingProxyType({}),
    believe_all: bool = False,
) -> Witness:
    """Read the tables of the witness model from prior sets.

    Detection and false reports are stated for a quarter and moved to the study's period.

    Parameters
    ----------
    report_years
        Mean delays that were learnt, by rung; they stand before the prior sets'.
    believe_all
        Give every report of an act the odds of the best grade.

    Raises
    ------
    PriorError
        If a table is missing, or lacks a rung of the ladder.
    """
    quarters = 4.0 / periods_per_year

    def by_rung(name: str) -> np.ndarray:
        table = priors.table(name)
        if lacking := [rung for rung in ladder.rungs[1:] if rung not in table]:
            raise PriorError(
                f"table '{name}' lacks the rungs {', '.join(lacking)}",
                where="prior sets of the study",
                expected="an entry for each rung of the ladder but the lowest",
                remedy="add them to your own copy of the prior set",
            )
        return np.array([0.0, *(table[rung] for rung in ladder.rungs[1:])])

    true_source, true_information = (
        priors.table("true_share_source"),
        priors.table("true_share_information"),
    )
    false_source, false_information = (
        priors.table("false_share_source"),
        priors.table("false_share_information"),
    )
    true_share = {s + i: p * q for s, p in true_source.items() for i, q in true_information.items()}
    false_share = {
        s + i: p * q for s, p in false_source.items() for i, q in false_information.items()
    }
    detection = 1.0 - (1.0 - by_rung("detection")) ** quarters
    odds = {grade: true_share[grade] / false_share[grade] for grade in true_share}
    delay_years = by_rung("delay_years")
    for rung, years in report_years.items():
        delay_years[ladder.rungs.index(rung)] = years
    return Witness(
        detection=detection,
        delay_years=delay_years,
        false_rate=by_rung("false_rate") * quarters,
        odds=dict.fromkeys(odds, max(odds.values())) if believe_all else odds,
        true_share=true_share,
        false_share=false_share,
        nothing=priors.table("nothing_by_source"),
        firms_allowed=np.array([rung not in ladder.firms_excluded for rung in ladder.rungs]),
    )


def reaches(allowed: np.ndarray, rung: int, attribution: str) -> np.ndarray:
    """Return the cells in which the axis that a report names reaches its rung, shape (R, R).

    Firms never reach a rung that is ruled out for them, however high they stand.
    """
    rungs = len(allowed)
    state = np.arange(rungs)[:, None] >= rung
    firms = (np.arange(rungs)[None, :] >= rung) & allowed[rung]
    if attribution == "state":
        return np.broadcast_to(state, (rungs, rungs))
    if attribution == "firm":
        return np.broadcast_to(firms, (rungs, rungs))
    return state | firms


def cell_factors(witness: Witness, reports: Sequence[Report], known: np.ndarray) -> np.ndarray:
    """Return the factor of every cell given the reports of one pair and period, shape (R, R).

    Parameters
    ----------
    known : array, shape (rung,)
        F, from :meth:`Witness.known_share`.
    """
    size = witness.rungs
    factors = np.ones((size, size))
    for rung in range(1, size):
        factors *= _rung_factor(witness, rung, reports, float(known[rung]))
    return factors


def _rung_factor(
    witness: Witness, rung: int, reports: Sequence[Report], known: float
) -> np.ndarray:
    allowed = witness.firms_allowed
    chance = float(witness.detection[rung])
    missed = 1.0 - chance * known
    axes = reaches(allowed, rung, "state").astype(int) + reaches(allowed, rung, "firm").astype(int)
    silence = missed**axes
    factor = silence.copy()
    for attribution in ("state", "firm", "unknown"):
        own = [r for r in reports if r.rung == rung and r.attribution == attribution]
        true = reaches(allowed, rung, attribution)
        found = best_grades(source for r in own if not r.nothing for source in r.sources)
        if found:
            ratio = witness.likelihood_ratio(rung, (grade for _, grade in found))
            # One axis made the report; the other, where it reaches the rung too, stayed silent.
            factor *= np.where(true, 1.0 + chance * ratio / missed, 1.0)
        empty = [witness.nothing[grade[0]] for r in own if r.nothing for _, grade in r.sources]
        if empty:
            factor *= np.where(true, min(empty), 1.0)
    return factor
