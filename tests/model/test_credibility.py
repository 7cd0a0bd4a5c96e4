"""How far reports are believed: one act by its sources, a cell by its acts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from forecast.model.credibility import probability_true, true_count_distribution
from tests.toys import tables

OWN = tables(
    true_by_source={"A": 0.99, "B": 0.97, "C": 0.9, "E": 0.5},
    true_by_information={"1": 0.99, "2": 0.95, "3": 0.8, "5": 0.15},
)


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        (["A1"], 0.99 * 0.99),
        (["B2"], 0.97 * 0.95),
        (["B2", "C3"], 1 - (1 - 0.9215) * (1 - 0.72)),
        (["E5"], 0.5 * 0.15),
        (["C3", "C3"], 1 - 0.28**2),
        ([], 0.0),
    ],
)
def test_an_act_is_false_only_if_each_source_is_wrong(grades, expected):
    assert probability_true(OWN, grades) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    "counts", [(), (1.0,), (1.0, 1.0, 1.0), (2.0, 1.0), (3.0, 3.0, 1.0, 2.0), (1.0,) * 8]
)
def test_true_totals_have_the_chances_of_a_full_enumeration(counts):
    chances = tuple(np.linspace(0.1, 0.95, len(counts)))
    expected: dict[float, float] = {}
    for true in itertools.product([0, 1], repeat=len(counts)):
        total = sum(n for n, held in zip(counts, true, strict=True) if held)
        weight = np.prod([p if held else 1 - p for p, held in zip(chances, true, strict=True)])
        expected[total] = expected.get(total, 0.0) + weight
    values, weights = true_count_distribution(counts, chances)
    assert values.tolist() == sorted(expected)
    assert weights == pytest.approx([expected[value] for value in sorted(expected)], abs=1e-14)
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
