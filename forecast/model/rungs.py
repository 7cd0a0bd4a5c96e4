"""The ladder: two chains of rungs per pair, summed out by a forward pass inside the model."""

from typing import Any

import numpy as np

from forecast.model.chains import FIRST, IDLE, Chains
from forecast.model.data import ModelData
from forecast.model.variables import variable
from forecast.priors import Priors


def add_rungs(alignment: Any, data: ModelData, priors: Priors) -> None:
    """Add the transitions of both axes and the marginal likelihood of the reports.

    The potential ``witness`` has one entry per chain: the log-likelihood of its reports and
    silences relative to rung none throughout.
    """
    import pymc as pm

    chains = data.chains
    assert chains is not None
    scores = _add_scores(alignment, data, chains, priors)
    thresholds = _add_thresholds(data, priors)
    state, firms = transitions(scores, thresholds, chains)
    pm.Potential("witness", forward_pass(state, firms, chains), dims="staked_pair")


def _add_scores(alignment: Any, data: ModelData, chains: Chains, priors: Priors) -> Any:
    """Return the linear score of each equation, shape (equation, time, chain)."""
    import pymc as pm
    import pytensor.tensor as pt

    weight = variable("rung_weight", priors["rung_weight"], "domain")
    deviation = variable(
        "rung_weight_deviation", priors["rung_weight_deviation"], ("equation", "domain")
    )
    own = pm.Deterministic(
        "equation_weight", weight * pt.exp(deviation), dims=("equation", "domain")
    )
    path = alignment[chains.pair][:, :, chains.start :].transpose(2, 0, 1)
    score = pt.sum(path[None] * own[:, None, None, :], axis=3)
    if data.coords["driver"]:
        driver = variable("driver_weight", priors["driver_weight"], "driver")
        score = score + pt.sum(chains.drivers * driver, axis=2)[None]
    scale = variable("recipient_shock_scale", priors["recipient_shock_scale"])
    raw = pm.Normal("recipient_shock_raw", 0.0, 1.0, dims=("staked_recipient", "staked_period"))
    return score + (scale * raw.T[:, chains.recipient])[None]


def _add_thresholds(data: ModelData, priors: Priors) -> Any:
    """Return what each equation adds to the score, shape (axis, last rung or first, rung 1..R-1).

    Row 0 of the second axis is the first period, row 1 + l follows last rung l.
    """
    import pytensor.tensor as pt

    ladder = pt.zeros(1)
    if data.coords["rung_step"]:
        gaps = variable("rung_gap", priors["rung_gap"], "rung_step")
        ladder = pt.concatenate([ladder, pt.cumsum(gaps)])
    tables = []
    for axis in data.coords["axis"]:
        first = variable(f"first_{axis}", priors[f"first_{axis}"])
        onset = variable(f"onset_{axis}", priors[f"onset_{axis}"])
        climb = variable(f"climb_{axis}", priors[f"climb_{axis}"])
        hold = variable(f"hold_{axis}", priors[f"hold_{axis}"])
        shift = np.log(data.periods_per_year / 4.0)
        rows = [first - ladder, onset - shift - ladder]
        for last in range(1, len(data.coords["rung"])):
            distance = ladder - ladder[last - 1]
            up = np.arange(1, len(data.coords["rung"])) > last
            stay = hold + shift
            # A climb is never likelier than staying: keeps P(rung >= r) falling for long periods.
            rise = pt.minimum(-climb - shift, stay)
            rows.append(pt.where(up, rise, stay) - distance)
        tables.append(pt.stack(rows))
    return pt.stack(tables)


