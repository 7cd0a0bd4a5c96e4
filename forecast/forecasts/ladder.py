"""Rungs: filter the past, sample paths backward, and roll them forward."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.forecasts.draws import Draws, generator
from forecast.forecasts.roll import future_alignment, future_shocks
from forecast.model.chains import FIRST, IDLE, Chains


@dataclass(frozen=True)
class Filtered:
    """One chain's filtered cells and transitions, for every draw.

    Attributes
    ----------
    cells : array, shape (draw, time, layer, rung, rung)
        P(layer, state rung, firms rung | reports to that time).
    state, firms : arrays, shape (draw, time, rung, rung)
        Transition matrices.
    kernel : array, shape (time, layer, layer, rung, rung)
    """

    cells: np.ndarray
    state: np.ndarray
    firms: np.ndarray
    kernel: np.ndarray


def thresholds(draws: Draws) -> np.ndarray:
    """Return what each equation adds to the score, shape (draw, axis, first or last rung, rung).

    The NumPy twin of the model's table (docs/model.md, section 5).
    """
    gaps = draws["rung_gap"] if "rung_gap" in draws else np.zeros((draws.count, 0))
    ladder = np.concatenate([np.zeros((draws.count, 1)), np.cumsum(gaps, axis=1)], axis=1)
    size = ladder.shape[1] + 1
    shift = np.log(draws.data.periods_per_year / 4.0)
    table = np.empty((draws.count, 2, size + 1, size - 1))
    for axis, name in enumerate(("state", "firms")):
        table[:, axis, 0] = draws[f"first_{name}"][:, None] - ladder
        table[:, axis, 1] = draws[f"onset_{name}"][:, None] - shift - ladder
        for last in range(1, size):
            distance = ladder - ladder[:, last - 1 : last]
            up = np.arange(1, size) > last
            stay = draws[f"hold_{name}"][:, None] + shift
            rise = np.minimum(-draws[f"climb_{name}"][:, None] - shift, stay)
            table[:, axis, last + 1] = np.where(up, rise, stay) - distance
    return table


def mass_above(above: np.ndarray, allowed: np.ndarray | None) -> np.ndarray:
    """Turn P(rung >= r), r = 1..R-1, into P(rung = r), r = 0..R-1, on the last axis.

    Rungs that are not allowed get no mass: theirs goes to the next allowed one, or down.
    """
    if allowed is not None:
        above = above.copy()
        for rung in range(len(allowed) - 1, 0, -1):
            if not allowed[rung]:
                above[..., rung - 1] = above[..., rung] if rung < len(allowed) - 1 else 0.0
    edge = np.ones((*above.shape[:-1], 1))
    full = np.concatenate([edge, above, 0.0 * edge], axis=-1)
    return np.asarray(full[..., :-1] - full[..., 1:])


def expit(value: np.ndarray) -> np.ndarray:
    """Return the logistic function."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * value)))


def past_scores(draws: Draws, chains: Chains, chain: int) -> np.ndarray:
    """Return the score of each equation over the chain's grid, shape (draw, equation, time)."""
    path = draws["alignment"][:, chains.pair[chain], :, chains.start :]
    score = np.einsum("sek,skt->set", draws["equation_weight"], path)
    if "driver_weight" in draws:
        score = score + (draws["driver_weight"] @ chains.drivers[:, chain].T)[:, None]
    shock = draws["recipient_shock_raw"][:, chains.recipient[chain]]
    return score + (draws["recipient_shock_scale"][:, None] * shock)[:, None]


def filter_chain(draws: Draws, chain: int) -> Filtered:
    """Run the forward pass of one chain for every draw and keep the filtered cells."""
    chains = draws.data.chains
    assert chains is not None
    score, table = past_scores(draws, chains, chain), thresholds(draws)
    size, layers = len(chains.firms_allowed), int(chains.layers[chain])
    kernel = chains.kernel[:, chain, :layers, :layers]
    time = chains.length
    matrices = np.empty((2, draws.count, time, size, size))
    cells = np.empty((draws.count, time, layers, size, size))
    current = np.zeros((draws.count, layers, size, size))
    current[:, 0, 0, 0] = 1.0
    for step in range(time):
        mode = chains.mode[step, chain]
        for axis in range(2):
            matrices[axis, :, step] = _matrix(
                score[:, :, step], table[:, axis], mode, chains.firms_allowed if axis else None
            )
        moved = np.einsum(
            "sai,slac,scd->slid",
            matrices[0, :, step],
            current,
            matrices[1, :, step],
            optimize=True,
        )
        seen = np.einsum("slij,lmij->smij", moved, kernel[step])
        current = seen / seen.sum(axis=(1, 2, 3), keepdims=True)
        cells[:, step] = current
    return Filtered(cells=cells, state=matrices[0], firms=matrices[1], kernel=kernel)


