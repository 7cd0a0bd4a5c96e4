"""How far reports are believed: one act by its sources, a cell by its acts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from forecast.model.credibility import (
    grade_chances,
    learnt_chances,
    probability_true,
    relative_log_weights,
    true_count_distribution,
)
from forecast.panel.corroboration import Tally
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


class TestLearning:
    """A grade's chance is Beta; confirmed reports are successes, withdrawn ones failures."""

    PRIORS = tables(
        true_by_source={"A": 0.9, "C": 0.8},
        true_by_information={"1": 1.0, "3": 0.5},
        corroboration={"concentration": 10.0},
    )

    def test_the_posterior_mean_by_hand(self):
        # C3 has .4: Beta(4, 6), two confirmed and three withdrawn make Beta(6, 9).
        learnt = learnt_chances(self.PRIORS, {"C3": Tally(2, 3)})
        assert learnt["C3"] == pytest.approx(6 / 15, abs=1e-15)
        assert learnt["C1"] == pytest.approx(0.8, abs=1e-15)

    def test_nothing_seen_leaves_the_prior_sets_chances(self):
        assert learnt_chances(self.PRIORS, {}) == grade_chances(self.PRIORS)

    @pytest.mark.parametrize("true", [0.2, 0.9])
    def test_it_tends_to_the_truth_where_both_come_out_alike_and_above_it_where_not(self, true):
        seen = 100_000
        even = Tally(int(true * seen), int((1 - true) * seen))
        assert learnt_chances(self.PRIORS, {"A1": even})["A1"] == pytest.approx(true, abs=1e-3)
        # True reports are confirmed four times as readily as false ones are withdrawn.
        uneven = Tally(even.confirmed, even.withdrawn // 4)
        expected = true / (true + 0.25 * (1 - true))
        found = learnt_chances(self.PRIORS, {"A1": uneven})["A1"]
        assert found == pytest.approx(expected, abs=1e-3)
        assert found > true


def test_a_cell_at_the_typical_rate_believes_a_report_by_its_grade():
    """P(true | one report) at the reference rate is pi; at a tenth of it the odds are a tenth."""
    values = np.array([0.0, 1.0])
    chance, rate = 0.7, 0.4
    weights = relative_log_weights(values, np.log([1 - chance, chance]), rate)
    for mean in (rate, rate / 10):
        terms = np.exp(weights) * np.exp(-mean) * mean**values
        odds = terms[1] / terms[0]
        assert odds == pytest.approx(chance / (1 - chance) * mean / rate, rel=1e-12)


def test_weights_are_exact_for_false_reports_of_a_poisson_process():
    """Against a full sum: N true events of grade t, false ones at rate e, two reports."""
    typical, false_rate, share_true, share_false = 0.5, 0.2, 0.6, 0.3
    odds = typical * share_true / (false_rate * share_false)
    chance = odds / (1 + odds)
    values, plain = true_count_distribution((1.0, 1.0), (chance, chance))
    weights = relative_log_weights(values, np.log(plain), typical)

    def direct(mean):
        # Ordered density of two points: j true ones of j!, each placed by choice.
        total = 0.0
        for j, ways in ((0, 1), (1, 2), (2, 1)):
            true = mean**j * np.exp(-mean) * share_true**j
            total += ways * true * (false_rate * share_false) ** (2 - j)
        return total

    def ours(mean):
        poisson = np.exp(-mean) * mean**values / np.array([1.0, 1.0, 2.0])
        return float(np.exp(weights) @ poisson)

    assert ours(1.3) / ours(0.05) == pytest.approx(direct(1.3) / direct(0.05), rel=1e-12)
