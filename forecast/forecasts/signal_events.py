"""Events on signals: what is recorded in the window plus what the fitted likelihood simulates."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from forecast.errors import QuestionError
from forecast.forecasts.draws import generator
from forecast.forecasts.window import Window
from forecast.forecasts.world import World
from forecast.model.data import standardise
from forecast.panel.acts import Act, canonical_pair
from forecast.panel.cells import days_between, known_by_day
from forecast.study.models import Indicator, Pair


def recorded_acts(world: World, indicator: Indicator, pair: Pair, window: Window) -> list[Act]:
    """Return the acts of an indicator that the panel places inside a window."""
    own = canonical_pair(indicator, pair)
    return [
        act
        for act in world.panel.acts
        if act.indicator == indicator.name
        and act.pair == own
        and window.opens <= act.begin
        and act.end <= window.closes
    ]


def unobserved_share(world: World, indicator: Indicator, pair: Pair, window: Window) -> np.ndarray:
    """Return for each period of a window the share of its days that must be simulated.

    Days after the as-of date, and days before it on which silence says nothing, in full; the
    covered days of the recent past by the share of their events that is not reported yet. So
    what the fit takes as seen and what is simulated add up to the window.
    """
    panel = world.panel
    calendar = panel.study.calendar
    own = canonical_pair(indicator, pair)
    silent = panel.study.switches.coverage
    # Their periods are seen in full: those of a stated zero, or of any act where no silence counts.
    settled = [
        act
        for act in panel.acts
        if act.indicator == indicator.name and act.pair == own and (act.value == 0 or not silent)
    ]
    shares = np.zeros(window.last - window.first + 1)
    for position in range(len(shares)):
        period = window.first + position
        days = days_between(calendar.start(period), calendar.end(period))
        if any(act.first <= period <= act.last for act in settled):
            known = (days <= world.as_of.toordinal()).astype(float)
        elif silent:
            known = known_by_day(panel.study, indicator, own, world.as_of, days, panel.delays)
        else:
            known = np.zeros(len(days))
        asked = (days >= window.opens.toordinal()) & (days <= window.closes.toordinal())
        shares[position] = float((asked * (1.0 - known)).sum()) / len(days)
    return shares


def predictor(world: World, indicator: Indicator, pair: Pair) -> np.ndarray:
    """Return intercept plus loading times alignment over time, shape (draw, path, period)."""
    draws, study = world.draws, world.panel.study
    position = draws.data.coords["indicator"].index(indicator.name)
    domain = study.domains.index(indicator.domain)
    state = world.alignment(pair.label, domain)
    if indicator.mutual:
        if pair.reverse not in study.pairs:
            raise QuestionError(
                f"{indicator.name} is mutual, and {pair.reverse.label} is not a pair of the study",
                expected="both directions of the dyad among the pairs of study.toml",
                remedy="add the reverse pair",
            )
        state = 0.5 * (state + world.alignment(pair.reverse.label, domain))
    intercept = draws["intercept"][:, position, None, None]
    return np.asarray(intercept + draws["signed_loading"][:, position, None, None] * state)


def count_in_window(world: World, indicator: Indicator, pair: Pair, window: Window) -> np.ndarray:
    """Return counts of an event indicator in a window: recorded plus simulated, (draw, path)."""
    recorded = sum(act.value for act in recorded_acts(world, indicator, pair, window))
    total = np.full((world.draws.count, world.paths), float(recorded))
    for count in simulated_counts(world, indicator, pair, window):
        total += count
    return total


def simulated_counts(
    world: World, indicator: Indicator, pair: Pair, window: Window
) -> Iterator[np.ndarray]:
    """Yield for each period of a window the events that are not on record, (draw, path)."""
    shares = unobserved_share(world, indicator, pair, window)
    slots = world.slots(window.first, window.last)
    # A rate past 1e9 a period would overflow the generator; any such count is past every threshold
    # that a question can name. exp(50) is 5e21.
    rate = np.exp(np.minimum(predictor(world, indicator, pair)[:, :, slots], 50.0)) * shares
    shape = count_shape(world, indicator)[:, None]
    label = canonical_pair(indicator, pair).label
    for position in range(rate.shape[2]):
        # A generator for each period: a whole period has the same count in every window.
        period = str(window.first + position)
        rng = generator(world.seed, "count", indicator.name, label, period)
        # Negative binomial as a gamma mixture of Poisson counts.
        gamma = rng.gamma(np.broadcast_to(shape, rate.shape[:2])) / shape
        yield rng.poisson(np.minimum(rate[:, :, position] * gamma, 1e9))


def count_shape(world: World, indicator: Indicator) -> np.ndarray:
    """Return the shape of a count's negative binomial law, shape (draw,)."""
    members = world.draws.data.coords["count_indicator"]
    return np.asarray(world.draws["dispersion"][:, members.index(indicator.name)])


def opportunity_taken(
    world: World, indicator: Indicator, pair: Pair, window: Window, text: str | None
) -> np.ndarray:
    """Return the chance that one stated opportunity in the window is taken, (draw, path).

    A recorded opportunity of the window decides; otherwise it falls into the window's last period.
    """
    known = matching_acts(world, recorded_acts(world, indicator, pair, window), text)
    if known:
        return np.full((world.draws.count, world.paths), float(any(a.value > 0 for a in known)))
    return taken_chance(world, indicator, pair, window.last)


