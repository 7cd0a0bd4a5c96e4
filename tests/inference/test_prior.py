"""Draws from the prior under the posterior's names."""

from __future__ import annotations

import logging

import numpy as np

from forecast.inference.prior import sample_prior
from tests.plugins import fits

shared = fits.shared
fit_prior = fits.fit_prior
fit_study_data = fits.fit_study_data


def test_prior_and_posterior_have_the_same_names_and_dims(shared):
    prior, posterior = shared.fit.prior, shared.fit.draws
    # The innovations of the paths are kept of the prior alone.
    assert set(prior.values) - {"path_raw"} == set(posterior.values)
    for name, values in posterior.values.items():
        assert prior[name].shape[1:] == values.shape[1:], name


def test_prior_draws_follow_the_prior_set(fit_prior):
    draws, priors = fit_prior.draws, fits.priors_of(fit_prior.panel.study)
    # 400 draws: a mean of logarithms has a standard error of sd / 20.
    for name in ("rung_gap", "climb_state", "path_half_life"):
        prior = priors["level_gap" if name == "level_gap" else name]
        logs = np.log(draws[name]).reshape(len(draws[name]), -1)[:, 0]
        center, spread = np.log(prior.number("median")), prior.number("sigma")
        assert abs(logs.mean() - center) < 5 * spread / 20
        assert abs(logs.std() / spread - 1.0) < 0.2


def test_the_seed_decides(fit_prior):
    one, again, other = (
        sample_prior(fit_prior.model, 5, seed)["posterior"].to_dataset() for seed in (3, 3, 4)
    )
    assert one.equals(again)
    assert not np.array_equal(one["onset_state"], other["onset_state"])
    assert one.sizes["chain"] == 1
    assert one.sizes["draw"] == 5


def test_nothing_is_said_and_the_logger_is_left_as_it_was(fit_prior, caplog):
    logger = logging.getLogger("pymc.sampling.forward")
    level = logger.level
    with caplog.at_level(logging.INFO):
        sample_prior(fit_prior.model, 2, 1)
    assert not [one for one in caplog.records if one.name.startswith("pymc")]
    assert logger.level == level
