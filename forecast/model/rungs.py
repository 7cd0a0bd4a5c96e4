"""The ladder: two chains of rungs per pair, summed out by a forward pass inside the model."""

from typing import Any

import numpy as np

from forecast.model.chains import FIRST, Chains
from forecast.model.data import ModelData
from forecast.model.forward import columns_of, forward_pass
from forecast.model.variables import variable
from forecast.priors import Priors

# Largest logit whose odds, and their square, are finite.
_STEEPEST = 170.0


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
    columns = columns_of(chains)
    own = scores[:, :, columns.chain]
    state, firms = transitions(own, thresholds, columns.mode, columns.reached)
    pm.Potential("witness", forward_pass(state, firms, columns), dims="staked_pair")


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


def transitions(
    scores: Any, thresholds: Any, mode: np.ndarray, reached: tuple[np.ndarray, np.ndarray]
) -> tuple[Any, Any]:
    """Return P(at least a rung | last rung) of both axes, each (time, last rung, rung 1.., chain).

    Firms have only the rungs they can reach: the probability of one that is ruled out is that of
    the next allowed one. In a chain's first period only the row of rung none is meant, where every
    chain begins; outside its span nothing is.

    Parameters
    ----------
    scores : tensor, shape (equation, time, chain)
    thresholds : tensor, shape (axis, first or last rung, rung 1..R-1)
    mode : int array, shape (time, chain)
    reached : int arrays
        Rungs that the state, and that firms, can reach, with rung none.
    """
    import pytensor.tensor as pt

    time, count = mode.shape
    first = (mode == FIRST).ravel()
    # exp(-(score + threshold)) is a product of entries of two small tables: an exponential for
    # each entry of the matrices would take half of the gradient's time.
    down = pt.exp(-pt.clip(scores.reshape((3, time * count)), -_STEEPEST, _STEEPEST))
    drop = pt.exp(-pt.clip(thresholds, -_STEEPEST, _STEEPEST))
    begun = pt.where(first, down[0], down[1])
    axes = []
    for axis, own in enumerate(reached):
        onto = own[1:] - 1
        start, onset = drop[axis, 0][onto][:, None], drop[axis, 1][onto][:, None]
        from_none = begun * pt.where(first, start, onset)
        from_others = drop[axis, 1 + own[1:]][:, onto][:, :, None] * down[2]
        above = 1.0 / (1.0 + pt.concatenate([from_none[None], from_others]))
        shape = (len(own), len(onto), time, count)
        axes.append(above.reshape(shape).transpose(2, 0, 1, 3))
    return axes[0], axes[1]