def transitions(scores: Any, thresholds: Any, chains: Chains) -> tuple[Any, Any]:
    """Return the transition matrices of both axes, each (time, chain, rung, rung).

    A chain's first period has the same row whatever the last rung; outside its span the matrix is
    the identity.
    """
    import pytensor.tensor as pt

    size = len(chains.firms_allowed)
    equation = np.array([1, *[2] * (size - 1)])
    mode = chains.mode[:, :, None, None]
    matrices = []
    for axis in range(2):
        later = scores[equation].transpose(1, 2, 0)[:, :, :, None] + thresholds[axis, 1:]
        first = scores[0][:, :, None, None] + thresholds[axis, 0]
        above = pt.sigmoid(pt.where(mode == FIRST, first, later))
        if axis == 1:
            above = _without_excluded(above, chains.firms_allowed)
        one, none = pt.ones_like(above[..., :1]), pt.zeros_like(above[..., :1])
        matrix = pt.concatenate([one, above], axis=3) - pt.concatenate([above, none], axis=3)
        matrices.append(pt.where(mode == IDLE, np.eye(size), matrix))
    return matrices[0], matrices[1]


def _without_excluded(above: Any, allowed: np.ndarray) -> Any:
    """Rule rungs out: P(at least an excluded rung) is that of the next allowed one, or 0."""
    import pytensor.tensor as pt

    columns = []
    for rung in range(1, len(allowed)):
        higher = [other for other in range(rung, len(allowed)) if allowed[other]]
        column = above[..., higher[0] - 1] if higher else pt.zeros_like(above[..., 0])
        columns.append(column)
    return pt.stack(columns, axis=3)


def forward_pass(state: Any, firms: Any, chains: Chains) -> Any:
    """Sum the rungs out: log-likelihood of the reports of each chain, shape (chain,).

    Chains are grouped by their number of layers, so that the many without interval-dated reports
    stay cheap.
    """
    import pytensor.tensor as pt

    order: list[int] = []
    parts = []
    for layers in sorted(set(chains.layers.tolist())):
        members = np.flatnonzero(chains.layers == layers)
        kernel = chains.kernel[:, members, :layers, :layers]
        parts.append(_group_pass(state[:, members], firms[:, members], kernel))
        order.extend(members.tolist())
    return pt.concatenate(parts)[np.argsort(order)]


def _group_pass(state: Any, firms: Any, kernel: np.ndarray) -> Any:
    """Run the forward pass of chains with the same number of layers.

    One 6 x 6 product per axis and period, scaled at each step so that nothing underflows. The
    chain is the last axis and the layers are unrolled: that is three times faster under XLA than
    batched matrix products.

    Parameters
    ----------
    state, firms : tensors, shape (time, chain, rung, rung)
    kernel : array, shape (time, chain, layer, layer, rung, rung)
    """
    import pytensor
    import pytensor.tensor as pt

    count, layers, size = kernel.shape[1], kernel.shape[2], kernel.shape[4]
    start = [np.zeros((size, size, count)) for _ in range(layers)]
    start[0][0, 0, :] = 1.0

    def step(to_state: Any, to_firms: Any, seen: Any, *carried: Any) -> list[Any]:
        moved = []
        for cells in carried[:layers]:
            half = pt.sum(cells[:, None] * to_state[:, :, None], axis=0)
            moved.append(pt.sum(half[:, :, None] * to_firms[None], axis=1))
        after = [
            sum((moved[old] * seen[old, new] for old in range(1, layers)), moved[0] * seen[0, new])
            for new in range(layers)
        ]
        scale = sum(
            (pt.sum(cells, axis=(0, 1)) for cells in after[1:]), pt.sum(after[0], axis=(0, 1))
        )
        return [*(cells / scale for cells in after), pt.log(scale)]

    results = pytensor.scan(
        step,
        sequences=[
            state.transpose(0, 2, 3, 1),
            firms.transpose(0, 2, 3, 1),
            pt.as_tensor(np.ascontiguousarray(kernel.transpose(0, 2, 3, 4, 5, 1))),
        ],
        outputs_info=[*(pt.as_tensor(cells) for cells in start), None],
        return_updates=False,
    )
    return pt.sum(results[-1], axis=0)
