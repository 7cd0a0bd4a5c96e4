"""Thousands of malformed files: never a traceback, always file, row, field and remedy."""

import pytest

from tests.robustness.fuzz import run

COUNT, MANY = 2_000, 100_000


def assert_told(count, seed):
    outcomes, faults = run(count, seed)
    assert faults == []
    assert sum(outcomes.values()) == count
    # The files are malformed indeed, in every format, and some spoiling does no harm.
    for kind in ("csv", "json", "parquet", "toml", "xlsx"):
        assert outcomes[f"{kind}: refused"] > count / 50
        assert outcomes[f"{kind}: taken"] > 0


def test_two_thousand_malformed_files_are_refused_in_our_words_or_taken_whole():
    assert_told(COUNT, seed=20)


@pytest.mark.slow
def test_a_hundred_thousand_malformed_files_are_refused_in_our_words_or_taken_whole():
    assert_told(MANY, seed=21)
