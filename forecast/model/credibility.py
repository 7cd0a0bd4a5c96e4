"""How far a report can be believed: grades of the Admiralty scale to probabilities."""

from collections.abc import Iterable, Mapping

import numpy as np
from scipy.special import gammaln, logsumexp

from forecast.panel import Panel
from forecast.panel.corroboration import Tally
from forecast.priors import Priors

# A report that is taken as true: at exactly 1 its density could be zero, and its gradient not a
# number.
CERTAIN = 1.0 - 1e-9


def probability_true(
    priors: Priors, grades: Iterable[str], chances: Mapping[str, float] | None = None
) -> float:
    """Return P(an act is true) given the grades of its distinct sources.

    ``1 - prod(1 - pi(grade))`` with ``pi(grade)`` the product of a table by source reliability and
    one by information credibility (DESIGN section 5.4), or as `chances` say.
    """
    if chances is None:
        chances = grade_chances(priors)
    doubt = 1.0
    for grade in grades:
        doubt *= 1.0 - chances[grade]
    return 1.0 - doubt


def grade_chances(priors: Priors) -> dict[str, float]:
    """Return ``pi(grade)`` of every grade as the prior sets have it."""
    by_source = priors.table("true_by_source")
    by_information = priors.table("true_by_information")
    return {
        letter + digit: source * information
        for letter, source in by_source.items()
        for digit, information in by_information.items()
    }


def learnt_chances(priors: Priors, tallies: Mapping[str, Tally]) -> dict[str, float]:
    """Return ``pi(grade)`` updated by how many of its reports were confirmed and withdrawn.

    The chance of a grade is Beta with the prior sets' mean and concentration ``k`` (the table
    ``corroboration``); confirmed and withdrawn reports are its successes and failures, so that
    the posterior mean is ``(k pi + confirmed) / (k + confirmed + withdrawn)``.

    Notes
    -----
    Only reports whose truth came out are counted, and confirmation and withdrawal need not come
    out equally often. If a true report is confirmed with chance ``u`` and a false one withdrawn
    with chance ``w``, what is learnt tends to ``u pi / (u pi + w (1 - pi))``: too high where
    ``u > w``.
    """
    chances = grade_chances(priors)
    if not tallies:
        return chances
    worth = priors.table("corroboration")["concentration"]
    nothing = Tally(0, 0)
    return {
        grade: (worth * chance + tallies.get(grade, nothing).confirmed)
        / (worth + sum(tallies.get(grade, nothing)))
        for grade, chance in chances.items()
    }


def panel_chances(panel: Panel, priors: Priors) -> dict[str, float]:
    """Return ``pi(grade)`` as the panel's study wants it: graded, learnt, or all but certain."""
    how = panel.study.switches.credibility
    if how == "ignored":
        return dict.fromkeys(grade_chances(priors), CERTAIN)
    if how == "learnt":
        return learnt_chances(priors, panel.corroboration)
    return grade_chances(priors)


def relative_log_weights(
    values: np.ndarray, log_weights: np.ndarray, reference: float
) -> np.ndarray:
    """Return log-weights of true totals divided by their chance at an indicator's typical rate.

    ``w_j`` proportional to ``P(j of the reported events are true) / Poisson(j | reference)``. Then
    doubt of ``1 - pi`` is doubt at the typical rate. With false events from a Poisson process of
    their own, and ``pi`` the share of true ones among reports of a grade where events have the
    typical rate, the likelihood is exact.

    Parameters
    ----------
    values, log_weights
        Totals and the logarithm of their Poisson-binomial chances.
    reference
        Typical rate times exposure.
    """
    relative = log_weights + gammaln(values + 1.0) - values * np.log(reference)
    return np.asarray(relative - logsumexp(relative))


def true_count_distribution(
    counts: tuple[float, ...], chances: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distribution of how many of the reported events are true.

    Acts are independent; an act that reports ``counts[a]`` events is true as a whole with
    probability ``chances[a]`` (Poisson-binomial where every count is 1).

    Returns
    -------
    values, weights : arrays of the same length
        Distinct totals in rising order, and their probabilities.
    """
    support = {0.0: 1.0}
    for count, chance in zip(counts, chances, strict=True):
        grown: dict[float, float] = {}
        for total, weight in support.items():
            grown[total] = grown.get(total, 0.0) + weight * (1.0 - chance)
            grown[total + count] = grown.get(total + count, 0.0) + weight * chance
        support = grown
    values = np.array(sorted(support))
    return values, np.array([support[value] for value in values])
