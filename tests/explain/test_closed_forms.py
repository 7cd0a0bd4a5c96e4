"""Updates and weights of evidence where the exact answer is known.

Draws are independent ones of a known law of alignment, everything else being held fast, so that the
posterior after some records is a number. What is found may differ from it by four Monte Carlo
errors; of the some 40 comparisons one in 16,000 each fails by chance, 1 in 400 of the whole file
for another seed (of the one that is set, none).
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import integrate, stats

from forecast.evidence.vintage import Vintage
from forecast.explain.basis import Basis, state_at
from forecast.explain.steps import vintage_with
from forecast.explain.update import reweigh
from forecast.explain.weight import explain
from forecast.inference.importance import weigh
from forecast.model import build_data
from forecast.panel import build_panel
from forecast.study.models import Indicator, Question, Switches
from tests import toys
from tests.forecasts.worlds import CHINA, still_draws

COUNT = 8_000
AS_OF = date(2022, 12, 31)
VALUE = Indicator(name="trade", domain="words", kind="continuous", reference=True)
TAKEN = Indicator(name="invited", domain="words", kind="binary", reference=True)
CHARGE = Indicator(name="charge", domain="words", kind="binary", polarity=0)
ABOVE = 0.8


def asked(name, event):
    return Question(
        id=name,
        title="",
        event=event,
        pair=CHINA,
        opens=AS_OF,
        closes=date(2023, 12, 31),
        rule="",
    )


def make_basis(indicator, event, path, first):
    """Return a fit of one pair and year whose alignment has the given draws.

    It has a first record of its own, which the draws are taken to know: it stands in every panel,
    so that no ratio depends on it. Alignment stays where it is.
    """
    study = toys.toy_study(
        pairs=["CHN->RUS"],
        indicators=[indicator, CHARGE],
        start=date(2022, 1, 1),
        frequency="year",
        at_stake=(),
        questions=(asked("Q", event),),
        switches=Switches(delay=False, credibility="ignored"),
    )
    known = tuple(sorted(first, key=lambda one: one.id))
    vintage = Vintage(AS_OF, known, "")
    panel = build_panel(study, vintage, priors=toys.priors())
    data = build_data(panel, toys.priors())
    shape = (len(path), 1, 1)
    loading = np.array([1.0, 0.0])
    draws = still_draws(
        data,
        len(path),
        alignment=path.reshape(*shape, 1),
        path_now=path.reshape(shape),
        path_half_life=1e12,
        signed_loading=loading,
        noise_scale=0.7,
    )
    # The indicator that is not the reference has no loading: whatever it says is no news.
    free = {"loading_free": np.zeros((len(path), 1))}
    draws = replace(draws, values=draws.values | free)
    return Basis(
        run="known",
        study=study,
        vintage=vintage,
        priors=toys.priors(),
        panel=panel,
        data=data,
        draws=draws,
        seed=1,
        horizon=1,
        paths=20,
    )


def with_records(basis, *records):
    return vintage_with(basis.vintage, [*basis.vintage.records, *records])


def answer(state):
    made = state.forecast(state.basis.study.questions)[0]
    return made.probability, made.mc_error


# A normal law and a normal observation: weights alone


@pytest.mark.parametrize("values", [(1.0,), (0.4, 1.3, 0.2), (2.0,) * 4])
def test_normal_draws_and_normal_observations(values):
    # N(0.5, 1) draws, observations with sd 1.5: precision 1 + n / 2.25, mean by precision.
    draws = 0.5 + np.random.default_rng(8).standard_normal(COUNT)
    log_ratio = sum(-0.5 * ((one - draws) / 1.5) ** 2 for one in values)
    found = weigh(log_ratio)
    precision = 1.0 + len(values) / 2.25
    mean = (0.5 + sum(values) / 2.25) / precision
    assert found.ok
    centred = draws - mean
    error = math.sqrt((found.values**2 * centred**2).sum())
    assert found.values @ centred == pytest.approx(0.0, abs=4 * error)
    squared = centred**2 - 1.0 / precision
    error = math.sqrt((found.values**2 * squared**2).sum())
    assert found.values @ squared == pytest.approx(0.0, abs=4 * error)
    # The weight of evidence toward x > 0 in bits.
    p = stats.norm.sf(0.0, mean, precision**-0.5)
    above = (draws > 0.0) - p
    error = math.sqrt((found.values**2 * above**2).sum())
    assert found.values @ above == pytest.approx(0.0, abs=4 * error)


# A normal law of alignment, and values with Student-t noise


MEAN, SPREAD, NOISE = 0.3, 0.9, 0.7
VALUES = (1.1, 0.2, 2.4)


def posterior(values):
    """Return the density of alignment after some values, up to a constant."""

    def density(x):
        noise = [stats.t.pdf((one - x) / NOISE, 4) for one in values]
        return stats.norm.pdf(x, MEAN, SPREAD) * math.prod(noise)

    return density


def expectation(function, values):
    density = posterior(values)
    total = integrate.quad(density, -9.0, 9.0, epsabs=1e-12, limit=200)[0]
    product = integrate.quad(
        lambda x: function(x) * density(x), -9.0, 9.0, epsabs=1e-12, limit=200
    )[0]
    return product / total


def value_above(values):
    """Return P(next value > ABOVE) exactly."""
    return expectation(lambda x: stats.t.sf((ABOVE - x) / NOISE, 4), values)


def value_record(name, number):
    return toys.fact("trade", "2022", id=name, number=number, grade="A1", source_name=name)


@pytest.fixture(scope="module")
def normal():
    path = MEAN + SPREAD * np.random.default_rng(5).standard_normal(COUNT)
    return make_basis(VALUE, f"value(trade) > {ABOVE}", path, [value_record("first", 0.0)])


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_values_with_student_noise_move_alignment_and_forecast_as_by_quadrature(normal, count):
    values = VALUES[:count]
    records = [value_record(f"V{place}", one) for place, one in enumerate(values)]
    state = state_at(normal, with_records(normal, *records))
    assert state.weights.ok
    path = state.draws["alignment"][:, 0, 0, 0]
    exact = expectation(lambda x: x, values)
    error = math.sqrt((state.draws.shares**2 * (path - exact) ** 2).sum())
    assert state.draws.shares @ path == pytest.approx(exact, abs=4 * error)
    p, error = answer(state)
    assert 0.0 < error < 0.01
    assert p == pytest.approx(value_above(values), abs=4 * error)


def test_each_values_weight_of_evidence_is_that_by_quadrature(normal):
    records = [value_record(f"V{place}", one) for place, one in enumerate(VALUES)]
    state = state_at(normal, with_records(normal, *records))
    found = explain(state, normal.study.questions[0], kinds=("record",)).of("record")
    rows = found.set_index("name")

    def log_odds(p):
        return math.log2(p / (1.0 - p))

    whole = log_odds(value_above(VALUES))
    for place in range(len(VALUES)):
        rest = VALUES[:place] + VALUES[place + 1 :]
        row = rows.loc[f"V{place}"]
        assert row["path"] == "reweighted"
        assert row["bits"] == pytest.approx(
            whole - log_odds(value_above(rest)), abs=4 * row["error"]
        )
        assert 0.0 < row["error"] < 0.05


# A Beta law of the chance that an opportunity is taken


A, B = 3.0, 4.0


def opportunity(name, taken):
    day = f"2022-{1 + hash_free(name):02}-10"
    return toys.fact(
        "invited", day, id=name, number=float(taken), grade="A1", source_name=f"source {name}"
    )


def hash_free(name):
    """Return a month from 0 to 11 by the last letter of a name."""
    return ord(name[-1]) % 12


@pytest.fixture(scope="module")
def beta():
    # The chance is 1 - exp(-exp(x)).
    chance = np.random.default_rng(6).beta(A, B, COUNT)
    path = np.log(-np.log1p(-chance))
    return make_basis(TAKEN, "any(invited)", path, [opportunity("first", True)])


def opportunities(taken, missed):
    return [opportunity(f"T{place}", True) for place in range(taken)] + [
        opportunity(f"M{place}", False) for place in range(missed)
    ]


@pytest.mark.parametrize(("taken", "missed"), [(0, 0), (1, 0), (0, 1), (3, 1), (2, 6), (6, 0)])
def test_opportunities_update_a_beta_law(beta, taken, missed):
    state = state_at(beta, with_records(beta, *opportunities(taken, missed)))
    assert state.weights.ok
    p, error = answer(state)
    # The next one is taken with the chance (a + k) / (a + b + n).
    assert p == pytest.approx((A + taken) / (A + B + taken + missed), abs=4 * error)
    # And the law is Beta(a + k, b + n - k): its second moment too.
    chance = -np.expm1(-np.exp(state.draws["alignment"][:, 0, 0, 0]))
    exact = stats.beta(A + taken, B + missed).moment(2)
    error = math.sqrt((state.draws.shares**2 * (chance**2 - exact) ** 2).sum())
    assert state.draws.shares @ chance**2 == pytest.approx(exact, abs=4 * error)


def test_weights_of_evidence_of_opportunities(beta):
    """With k of n taken the odds are (a + k) / (b + n - k): one less on either side."""
    state = state_at(beta, with_records(beta, *opportunities(4, 3)))
    rows = explain(state, beta.study.questions[0], kinds=("record",)).of("record")
    rows = rows.set_index("name")
    for place in range(4):
        row = rows.loc[f"T{place}"]
        # log2 (7 / 6) = 0.2224
        assert row["bits"] == pytest.approx(math.log2((A + 4) / (A + 3)), abs=4 * row["error"])
        assert row["without"] == pytest.approx((A + 3) / (A + B + 6), abs=0.01)
    for place in range(3):
        row = rows.loc[f"M{place}"]
        # log2 (6 / 7) = -0.2224
        assert row["bits"] == pytest.approx(math.log2((B + 2) / (B + 3)), abs=4 * row["error"])
    assert (rows["error"] < 0.02).all()


def test_first_some_then_others_is_all_at_once(beta):
    one, other = opportunities(3, 0), opportunities(0, 4)
    both = with_records(beta, *one, *other)
    straight = state_at(beta, both)
    for first in (one, other):
        half = reweigh(beta, beta.vintage, with_records(beta, *first), {})
        known = {"Q": half.forecasts[0].probability}
        rest = reweigh(beta, with_records(beta, *first), both, known)
        assert np.array_equal(rest.state.weights.values, straight.weights.values)
        p, error = rest.forecasts[0].probability, rest.forecasts[0].mc_error
        assert p == pytest.approx((A + 3) / (A + B + 7), abs=4 * error)
        change = rest.changes.iloc[0]
        assert change["before"] + change["evidence"] == pytest.approx(p)


def test_what_is_withdrawn_gives_the_law_before_it(beta):
    records = opportunities(3, 1)
    half = with_records(beta, *records[:-1])
    found = reweigh(beta, with_records(beta, *records), half, {"Q": (A + 3) / (A + B + 4)})
    assert [step.cause for step in found.steps] == ["retractions"]
    one = found.forecasts[0]
    assert one.probability == pytest.approx((A + 3) / (A + B + 3), abs=4 * one.mc_error)


# Evidence that says nothing, and evidence that cannot be


@pytest.mark.parametrize("grade", ["A1", "E5"])
def test_a_record_that_all_draws_explain_alike_weighs_nothing(beta, grade):
    """The indicator has no loading in any draw: its record is news of nothing."""

    def refit(ids):
        raise AssertionError(f"nothing to refit for {ids}")

    charge = toys.fact("charge", "2022-05-10", id="C", grade=grade)
    state = state_at(beta, with_records(beta, charge))
    assert answer(state)[0] == answer(state_at(beta, beta.vintage))[0]
    found = explain(state, beta.study.questions[0], kinds=("record",), refit=refit)
    row = found.of("record").set_index("name").loc["C"]
    assert row["bits"] == 0.0
    assert row["k_hat"] == -np.inf
    assert row["path"] == "reweighted"
    assert row["error"] == 0.0


def test_what_no_draw_can_explain_is_taken_for_a_false_report(beta):
    """Doubt is never quite nothing, so that the model says: false, and learns nothing."""
    low = np.full((COUNT, 1, 1, 1), -1000.0)
    values = beta.draws.values | {"alignment": low, "path_now": low[..., 0]}
    never = replace(beta, draws=replace(beta.draws, values=values))
    state = state_at(never, with_records(never, opportunity("T1", True)))
    assert state.weights.ok
    assert (state.weights.values == 1.0 / COUNT).all()
    assert answer(state)[0] == 0.0
