"""Events on reports: acts of one kind on the ladder, and formal charges, by the witness model."""

import numpy as np

from forecast.forecasts.window import Window, make_window
from forecast.forecasts.world import World
from forecast.model.witness import Witness
from forecast.study.models import Indicator, Pair


def kind_share(world: World, indicator: Indicator) -> float:
    """Return the share of one kind of act among the acts of its rung.

    From the acts on record of all pairs, with one imagined act of each kind (Laplace's rule).
    """
    study = world.panel.study
    kinds = [i.name for i in study.indicators.values() if i.rung == indicator.rung]
    found = world.panel.reports[~world.panel.reports["nothing"].astype(bool)]
    counts = {kind: int((found["indicator"] == kind).sum()) for kind in kinds}
    return (counts[indicator.name] + 1.0) / (sum(counts.values()) + len(kinds))


def act_of_kind(
    world: World, indicator: Indicator, pair: Pair, window: Window, *, by: str, record: bool
) -> np.ndarray:
    """Return the chance of at least one act of this kind in the window, (draw, path).

    ``truth``: in each period in which the axis reaches the rung, the act is of the kind with its
    share, or with the chance that a report of the kind is true, where that is more. ``record``:
    existing reports of the window stand; future ones are drawn from detection and delay.
    """
    study = world.panel.study
    rung = study.ladder.rungs.index(str(indicator.rung))
    share = kind_share(world, indicator)
    reached = _reached(world, pair, window, rung, by)
    if not record:
        chance = np.maximum(
            share * window.share, _reported_chance(world, indicator, pair, window, by)
        )
        return np.asarray(1.0 - np.prod(1.0 - reached * chance, axis=2))
    if _on_record(world, {indicator.name}, pair, window, by):
        return np.ones(reached.shape[:2])
    true, _ = _future_reports(world, window, rung, 1.0, 1.0)
    return np.asarray(1.0 - np.prod(1.0 - share * reached * true, axis=2))


def _reported_chance(
    world: World, indicator: Indicator, pair: Pair, window: Window, by: str
) -> np.ndarray:
    """Return P(the reported act of this kind took place), given that the rung is reached.

    ``d lambda / (1 + d lambda)`` by the witness model's tables, per period of the window; 0 where
    no act of the kind is reported inside the window.
    """
    witness = _witness(world)
    rung = world.panel.study.ladder.rungs.index(str(indicator.rung))
    chance = np.zeros(window.last - window.first + 1)
    for act in world.panel.acts:
        if (
            act.indicator == indicator.name
            and act.pair == pair
            and act.value > 0
            and (by == "any" or act.attribution == "state")
            and window.opens <= act.begin
            and act.end <= window.closes
        ):
            odds = float(witness.detection[rung]) * witness.likelihood_ratio(rung, act.grades)
            slot = act.first - window.first
            chance[slot] = max(chance[slot], odds / (1.0 + odds))
    return chance


def rung_on_record(world: World, rung: int, pair: Pair, window: Window, by: str) -> np.ndarray:
    """Return the chance that a rung or a higher one is reported in the window, (draw, path).

    Existing reports of the window stand; future ones are drawn from detection and delay.
    """
    study = world.panel.study
    higher = study.ladder.rungs[rung:]
    kinds = {i.name for i in study.indicators.values() if i.rung in higher}
    if _on_record(world, kinds, pair, window, by):
        return np.ones((world.draws.count, world.paths))
    unreported = np.ones(1)
    for each in range(rung, len(study.ladder.rungs)):
        true, _ = _future_reports(world, window, each, 1.0, 1.0)
        unreported = unreported * (1.0 - _reached(world, pair, window, each, by) * true)
    reported = np.minimum(1.0 - unreported, window.share)
    return np.asarray(1.0 - np.prod(1.0 - reported, axis=2))


def formal_charge(world: World, rung_name: str, pair: Pair, window: Window) -> np.ndarray:
    """Return the chance that a report of source grade A on the rung is published in the window.

    A formal charge is a report whose source is an official record: reliability A, whoever is said
    to have acted, and whenever: acts of the year before the window can be charged in it. Charges
    published so far stand; future ones, true and false, come from the witness model.
    """
    study = world.panel.study
    rung = study.ladder.rungs.index(rung_name)
    charged = [
        act
        for act in world.panel.acts
        if act.pair == pair
        and study.indicators[act.indicator].rung == rung_name
        and act.value > 0
        and any(grade[0] == "A" for grade in act.grades)
        and window.opens <= act.known <= window.closes
    ]
    if charged:
        return np.ones((world.draws.count, world.paths))
    witness = _witness(world)
    true_share = sum(p for g, p in witness.true_share.items() if g[0] == "A")
    false_share = sum(p for g, p in witness.false_share.items() if g[0] == "A")
    year = int(world.draws.data.periods_per_year)
    opens = study.calendar.start(max(window.first - year, 0, world.now + 1 - world.back))
    longer = make_window(study.calendar, opens, window.closes)
    reached = _reached(world, pair, longer, rung, "any")
    true, _ = _future_reports(world, longer, rung, true_share, false_share)
    _, false = _future_reports(world, window, rung, true_share, false_share)
    return np.asarray(1.0 - np.prod(1.0 - reached * true, axis=2) * np.exp(-false.sum()))


def _reached(world: World, pair: Pair, window: Window, rung: int, by: str) -> np.ndarray:
    chain = world.chain(pair.label)
    assert chain is not None
    paths = world.rungs(chain)[:, :, world.slots(window.first, window.last)]
    reached = paths[..., 0] >= rung
    if by != "state" and _witness(world).firms_allowed[rung]:
        reached = reached | (paths[..., 1] >= rung)
    return np.asarray(reached, dtype=float)


def _witness(world: World) -> Witness:
    chains = world.draws.data.chains
    assert chains is not None
    return chains.witness


def _future_reports(
    world: World, window: Window, rung: int, true_share: float, false_share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return P(an act of each period is first reported in the rest of the window), and false ones.

    Arrays of shape (period,): for true reports a probability given that none came so far, for
    false ones an expected number.
    """
    witness, calendar = _witness(world), world.panel.study.calendar
    true = np.zeros(window.last - window.first + 1)
    false = np.zeros_like(true)
    for position in range(len(true)):
        period = window.first + position
        begin, end = calendar.start(period), calendar.end(period)
        by_close = float(witness.known_share(begin, end, window.closes)[rung])
        by_now = (
            float(witness.known_share(begin, end, world.as_of)[rung])
            if begin <= world.as_of
            else 0.0
        )
        chance = float(witness.detection[rung])
        gained = chance * max(0.0, by_close - by_now) / (1.0 - chance * by_now)
        # No likelier to be reported than to fall into the part of the period that the window has.
        true[position] = true_share * min(gained, float(window.share[position]))
        left = calendar.share(period, max(window.opens, world.as_of), window.closes)
        false[position] = false_share * witness.false_rate[rung] * left
    return true, false


def _on_record(world: World, kinds: set[str], pair: Pair, window: Window, by: str) -> bool:
    """Say whether a report stands on the record: graded B2 or better, of an act in the window."""
    return any(
        act.indicator in kinds
        and act.pair == pair
        and act.value > 0
        and (by == "any" or act.attribution == "state")
        and any(grade[0] <= "B" and grade[1] <= "2" for grade in act.grades)
        and window.opens <= act.begin
        and act.end <= window.closes
        for act in world.panel.acts
    )
