"""Two supporters swap roles in all data: what is said of one is then said of the other."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytensor.tensor as pt
import pytest

import forecast.forecasts.draws as draws_module
from forecast.forecasts import ladder, roll, signal_events, world
from forecast.forecasts.draws import Draws
from forecast.forecasts.ladder import filter_chain, smoothed
from forecast.forecasts.questions import forecast_questions, make_world
from forecast.model import build_model
from forecast.study.models import Pair
from tests.plugins import fits

SWAP = {"NA": "002", "002": "NA"}
AS_OF = fits.AS_OF


def swapped(text):
    """Swap the two actors in a label: ``NA->RUS from 2022-Q1`` and ``002->RUS from 2022-Q1``."""
    return re.sub(r"\b(NA|002)(?=->|$)", lambda found: SWAP[found[0]], text)


@pytest.fixture(scope="module")
def both(fit_study_data, fit_prior):
    """Return panel and draws of the study and of its mirror; the draws are not refitted."""
    questions = tuple(
        replace(
            one, pair=Pair(SWAP.get(one.pair.supporter, one.pair.supporter), one.pair.recipient)
        )
        for one in fit_study_data.questions
    )
    study = replace(fit_study_data, questions=questions)
    rows = [row | {"supporter": SWAP.get(row["supporter"], row["supporter"])} for row in fits.ROWS]
    panel = fits.panel_of(study, rows, AS_OF)
    data = fits.data_of(panel)
    draws = Draws(chains=1, data=data, values=mirrored_values(fit_prior, data.coords))
    return (fit_prior.panel, fit_prior.draws), (panel, draws)


def mirrored_values(fit_prior, coords):
    """Give each pair, supporter and series of the mirror the values of the one that it mirrors."""
    values = {}
    for name, array in fit_prior.draws.values.items():
        for axis, dim in enumerate(fit_prior.model.named_vars_to_dims.get(name, ()), start=1):
            own = list(fit_prior.model.coords[dim])
            if dim in ("pair", "series", "supporter", "level_supporter", "level_pair"):
                there = coords.get(dim, own)
                array = np.take(array, [own.index(swapped(one)) for one in there], axis=axis)
        values[name] = array
    return values


def test_the_two_supporters_differ_in_the_data(both):
    (panel, _), (mirror, _) = both
    assert set(panel.reports["pair"]) >= {"NA->RUS"}
    assert "002->RUS" in set(mirror.reports["pair"])
    assert panel.content_hash != mirror.content_hash


def test_filtered_and_smoothed_rungs_are_mirrored_draw_by_draw(both):
    (_, one), (_, other) = both
    labels, mirrored = one.data.chains.labels, other.data.chains.labels
    assert labels == mirrored
    for chain, label in enumerate(labels):
        twin = mirrored.index(swapped(label))
        here, there = filter_chain(one, chain), filter_chain(other, twin)
        np.testing.assert_array_equal(here.cells, there.cells)
        np.testing.assert_array_equal(smoothed(here), smoothed(there))


def test_every_question_has_the_mirrored_answer(both, monkeypatch):
    def answers(panel, draws):
        made = make_world(
            panel, draws, panel.study.questions, seed=4, degrees_of_freedom=4.0, horizon=2, paths=20
        )
        return forecast_questions(made, panel.study.questions)

    first = answers(*both[0])
    # Random numbers are named by pair: the mirror gets those of the other name.
    plain = draws_module.generator
    for module in (ladder, roll, signal_events, world):
        monkeypatch.setattr(
            module, "generator", lambda seed, *names: plain(seed, *map(swapped, names))
        )
    second = answers(*both[1])
    told = [one for one in first if one.probability is not None]
    assert {one.pair for one in told} == {"CHN->RUS", "NA->RUS", "002->RUS"}
    for one, other in zip(first, second, strict=True):
        assert other.pair == swapped(one.pair)
        assert (other.status, other.reason) == (one.status, one.reason)
        assert other.rungs == one.rungs
        if one.per_draw is not None:
            np.testing.assert_array_equal(one.per_draw, other.per_draw)


def test_the_log_density_is_mirrored_so_that_a_refit_would_be(fit_prior, both):
    """The posterior of the mirrored data at the mirrored point has the same density."""
    mirror = build_model(both[1][1].data, fits.priors_of(both[1][0].study))
    values = (fit_prior.draws.values, both[1][1].values)
    found = []
    for model, own in zip((fit_prior.model, mirror), values, strict=True):
        point = model.initial_point(random_seed=1)
        for variable in model.free_RVs:
            value = model.rvs_to_values[variable]
            transform = model.rvs_to_transforms[variable]
            given = own[variable.name][3]
            if transform is not None:
                given = transform.forward(pt.as_tensor(given), *variable.owner.inputs).eval()
            point[value.name] = np.asarray(given, dtype=float)
        compute = model.compile_logp(sum=False, mode="FAST_COMPILE")
        found.append(sum(float(np.sum(part)) for part in compute(point)))
    assert np.isfinite(found[0])
    assert found[0] == pytest.approx(found[1], abs=1e-8)
