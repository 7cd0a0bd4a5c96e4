"""The ratio of a panel without some records to the panel is that of the whole likelihoods."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.explain.basis import state_at
from forecast.explain.steps import vintage_with
from forecast.explain.variants import changed_chains, log_ratios
from forecast.forecasts.ladder import filter_chain
from forecast.inference.likelihood import log_likelihoods
from forecast.model import build_data
from forecast.panel import build_panel
from forecast.panel.parts import Parts


def whole(state, left_out):
    """Return the log of the likelihoods of panels built without records over that of the panel."""
    basis = state.basis
    built = []
    for ids in left_out:
        kept = [record for record in state.vintage.records if record.id not in ids]
        panel = build_panel(
            basis.study,
            vintage_with(state.vintage, kept),
            priors=basis.priors,
            delays=state.panel.delays,
        )
        built.append(build_data(panel, basis.priors))
    found = log_likelihoods([state.data, *built], basis.priors, state.draws.values)
    return found[1:] - found[0]


@pytest.fixture(scope="module", params=["as of the fit", "a quarter on"])
def held(request, basis, state, later):
    if request.param == "as of the fit":
        return state
    return state_at(basis, later("N1", "N2", "N3", as_of=date(2023, 7, 31)))


def test_leaving_out_each_record_and_some_groups(held):
    parts = Parts.of(held.panel, held.vintage)
    by_indicator = {}
    for record in parts.used.values():
        by_indicator.setdefault(record.indicator, set()).add(record.id)
    # Without a series of trade there is no such series in the panel built anew, though the draws
    # keep its effect: groups that take a whole series are held elsewhere (test_weight.py).
    groups = [ids for name, ids in by_indicator.items() if name != "trade_value"]
    left_out = [{name} for name in parts.used] + groups
    found = log_ratios(held, [parts.without(ids) for ids in left_out])
    assert found.shape == (len(left_out), held.draws.count)
    for ids, one, other in zip(left_out, found, whole(held, left_out), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-8, err_msg=str(ids))
        assert np.ptp(one) > 0.0, ids


def test_nothing_left_out_is_a_ratio_of_one(held):
    parts = Parts.of(held.panel, held.vintage)
    assert (log_ratios(held, [parts.without([])]) == 0.0).all()
    assert log_ratios(held, []).shape == (0, held.draws.count)


def test_chains_without_a_report_are_those_of_the_panel_without_it(held):
    parts = Parts.of(held.panel, held.vintage)
    reports = [name for name, one in parts.used.items() if one.indicator == "arms_transfer"]
    assert reports
    basis = held.basis
    for name in reports:
        made = changed_chains(held, parts.without([name]))
        kept = [record for record in held.vintage.records if record.id != name]
        panel = build_panel(
            basis.study,
            vintage_with(held.vintage, kept),
            priors=basis.priors,
            delays=held.panel.delays,
        )
        expected = build_data(panel, basis.priors).chains
        assert made.labels == expected.labels
        assert made.layers.tolist() == expected.layers.tolist()
        draws = held.draws
        for chain in range(len(made.labels)):
            # What a chain keeps in layers that it does not use is read by nobody.
            ours, whole_built = (
                filter_chain(replace(draws, data=replace(draws.data, chains=one)), chain)
                for one in (made, expected)
            )
            np.testing.assert_allclose(ours.cells, whole_built.cells, atol=1e-12)
        kept = [made.same_chain(held.data.chains, chain) for chain in range(len(made.labels))]
        own = [label.startswith(parts.used[name].pair.label) for label in made.labels]
        assert kept.count(False) == 1
        assert own[kept.index(False)]


def test_a_study_without_chains_has_none_to_change(state):
    parts = Parts.of(state.panel, state.vintage)
    calm = replace(state, data=replace(state.data, chains=None))
    report = next(name for name, one in parts.used.items() if one.indicator == "arms_transfer")
    difference = parts.without([report])
    assert changed_chains(calm, difference) is None
    assert (log_ratios(calm, [difference]) == 0.0).all()
