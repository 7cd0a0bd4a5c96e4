"""The command that says what to watch, as it is typed."""

import pytest


def test_tripwires_and_the_collection_list_are_told(program, fitted, workplace, head):
    before = head()
    outcome = program("watch", "tiny", "Q4", "--plot", "q4.svg")
    assert outcome.code == 0, outcome.err
    for text in (
        "Q4 Training by mid-2024?",
        "If this is seen in 2023-Q3",
        "What is worth watching",
    ):
        assert text in outcome.out
    assert (workplace / "q4.svg").read_text().count("<svg") == 1
    assert head() == before
    assert [one.name for one in fitted.parent.iterdir()] == [fitted.name]


def test_json_is_one_document(program, fitted):
    found = program("watch", "tiny", "Q4", "--threshold", "0.5", "--json").json
    assert (found["format"], found["question"], found["run"]) == ("watch/2", "Q4", fitted.name)
    assert found["period"] == "2023-Q3"
    assert {"indicator", "observation", "chance", "ok"} <= set(found["tripwires"][0])
    assert [one["rank"] for one in found["collection"]] == list(
        range(1, len(found["collection"]) + 1)
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Q99",), "one of Q1, Q2, Q3"),
        (("Q3",), "Q3"),
        (("Q4", "--run", "nope"), "there is no run 'nope'"),
        (("Q4", "--grade", "Z9"), "Z9"),
        (("Q4", "--period", "1999-Q1"), "1999-Q1"),
        (("Q4", "--threshold", "1"), "not all probabilities"),
    ],
)
def test_what_is_wrong_is_told_as_text(program, fitted, words, said):
    outcome = program("watch", "tiny", *words)
    assert (outcome.code, outcome.out) == (1, "")
    assert said in outcome.err


@pytest.mark.parametrize(
    "words", [(), ("Q4", "--pairs", "some"), ("Q4", "--threshold", "2"), ("Q4", "--threshold", "x")]
)
def test_what_cannot_be_meant_is_a_usage_error(program, fitted, words):
    assert program("watch", "tiny", *words).code == 2
