"""The command that weighs the evidence for a question, as it is typed."""

import math

import pandas as pd
import pytest

from forecast.cli.explain import plain_rows, signed


def test_the_heaviest_records_for_and_against_are_listed(program, fitted, head):
    before = head()
    outcome = program("explain", "tiny", "Q4", "--refit", "none", "--against", "0.2")
    assert outcome.code == 0, outcome.err
    for text in (
        "Q4 Training by mid-2024?",
        f"as of 2023-06-30, run {fitted.name}",
        "For: the heaviest records",
        "Against: the heaviest records",
        "By indicator",
        "From 20.0 % (0.2) to ",
        "what records say together, and the prior",
    ):
        assert text in outcome.out
    assert head() == before


def test_json_is_one_document_whose_parts_add_up(program, fitted, workplace):
    words = ("--refit", "none", "--against", "0.2", "--plot", "q4.svg", "--json")
    found = program("explain", "tiny", "Q4", *words).json
    assert (found["format"], found["question"]) == ("explanation/1", "Q4")
    account = found["against"]
    p = found["probability"]
    assert account["baseline"] == 0.2
    assert sum(one["bits"] for one in account["parts"]) == pytest.approx(
        math.log2(p / (1 - p)) + 2.0
    )
    assert {"unit", "name", "bits", "k_hat", "path"} <= set(found["weights"][0])
    assert [one["run"] for one in found["history"]] == [fitted.name]
    assert (workplace / "q4.svg").read_text().count("<svg") == 1


def test_every_record_and_every_unused_one_is_listed_on_demand(program, fitted):
    outcome = program("explain", "tiny", "Q1", "--refit", "none", "--all", "--unused")
    assert "Records, the heaviest first" in outcome.out
    assert "Records not used: " in outcome.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Q99",), "one of Q1, Q2, Q3, Q4"),
        (("Q4", "--run", "nope"), "there is no run 'nope'"),
        (("Q4", "--against", "2"), "'2' is no baseline"),
        (("Q4", "--against", "base-rate"), "there is no base rate of Q4"),
        (("Q3", "--refit", "none"), "Q3 has no probability in this run"),
    ],
)
def test_what_is_wrong_is_told_as_text(program, fitted, words, said):
    outcome = program("explain", "tiny", *words)
    assert (outcome.code, outcome.out) == (1, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("words", [(), ("Q4", "--refit", "nonsense"), ("Q4", "--refit")])
def test_what_cannot_be_meant_is_a_usage_error(program, fitted, words):
    assert program("explain", "tiny", *words).code == 2


@pytest.mark.parametrize(
    ("bits", "said"),
    [(math.inf, "decides"), (-math.inf, "forbids"), (math.nan, ""), (0.5, "+0.50"), (-2, "-2.00")],
)
def test_bits_are_told_with_their_sign(bits, said):
    assert signed(bits) == said


def test_what_is_not_finite_is_null_in_json():
    frame = pd.DataFrame({"bits": [math.inf, math.nan, 1.0], "name": ["a", "b", "c"]})
    assert [one["bits"] for one in plain_rows(frame)] == [None, None, 1.0]
