"""A fit without sampling: draws near the middle of the prior stand for those of a posterior."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast.evidence.vintage import Vintage
from forecast.explain.basis import Basis, state_at
from forecast.explain.steps import vintage_with
from tests import tiny
from tests.plugins import fits

fit_study_data = fits.fit_study_data
fit_prior = fits.fit_prior

DIRECTED = tiny.PATROL | {"mutual": "0", "cluster": "", "theatre": "bilateral"}
#: Known after the fit, of this quarter and the next; none of them is worth much.
NEWS = {
    "N1": DIRECTED
    | {"indicator": "un_vote", "value": "abstain", "event_date": "2023-06-20"}
    | {"source_reliability": "D", "credibility": "4"},
    "N2": DIRECTED
    | {"indicator": "hosted_exercise", "event_date": "2023-07-02", "supporter": "NA"}
    | {"source_reliability": "C", "credibility": "3"},
    "N3": tiny.ARMS
    | {"cluster": "", "event_date": "2023-07-05", "source_reliability": "D", "credibility": "4"},
}


@pytest.fixture(scope="session")
def basis(fit_study_data, fit_prior):
    """Return the basis of updates: draws of the prior, drawn together as evidence would."""
    draws = fit_prior.draws
    near = {
        name: array.mean(axis=0) + 0.3 * (array - array.mean(axis=0))
        for name, array in draws.values.items()
    }
    # What the model makes of others must go with them.
    near["equation_weight"] = near["rung_weight"][:, None] * np.exp(near["rung_weight_deviation"])
    records = fits.records_of(fit_study_data, fits.ROWS)
    return Basis(
        run="prior",
        study=fit_study_data,
        vintage=Vintage(fits.AS_OF, records, ""),
        priors=fits.priors_of(fit_study_data),
        panel=fit_prior.panel,
        data=fit_prior.draws.data,
        draws=replace(draws, chains=2, values=near),
        seed=5,
        horizon=2,
        paths=50,
    )


@pytest.fixture(scope="session")
def state(basis):
    """Return the basis as it stands, nothing being new."""
    return state_at(basis, basis.vintage)


@pytest.fixture(scope="session")
def before(basis, state):
    """Return the probability of each question as the basis has it."""
    made = state.forecast(basis.study.questions)
    return {one.id: one.probability for one in made if one.probability is not None}


@pytest.fixture(scope="session")
def later(basis):
    """Make the vintage of a later day with more records, or with fewer."""

    def build(*names, as_of=None, without=(), changed=None, **fields):
        rows = [NEWS[name] | {"id": name, "known_at": "2023-07-10"} for name in names]
        records = [one for one in basis.vintage.records if one.id not in without]
        records = [
            replace(one, **changed[one.id]) if one.id in (changed or {}) else one for one in records
        ]
        made = fits.records_of(basis.study, rows)
        vintage = vintage_with(basis.vintage, [*records, *made])
        return replace(vintage, as_of=as_of or basis.vintage.as_of, **fields)

    return build
