"""The one PyMC model of a study: alignment, signals, rungs (docs/model.md holds every equation)."""

from typing import Any

from forecast.model.alignment import add_alignment
from forecast.model.data import ModelData
from forecast.model.rungs import add_rungs
from forecast.model.signals import add_signals
from forecast.priors import Priors


def build_model(data: ModelData, priors: Priors) -> Any:
    """Build the ``pm.Model`` of a panel.

    Parameters
    ----------
    data : ModelData
    priors : Priors

    Returns
    -------
    pymc.Model
        With named coordinates. A study without indicators has no alignment; its outcome model
        stands alone.
    """
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model(coords=_coords(data)) as model:
        if data.indicators:
            alignment = add_alignment(data, priors)
            add_signals(alignment, data, priors)
        else:
            shape = tuple(len(data.coords[name]) for name in ("pair", "domain", "period"))
            alignment = pt.zeros(shape)
        if data.chains is not None:
            add_rungs(alignment, data, priors)
    return model


def build_likelihood(data: ModelData, priors: Priors) -> Any:
    """Build the part of the model that reads alignment, with alignment itself as an unknown.

    Its observed nodes and its potential are those of :func:`build_model`; its unknowns are the
    variables that they read.

    Returns
    -------
    pymc.Model
    """
    import pymc as pm

    with pm.Model(coords=_coords(data)) as model:
        alignment = pm.Flat("alignment", dims=("pair", "domain", "period"))
        if data.indicators:
            add_signals(alignment, data, priors)
        if data.chains is not None:
            add_rungs(alignment, data, priors)
    return model


def _coords(data: ModelData) -> dict[str, list[str]]:
    coords = {name: list(labels) for name, labels in data.coords.items() if labels}
    if data.chains is not None:
        coords["staked_pair"] = list(data.chains.labels)
        coords["staked_recipient"] = list(data.chains.recipients)
        coords["staked_period"] = list(data.coords["period"][data.chains.start :])
    return coords
