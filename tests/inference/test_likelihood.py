"""The likelihood term by term is that of the model, whatever stands beside a panel."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.errors import ModelError
from forecast.inference import likelihood
from forecast.inference.likelihood import log_likelihoods, pointwise
from forecast.model.stacking import distinct, stack_data
from tests.model.conftest import fast_mode
from tests.plugins import fits

fit_study_data = fits.fit_study_data
fit_prior = fits.fit_prior
POINTS = 5


@pytest.fixture(scope="module")
def points(fit_prior):
    """Return values of all variables at some points, and the terms that the full model gives."""
    model = fit_prior.model
    rng = np.random.default_rng(4)
    start = model.initial_point(random_seed=1)
    variables = model.compile_fn(
        model.unobserved_value_vars, inputs=model.value_vars, mode=fast_mode()
    )
    nodes = [*model.observed_RVs, *model.potentials]
    terms = model.compile_fn(
        model.logp(vars=nodes, sum=False), inputs=model.value_vars, mode=fast_mode()
    )
    values, expected = [], []
    for _ in range(POINTS):
        point = {name: rng.normal(0.0, 0.4, np.shape(value)) for name, value in start.items()}
        values.append(variables(point))
        expected.append(terms(point))
    names = [one.name for one in model.unobserved_value_vars]
    return (
        {name: np.stack(one) for name, *one in zip(names, *values, strict=True)},
        {node.name: np.stack(one) for node, *one in zip(nodes, *expected, strict=True)},
    )


def test_every_term_of_every_node_is_the_models_own(fit_prior, points):
    values, expected = points
    found = pointwise(fit_prior.draws.data, fits.priors_of(fit_prior.panel.study), values)
    assert set(found) == set(expected) == {"count", "binary", "ordinal", "continuous", "witness"}
    for name, terms in expected.items():
        assert found[name].shape == terms.shape, name
        np.testing.assert_allclose(found[name], terms, rtol=1e-9, atol=1e-9, err_msg=name)


def test_the_sum_is_the_models_own(fit_prior, points):
    values, expected = points
    priors = fits.priors_of(fit_prior.panel.study)
    found = log_likelihoods([fit_prior.draws.data], priors, values)
    total = sum(terms.sum(axis=1) for terms in expected.values())
    np.testing.assert_allclose(found, [total], rtol=1e-10)


def test_the_number_of_draws_does_not_matter(fit_prior):
    data, priors = fit_prior.draws.data, fits.priors_of(fit_prior.panel.study)
    many = {name: array[:230] for name, array in fit_prior.draws.values.items()}
    one = {name: array[207:208] for name, array in fit_prior.draws.values.items()}
    whole, single = pointwise(data, priors, many), pointwise(data, priors, one)
    for name in whole:
        assert len(whole[name]) == 230
        np.testing.assert_allclose(whole[name][207:208], single[name], rtol=1e-12)


def test_a_panel_of_the_same_shape_needs_no_new_program(fit_prior):
    data, priors = fit_prior.draws.data, fits.priors_of(fit_prior.panel.study)
    draws = {name: array[:3] for name, array in fit_prior.draws.values.items()}
    pointwise(data, priors, draws)
    before = len(likelihood._programs)
    votes = data.terms["ordinal"]
    other = replace(data, terms={**data.terms, "ordinal": replace(votes, value=2.0 - votes.value)})
    assert not np.allclose(
        pointwise(other, priors, draws)["ordinal"], pointwise(data, priors, draws)["ordinal"]
    )
    assert len(likelihood._programs) == before


def test_draws_of_another_structure_are_refused(fit_prior):
    data, priors = fit_prior.draws.data, fits.priors_of(fit_prior.panel.study)
    draws = {name: array[:3] for name, array in fit_prior.draws.values.items()}
    lacking = {name: array for name, array in draws.items() if name != "noise_scale"}
    with pytest.raises(ModelError, match="no variable noise_scale"):
        pointwise(data, priors, lacking)
    wide = draws | {"intercept": np.repeat(draws["intercept"], 2, axis=1)}
    with pytest.raises(ModelError, match="draws of intercept have the shape"):
        pointwise(data, priors, wide)


def test_a_panel_without_terms_has_no_likelihood(fit_prior):
    empty = replace(fit_prior.draws.data, terms={}, chains=None)
    draws = {name: array[:3] for name, array in fit_prior.draws.values.items()}
    assert pointwise(empty, fits.priors_of(fit_prior.panel.study), draws) == {}
    priors = fits.priors_of(fit_prior.panel.study)
    assert log_likelihoods([empty, empty], priors, draws).tolist() == [[0.0] * 3] * 2


# Several panels at once


@pytest.fixture(scope="module")
def panels(fit_study_data):
    """Return panels that differ in all that panels of one structure may differ in."""
    early = date(2022, 12, 31)
    rows = fits.ROWS
    known = [row for row in rows if row["known_at"] <= early.isoformat()]
    # A half-year of two arms reports: more layers, and a cell in which none to three are true.
    more = [
        rows[-4] | {"id": "R8", "event_date": "2022-07", "cluster": "k", "known_at": "2023-01-16"},
        rows[0] | {"id": "P8", "event_date": "2022-11-02", "known_at": "2022-11-03", "value": "2"},
    ]
    chosen = {
        "all": (rows, fits.AS_OF),
        "earlier": (known, early),
        "one series of trade": (
            [row for row in rows if not row["id"].startswith("T00")],
            fits.AS_OF,
        ),
        "more true values and layers": ([*rows, *more], fits.AS_OF),
    }
    made = {
        name: fits.data_of(fits.panel_of(fit_study_data, own, day))
        for name, (own, day) in chosen.items()
    }
    assert made["earlier"].coords["period"] != made["all"].coords["period"]
    assert len({one.coords["series"] for one in made.values()}) > 1
    assert len({one.chains.kernel.shape[2] for one in made.values()}) > 1
    widths = {one.terms["count"].extra["true_values"].shape[1] for one in made.values()}
    assert len(widths) > 1
    return made


def own_draws(values, part, stacked):
    """Return the draws of a stack for one of its parts."""
    periods, start = len(part.coords["period"]), part.chains.start
    series = [stacked.coords["series"].index(name) for name in part.coords["series"]]
    return values | {
        "alignment": values["alignment"][..., :periods],
        "recipient_shock_raw": values["recipient_shock_raw"][..., : periods - start],
        "series_raw": values["series_raw"][:, series],
    }


def test_each_of_several_panels_has_the_likelihood_that_it_has_alone(
    panels, fit_study_data, fit_prior
):
    parts, priors = list(panels.values()), fits.priors_of(fit_study_data)
    stacked = stack_data(parts)
    values = {name: array[:20] for name, array in fit_prior.draws.values.items()}
    rng = np.random.default_rng(1)
    values["series_raw"] = rng.normal(size=(20, len(stacked.coords["series"])))
    together = log_likelihoods(parts, priors, values)
    assert together.shape == (len(parts), 20)
    for name, part, found in zip(panels, parts, together, strict=True):
        alone = sum(
            terms.sum(axis=1)
            for terms in pointwise(part, priors, own_draws(values, part, stacked)).values()
        )
        np.testing.assert_allclose(found, alone, rtol=1e-9, err_msg=name)
    assert len({tuple(np.round(one, 6)) for one in together}) == len(parts)


def test_the_order_of_the_panels_does_not_matter(panels, fit_study_data, fit_prior):
    parts, priors = list(panels.values()), fits.priors_of(fit_study_data)
    values = {name: array[:20] for name, array in fit_prior.draws.values.items()}
    names = stack_data(parts).coords["series"]
    turned = stack_data(parts[::-1]).coords["series"]
    raw = np.random.default_rng(1).normal(size=(20, len(names)))
    one = log_likelihoods(parts, priors, values | {"series_raw": raw})
    raw = raw[:, [names.index(name) for name in turned]]
    other = log_likelihoods(parts[::-1], priors, values | {"series_raw": raw})
    np.testing.assert_allclose(one, other[::-1], rtol=1e-10)


def test_what_panels_have_in_common_is_evaluated_once(panels, fit_study_data, fit_prior):
    """As many terms as one panel has, and what is evaluated is what stood there before."""
    priors = fits.priors_of(fit_study_data)
    part, more = panels["all"], panels["more true values and layers"]
    values = {name: array[:20] for name, array in fit_prior.draws.values.items()}
    alone, places = distinct(part)
    assert {kind: terms.n for kind, terms in alone.terms.items()} == {
        kind: len(set(places[kind])) for kind in part.terms
    }
    twice, places = distinct(stack_data([part, part]))
    for kind, terms in twice.terms.items():
        assert terms.n == alone.terms[kind].n
        assert places[kind].tolist() == [*places[kind][: part.terms[kind].n]] * 2
    count = len(part.chains.labels)
    assert len(twice.chains.labels) == -(-count // 4) * 4
    assert places["witness"].tolist() == [*range(count)] * 2

    stacked = stack_data([part, more])
    few, places = distinct(stacked)
    # Delays are learnt from all records: counts differ throughout, the rest mostly does not.
    for kind in ("binary", "ordinal", "continuous"):
        assert few.terms[kind].n < stacked.terms[kind].n, kind
    # One chain has other reports, two layers of them where the others have one.
    assert len(set(places["witness"])) > count
    series = np.random.default_rng(1).normal(size=(20, len(stacked.coords["series"])))
    values["series_raw"] = series
    full, found = (pointwise(one, priors, values) for one in (stacked, few))
    for name, terms in full.items():
        np.testing.assert_allclose(found[name][:, places[name]], terms, rtol=1e-9, err_msg=name)