def taken_chance(world: World, indicator: Indicator, pair: Pair, period: int) -> np.ndarray:
    """Return P(an opportunity stated in a period is taken), shape (draw, path)."""
    slot = world.slots(period, period)
    eta = predictor(world, indicator, pair)[:, :, slot][:, :, 0]
    return np.asarray(-np.expm1(-np.exp(np.minimum(eta, 50.0))))


def matching_acts(world: World, acts: list[Act], text: str | None) -> list[Act]:
    """Return the acts whose note holds a text; all of them where none is named."""
    if text is None:
        return acts
    notes = world.panel.notes
    return [act for act in acts if any(text in notes.get(record, "") for record in act.records)]


def level_chances(
    world: World, indicator: Indicator, pair: Pair, window: Window, text: str | None
) -> np.ndarray:
    """Return P(level) of one statement in the window, shape (draw, path, level).

    A recorded statement of the window (on the text, where one is named) decides; otherwise it
    falls into the window's last period.
    """
    size = len(indicator.levels)
    known = matching_acts(world, recorded_acts(world, indicator, pair, window), text)
    if known:
        fixed = np.zeros((world.draws.count, world.paths, size))
        fixed[:, :, int(max(known, key=lambda act: act.end).value)] = 1.0
        return fixed
    return level_masses(world, indicator, pair, window.last)


def level_masses(world: World, indicator: Indicator, pair: Pair, period: int) -> np.ndarray:
    """Return P(level) of a statement made in a period, shape (draw, path, level)."""
    size = len(indicator.levels)
    slot = world.slots(period, period)
    eta = predictor(world, indicator, pair)[:, :, slot]
    gaps = [
        f"{indicator.name}: {a} to {b}"
        for a, b in zip(indicator.levels[1:-1], indicator.levels[2:], strict=True)
    ]
    where = [world.draws.data.coords["level_step"].index(name) for name in gaps]
    ladder = np.zeros((world.draws.count, size - 1))
    if where:
        ladder[:, 1:] = np.cumsum(world.draws["level_gap"][:, where], axis=1)
    above = 0.5 * (1.0 + np.tanh(0.5 * (eta - ladder[:, None, :])))
    edge = np.ones((*above.shape[:2], 1))
    full = np.concatenate([edge, above, 0.0 * edge], axis=2)
    return np.asarray(full[..., :-1] - full[..., 1:])


def yearly_value(world: World, indicator: Indicator, pair: Pair, window: Window) -> np.ndarray:
    """Return the value of a yearly series for the last full year in the window, (draw, path).

    The year is the last one that ends by the window's close and was not over at its opening.
    """
    year = year_of_value(window)
    if window.opens > date(year, 12, 31):
        raise QuestionError(
            f"no year of {indicator.name} ends in the window from {window.opens}",
            expected="a window in which a year ends that was not over at its opening",
            remedy="let the window close on 31 December or later",
        )
    own = canonical_pair(indicator, pair)
    series = [a for a in world.panel.acts if a.indicator == indicator.name and a.pair == own]
    known = [a for a in series if a.begin.year == year and a.end.year == year]
    if known:
        return np.full((world.draws.count, world.paths), known[-1].value)
    calendar = world.panel.study.calendar
    first, last = calendar.index(date(year, 1, 1)), calendar.index(date(year, 12, 31))
    mean, spread = value_law(world, indicator, pair, (first, last))
    df = world.degrees_of_freedom
    rng = generator(world.seed, "value", indicator.name, own.label)
    noise = rng.standard_t(df, size=mean.shape)
    scaled = mean + spread[:, None] * noise
    raw = indicator.location + indicator.scale * scaled
    return np.asarray(np.exp(raw) if indicator.transform == "log" else raw)


def year_of_value(window: Window) -> int:
    """Return the last year that ends by a window's close."""
    ends = (window.closes.month, window.closes.day) == (12, 31)
    return window.closes.year if ends else window.closes.year - 1


def value_law(
    world: World, indicator: Indicator, pair: Pair, span: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (draw, path) and spread (draw,) of a value over some periods, standardised.

    A lagged value leans on the last one on record before its first period.
    """
    own = canonical_pair(indicator, pair)
    series = [a for a in world.panel.acts if a.indicator == indicator.name and a.pair == own]
    draws = world.draws
    mean = predictor(world, indicator, pair)[:, :, world.slots(*span)].mean(axis=2)
    position = draws.data.coords["continuous_indicator"].index(indicator.name)
    before = [a for a in series if a.last < span[0]]
    if indicator.lagged and before:
        newest = max(before, key=lambda act: act.last)
        lag = float(standardise(indicator, np.array(newest.value)))
        mean = mean + draws["lag_weight"][:, position, None] * lag
    mean = mean + _series_effect(world, indicator, own)[:, None]
    return mean, np.asarray(draws["noise_scale"][:, position])


def _series_effect(world: World, indicator: Indicator, pair: Pair) -> np.ndarray:
    draws, label = world.draws, f"{indicator.name} {pair.label}"
    series = draws.data.coords["series"]
    if label not in series:
        return np.zeros(draws.count)
    return np.asarray(draws["series_scale"] * draws["series_raw"][:, series.index(label)])