def _matrix(
    score: np.ndarray, table: np.ndarray, mode: int, allowed: np.ndarray | None
) -> np.ndarray:
    """Return one axis' transition matrix of every draw, shape (draw, rung, rung)."""
    size = table.shape[1] - 1
    if mode == IDLE:
        return np.broadcast_to(np.eye(size), (len(score), size, size))
    if mode == FIRST:
        row = mass_above(expit(score[:, :1] + table[:, 0]), allowed)
        return np.repeat(row[:, None], size, axis=1)
    equation = np.array([1, *[2] * (size - 1)])
    return mass_above(expit(score[:, equation][:, :, None] + table[:, 1:]), allowed)


def smoothed(filtered: Filtered, shares: np.ndarray | None = None) -> np.ndarray:
    """Return P(state rung, firms rung | all reports) over time, averaged over draws.

    Parameters
    ----------
    shares : array, shape (draw,), optional
        Weights of the draws, summing to 1; by default all weigh the same.

    Returns
    -------
    array, shape (time, rung, rung)
    """
    time = filtered.cells.shape[1]
    result = np.empty((time, *filtered.cells.shape[3:]))
    later = np.ones_like(filtered.cells[:, 0])
    for step in range(time - 1, -1, -1):
        joint = filtered.cells[:, step] * later
        joint /= joint.sum(axis=(1, 2, 3), keepdims=True)
        cells = joint.sum(axis=1)
        result[step] = cells.mean(axis=0) if shares is None else np.tensordot(shares, cells, 1)
        later = _before(filtered, step, later)
    return result


