"""The fast engine agrees with long NUTS runs of seven studies, or says that it does not."""

from __future__ import annotations

import pytest

from forecast.inference.fast import STEP
from tests.slow.accuracy import COARSE, UNBOUND, compare, references, table
from tests.slow.studies import NAMES, target

pytestmark = pytest.mark.slow


def test_the_long_runs_are_good_enough_to_compare_with():
    found = references().set_index("study")
    assert list(found.index) == list(NAMES)
    assert (found["largest R-hat"] < 1.01).all()
    assert (found["smallest ESS"] > 1000).all()
    # The aim was none: 14 of 80,000 draws diverged (docs/results/accuracy.md).
    assert (found["divergent"] <= found["draws"] / 1000).all()


@pytest.fixture(scope="module")
def default_runs():
    return [compare(target(name)) for name in NAMES]


def test_a_default_run_misses_no_bar_or_is_refused(default_runs):
    for found in default_runs:
        assert found.step == STEP
        assert found.misses == [] or found.refused, table([found]).T.to_string()


def test_default_runs_are_seldom_refused(default_runs):
    assert sum(not found.refused for found in default_runs) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_steps_far_too_coarse_miss_a_bar_and_are_refused(name):
    found = compare(target(name), step=COARSE, bound=UNBOUND)
    assert found.misses
    assert found.refused
