"""A fit as later evidence finds it, and what its draws say of any later vintage."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from forecast.errors import ModelError
from forecast.evidence.vintage import Vintage
from forecast.forecasts.draws import Draws
from forecast.forecasts.extend import extend_draws, structural_change
from forecast.forecasts.questions import QuestionForecast, forecast_questions, make_world
from forecast.forecasts.world import World
from forecast.inference.importance import Weights, weigh
from forecast.inference.likelihood import log_likelihoods, pointwise
from forecast.model import ModelData, build_data
from forecast.model.data import degrees_of_freedom
from forecast.model.stacking import stack_data
from forecast.panel import Panel, build_panel
from forecast.panel.delays import Delays
from forecast.priors import Priors
from forecast.study.models import Judgement, Question, Study

_KEPT_STATES = 3


@dataclass(frozen=True)
class Basis:
    """A fit: its inputs, its panel and its draws.

    Every reweighting starts here, never from another reweighting: errors do not add up.

    Attributes
    ----------
    run
        Id of the fit's run.
    study, vintage, priors, panel, data
        What was fitted.
    draws : Draws
        The posterior's, all of one weight.
    seed, horizon, paths
        Of the run, so that unchanged inputs give unchanged numbers.
    errors : mapping of str to float
        Monte Carlo error of each question's probability in the fit's own run.
    """

    run: str
    study: Study
    vintage: Vintage
    priors: Priors
    panel: Panel
    data: ModelData
    draws: Draws
    seed: int
    horizon: int
    paths: int
    errors: dict[str, float] = field(default_factory=dict)
    # Neither is handed on to a copy with other draws.
    _fitted: list[np.ndarray] = field(default_factory=list, init=False, compare=False, repr=False)
    _states: dict[Vintage, "State"] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def log_likelihood(self) -> np.ndarray:
        """Log-likelihood of what was fitted at each draw, shape (draw,)."""
        if not self._fitted:
            self.recall(log_likelihoods([self.data], self.priors, self.draws.values)[0])
        return self._fitted[0]

    def recall(self, log_likelihood: np.ndarray) -> None:
        """Take over the log-likelihood that was kept with the draws, shape (draw,)."""
        self._fitted[:] = [log_likelihood]


@dataclass(frozen=True)
class State:
    """What the draws of a fit say as of another vintage.

    Attributes
    ----------
    log_ratio : array, shape (draw,)
        Log of the likelihood of the new panel over that of the fitted one.
    draws : Draws
        For the periods of the new panel, with the weights.
    world : World
        Futures from there.
    """

    basis: Basis
    vintage: Vintage
    panel: Panel
    data: ModelData
    log_ratio: np.ndarray
    weights: Weights
    draws: Draws
    world: World
    _made: dict[str, QuestionForecast] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @cached_property
    def witnessed(self) -> np.ndarray:
        """Log-likelihood of the reports of every chain, shape (draw, chain)."""
        data = replace(self.data, terms={})
        return pointwise(data, self.basis.priors, self.draws.values)["witness"]

    def forecast(self, questions: Sequence[Question | Judgement]) -> list[QuestionForecast]:
        """Forecast questions; each is made once."""
        names = [f"{type(one).__name__} {one.id}" for one in questions]
        missing = [
            (name, one)
            for name, one in zip(names, questions, strict=True)
            if name not in self._made
        ]
        made = forecast_questions(self.world, [one for _, one in missing])
        self._made.update((name, one) for (name, _), one in zip(missing, made, strict=True))
        return [self._made[name] for name in names]


class UnusableError(ModelError):
    """The draws of a fit say nothing of a panel."""


class StructuralError(UnusableError):
    """The draws of a fit know nothing of what a new panel has. Fit again."""


class ImpossibleError(UnusableError):
    """A panel is impossible under every draw of a fit."""


def states_at(
    basis: Basis, vintages: Sequence[Vintage], *, delays: Delays | None = None
) -> list[State | UnusableError]:
    """Weigh the draws of a fit for vintages, those of later dates or of other records.

    Parameters
    ----------
    delays
        Of reporting, to be taken as they are; by default each vintage teaches its own.

    Returns
    -------
    list of State or UnusableError
        A StructuralError where a panel has unknowns that the fit had not, such as the effect of a
        shock since then; an ImpossibleError where no draw allows the evidence.
    """
    fresh = [one for one in vintages if delays is not None or one not in basis._states]
    made = [_panel_of(basis, vintage, delays) for vintage in fresh]
    usable = [data for _, data in made if isinstance(data, ModelData)]
    ratios = iter(_log_ratios(basis, usable))
    found: dict[Vintage, State | UnusableError] = {}
    for vintage, (panel, data) in zip(fresh, made, strict=True):
        if isinstance(data, StructuralError):
            found[vintage] = data
            continue
        ratio = next(ratios)
        try:
            found[vintage] = _state(basis, vintage, panel, data, ratio)
        except ModelError as error:
            found[vintage] = ImpossibleError(
                error.what, expected=error.expected, remedy=error.remedy
            )
    states = [found[one] if one in found else basis._states[one] for one in vintages]
    if delays is None:
        _remember(basis, vintages, states)
    return states


def _remember(
    basis: Basis, vintages: Sequence[Vintage], states: Sequence[State | UnusableError]
) -> None:
    """Keep the last states: the next record of the day finds the passage of time done."""
    for vintage, state in zip(vintages, states, strict=True):
        if isinstance(state, State):
            basis._states.pop(vintage, None)
            basis._states[vintage] = state
    for oldest in list(basis._states)[: len(basis._states) - _KEPT_STATES]:
        basis._states.pop(oldest, None)


def state_at(basis: Basis, vintage: Vintage, *, delays: Delays | None = None) -> State:
    """Weigh the draws of a fit for one vintage; see :func:`states_at`.

    Raises
    ------
    StructuralError
        If the panel has unknowns that the fit had not.
    ImpossibleError
        If the evidence is impossible under every draw.
    """
    found = states_at(basis, [vintage], delays=delays)[0]
    if isinstance(found, UnusableError):
        raise found
    return found


def _panel_of(
    basis: Basis, vintage: Vintage, delays: Delays | None
) -> tuple[Panel, ModelData | StructuralError]:
    if vintage == basis.vintage and delays is None:
        return basis.panel, basis.data
    panel = build_panel(basis.study, vintage, priors=basis.priors, delays=delays)
    data = build_data(panel, basis.priors)
    change = structural_change(basis.data, data)
    if change:
        return panel, StructuralError(
            f"the fit {basis.run} knows nothing of {change}",
            remedy="make a new fit with `forecast run`",
        )
    return panel, data


def _log_ratios(basis: Basis, parts: list[ModelData]) -> np.ndarray:
    """Return the log-likelihoods of panels less that of the fitted one, shape (part, draw)."""
    if all(part is basis.data for part in parts):
        return np.zeros((len(parts), basis.draws.count))
    draws = extend_draws(basis.draws, stack_data(parts), basis.seed)
    total = log_likelihoods(parts, basis.priors, draws.values)
    return np.asarray(total - basis.log_likelihood)


def _state(
    basis: Basis,
    vintage: Vintage,
    panel: Panel,
    data: ModelData,
    log_ratio: np.ndarray,
) -> State:
    weights = weigh(log_ratio, basis.draws.chains)
    draws = replace(extend_draws(basis.draws, data, basis.seed), weights=weights.values)
    return State(
        basis=basis,
        vintage=vintage,
        panel=panel,
        data=data,
        log_ratio=log_ratio,
        weights=weights,
        draws=draws,
        world=world_of(basis, panel, draws),
    )


def world_of(basis: Basis, panel: Panel, draws: Draws) -> World:
    """Return the futures of a panel's draws, with the random numbers of the fit's run."""
    return make_world(
        panel,
        draws,
        [*basis.study.questions, *basis.study.judgements],
        seed=basis.seed,
        degrees_of_freedom=degrees_of_freedom(basis.priors, draws.data),
        horizon=basis.horizon,
        paths=basis.paths,
    )