def kernel_ratios(filtered: Filtered, changes: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
    """Return the likelihood of a chain's reports with one period's kernel replaced, over its own.

    With the messages of the forward and the backward pass at the period of the change the ratio is
    ``sum a K' b / sum a K b``: the other periods enter both alike.

    Parameters
    ----------
    changes : sequence of (int, array)
        Step of the chain's grid, and the kernel there, shape (layer, layer, rung, rung).

    Returns
    -------
    array, shape (change, draw)
    """
    draws, time = filtered.cells.shape[:2]
    ratios = np.empty((len(changes), draws))
    later = np.ones_like(filtered.cells[:, 0])
    for step in range(time - 1, -1, -1):
        wanted = [number for number, (place, _) in enumerate(changes) if place == step]
        if wanted:
            moved = _moved(filtered, step)
            own = _meeting(moved, filtered.kernel[step], later)
            for number in wanted:
                ratios[number] = _meeting(moved, changes[number][1], later) / own
        later = _before(filtered, step, later)
    return ratios


def _moved(filtered: Filtered, step: int) -> np.ndarray:
    """Return the cells of a period before its reports, shape (draw, layer, rung, rung)."""
    if step == 0:
        last = np.zeros_like(filtered.cells[:, 0])
        last[:, 0, 0, 0] = 1.0
    else:
        last = filtered.cells[:, step - 1]
    state, firms = filtered.state[:, step], filtered.firms[:, step]
    return np.asarray(np.einsum("sai,slac,scd->slid", state, last, firms, optimize=True))


def _meeting(moved: np.ndarray, kernel: np.ndarray, later: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("slij,lmij,smij->s", moved, kernel, later, optimize=True))


def _before(filtered: Filtered, step: int, later: np.ndarray) -> np.ndarray:
    """Carry the message of what comes later over one period, scaled so that nothing underflows."""
    weighted = np.einsum("smij,lmij->slij", later, filtered.kernel[step])
    message = np.einsum(
        "sai,slij,scj->slac",
        filtered.state[:, step],
        weighted,
        filtered.firms[:, step],
        optimize=True,
    )
    return np.asarray(message / message.max(axis=(1, 2, 3), keepdims=True))


def sample_past(filtered: Filtered, back: int, paths: int, rng: np.random.Generator) -> np.ndarray:
    """Sample rung paths of the last periods: forward filtered, backward sampled.

    Parameters
    ----------
    back : int
        How many periods, the last one included.

    Returns
    -------
    int array, shape (draw, path, back, axis)
    """
    draws, time, layers, size, _ = filtered.cells.shape
    count = layers * size * size
    rungs = np.empty((draws, paths, back, 2), dtype=np.int8)
    draw = np.broadcast_to(np.arange(draws)[:, None], (draws, paths))
    cell = _choose_of(filtered.cells[:, -1].reshape(draws, count), draw, rng)
    for position in range(back - 1, -1, -1):
        _, state, firms = np.unravel_index(cell, (layers, size, size))
        rungs[:, :, position] = np.stack([state, firms], axis=2)
        if position == 0:
            break
        # Most paths of a draw stand in one of a few cells, and share what may have led there.
        distinct, which = np.unique(draw * count + cell, return_inverse=True)
        weights = _led_to(filtered, time - back + position, *np.divmod(distinct, count))
        cell = _choose_of(weights, which.reshape(draws, paths), rng)
    return rungs


def _led_to(filtered: Filtered, step: int, draw: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Return the weights of all cells of the period before, given a cell of this one.

    Parameters
    ----------
    draw, cell : int arrays, shape (case,)

    Returns
    -------
    array, shape (case, cell)
    """
    layer, state, firms = np.unravel_index(cell, filtered.cells.shape[2:])
    weights = (
        filtered.cells[draw, step - 1]
        * filtered.state[draw, step, :, state][:, None, :, None]
        * filtered.firms[draw, step, :, firms][:, None, None, :]
        * filtered.kernel[step].transpose(1, 2, 3, 0)[layer, state, firms][:, :, None, None]
    )
    return np.asarray(weights.reshape(len(cell), -1))


def _choose_of(weights: np.ndarray, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one index with the weights of each of these rows, in one search over all rows."""
    total = np.cumsum(weights, axis=1)
    total /= total[:, -1:]
    total += np.arange(len(weights))[:, None]
    # A number so close to 1 that the sum is rounded up would fall into the next row.
    cut = np.minimum(row + rng.random(row.shape), np.nextafter(row + 1.0, 0.0))
    found = np.searchsorted(total.ravel(), cut, side="right")
    return np.minimum(found - row * weights.shape[1], weights.shape[1] - 1)


def _choose(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one index of the last axis with these weights."""
    total = np.cumsum(weights, axis=-1)
    cut = rng.random(total.shape[:-1]) * total[..., -1]
    chosen = np.sum(total <= cut[..., None], axis=-1)
    return np.minimum(chosen, weights.shape[-1] - 1)


def sample_future(
    draws: Draws,
    chain: int,
    last: np.ndarray,
    periods: int,
    seed: int,
    *,
    alignment: np.ndarray | None = None,
) -> np.ndarray:
    """Roll rungs forward from the last period, conditional on the span staying open.

    Parameters
    ----------
    last : int array, shape (draw, path, axis)
    alignment : array, shape (draw, path, domain, period), optional
        What :func:`future_alignment` returns for the chain's pair, where it is at hand.

    Returns
    -------
    int array, shape (draw, path, period, axis)
    """
    chains = draws.data.chains
    assert chains is not None
    paths = last.shape[1]
    if alignment is None:
        alignment = future_alignment(draws, int(chains.pair[chain]), periods, paths, seed)
    label = chains.labels[chain]
    recipient = chains.recipients[chains.recipient[chain]]
    shock = future_shocks(draws, recipient, periods, paths, seed)
    table = thresholds(draws)
    rng = generator(seed, "rungs", label)
    row = np.arange(draws.count)[:, None]
    rungs = np.empty((draws.count, paths, periods, 2), dtype=np.int8)
    current = last.astype(np.int64)
    drivers = _last_drivers(draws, chains, chain)
    for step in range(periods):
        score = np.einsum("sek,spk->spe", draws["equation_weight"], alignment[..., step])
        score = score + shock[:, :, step, None] + drivers[:, None, None]
        for axis in range(2):
            before = current[:, :, axis]
            equation = np.where(before == 0, 1, 2)
            own = np.take_along_axis(score, equation[:, :, None], axis=2)
            above = expit(own + table[row, axis, before + 1])
            mass = mass_above(above, chains.firms_allowed if axis else None)
            current[:, :, axis] = _choose(mass, rng)
        rungs[:, :, step] = current
    return rungs


def _last_drivers(draws: Draws, chains: Chains, chain: int) -> np.ndarray:
    """Return the drivers' part of the score, carried forward from the last period."""
    if "driver_weight" not in draws:
        return np.zeros(draws.count)
    return np.asarray(draws["driver_weight"] @ chains.drivers[-1, chain])
