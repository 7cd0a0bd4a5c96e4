"""What a term of a signal reads of alignment, and with which loading."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

from forecast.model import build_model
from forecast.model.data import Terms, build_data
from forecast.model.signals import AlignmentCells, _add_loadings
from forecast.model.variables import intercept_moments
from tests.toys import PATROLS, TRADE, VISITS, VOTE, fact, priors, seen, toy_study

ALIGNMENT = np.random.default_rng(1).normal(size=(4, 2, 5))


def terms(*rows):
    pair, partner, domain, first, last = (np.array(column) for column in zip(*rows, strict=True))
    return Terms(
        indicator=np.zeros(len(pair), int),
        pair=pair,
        partner=partner,
        domain=domain,
        first=first,
        last=last,
        value=np.zeros(len(pair)),
        extra={},
    )


@pytest.mark.parametrize(
    "rows",
    [
        [(2, 2, 1, 3, 3)],
        [(0, 1, 0, 2, 2), (1, 1, 1, 0, 0), (0, 1, 0, 2, 2)],
        [(0, 0, 0, 0, 4)],
        [(3, 3, 1, 4, 4), (0, 1, 1, 1, 3), (2, 2, 0, 0, 0), (3, 2, 0, 3, 4)],
    ],
    ids=["directed", "mutual", "interval", "all at once, in their order"],
)
def test_a_term_reads_the_mean_over_its_periods_and_directions(rows):
    expected = [
        (
            ALIGNMENT[pair, domain, first : last + 1] + ALIGNMENT[partner, domain, first : last + 1]
        ).mean()
        / 2
        for pair, partner, domain, first, last in rows
    ]
    read = AlignmentCells(pt.as_tensor(ALIGNMENT), (2, 5)).read(terms(*rows))
    assert read.eval(mode="FAST_COMPILE") == pytest.approx(expected, abs=1e-14)


def test_loadings_have_their_sign_and_the_reference_is_one():
    indicators = [
        replace(VISITS, name="reference", reference=True),
        replace(VISITS, name="against", polarity=-1),
        replace(VISITS, name="free", polarity=0),
        replace(VISITS, name="turned", reference=True, polarity=-1),
        replace(VISITS, name="with"),
    ]
    data = build_data(seen(toy_study(indicators=indicators)), priors())
    coords = {name: list(labels) for name, labels in data.coords.items() if labels}
    with pm.Model(coords=coords) as model:
        loading = _add_loadings(data, priors())
    given = {model["loading"]: np.array([0.3, 0.9]), model["loading_free"]: np.array([-0.2])}
    assert loading.eval(given, mode="FAST_COMPILE").tolist() == [1.0, -0.3, -0.2, -1.0, 0.9]
    assert model.coords["signed_indicator"] == ("against", "with")


@pytest.mark.parametrize(("per_year", "shift"), [(4.0, 0.0), (12.0, np.log(3)), (1.0, -np.log(4))])
def test_only_the_rate_of_counts_depends_on_the_period(per_year, shift):
    mean, sd = intercept_moments(priors(), ["count", "binary", "ordinal", "continuous"], per_year)
    assert mean == pytest.approx([-2.0 - shift, -0.4, 0.0, 0.0])
    assert sd.tolist() == [1.5, 1.5, 2.5, 1.0]


class TestData:
    def test_an_indicator_without_observations_is_listed_and_has_no_term(self):
        panel = seen(toy_study(indicators=[VISITS, VOTE, TRADE, PATROLS]), fact("vote", number=1))
        data = build_data(panel, priors())
        assert data.coords["indicator"] == ("visits", "vote", "trade", "patrols")
        assert data.coords["continuous_indicator"] == ("trade",)
        assert set(data.terms) == {"ordinal"}
        assert data.terms["ordinal"].indicator.tolist() == [1]

    def test_values_and_lags_are_on_the_declared_scale(self):
        panel = seen(
            toy_study(),
            fact("trade", "2022-01-10", id="a", number=np.exp(3.0)),
            fact("trade", "2022-05-10", id="b", number=np.exp(1.5)),
            fact("trade", "2022-05-10", id="c", pair="IRN->RUS", number=np.exp(2.0)),
        )
        values = build_data(panel, priors()).terms["continuous"]
        assert values.value == pytest.approx([2.0, -1.0, 0.0])
        assert values.extra["lag"] == pytest.approx([0.0, 2.0, 0.0])
        assert values.extra["series"].tolist() == [0, 0, 1]
        assert values.extra["lagged"].tolist() == [1.0, 1.0, 1.0]

    def test_one_series_alone_has_no_intercept_of_its_own(self):
        data = build_data(seen(toy_study(), fact("trade", number=9.0)), priors())
        assert data.coords["series"] == ()
        assert data.terms["continuous"].extra["series"].tolist() == [-1]

    def test_steps_of_levels_and_rungs_begin_above_the_lowest(self):
        coords = build_data(seen(toy_study()), priors()).coords
        assert coords["level_step"] == ("vote: abstain to yes",)
        assert coords["rung_step"] == ("rhetorical to lethal",)


def test_D14_cutpoints_rise_in_every_draw_of_the_prior():
    vote = replace(VOTE, levels=("never", "rarely", "at times", "often", "always"))
    study = toy_study(indicators=[vote, replace(VOTE, name="other")], at_stake=())
    records = [fact("vote", number=4), fact("other", id="E2", number=0)]
    model = build_model(build_data(seen(study, *records), priors()), priors())
    ordinal = model["ordinal"]
    _, thresholds = ordinal.owner.op.dist_params(ordinal.owner)
    draws = pm.draw(thresholds, 500, random_seed=1, mode="FAST_COMPILE")
    assert draws.shape == (500, 2, 4)
    assert (np.diff(draws[:, 1], axis=1) > 0).all()
    assert (draws[:, 1, 0] == 0.0).all()
    assert (draws[:, 0, 2:] == 800.0).all(), "a level that does not exist is out of reach"
