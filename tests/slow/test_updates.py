"""Reweighted forecasts and weights of evidence are those of refits: 20 updates, 200 if slow."""

from __future__ import annotations

import numpy as np
import pytest

from tests.slow import reweighted
from tests.slow.held_back import HELD_BACK, simulated
from tests.slow.left_out import ASKED, EACH, HEAVIEST, agreement, leave_out
from tests.slow.reweighted import (
    FEW_SIZES,
    Compared,
    Tried,
    all_updates,
    figure,
    plan,
    share,
    table,
    try_updates,
)
from tests.slow.updates import text


def of(done, size):
    return [one for one in done if one.records == size]


def honest(done):
    """Check that wherever the gate passed the weights say what the refit says."""
    for one in done:
        assert one.passed == (one.why == "")
        assert bool(one.compared) == one.passed
        assert not [c for c in one.compared if c.misses], one


@pytest.fixture(scope="module")
def few():
    """Let records act on a fit of the small study: 20 updates, each refitted if it passes."""
    held = simulated(0, few=True)
    chosen = plan(FEW_SIZES, HELD_BACK, seed=3)
    return list(try_updates(held, [[held.held_back[place] for place in one] for one in chosen]))


def test_twenty_updates_agree_with_refits_wherever_the_gate_passes(few):
    assert len(few) == 20
    honest(few)


def test_the_gate_passes_nearly_every_update_by_one_record(few):
    assert share(of(few, 1)) >= 0.9


def test_of_twenty_updates_differences_are_those_of_monte_carlo(few):
    off = np.array([one.difference / one.error for each in few for one in each.compared])
    # Standard normal if nothing but chance were at work; refits of one base share its own error.
    assert len(off) >= 60
    assert np.sqrt(np.mean(off**2)) < 2.0


@pytest.mark.slow
def test_two_hundred_updates(tmp_path):
    done = all_updates(None, print)
    assert len(done) == 200
    honest(done)
    assert share(of(done, 1)) >= 0.9
    assert share(of(done, 10)) >= 0.6


@pytest.mark.slow
def test_bits_of_the_heaviest_records_are_those_of_refits():
    found = leave_out(None, print)
    assert len(found) == HEAVIEST * len(ASKED)
    # Each record at the question that it weighs most for: elsewhere most weigh nothing.
    table = agreement(found).set_index("question")
    assert float(table.loc[EACH, "rank correlation"]) >= 0.95
    # A tenth of a bit is 7 % of the odds.
    for question in ASKED:
        assert float(table.loc[question, "rms difference"]) <= 0.1, question
    for one in found:
        assert one.k_hat <= 0.7 or one.path != "reweighted"


# The table


def made(size, passed, *differences):
    compared = tuple(Compared(f"Q{n}", 0.5, 0.5 + d, 0.5, 0.004) for n, d in enumerate(differences))
    why = "" if passed else "k-hat 0.90 is above 0.68"
    return Tried("ukraine", size, passed, why, 0.1 if passed else 0.9, 900.0, compared)


def test_a_miss_is_beyond_the_bar_and_three_errors():
    # .02 + 3 x .004 = .032
    inside, outside = made(1, True, 0.031, -0.033).compared
    assert not inside.misses
    assert outside.misses


def test_the_table_counts_by_number_of_records():
    done = [made(1, True, 0.003, 0.004), made(1, True, 0.033), made(10, False)]
    rows = table(done).set_index("records")
    assert rows["updates"].to_dict() == {"1": 2, "10": 1, "all": 3}
    assert rows["share"].to_dict() == {"1": "1.00", "10": "0.00", "all": "0.67"}
    assert rows.loc["1", "misses"] == "1"
    # sqrt((.003^2 + .004^2 + .033^2) / 3) = .0193
    assert rows.loc["1", "rms"] == "0.0193"
    assert rows.loc["1", "largest"] == "0.033"
    assert rows.loc["1", "largest beyond 3 errors"] == "0.021"


def test_the_text_says_which_bars_are_met():
    lines = text([made(1, True, 0.033), made(10, False)], []).splitlines()
    assert "Done: 2 updates (2 of ukraine)." in lines
    assert "| no probability beyond .02 and three errors | 1 of 1 | no |" in lines
    assert "| the gate passes 90% of updates by 1 | 1 of 1 | yes |" in lines
    assert "| the gate passes 60% of updates by 10 | 0 of 1 | no |" in lines


def test_the_figure_shows_both_kinds():
    labels = figure([made(1, True), made(10, False)]).axes[0].get_legend_handles_labels()[1]
    assert labels == ["aimed at", "shipped study"]
    assert reweighted.reasons([made(10, False)])["k-hat"].tolist() == [1]
