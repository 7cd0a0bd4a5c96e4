"""Watch lists: expected information against brute force, and what single observations do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import nbinom

from forecast.errors import QuestionError
from forecast.explain.information import entropy
from forecast.explain.reports import report_chances, subjects_of
from forecast.explain.scene import make_scene
from forecast.explain.watch import imagine_all, watch
from forecast.forecasts.draws import Draws
from forecast.forecasts.questions import forecast_questions, make_world
from forecast.model.witness import Report, cell_factors
from forecast.study.models import Pair, Question, Switches
from tests.forecasts import worlds
from tests.forecasts.worlds import CHINA, day
from tests.plugins import fits

fit_study_data = fits.fit_study_data
fit_prior = fits.fit_prior

TRUE = 0.998 * 0.99  # P(true) of B2 (docs/model.md, 4.1)


def question(event, opens="2023-01-01", closes="2023-12-31", pair=CHINA, **changes):
    made = {"id": "Q", "title": "Q", "rule": "rule"} | changes
    return Question(event=event, opens=day(opens), closes=day(closes), pair=pair, **made)


@pytest.fixture(scope="module")
def panel(fit_study_data):
    """Return a panel without any record, in which what happens is known at once."""
    prompt = replace(fit_study_data, switches=Switches(delay=False))
    return fits.panel_of(prompt, [], fits.AS_OF)


@pytest.fixture(scope="module")
def toy(panel):
    """Make a world of 400 draws of four kinds, with their weights, and of nothing else random."""
    data = fits.data_of(panel)
    names = data.coords["indicator"]

    def build(intercepts, shares=(0.1, 0.2, 0.3, 0.4), paths=3, **values):
        table = np.zeros((400, len(names)))
        for name, kinds in intercepts.items():
            table[:, names.index(name)] = np.tile(kinds, 100)
        # The panel has no count and no value, so that their parameters are not in its data.
        draws = worlds.still_draws(data, 400, intercept=table, **values)
        draws = replace(draws, weights=np.tile(np.array(shares) / 100.0, 100))
        return worlds.make(panel, draws, paths=paths)

    return build


@pytest.fixture(scope="module")
def prior_world(fit_prior):
    questions = [q for q in fit_prior.panel.study.questions if not q.not_modelled]
    return make_world(
        fit_prior.panel,
        fit_prior.draws,
        questions,
        seed=3,
        degrees_of_freedom=4.0,
        horizon=5,
        paths=50,
    )


def row(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    (found,) = frame.to_dict("records")
    return found


# Against brute force


def test_expected_information_is_that_of_explicit_enumeration(toy):
    rates, taken, shares = (
        np.log([0.2, 0.5, 1.0, 2.5]),
        (-2.0, -1.0, 0.0, 0.5),
        (0.1, 0.2, 0.3, 0.4),
    )
    world = toy(
        {"joint_patrol": rates, "hosted_exercise": taken}, shares, dispersion=3.0, path_scale=0.0
    )
    found = watch(world, question("any(hosted_exercise)"), period="2023-Q3")
    # By hand: true and false events of each kind of draw, one by one.
    chance = 1.0 - np.exp(-np.exp(taken))
    law = np.zeros((40, 4))
    for kind, rate in enumerate(np.exp(rates)):
        for true in range(40):
            for false in range(40 - true):
                law[true + false, kind] += nbinom.pmf(true, 3.0, 3.0 / (3.0 + rate)) * nbinom.pmf(
                    false, true + 1, TRUE
                )
    now = float(np.dot(shares, chance))
    seen = law @ shares
    after = (law * chance) @ shares / seen
    bits = entropy(now) - sum(p * entropy(a) for p, a in zip(seen, after, strict=True))
    brier = float(seen @ (after - now) ** 2)
    patrols = row(found.collection, indicator="joint_patrol")
    assert found.probability == pytest.approx(now)
    assert patrols["expected_bits"] == pytest.approx(bits, rel=1e-3)
    assert patrols["expected_brier"] == pytest.approx(brier, rel=1e-3)
    assert patrols["share"] == pytest.approx(bits / entropy(now), rel=1e-3)
    for count, words in enumerate(("silence", "one joint_patrol", "two joint_patrol")):
        wire = row(found.tripwires, indicator="joint_patrol", observation=words)
        assert wire["chance"] == pytest.approx(seen[count])
        assert wire["probability"] == pytest.approx(after[count])
        assert wire["change"] == pytest.approx(after[count] - now)


def test_information_through_the_path_agrees_with_a_slow_simulation(panel):
    """The question of the last quarter, patrols in the one before: only the path joins them."""
    draws = worlds.still_draws(
        fits.data_of(panel), 400, path_scale=1.5, path_half_life=3.0, dispersion=5.0
    )
    world = worlds.make(panel, draws, paths=400)
    found = watch(world, question("any(hosted_exercise)"), period="2023-Q3")
    # Alignment starts at 0 in both directions and moves by AR(1); patrols read their mean.
    rng = np.random.default_rng(1)
    keep = 0.5 ** (1.0 / 12.0)
    spread = 1.5 * np.sqrt(1.0 - keep**2)
    first = spread * rng.standard_normal((1_000_000, 2))
    second = keep * first[:, 0] + spread * rng.standard_normal(len(first))
    chance = 1.0 - np.exp(-np.exp(second))
    rate = np.exp(first.mean(axis=1))
    law = np.stack([nbinom.pmf(n, 5.0, 5.0 / (5.0 + rate)) for n in range(60)])
    seen = law.mean(axis=1)
    after = (law @ chance) / len(first) / seen
    bits = entropy(chance.mean()) - sum(seen * [entropy(one) for one in after])
    patrols = row(found.collection, indicator="joint_patrol")
    assert patrols["expected_bits"] == pytest.approx(bits, rel=0.05)
    assert patrols["error"] < 0.05 * bits


def test_information_of_a_value_agrees_with_quadrature(fit_prior):
    """Two kinds of draw: trade of the year tells which, up to Student noise."""
    data = fit_prior.draws.data
    names, count = data.coords["indicator"], 400
    intercept = np.zeros((count, len(names)))
    kind = np.tile([0.0, 1.0], count // 2)
    intercept[:, names.index("trade_value")] = kind
    intercept[:, names.index("hosted_exercise")] = np.where(kind, 0.5, -2.0)
    draws = worlds.still_draws(data, count, intercept=intercept, noise_scale=0.5)
    world = worlds.make(fit_prior.panel, draws, paths=2)
    asked = question("any(hosted_exercise)", pair=Pair("NA", "RUS"))
    found = watch(world, asked, grade="A1", period="2023-Q3")
    from scipy.stats import t

    grid = np.linspace(-60.0, 60.0, 240_001)
    true = 0.9995**2
    law = np.stack(
        [true * t.pdf(grid, 4, m, 0.5) + (1 - true) * t.pdf(grid, 4) for m in (0.0, 1.0)]
    )
    chance = 1.0 - np.exp(-np.exp(np.array([-2.0, 0.5])))
    seen = law.mean(axis=0)
    after = (law * chance[:, None]).mean(axis=0) / seen
    left = -(after * np.log2(after) + (1.0 - after) * np.log2(1.0 - after))
    bits = entropy(chance.mean()) - np.sum(seen * left) * (grid[1] - grid[0])
    trade = row(found.collection, indicator="trade_value", pair="NA->RUS")
    # 256 values: three standard errors.
    assert abs(trade["expected_bits"] - bits) < 3.0 * trade["error"]
    assert trade["error"] < 0.1 * bits


def test_what_decides_the_question_tells_all_of_it(toy):
    world = toy({"un_vote": (-1.0, 0.0, 0.5, 1.0)})
    found = watch(world, question("level(un_vote) == with"))
    vote = row(found.collection, indicator="un_vote", pair="CHN->RUS")
    assert vote["expected_bits"] == pytest.approx(found.entropy)
    assert vote["share"] == pytest.approx(1.0)
    for level, decided in (("against", 0.0), ("abstain", 0.0), ("with", 1.0)):
        wire = row(found.tripwires, observation=f"un_vote: {level}", pair="CHN->RUS")
        assert wire["probability"] == decided
        assert np.isinf(wire["bits"])


def test_what_is_independent_of_the_question_tells_nothing(toy):
    world = toy({"un_vote": (-1.0, 0.0, 0.5, 1.0), "hosted_exercise": (0.3,) * 4})
    found = watch(world, question("any(hosted_exercise)"))
    vote = row(found.collection, indicator="un_vote", pair="CHN->RUS")
    assert vote["expected_bits"] == pytest.approx(0.0, abs=1e-12)
    assert "not told from zero" in vote["note"]


# All that can be seen adds up


EVENTS = [
    ("max_rung >= lethal by state", {}),
    ("max_rung >= dual-use", {}),
    ("rung == troops", {}),
    ("count(joint_patrol) >= 2", {}),
    ("any(joint_patrol) or max_rung >= lethal", {}),
    ("level(un_vote) == with or any(joint_patrol)", {"opens": "2023-04-01"}),
    ("any(hosted_exercise)", {}),
    ("any(military_training, by=state)", {}),
    ("any(formal_charge, rung=lethal)", {"resolves_on": "record"}),
    ("value(trade_value) > 200", {}),
]


@pytest.mark.parametrize(("event", "changes"), EVENTS)
def test_total_probability(prior_world, event, changes):
    asked = question(event, **changes)
    scene = make_scene(prior_world, asked, period=None, grade="C3", priors=None)
    seen = list(imagine_all(scene, prior_world.panel.study.pairs))
    assert len(seen) > 20
    for one in seen:
        joint = one.joint
        assert np.all((joint.hits >= 0.0) & (joint.hits <= joint.mass))
        if joint.sampled:
            # A mean over 256 values, four standard errors.
            error = np.nanstd(joint.probability) / 16.0
            assert np.nanmean(joint.probability) == pytest.approx(joint.base, abs=4 * error + 0.01)
        else:
            assert joint.expected.sum() == pytest.approx(1.0, abs=1e-6)
            total = float((joint.shares @ joint.hits).sum())
            assert total == pytest.approx(joint.base, abs=1e-6), (one.indicator, one.pair)


def test_what_is_seen_of_a_question_on_record_adds_up_but_for_false_reports(prior_world):
    for event in ("max_rung >= dual-use", "any(military_training, by=state)"):
        asked = question(event, resolves_on="record")
        scene = make_scene(prior_world, asked, period=None, grade="B2", priors=None)
        for one in imagine_all(scene, [CHINA]):
            total = float((one.joint.shares @ one.joint.hits).sum())
            # A false report of a good grade comes with chance .05 times .03 at most.
            assert one.joint.base - 1e-9 < total < one.joint.base + 0.0015 or one.joint.sampled


def test_probability_now_is_the_forecast(prior_world):
    for asked in prior_world.panel.study.questions:
        (forecast,) = forecast_questions(prior_world, [asked])
        if forecast.probability is not None:
            assert watch(prior_world, asked).probability == forecast.probability


# What a single observation does


ARMS = question("max_rung >= lethal by state", closes="2024-06-30")


@pytest.mark.parametrize("onset", [-3.0, -2.0, -0.5])
def test_reports_of_state_arms(panel, onset):
    draws = worlds.still_draws(fits.data_of(panel), 200, onset_state=onset, first_state=-3.0)
    found = watch(worlds.make(panel, draws, paths=200), ARMS)
    subject = "lethal support by the state"
    best = row(found.tripwires, observation=f"an A1 report of {subject}", pair="CHN->RUS")
    worst = row(found.tripwires, observation=f"an E5 report of {subject}", pair="CHN->RUS")
    silence = row(found.tripwires, indicator=subject, observation="silence", pair="CHN->RUS")
    assert 0.01 < found.probability < 0.9
    assert best["probability"] > 0.9
    assert best["bits"] > 0.0
    assert abs(worst["change"]) < 0.1
    assert silence["probability"] < found.probability
    assert silence["chance"] > 0.5


def test_a_report_changes_the_odds_of_its_rung_as_the_fit_would(prior_world):
    scene = make_scene(prior_world, ARMS, period="2023-Q3", grade="B2", priors=None)
    witness = prior_world.draws.data.chains.witness
    quarter = day("2023-07-01"), day("2023-09-30")
    known = witness.known_share(*quarter, day("2023-12-31"))
    for subject in subjects_of(scene, CHINA):
        chances = report_chances(scene, subject)
        silence = 1.0 - chances.sum(axis=0)
        axis = (subject.rung, 0) if subject.side == "state" else (0, subject.rung)
        quiet = cell_factors(witness, [], known)[axis]
        for place, grade in enumerate(witness.true_share):
            told = Report(subject.rung, subject.side, (("agency", grade),))
            # The cell that reaches the rung against one that reaches nothing, told against silent.
            fit = cell_factors(witness, [told], known)[axis] / quiet
            own = (chances[place, 1] / chances[place, 0]) / (silence[1] / silence[0])
            assert own == pytest.approx(fit)


def test_thresholds_are_named_in_the_order_in_which_they_are_crossed(prior_world):
    found = watch(prior_world, ARMS, thresholds=(0.9, 0.01, 0.5))
    assert found.thresholds == (0.01, 0.5, 0.9)
    best = row(
        found.tripwires, observation="an A1 report of lethal support by the state", pair="CHN->RUS"
    )
    now = found.probability
    assert best["crosses"] == ", ".join(f"{t:g}" for t in (0.01, 0.5, 0.9) if now < t)


def test_the_list_begins_with_what_can_be_trusted_and_crosses_a_threshold(prior_world):
    wires = watch(prior_world, ARMS, gate=lambda weights: (weights**2).sum() < 1 / 150).tripwires
    crossing = (wires["crosses"] != "").to_numpy()
    ok = wires["ok"].to_numpy(bool)
    order = list(zip(~ok, ~crossing, strict=True))
    assert order == sorted(order)
    first = wires[ok & crossing]
    moved = (first["chance"] * first["change"].abs()).to_numpy()
    assert np.all(np.diff(moved) <= 0.0)


def test_a_count_that_is_asked_for_is_that_of_the_path(prior_world):
    asked = question("any(joint_patrol)", opens="2023-06-20", closes="2023-12-31")
    found = watch(prior_world, asked, period="2023-Q3")
    one = row(found.tripwires, indicator="joint_patrol", observation="one joint_patrol")
    silence = row(found.tripwires, indicator="joint_patrol", observation="silence")
    assert one["probability"] == 1.0
    assert silence["probability"] < found.probability


def test_a_report_good_enough_for_the_record_decides_a_question_on_record(prior_world):
    asked = question("max_rung >= dual-use", opens="2023-06-01", resolves_on="record")
    found = watch(prior_world, asked)
    subject = "lethal support by the state"
    for grade, article in (("A1", "an"), ("B2", "a")):
        wire = row(
            found.tripwires, observation=f"{article} {grade} report of {subject}", pair="CHN->RUS"
        )
        assert wire["probability"] == 1.0
    poor = row(found.tripwires, observation=f"an E5 report of {subject}", pair="CHN->RUS")
    assert poor["probability"] < 0.9
    assert (
        row(found.tripwires, indicator=subject, observation="silence", pair="CHN->RUS")["change"]
        < 0.0
    )


# Which period, which pairs, which grade


def test_the_period_is_the_current_one_while_a_third_of_it_is_left(fit_study_data, prior_world):
    assert watch(prior_world, ARMS).period == "2023-Q3"
    assert watch(prior_world, ARMS).share == 1.0
    for as_of, label, share in (
        ("2023-05-31", "2023-Q2", 30 / 91),
        ("2023-05-01", "2023-Q2", 60 / 91),
    ):
        panel = fits.panel_of(fit_study_data, [], day(as_of))
        world = worlds.make(panel, worlds.still_draws(fits.data_of(panel)), paths=4)
        found = watch(world, ARMS)
        later = share < 1 / 3
        assert found.period == ("2023-Q3" if later else label)
        assert found.share == pytest.approx(1.0 if later else share)
        assert watch(world, ARMS, period=label).first_day > day(as_of)


def test_all_pairs_are_watched_on_demand(prior_world):
    dyad = watch(prior_world, ARMS).collection
    every = watch(prior_world, ARMS, pairs="all").collection
    assert set(dyad["pair"]) == {"CHN->RUS", "RUS->CHN"}
    assert set(every["pair"]) == {pair.label for pair in prior_world.panel.study.pairs}
    # A mutual indicator is one for the dyad.
    assert len(dyad[dyad["indicator"] == "joint_patrol"]) == 1


def test_a_doubtful_grade_moves_less(prior_world):
    changes = []
    for grade in ("A1", "C3", "E5"):
        wires = watch(prior_world, ARMS, grade=grade).tripwires
        wire = row(wires, observation="un_vote: with", pair="CHN->RUS")
        changes.append(abs(wire["bits"]))
    assert changes[0] > changes[1] > changes[2]


def test_cost_orders_the_list_where_every_row_has_one(fit_prior):
    priced = {
        name: replace(one, collection_cost=4.0 if name == "trade_value" else 0.5)
        for name, one in fit_prior.panel.study.indicators.items()
    }

    def found(indicators):
        study = replace(fit_prior.panel.study, indicators=indicators)
        panel = replace(fit_prior.panel, study=study)
        signals = tuple(indicators[i.name] for i in fit_prior.draws.data.indicators)
        data = replace(fit_prior.draws.data, indicators=signals)
        draws = Draws(chains=1, data=data, values=fit_prior.draws.values)
        world = worlds.make(panel, draws, paths=10)
        return watch(world, ARMS).collection

    table = found(priced)
    assert (table["bits_per_cost"] * table["cost"]).to_numpy() == pytest.approx(
        table["expected_bits"].to_numpy()
    )
    assert table["bits_per_cost"].is_monotonic_decreasing
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    some = found(priced | {"un_vote": replace(priced["un_vote"], collection_cost=None)})
    assert some["expected_bits"].is_monotonic_decreasing
    assert some.loc[some["indicator"] == "un_vote", "cost"].isna().all()


# What cannot be


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"opens": "2023-07-01"}, "opens on 2023-07-01"),
        ({"closes": "2023-03-31"}, "window ended on 2023-03-31"),
        ({"not_modelled": "nobody counts it"}, "nobody counts it"),
    ],
)
def test_a_question_without_a_forecast_is_refused_with_its_reason(prior_world, changes, what):
    with pytest.raises(QuestionError, match=what):
        watch(prior_world, question("max_rung >= lethal", **changes))


def test_an_event_that_the_model_cannot_express_is_refused(prior_world):
    with pytest.raises(QuestionError, match="record can show"):
        watch(prior_world, question("rung == troops", resolves_on="record"))


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"grade": "B9"}, "'B9' is not a grade"),
        ({"thresholds": (0.5, 1.0)}, "not all probabilities"),
        ({"period": "2023-Q2"}, "nothing can be imagined in 2023-Q2"),
        ({"period": "2031-Q1"}, "nothing can be imagined in 2031-Q1"),
    ],
)
def test_options_that_make_no_sense_are_refused(prior_world, options, what):
    with pytest.raises(QuestionError, match=what):
        watch(prior_world, ARMS, **options)


def test_what_cannot_be_imagined_is_told(panel, fit_study_data):
    world = worlds.make(panel, worlds.still_draws(fits.data_of(panel)), paths=4)
    del world.draws.values["dispersion"], world.draws.values["noise_scale"]
    refused = watch(world, ARMS).not_evaluated
    reasons = refused.set_index("indicator")["reason"]
    assert "law was not fitted" in reasons["joint_patrol"]
    assert reasons["trade_value"].str.contains("law was not fitted").all()
    assert set(reasons["troops support by the state"]) == {"no indicator of the study reports it"}
    assert "lethal support by the state" not in reasons


def test_a_report_of_the_period_is_not_imagined_again(fit_study_data):
    arms = fits.tiny.ARMS | {"event_date": "2023-05-01", "known_at": "2023-05-02", "cluster": ""}
    panel = fits.panel_of(fit_study_data, [arms | {"attribution": "state"}], day("2023-05-10"))
    world = worlds.make(panel, worlds.still_draws(fits.data_of(panel)), paths=4)
    subject = "lethal support by the state"
    now, later = watch(world, ARMS), watch(world, ARMS, period="2023-Q3")
    assert "on record for 2023-Q2" in row(now.not_evaluated, indicator=subject)["reason"]
    assert subject in set(later.collection["indicator"])


def test_a_question_on_several_texts_is_told(prior_world):
    asked = question('level(un_vote, text="A") == with or level(un_vote, text="B") == with')
    refused = watch(prior_world, asked).not_evaluated
    assert row(refused, indicator="un_vote", pair="CHN->RUS")["reason"] == (
        "the question names several texts of it"
    )


def test_a_count_without_end_is_told(toy):
    world = toy({"joint_patrol": (10.0,) * 4})
    reason = row(watch(world, ARMS).not_evaluated, indicator="joint_patrol")["reason"]
    assert "more than 400 events" in reason
