"""One model with every kind of evidence, compiled once for all tests of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from forecast.model import ModelData, build_data, build_model
from forecast.panel import Panel
from tests.toys import covered, fact, priors, seen, shock, toy_study

#: Every kind of signal, an interval-dated report, a finding of nothing, and one unseen indicator.
RECORDS = (
    fact("patrols", "2022-05-10", id="patrol", mutual="1"),
    fact("visits", "2022-01-10", id="visit 1", number=2, grade="C3"),
    fact("visits", "2022-05-10", id="visit 2"),
    fact("charge", "2022-05-10", id="charge"),
    fact("vote", "2022-01-10", id="vote 1", number=2),
    fact("vote", "2022", id="vote 2", pair="IRN->RUS", number=1),
    fact("trade", "2022-01-10", id="trade 1", number=9.0),
    fact("trade", "2022-05-10", id="trade 2", number=11.0),
    fact("trade", "2022-05-10", id="trade 3", pair="IRN->RUS", number=3.0),
    fact("arms", "2022-05-10", id="arms 1", attribution="state"),
    fact("arms", "2022", id="arms 2", attribution="firm", source_name="b"),
    fact("praise", "2022-08-10", id="praise", attribution="unknown", pair="IRN->RUS"),
)
STUDY = toy_study(
    coverage=(covered("patrols", ["CHN->RUS", "RUS->CHN"]), covered("visits")),
    shocks=(shock("2022-02-24"),),
)


@dataclass(frozen=True)
class Toy:
    """The model, its data, and its log-density term by term."""

    panel: Panel
    data: ModelData
    model: Any
    start: Mapping[str, np.ndarray]
    logp: Callable[..., dict[str, np.ndarray]]


@pytest.fixture(scope="session")
def toy() -> Toy:
    """Return the toy model; `logp(name=value)` gives the terms by name at changed start values."""
    panel = seen(STUDY, *RECORDS)
    data = build_data(panel, priors())
    model = build_model(data, priors())
    start = model.initial_point(random_seed=1)
    mode = fast_mode()
    compiled = model.compile_fn(
        model.logp(jacobian=False, sum=False), inputs=model.value_vars, mode=mode
    )
    names = [rv.name for rv in (*model.free_RVs, *model.observed_RVs, *model.potentials)]

    def logp(**values: Any) -> dict[str, np.ndarray]:
        assert set(values) <= set(start), set(values) - set(start)
        return dict(zip(names, compiled({**start, **values}), strict=True))

    return Toy(panel, data, model, start, logp)


def fast_mode() -> Any:
    """Return the mode that compiles fastest and can hold the sum of all terms."""
    from pytensor.compile.mode import get_mode

    return get_mode("FAST_COMPILE").excluding("fusion")
