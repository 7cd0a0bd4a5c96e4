"""Evaluate the event language on simulated worlds."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from forecast.errors import QuestionError
from forecast.forecasts.report_events import act_of_kind, formal_charge, rung_on_record
from forecast.forecasts.signal_events import (
    count_in_window,
    level_chances,
    opportunity_taken,
    yearly_value,
)
from forecast.forecasts.window import Window
from forecast.forecasts.world import World
from forecast.study.events import (
    FORMAL_CHARGE,
    AnyEvent,
    CountEvent,
    Event,
    LevelEvent,
    OrEvent,
    RungEvent,
    ValueEvent,
)
from forecast.study.models import Indicator, Pair

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    "<": operator.lt,
}


def event_chance(
    world: World, event: Event, pair: Pair, window: Window, *, record: bool
) -> np.ndarray:
    """Return the chance of an event on every simulated path, shape (draw, path), in [0, 1].

    Parameters
    ----------
    record : bool
        The question resolves on the record, not on the truth.

    Raises
    ------
    QuestionError
        If the event is not one that the model can express as of this date.
    """
    match event:
        case OrEvent(parts):
            each = [event_chance(world, p, pair, window, record=record) for p in parts]
            return np.asarray(1.0 - np.prod([1.0 - chance for chance in each], axis=0))
        case RungEvent(kind, op, rung, by):
            _insist_at_stake(world, pair)
            if record:
                return _rung_record(world, event, pair, window)
            heights = (
                highest_rungs(world, pair, window, by)
                if kind == "max"
                else last_rungs(world, pair, window, by)
            )
            position = world.panel.study.ladder.rungs.index(rung)
            return np.asarray(COMPARE[op](heights, position), dtype=float)
        case CountEvent(name, op, n):
            count = count_in_window(world, _signal(world, name), pair, window)
            return np.asarray(COMPARE[op](count, n), dtype=float)
        case ValueEvent(name, op, value):
            values = yearly_value(world, _signal(world, name), pair, window)
            return np.asarray(COMPARE[op](values, value), dtype=float)
        case LevelEvent(name, text, op, level):
            indicator = _signal(world, name)
            chances = level_chances(world, indicator, pair, window, text)
            levels = np.arange(len(indicator.levels))
            chosen = COMPARE[op](levels, indicator.levels.index(level))
            return np.asarray(chances[..., chosen].sum(axis=2))
        case AnyEvent():
            return _any_chance(world, event, pair, window, record=record)


def _rung_record(world: World, event: RungEvent, pair: Pair, window: Window) -> np.ndarray:
    rungs = world.panel.study.ladder.rungs
    lowest = rungs.index(event.rung) + (1 if event.op == ">" else 0)
    if event.kind != "max" or event.op not in (">=", ">") or not 0 < lowest < len(rungs):
        raise QuestionError(
            "the record can show that a rung was reached, not that it was not",
            expected="max_rung >= RUNG for a question that resolves on record",
            remedy="let the question resolve on truth",
        )
    return rung_on_record(world, lowest, pair, window, event.by)


def _any_chance(
    world: World, event: AnyEvent, pair: Pair, window: Window, *, record: bool
) -> np.ndarray:
    if event.indicator == FORMAL_CHARGE:
        _insist_at_stake(world, pair)
        return formal_charge(world, str(event.rung), pair, window)
    indicator = world.panel.study.indicators[event.indicator]
    if indicator.measures == "outcome":
        _insist_at_stake(world, pair)
        return act_of_kind(world, indicator, pair, window, by=event.by, record=record)
    signal = _signal(world, event.indicator)
    if event.host is not None and (signal.mutual or event.host != pair.recipient):
        raise QuestionError(
            f"host={event.host} cannot be told for {event.indicator} of {pair.label}",
            expected="a directed indicator, and the recipient of the question's pair as host",
            remedy="ask about the pair whose recipient is the host",
        )
    if event.text is not None and signal.kind != "binary":
        raise QuestionError(
            f"text= is for stated opportunities, and {event.indicator} is a {signal.kind}",
            expected="a binary indicator",
            remedy="leave text= out, or use level(...) for a vote",
        )
    if signal.kind == "count":
        return np.asarray(count_in_window(world, signal, pair, window) >= 1, dtype=float)
    if signal.kind == "binary":
        return opportunity_taken(world, signal, pair, window, event.text)
    raise QuestionError(
        f"any({event.indicator}) needs an event count or a stated opportunity",
        expected="an indicator of kind count or binary",
        remedy="use value(...) or level(...)",
    )


def _signal(world: World, name: str) -> Indicator:
    indicator = world.panel.study.indicators[name]
    if name not in world.draws.data.coords["indicator"]:
        raise QuestionError(
            f"{name} is not a signal of the model",
            expected="an indicator that measures alignment",
            remedy="mark the question as not modelled, with the reason",
        )
    return indicator


def _insist_at_stake(world: World, pair: Pair) -> None:
    if world.chain(pair.label) is None:
        raise QuestionError(
            f"support of {pair.label} is not at stake as of {world.as_of}",
            expected="an open [[at_stake]] span known on that date",
            remedy="choose a later as-of date",
        )


def highest_rungs(world: World, pair: Pair, window: Window, by: str) -> np.ndarray:
    """Return the highest rung reached inside a window, shape (draw, path).

    A period that the window cuts counts where its act falls into the window.
    """
    heights = _heights(world, pair, window, by)
    place = _places(world, pair, window)
    inside = (place >= window.low) & (place < window.high)
    return np.asarray(np.where(inside, heights, 0).max(axis=2))


def last_rungs(world: World, pair: Pair, window: Window, by: str) -> np.ndarray:
    """Return the rung held when a window closes, shape (draw, path)."""
    chain = world.chain(pair.label)
    assert chain is not None
    paths = world.rungs(chain)[:, :, world.slots(window.last - 1, window.last)]
    heights = paths[..., 0] if by == "state" else paths.max(axis=3)
    arrived = _places(world, pair, window)[:, :, -1] < window.high[-1]
    return np.asarray(np.where(arrived, heights[:, :, 1], heights[:, :, 0]))


def _heights(world: World, pair: Pair, window: Window, by: str) -> np.ndarray:
    chain = world.chain(pair.label)
    assert chain is not None
    paths = world.rungs(chain)[:, :, world.slots(window.first, window.last)]
    return np.asarray(paths[..., 0] if by == "state" else paths.max(axis=3))


def _places(world: World, pair: Pair, window: Window) -> np.ndarray:
    places = world.positions(pair.label, "act")
    return places[:, :, world.slots(window.first, window.last)]
