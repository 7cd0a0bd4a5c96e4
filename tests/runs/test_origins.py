"""A series of as-of dates: each knows its own day, and begins where the one before ended."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from forecast.api import Study
from forecast.runs import origins as origins_module
from forecast.runs.fit import RunSettings, fit_study
from forecast.runs.origins import fit_origins
from tests.plugins import fits

SETTINGS = RunSettings(engine="fast", seed=3, draws=20, tune=40, prior_draws=1, paths=5, horizon=1)
DAYS = [date(2023, 3, 31), date(2023, 6, 30)]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study.load(fits.write_study(tmp_path_factory.mktemp("origins") / "tiny"))


@pytest.fixture(scope="module")
def series(study):
    """Fit both days, one after the other, through the Python face."""
    changes = {"seed": 3, "draws": 20, "tune": 40, "paths": 5, "horizon": 1}
    return list(study.fit_origins([day.isoformat() for day in DAYS], engine="fast", **changes))


def test_each_origin_knows_its_own_day_and_nothing_later(series):
    assert [fit.panel.as_of for fit in series] == DAYS
    for fit in series:
        known = [record.known_at for record in fit.vintage.records]
        assert max(known) <= fit.panel.as_of.isoformat()
    first, second = ({record.id for record in fit.vintage.records} for fit in series)
    assert first < second, "the study has records that become known between the two days"


def test_an_origin_after_the_first_is_the_warm_fit_of_its_vintage(study, series):
    with study.ledger as ledger:
        warm, cold = (
            fit_study(study.data, ledger, DAYS[1], settings=SETTINGS, progress=False, start=start)
            for start in (series[0].posterior.start, None)
        )
    found = series[1].draws["alignment"]
    assert np.array_equal(found, warm.draws["alignment"])
    assert not np.array_equal(found, cold.draws["alignment"])
    # A third of the tuning: what the sampler knows of the scales need not be learned again.
    assert series[1].posterior.tuning_gradients < cold.posterior.tuning_gradients


def test_origins_must_ascend(study):
    # Said before the first of them is fitted, which may take hours.
    with study.ledger as ledger, pytest.raises(ValueError, match="2023-03-31 comes after 2023-06"):
        fit_origins(study.data, ledger, DAYS[::-1], settings=SETTINGS)


def test_a_series_begins_cold(study):
    with pytest.raises(ValueError, match="leave `start` out"):
        study.fit_origins(DAYS, start="2023-03-31-00000000")


def test_a_fit_without_an_end_of_its_own_hands_on_the_last_one(study, monkeypatch):
    """NUTS, where a fit falls back to it, leaves no start; the next one takes an older."""
    given, ends = [], iter(["end 1", None, "end 3"])

    class Stub:
        def __init__(self):
            self.posterior = type("Posterior", (), {"start": next(ends)})

    def fit(*arguments, start, **settings):
        given.append(start)
        return Stub()

    monkeypatch.setattr(origins_module, "fit_study", fit)
    days = [date(2023, month, 1) for month in (1, 2, 3)]
    assert len(list(fit_origins(study.data, None, days))) == 3
    assert given == [None, "end 1", "end 1"]
