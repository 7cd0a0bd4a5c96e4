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

    coords = {name: list(labels) for name, labels in data.coords.items() if labels}
    if data.chains is not None:
        chains = data.chains
        coords["staked_pair"] = list(chains.labels)
        coords["staked_recipient"] = list(chains.recipients)
        coords["staked_period"] = list(data.coords["period"][chains.start :])
    with pm.Model(coords=coords) as model:
        if data.indicators:
            alignment = add_alignment(data, priors)
            add_signals(alignment, data, priors)
        else:
            shape = tuple(len(data.coords[name]) for name in ("pair", "domain", "period"))
            alignment = pt.zeros(shape)
        if data.chains is not None:
            add_rungs(alignment, data, priors)
    return model
