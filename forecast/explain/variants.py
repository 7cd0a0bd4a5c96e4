"""Log-ratios of many panels that differ from one by a few records, evaluated together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from forecast.explain.basis import State
from forecast.forecasts.ladder import kernel_ratios
from forecast.inference.likelihood import pointwise
from forecast.model.chains import Chains, vary_chains
from forecast.model.data import ModelData, signal_terms
from forecast.model.padding import coarse
from forecast.model.stacking import stack_data, sums_by_part
from forecast.panel.parts import Difference

# Chains that one call of a program evaluates.
_CHAINS = 32
# Terms of signals that are evaluated at once.
_TERMS = 8192


def log_ratios(state: State, differences: Sequence[Difference]) -> np.ndarray:
    """Return the log of each changed panel's likelihood over that of the state's own.

    Only the terms that change are evaluated.

    Returns
    -------
    array, shape (difference, draw)
    """
    total = np.zeros((len(differences), state.draws.count))
    if not differences:
        return total
    total += _signal_ratios(state, differences)
    total += _report_ratios(state, differences)
    return total


def _signal_ratios(state: State, differences: Sequence[Difference]) -> np.ndarray:
    """Return the part of the signals: what is gained less what is lost."""
    panel, priors = state.panel, state.basis.priors
    empty = replace(state.data, terms={}, chains=None)
    total = np.zeros((len(differences), state.draws.count))
    parts: list[ModelData] = []
    signs: list[tuple[int, float]] = []
    waiting = 0
    for number, one in enumerate(differences):
        for rows, sign in ((one.gained, 1.0), (one.lost, -1.0)):
            if len(rows):
                parts.append(replace(empty, terms=signal_terms(panel, priors, rows)))
                signs.append((number, sign))
                waiting += len(rows)
        # A value for each term and draw: not of a whole ledger's records at once.
        if parts and (waiting >= _TERMS or number == len(differences) - 1):
            made = pointwise(stack_data(parts), priors, state.draws.values)
            for (place, sign), values in zip(signs, sums_by_part(parts, made), strict=True):
                total[place] += sign * values
            parts, signs, waiting = [], [], 0
    return total


def _report_ratios(state: State, differences: Sequence[Difference]) -> np.ndarray:
    """Return the part of the reports: of each chain whose reports change, new less old."""
    total = np.zeros((len(differences), state.draws.count))
    chains = state.data.chains
    wanted = []
    if chains is None:
        return total
    pairs = state.data.coords["pair"]
    for number, one in enumerate(differences):
        for chain in range(len(chains.labels)):
            label = pairs[int(chains.pair[chain])]
            if label in one.reports:
                wanted.append((number, chain, one.reports[label]))
    rest = _single_periods(state, wanted, total)
    for first in range(0, len(rest), _CHAINS):
        batch = rest[first : first + _CHAINS]
        changed = [(chain, reports) for _, chain, reports in batch]
        total_batch = _chain_values(state, changed)
        for (number, chain, _), values in zip(batch, total_batch, strict=True):
            total[number] += values - state.witnessed[:, chain]
    return total


def _single_periods(
    state: State, wanted: Sequence[tuple[int, int, pd.DataFrame]], total: np.ndarray
) -> list[tuple[int, int, pd.DataFrame]]:
    """Add the ratios of changes within one period, and return what spans several.

    One forward and one backward pass of a chain serve all its changes: most records are dated to
    one period.
    """
    chains = state.data.chains
    assert chains is not None
    rest = []
    single: dict[int, list[tuple[int, int, np.ndarray]]] = defaultdict(list)
    for number, chain, reports in wanted:
        own = vary_chains(state.panel, chains, [(chain, reports)])
        used = int(chains.layers[chain])
        old, new = chains.kernel[:, chain, :used, :used], own.kernel[:, 0]
        if int(own.layers[0]) != used:
            rest.append((number, chain, reports))
            continue
        steps = np.flatnonzero((old != new).any(axis=(1, 2, 3, 4)))
        if len(steps) > 1:
            rest.append((number, chain, reports))
        elif len(steps) == 1:
            single[chain].append((number, int(steps[0]), new[steps[0]]))
    for chain, changes in single.items():
        passes = state.world.filtered(chain)
        ratios = kernel_ratios(passes, [(step, kernel) for _, step, kernel in changes])
        for (number, _, _), ratio in zip(changes, ratios, strict=True):
            with np.errstate(divide="ignore"):
                total[number] += np.log(ratio)
        state.world.forget_filter(chain)
    return rest


def changed_chains(state: State, difference: Difference) -> Chains | None:
    """Return the chains of a state with the reports that it then has."""
    chains = state.data.chains
    if chains is None or not difference.reports:
        return chains
    pairs = state.data.coords["pair"]
    for chain in range(len(chains.labels)):
        label = pairs[int(chains.pair[chain])]
        if label in difference.reports:
            own = vary_chains(state.panel, chains, [(chain, difference.reports[label])])
            chains = _with_chain(chains, chain, own)
    return chains


def _with_chain(chains: Chains, chain: int, own: Chains) -> Chains:
    """Put another kernel in the place of one chain's."""
    layers = max(chains.kernel.shape[2], own.kernel.shape[2])
    kernel = np.zeros((*chains.kernel.shape[:2], layers, layers, *chains.kernel.shape[4:]))
    old, new = chains.kernel.shape[2], own.kernel.shape[2]
    kernel[:, :, :old, :old] = chains.kernel
    kernel[:, chain] = 0.0
    kernel[:, chain, :new, :new] = own.kernel[:, 0]
    count = chains.layers.copy()
    count[chain] = own.layers[0]
    return replace(chains, kernel=kernel, layers=count)


def _chain_values(state: State, changed: Sequence[tuple[int, pd.DataFrame]]) -> np.ndarray:
    """Return the log-likelihood of changed chains, shape (chain, draw)."""
    chains = state.data.chains
    assert chains is not None
    # Filled up to one size, so that one program serves all batches.
    filled = [*changed, *[changed[0]] * (min(_CHAINS, coarse(len(changed))) - len(changed))]
    varied = vary_chains(state.panel, chains, filled)
    data = replace(state.data, terms={}, chains=varied)
    values = pointwise(data, state.basis.priors, state.draws.values)["witness"]
    return np.asarray(values[:, : len(changed)].T)
