"""New evidence on an old fit: what each cause changed, in whatever portions it came."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.errors import ModelError
from forecast.evidence.entries import ConflictError
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import read_as_of
from forecast.explain import basis as basis_module
from forecast.explain.basis import Basis, StructuralError, state_at
from forecast.explain.steps import CAUSES
from forecast.explain.update import LARGEST_ERROR, reweigh, too_noisy
from forecast.forecasts.questions import QuestionForecast
from forecast.inference.likelihood import log_likelihoods
from forecast.study.models import Shock
from tests.explain.conftest import NEWS
from tests.plugins import fits

LATER = date(2023, 7, 31)


@pytest.fixture(scope="module")
def everything(later):
    """Return a vintage that differs from the fit's in every way."""
    return later(
        "N1", "N2", "N3", as_of=LATER, without=["X3"], changed={"V1": {"credibility": "5"}}
    )


@pytest.fixture(scope="module")
def update(basis, everything, before):
    return reweigh(basis, basis.vintage, everything, before)


def test_the_causes_add_up_to_the_whole_change(update):
    assert [step.cause for step in update.steps] == list(CAUSES)
    assert update.gates["ok"].all(), update.gates.to_string()
    assert update.refused == ""
    changes = update.changes.dropna(subset=["before", "after"])
    assert len(changes) >= 5
    total = changes[list(CAUSES)].sum(axis=1)
    np.testing.assert_allclose(changes["before"] + total, changes["after"], atol=1e-12)
    assert (changes["time"].abs() > 0.0).any()
    assert (changes["evidence"].abs() > 1e-4).any()


def test_what_comes_out_is_the_forecast_of_the_last_step(update, basis, everything):
    made = {one.id: one.probability for one in update.forecasts}
    assert update.changes.set_index("question")["after"].dropna().to_dict() == {
        name: p for name, p in made.items() if p is not None
    }
    straight = state_at(basis, everything)
    assert np.array_equal(update.state.log_ratio, straight.log_ratio)
    found = {one.id: one.probability for one in straight.forecast(basis.study.questions)}
    assert found == pytest.approx(made, abs=1e-12)
    assert update.records == {
        "revisions": ("V1",),
        "retractions": ("X3",),
        "evidence": ("N1", "N2", "N3"),
    }


def test_weights_are_the_ratio_of_the_whole_likelihoods(update, basis):
    for state in update.states:
        total = log_likelihoods([basis.data, state.data], basis.priors, state.draws.values)
        np.testing.assert_allclose(state.log_ratio, total[1] - total[0], atol=1e-8)


def test_where_nothing_is_new_nothing_changes(basis, before, state):
    found = reweigh(basis, basis.vintage, basis.vintage, before)
    assert found.steps == ()
    assert found.state is None
    assert found.refused == ""
    assert (found.changes[list(CAUSES)] == 0.0).all(axis=None)
    assert found.changes.set_index("question")["after"].to_dict() == before
    assert (state.log_ratio == 0.0).all()
    assert state.weights.ess == basis.draws.count


def test_a_record_that_was_known_already_is_no_news(basis, before, later):
    assert reweigh(basis, later("N1"), later("N1"), before).steps == ()


def test_portions_in_any_order_give_what_all_at_once_gives(basis, before, later):
    """A then B, B then A, and both: each from the fit, so that no error is handed on."""
    both = later("N1", "N3", as_of=LATER)
    straight = reweigh(basis, basis.vintage, both, before)
    for first in ("N1", "N3"):
        half = reweigh(basis, basis.vintage, later(first, as_of=LATER), before)
        known = {one.id: one.probability for one in half.forecasts if one.probability is not None}
        rest = reweigh(basis, later(first, as_of=LATER), both, known)
        assert [step.cause for step in rest.steps] == ["evidence"]
        assert np.array_equal(rest.state.log_ratio, straight.state.log_ratio)
        assert np.array_equal(rest.state.weights.values, straight.state.weights.values)
        assert {one.id: one.probability for one in rest.forecasts} == {
            one.id: one.probability for one in straight.forecasts
        }


def test_what_is_withdrawn_again_leaves_the_old_numbers(basis, before, later):
    added = later("N1")
    withdrawn = tuple(one for one in added.records if one.id == "N1")
    back = replace(later(), withdrawn=withdrawn, found_false=frozenset({"N1"}))
    half = reweigh(basis, basis.vintage, added, before)
    known = {one.id: one.probability for one in half.forecasts if one.probability is not None}
    found = reweigh(basis, added, back, known)
    assert [step.cause for step in found.steps] == ["retractions"]
    after = found.changes.set_index("question")["after"].dropna().to_dict()
    assert after == pytest.approx(before, abs=1e-9)
    moved = known["Q7"] - before["Q7"]
    change = found.changes.set_index("question")["retractions"]
    assert change["Q7"] == pytest.approx(-moved, abs=1e-9)


