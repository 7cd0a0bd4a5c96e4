"""How far a report can be believed: grades of the Admiralty scale to probabilities."""

from collections.abc import Iterable

import numpy as np

from forecast.priors import Priors


def probability_true(priors: Priors, grades: Iterable[str]) -> float:
    """Return P(an act is true) given the grades of its distinct sources.

    ``1 - prod(1 - pi(grade))`` with ``pi(grade)`` the product of a table by source reliability and
    one by information credibility (DESIGN section 5.4).
    """
    by_source = priors.table("true_by_source")
    by_information = priors.table("true_by_information")
    doubt = 1.0
    for grade in grades:
        doubt *= 1.0 - by_source[grade[0]] * by_information[grade[1]]
    return 1.0 - doubt


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
