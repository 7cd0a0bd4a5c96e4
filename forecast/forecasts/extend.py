"""Carries draws of one panel over to another of the same study: later periods, another series."""

import numpy as np

from forecast.forecasts.draws import Draws, generator
from forecast.forecasts.roll import future_alignment
from forecast.model.data import ModelData

# What may differ between the two panels: draws are made for it from the prior.
_FREE = {"period", "series"}


def structural_change(old: ModelData, new: ModelData) -> str:
    """Say what of a new panel the draws of an old one know nothing of; empty where nothing."""
    for name, labels in new.coords.items():
        if name not in _FREE and tuple(labels) != tuple(old.coords[name]):
            more = [label for label in labels if label not in old.coords[name]]
            return f"another {name.replace('_', ' ')}: {', '.join(more) or 'one fewer'}"
    if len(new.coords["period"]) < len(old.coords["period"]):
        return "the date lies in an earlier period than the fit's"
    if first := _first_of_its_kind(old, new):
        return first
    if (old.chains is None) != (new.chains is None):
        return "whether support is at stake"
    if old.chains is None or new.chains is None:
        return ""
    same = old.chains.recipients == new.chains.recipients and old.chains.start == new.chains.start
    return "" if same else "the spans in which support is at stake"


def _first_of_its_kind(old: ModelData, new: ModelData) -> str:
    """Name evidence whose kind had none in the fit: parameters of such a kind have no draws."""
    for kind in new.terms:
        if kind not in old.terms:
            return f"any evidence of the kind {kind}"
    if _lagged(new) and not _lagged(old):
        return "any value that follows one before"
    return "any two series of values" if new.coords["series"] and not old.coords["series"] else ""


def _lagged(data: ModelData) -> bool:
    terms = data.terms.get("continuous")
    return terms is not None and bool(np.any(terms.extra["lagged"]))


def extend_draws(draws: Draws, data: ModelData, seed: int) -> Draws:
    """Return draws for another panel of the same structure.

    Alignment goes on by its autoregression where the panel has periods more, recipients' shocks
    and the effects of new series are drawn from their prior: the likelihood of the new panel,
    as a ratio to the old one's, then weighs them.

    Parameters
    ----------
    data : ModelData
        Of the new panel; see :func:`structural_change`.
    """
    old = draws.data
    values = dict(draws.values)
    extra = len(data.coords["period"]) - len(old.coords["period"])
    if extra:
        values |= _later(draws, data, extra, seed)
    if data.coords["series"] != old.coords["series"]:
        values["series_raw"] = _series(draws, data, seed)
    return Draws(chains=draws.chains, data=data, values=values)


def _later(draws: Draws, data: ModelData, extra: int, seed: int) -> dict[str, np.ndarray]:
    pairs = range(len(data.coords["pair"]))
    paths = np.stack(
        [
            future_alignment(draws, pair, extra, 1, seed, purpose="alignment since the fit")[:, 0]
            for pair in pairs
        ],
        axis=1,
    )
    values = {"alignment": np.concatenate([draws["alignment"], paths], axis=3)}
    if "path_now" in draws:
        fixed = draws["level"]
        if "shock_effect" in draws:
            fixed = fixed + draws["shock_effect"].sum(axis=1)
        values["path_now"] = paths[..., -1] - fixed
    if data.chains is not None and "recipient_shock_raw" in draws:
        fresh = []
        for recipient in data.chains.recipients:
            rng = generator(seed, "recipient shock since the fit", recipient)
            fresh.append(np.stack([rng.standard_normal(draws.count) for _ in range(extra)], axis=1))
        old = draws["recipient_shock_raw"]
        values["recipient_shock_raw"] = np.concatenate([old, np.stack(fresh, axis=1)], axis=2)
    return values


def _series(draws: Draws, data: ModelData, seed: int) -> np.ndarray:
    old = draws.data.coords["series"]
    columns = []
    for label in data.coords["series"]:
        if label in old:
            columns.append(draws["series_raw"][:, old.index(label)])
        else:
            columns.append(generator(seed, "series", label).standard_normal(draws.count))
    return np.stack(columns, axis=1) if columns else np.zeros((draws.count, 0))
