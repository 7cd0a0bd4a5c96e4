"""Weight of evidence: what a forecast would be without a record, in bits."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from forecast.errors import FitError, QuestionError
from forecast.explain import weight
from forecast.explain.basis import state_at
from forecast.explain.steps import vintage_with
from forecast.explain.weight import bits, bits_between, explain, explain_all, units_of
from forecast.study.events import event_indicators, parse_event
from forecast.study.models import Question
from tests.forecasts.worlds import CHINA, day


def question(basis, name):
    return next(one for one in basis.study.questions if one.id == name)


@pytest.fixture(scope="module")
def made(basis, state):
    """Return explanations of a vote, of arms, and of a value."""
    return explain_all(state, [question(basis, name) for name in ("Q7", "Q1", "Q6")])


def test_bits_are_log_odds_to_base_two():
    # Odds of 8 to 1 and of 1 to 1: three doublings apart.
    assert bits(8 / 9) == pytest.approx(3.0)
    assert bits_between(8 / 9, 0.5) == pytest.approx(3.0)
    assert bits_between(0.5, 8 / 9) == pytest.approx(-3.0)
    assert bits_between(0.3, 0.3) == 0.0
    assert bits(0.0) == -math.inf
    assert bits(1.0) == math.inf
    assert bits_between(0.0, 0.0) == bits_between(1.0, 1.0) == 0.0
    assert bits_between(1.0, 0.5) == math.inf


def test_without_a_record_stands_what_the_update_without_it_finds(basis, state, made):
    """Each row is the reweighting by a vintage without the records, delays held."""
    for own in made:
        p = own.forecast.probability
        rows = own.of("record").set_index("name")
        for name in ("V6", "V1", "X2", "P3", "T002022", "R1", "R2", "R3", "TCH2022"):
            if name not in rows.index:
                continue
            kept = [one for one in state.vintage.records if one.id != name]
            without = state_at(basis, vintage_with(state.vintage, kept), delays=state.panel.delays)
            expected = without.forecast([own.question])[0].probability
            row = rows.loc[name]
            # Where the question reads the record itself, some draws and fewer paths tell its part:
            # 4 standard errors, those of 400 draws with 40 paths each included, are one false
            # alarm in 16,000.
            record = own.records[name]
            told = basis.study.indicators[record.indicator].measures == "outcome"
            counted = record.indicator in event_indicators(parse_event(own.question.event))
            read = (told or counted) and record.pair == own.question.pair
            spread = expected * (1 - expected)
            error = math.hypot(row["error"] * spread * math.log(2), math.sqrt(spread / 16_000))
            slack = 4.0 * error if read else 1e-9
            assert row["without"] == pytest.approx(expected, abs=slack), (own.question.id, name)
            if not read:
                assert row["bits"] == pytest.approx(bits_between(p, expected), abs=1e-6)
            assert row["ess"] == pytest.approx(without.weights.ess, rel=1e-6)


def test_each_used_record_has_a_row_and_each_unused_one_a_reason(state, made):
    for own in made:
        rows = own.of("record")
        assert set(rows["name"]) == set(own.records)
        assert set(own.records) | set(own.unused["record"]) == {
            record.id for record in state.vintage.records
        }
        assert (rows["records"] == 1).all()
        assert (rows["path"] == "reweighted").all()
        assert rows["bits"].abs().is_monotonic_decreasing


def test_the_strongest_speak_for_and_against(made):
    own = made[0]
    up, down = own.strongest(3)
    assert (up["bits"] > 0).all()
    assert (down["bits"] < 0).all()
    assert up["bits"].is_monotonic_decreasing
    assert down["bits"].is_monotonic_increasing
    rows = own.of("record")
    assert up["bits"].iloc[0] == rows["bits"].max()


def test_groups_stand_beside_their_records(made):
    units = {(row.unit, row.name): row.records for row in made[0].weights.itertuples(index=False)}
    assert units["indicator", "un_vote"] == 6
    assert units["domain", "rhetorical"] == 7
    # An indicator of one record is looked for; a source of one record is that record again.
    assert units["indicator", "accusation"] == 1
    assert units["source", "ministry"] == len(made[0].records)


def test_a_cluster_of_one_record_is_that_record_again(state):
    records = {
        name: replace(record, cluster="pair" if number < 2 else "lonely" if number == 2 else "")
        for number, (name, record) in enumerate((one.id, one) for one in state.vintage.records[:5])
    }
    found = units_of(state, records, ("cluster",))
    assert [(unit, name, len(ids)) for unit, name, ids in found] == [("cluster", "pair", 2)]


def test_what_a_question_counts_itself_decides_it(basis, state):
    asked = Question(
        id="one",
        title="",
        event="count(joint_patrol) >= 1",
        pair=CHINA,
        opens=day("2023-01-01"),
        closes=day("2023-12-31"),
        rule="",
    )
    found = explain(state, asked, kinds=("record",))
    assert found.forecast.probability == 1.0
    row = found.of("record").set_index("name").loc["P3"]
    assert row["bits"] == math.inf
    assert 0.0 < row["without"] < 1.0
    assert row["why"] == "it decides the question"
    # A patrol before the window only informs.
    other = found.of("record").set_index("name").loc["P1"]
    assert other["without"] == 1.0
    assert other["bits"] == 0.0


def test_the_error_is_that_of_a_difference_on_the_same_draws(made):
    for own in made:
        rows = own.of("record")
        rows = rows[np.isfinite(rows["error"])]
        assert (rows["error"] >= 0.0).all()
        # Common draws and paths: the error is far below that of the probability itself.
        slope = own.forecast.probability * (1 - own.forecast.probability) * math.log(2)
        assert rows["error"].median() < 0.5 * own.forecast.mc_error / slope


def poor(basis, state):
    """Return the state by 60 draws, which no gate lets pass."""
    few = {name: array[:60] for name, array in basis.draws.values.items()}
    short = replace(basis, draws=replace(basis.draws, values=few))
    return state_at(short, state.vintage)


def test_what_the_gate_refuses_is_not_trusted(basis, state):
    found = explain(poor(basis, state), question(basis, "Q7"), kinds=("record",))
    rows = found.weights[found.weights["k_hat"] > -np.inf]
    assert (rows["path"] == "not trusted").all()
    assert (rows["why"] != "").all()
    assert all(part.empty or (part["path"] != "not trusted").all() for part in found.strongest())


def test_a_refit_stands_where_the_gate_fails_and_is_marked(basis, state):
    asked = []

    def refit(ids):
        asked.append(ids)
        return 0.25, 0.001

    found = explain(
        poor(basis, state), question(basis, "Q7"), kinds=("record", "indicator"), refit=refit
    )
    records = found.of("record")
    refitted = records[records["path"] == "refitted"]
    assert len(refitted) == len(asked) > 10
    assert set(refitted["name"]) == {name for ids in asked for name in ids}
    p = found.forecast.probability
    assert refitted["without"].unique().tolist() == [0.25]
    assert refitted["bits"].to_numpy() == pytest.approx(bits_between(p, 0.25))
    # Error of log-odds in bits: that of each probability over its own p (1 - p) ln 2.
    error = math.hypot(
        0.001 / (0.25 * 0.75 * math.log(2)), found.forecast.mc_error / (p * (1 - p) * math.log(2))
    )
    assert refitted["error"].to_numpy() == pytest.approx(error)
    # Indicators are not worth a refit, unless that is asked for.
    assert "refitted" not in set(found.of("indicator")["path"])


def test_a_refit_that_fails_is_said_and_takes_nothing_else(basis, state):
    asked = []

    def refit(ids):
        asked.append(ids)
        if len(asked) == 2:
            raise FitError("its diagnostics failed: R-hat 1.3")
        return 0.25, 0.001

    few = poor(basis, state)
    found = explain(few, question(basis, "Q7"), kinds=("record",), refit=refit, most=3)
    records = found.of("record").set_index("name")
    first, second, third = (next(iter(ids)) for ids in asked)
    assert records.loc[[first, third], "path"].tolist() == ["refitted"] * 2
    assert records.loc[second, "path"] == "not trusted"
    assert records.loc[second, "why"].endswith(
        "; the refit failed: its diagnostics failed: R-hat 1.3"
    )
    assert second not in [name for part in found.strongest() for name in part["name"]]


def test_a_refit_answers_one_question(basis, state):
    asked = [question(basis, name) for name in ("Q7", "Q1")]
    with pytest.raises(ValueError, match="one question"):
        explain_all(state, asked, refit=lambda ids: (0.5, 0.0))


def test_a_question_without_a_probability_is_not_explained(basis, state):
    with pytest.raises(QuestionError, match="Q10 has no probability to explain: its window ended"):
        explain(state, question(basis, "Q10"))
    with pytest.raises(QuestionError, match="Q3 has no probability to explain"):
        explain(state, question(basis, "Q3"))


def test_progress_is_told(basis, state):
    heard = []
    explain(
        state, question(basis, "Q7"), kinds=("domain",), tell=lambda *where: heard.append(where)
    )
    assert heard == [(n + 1, len(heard)) for n in range(len(heard))]


def test_a_change_on_some_draws_never_takes_more_than_all_draws_have():
    """By difference, 0.4 % less the 0.47 points that some draws lose would be none at all."""
    pieces = object.__new__(weight._Pieces)
    pieces.state = SimpleNamespace(draws=SimpleNamespace(chains=2))
    before, own = np.tile([0.002, 0.008], 20), np.full(40, 1 / 40)
    chance, error = pieces._shifted(0.004, (before, 0.06 * before), own)
    # The odds fall as those of the draws do, by the factor 0.0003 / 0.9997 over 0.005 / 0.995.
    odds = 0.004 / 0.996 * (0.0003 / 0.9997) / (0.005 / 0.995)
    assert chance == pytest.approx(odds / (1 + odds), rel=1e-9)
    # Every draw loses the same share: hardly anything of the change is noise.
    assert 0.0 <= error < 0.01
    assert pieces._shifted(0.004, (before, 0.0 * before), own) == (0.0, 0.0)
    assert pieces._shifted(0.0, (before, 0.06 * before), own)[0] == 0.0
