"""What if: imagined records beside what is known, nothing written and nothing counted twice."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.errors import EvidenceError, FitError, QuestionError
from forecast.explain import what_if as what_if_module
from forecast.explain.basis import ImpossibleError, state_at
from forecast.explain.imagined import Scenario, scenario_of
from forecast.explain.what_if import NOTHING, what_if

VOTE = "CHN->RUS un_vote=abstain 2023-07-20 grade=C3"
PATROL = "CHN->RUS joint_patrol=1 2023-07-21 grade=E5"
ARMS = "CHN->RUS arms_transfer=1 2023-07-25 grade=D4 attribution=state"


def asked(basis, *names):
    return [one for one in basis.study.questions if one.id in names]


def run(basis, before, lines, *names, **changes):
    scenarios = [scenario_of(basis.study, own, name) for name, own in lines.items()]
    return what_if(basis, basis.vintage, before, asked(basis, *names), scenarios, **changes)


@pytest.fixture(scope="module")
def found(basis, before):
    return run(basis, before, {"a vote": [VOTE], "arms": [ARMS], "both": [VOTE, ARMS]}, "Q1", "Q6")


def test_all_scenarios_stand_on_one_day(found, before):
    assert found.as_of == date(2023, 7, 25)
    assert found.now == before
    table = found.table
    assert table["scenario"].tolist() == [
        name for name in (NOTHING, "a vote", "arms", "both") for _ in range(2)
    ]
    assert (table["as_of"] == "2023-07-25").all()
    assert table["records"].tolist() == [0, 0, 1, 1, 1, 1, 2, 2]


def test_changes_are_of_the_records_alone(found):
    table = found.table.set_index(["question", "scenario"])
    for name in ("Q1", "Q6"):
        own = table.loc[name]
        assert own.loc[NOTHING, ["change", "bits"]].tolist() == [0.0, 0.0]
        base = own.loc[NOTHING, "probability"]
        for scenario in ("a vote", "arms", "both"):
            p = own.loc[scenario, "probability"]
            assert own.loc[scenario, "change"] == pytest.approx(p - base)
            bits = math.log2(p / (1 - p)) - math.log2(base / (1 - base))
            assert own.loc[scenario, "bits"] == pytest.approx(bits)
    # A weak report of state arms speaks for state arms, and a vote is no news of itself.
    assert table.loc[("Q1", "arms"), "bits"] > 0.0


def test_a_scenario_is_the_update_by_its_records(basis, found, later):
    records = scenario_of(basis.study, [VOTE, ARMS]).records
    vintage = later(as_of=found.as_of)
    vintage = replace(
        vintage, records=tuple(sorted((*vintage.records, *records), key=lambda one: one.id))
    )
    expected = state_at(basis, vintage).forecast(asked(basis, "Q1", "Q6"))
    own = found.table[found.table["scenario"] == "both"]["probability"]
    assert own.tolist() == pytest.approx([one.probability for one in expected], abs=1e-12)


def test_nothing_is_written(basis, found):
    assert not any(record.id.startswith("imagined") for record in basis.vintage.records)


def test_a_record_that_is_known_is_refused(basis, before):
    known = basis.vintage.records[0]
    with pytest.raises(EvidenceError, match=f"record {known.id} is known already"):
        what_if(basis, basis.vintage, before, asked(basis, "Q1"), [Scenario("again", (known,))])


def test_a_fact_that_is_known_is_refused_under_another_name(basis, before):
    known = next(one for one in basis.vintage.records if one.id == "R1")
    alias = replace(known, id="other")
    with pytest.raises(EvidenceError, match="the same fact is known already: arms_transfer"):
        what_if(basis, basis.vintage, before, asked(basis, "Q1"), [Scenario("again", (alias,))])


def test_a_record_twice_in_one_scenario_is_refused(basis, before):
    one = scenario_of(basis.study, [VOTE]).records[0]
    with pytest.raises(EvidenceError, match="is known already"):
        what_if(basis, basis.vintage, before, asked(basis, "Q7"), [Scenario("twice", (one, one))])
    line = f"{VOTE} source=agency"
    with pytest.raises(EvidenceError, match="the same fact is known already"):
        run(basis, before, {"twice": [line, line]}, "Q7")


def test_a_record_may_stand_in_several_scenarios(basis, before):
    found = run(basis, before, {"one": [PATROL], "other": [PATROL]}, "Q2")
    one, other = found.table["probability"].tolist()[1:]
    assert one == other


def test_where_the_gate_fails_the_refit_answers(basis, before):
    few = {name: array[:60] for name, array in basis.draws.values.items()}
    poor = replace(basis, draws=replace(basis.draws, values=few))
    heard, asked_for = [], []

    def refit(vintage):
        asked_for.append(len(vintage.records))
        return {"Q1": (0.25, 0.004)}

    found = run(poor, before, {"arms": [ARMS]}, "Q1", refit=refit, say=heard.append)
    table = found.table.set_index("scenario")
    assert table["path"].tolist() == ["refitted"] * 2
    assert table["probability"].tolist() == [0.25, 0.25]
    assert asked_for == [len(basis.vintage.records), len(basis.vintage.records) + 1]
    assert all("Refitted for the scenario" in text for text in heard)

    def failing(vintage):
        raise FitError("sampling stopped")

    found = run(poor, before, {"arms": [ARMS]}, "Q1", refit=failing)
    assert (found.table["path"] == "not trusted").all()
    assert found.table["why"].str.endswith("; the refit failed: sampling stopped").all()
    # Without one the numbers are shown, and not trusted.
    found = run(poor, before, {"arms": [ARMS]}, "Q1")
    assert (found.table["path"] == "not trusted").all()
    assert (found.table["why"] != "").all()
    assert np.isfinite(found.table["probability"]).all()


def test_an_impossible_scenario_is_named_before_any_is_refitted(basis, before, monkeypatch):
    states_at = what_if_module.states_at

    def last_impossible(basis, vintages):
        return [*states_at(basis, vintages[:-1]), ImpossibleError("impossible under every draw")]

    monkeypatch.setattr(what_if_module, "states_at", last_impossible)
    with pytest.raises(ImpossibleError, match="scenario 'other'"):
        run(
            basis,
            before,
            {"one": [PATROL], "other": [PATROL]},
            "Q2",
            refit=lambda vintage: pytest.fail("refitted"),
        )


def test_a_question_that_has_closed_by_then_has_no_answer(basis, before):
    line = "CHN->RUS un_vote=abstain 2024-02-20"
    with pytest.raises(QuestionError, match="Q1 has no probability then") as caught:
        run(basis, before, {"late": [line]}, "Q1")
    assert "before it closes" in str(caught.value)
