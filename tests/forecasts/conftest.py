"""A small study of every kind of indicator, and panels of it without a ledger."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forecast.forecasts.draws import Draws
from forecast.model import ModelData
from forecast.panel import Panel
from forecast.study.models import Study
from tests.plugins import fits

shared = fits.shared
fit_study_data = fits.fit_study_data
fit_prior = fits.fit_prior

MakePanel = Callable[..., Panel]


@pytest.fixture(scope="session")
def quiet_panel(fit_study_data: Study) -> Panel:
    """Return the panel of the study without any record."""
    return fits.panel_of(fit_study_data, [], fits.AS_OF)


@pytest.fixture(scope="session")
def quiet(quiet_panel: Panel) -> ModelData:
    """Return the arrays of the panel without any record."""
    return fits.data_of(quiet_panel)


@pytest.fixture(scope="session")
def prior_draws(fit_prior: fits.PriorFit) -> Draws:
    """Return 400 draws from the prior of the study with its records."""
    return fit_prior.draws