def test_the_ledger_holds_a_record_once(tmp_path, basis):
    """Twice the same row is one record; the same id with other content is refused."""
    record = fits.records_of(basis.study, [NEWS["N1"] | {"id": "N1", "known_at": "2023-07-10"}])[0]
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        assert ledger.append_records([*basis.vintage.records, record]).added == len(
            [*basis.vintage.records, record]
        )
        once = read_as_of(ledger, LATER)
        assert ledger.append_records([record]).added == 0
        twice = read_as_of(ledger, LATER)
        with pytest.raises(ConflictError):
            ledger.append_records([replace(record, credibility="1")])
    assert once == twice
    assert [one.id for one in twice.records].count("N1") == 1
    assert np.array_equal(state_at(basis, once).log_ratio, state_at(basis, twice).log_ratio)


# Where the gate stands in the way


def test_a_step_that_does_not_pass_hands_its_part_to_the_next(basis, everything, before):
    few = {name: array[:80] for name, array in basis.draws.values.items()}
    poor = replace(basis, draws=replace(basis.draws, values=few))
    found = reweigh(poor, poor.vintage, everything, before)
    assert not found.gates["ok"].any()
    assert "fewer than 100" in found.refused or "k-hat" in found.refused
    assert found.changes[list(CAUSES)].isna().all(axis=None)
    assert found.changes["after"].isna().all()


def test_what_the_fit_knows_nothing_of_needs_a_refit(basis, before, later):
    fresh = Shock("truce", date(2023, 7, 10), "A truce")
    study = replace(basis.study, shocks=(*basis.study.shocks, fresh))
    found = reweigh(replace(basis, study=study), basis.vintage, later("N1", as_of=LATER), before)
    assert found.state is None
    assert "another shock: truce" in found.refused
    assert found.forecasts == ()
    assert found.changes["after"].isna().all()
    with pytest.raises(StructuralError, match="knows nothing of another shock"):
        state_at(replace(basis, study=study), later(as_of=LATER))


@pytest.mark.parametrize(
    ("indicator", "said"),
    [("un_vote", "kind ordinal"), ("trade_value", "kind continuous")],
)
def test_the_first_evidence_of_a_kind_needs_a_refit(basis, indicator, said):
    """The fit has no draws of what such evidence depends on: an update says so and fails not."""
    rows = [row for row in fits.ROWS if row["indicator"] != indicator]
    panel = fits.panel_of(basis.study, rows, fits.AS_OF)
    draws = fits.prior_of(panel, 40).draws
    records = fits.records_of(basis.study, rows)
    vintage = replace(basis.vintage, records=records)
    poorer = replace(basis, vintage=vintage, panel=panel, data=draws.data, draws=draws)
    found = reweigh(poorer, vintage, basis.vintage, {})
    assert said in found.refused
    assert found.state is None


def test_evidence_that_no_draw_allows_is_an_error(basis, before, later, monkeypatch):
    """Doubt gives nearly anything some chance; where nothing does, that is said."""
    monkeypatch.setattr(
        basis_module,
        "log_likelihoods",
        lambda parts, *_: np.full((len(parts), basis.draws.count), -np.inf),
    )
    # A copy, which remembers no states.
    untouched = replace(basis)
    untouched.recall(basis.log_likelihood)
    with pytest.raises(ModelError, match="impossible under every draw"):
        reweigh(untouched, basis.vintage, later("N1"), before)


def test_what_is_impossible_only_on_the_way_is_a_step_that_does_not_pass(
    basis, before, later, monkeypatch
):
    """Time alone makes the old evidence impossible, a record that comes in mends it."""
    evaluated = basis_module.log_likelihoods

    def first_impossible(parts, *others):
        total = evaluated(parts, *others)
        total[0] = -np.inf
        return total

    untouched = replace(basis)
    untouched.recall(basis.log_likelihood)
    monkeypatch.setattr(basis_module, "log_likelihoods", first_impossible)
    found = reweigh(untouched, basis.vintage, later("N1", as_of=LATER), before)
    assert [step.cause for step in found.steps] == ["time", "evidence"]
    assert found.gates["ok"].tolist() == [False, True]
    assert "impossible under every draw" in found.gates["why"].iloc[0]
    assert found.refused == ""
    assert found.changes["time"].isna().all()
    both = found.changes["evidence"] - (found.changes["after"] - found.changes["before"])
    assert both.abs().max() < 1e-12


def test_too_noisy_a_probability_is_not_published(basis: Basis):
    def forecast(error):
        base = {"id": "Q1", "pair": "", "event": "", "opens": "", "closes": "", "status": "open"}
        return [QuestionForecast(**base, probability=0.5, mc_error=error)]

    assert too_noisy(basis, forecast(LARGEST_ERROR)) == ""
    assert "Q1 would be 0.025" in too_noisy(basis, forecast(0.025))
    # A fit that was no better itself may be followed by what is a little worse.
    rough = replace(basis, errors={"Q1": 0.03})
    assert too_noisy(rough, forecast(0.037)) == ""
    assert too_noisy(rough, forecast(0.038)) != ""
