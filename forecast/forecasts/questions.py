"""Probabilities of the study's questions, with their interval and Monte Carlo error."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from forecast.errors import QuestionError
from forecast.forecasts.draws import Draws
from forecast.forecasts.events import event_chance, highest_rungs
from forecast.forecasts.window import make_window
from forecast.forecasts.world import World
from forecast.panel import Panel
from forecast.study.events import parse_event
from forecast.study.models import Judgement, Question, Study

Status = Literal["draft", "open", "closed", "resolved", "ambiguous", "void", "not_modelled"]
INTERVAL = 0.9
PATHS = 200


@dataclass(frozen=True)
class QuestionForecast:
    """The forecast of one question as of one date.

    Attributes
    ----------
    probability : float or None
        None with a ``reason``.
    low, high : float
        Ends of the central interval over draws (parameters, alignment and the rungs so far) of the
        event's conditional probability.
    mc_error : float
        Monte Carlo standard error of the probability.
    per_draw : array, shape (chain, draw)
        Conditional probability of each draw, for diagnostics.
    rungs : mapping of track to mapping of rung to probability
        Of the highest rung in the window; empty where support is not at stake.
    """

    id: str
    pair: str
    event: str
    opens: str
    closes: str
    status: Status
    probability: float | None
    reason: str = ""
    low: float | None = None
    high: float | None = None
    mc_error: float | None = None
    per_draw: np.ndarray | None = None
    rungs: dict[str, dict[str, float]] = field(default_factory=dict)


def make_world(
    panel: Panel,
    draws: Draws,
    questions: Sequence[Question | Judgement],
    *,
    seed: int,
    degrees_of_freedom: float,
    horizon: int,
    paths: int = PATHS,
) -> World:
    """Prepare the simulated worlds that cover all questions that are to be forecast.

    Parameters
    ----------
    horizon : int
        Periods ahead that are simulated at least.
    """
    now = len(panel.periods) - 1
    index = panel.study.calendar.index
    live = [q for q in questions if why_no_forecast(panel, q) == ""]
    first = min([index(q.opens) for q in live], default=now)
    last = max([index(q.closes) for q in live], default=now)
    # A yearly value reads the whole year before its close.
    year = int(draws.data.periods_per_year)
    return World(
        panel=panel,
        draws=draws,
        seed=seed,
        paths=paths,
        back=max(now + 1 - first, 0) + year,
        ahead=max(last - now, horizon),
        degrees_of_freedom=degrees_of_freedom,
    )


def forecast_questions(
    world: World, questions: Sequence[Question | Judgement]
) -> list[QuestionForecast]:
    """Forecast questions on one set of simulated worlds.

    A question that is not open on the as-of date, or that the model cannot express, has no
    probability but a reason.
    """
    spread = world.with_one_past()
    return [_forecast(world, spread, question) for question in questions]


def question_status(study: Study, question: Question | Judgement, panel: Panel) -> Status:
    """Return where a question stands on the as-of date."""
    if question.not_modelled:
        return "not_modelled"
    known = [
        r for r in study.resolutions if r.question == question.id and r.known_at <= panel.as_of
    ]
    if known:
        newest = max(known, key=lambda one: one.known_at)
        return newest.outcome if newest.outcome in ("ambiguous", "void") else "resolved"
    if question.opens > panel.as_of:
        return "draft"
    return "closed" if question.closes < panel.as_of else "open"


def why_no_forecast(panel: Panel, question: Question | Judgement) -> str:
    """Say why a question gets no probability, or return nothing."""
    status = question_status(panel.study, question, panel)
    if status == "not_modelled":
        return question.not_modelled
    if status == "draft":
        return f"opens on {question.opens}, after the as-of date"
    if status == "closed":
        return f"its window ended on {question.closes}; see the run as of its opening"
    if status != "open":
        return f"{status} before the as-of date; see the run as of its opening"
    return ""


def chance_per_draw(world: World, question: Question | Judgement) -> np.ndarray:
    """Return the conditional probability of a question's event at every draw, shape (draw,).

    Raises
    ------
    QuestionError
        If the question has no probability as of the world's date.
    """
    if reason := why_no_forecast(world.panel, question):
        raise QuestionError(reason, where=question.id)
    window = make_window(world.panel.study.calendar, question.opens, question.closes)
    record = isinstance(question, Question) and question.resolves_on == "record"
    event = parse_event(question.event)
    return np.asarray(event_chance(world, event, question.pair, window, record=record).mean(axis=1))


def _forecast(world: World, spread: World, question: Question | Judgement) -> QuestionForecast:
    panel = world.panel
    base = {
        "id": question.id,
        "pair": question.pair.label,
        "event": question.event,
        "opens": question.opens.isoformat(),
        "closes": question.closes.isoformat(),
        "status": question_status(panel.study, question, panel),
    }
    reason = why_no_forecast(panel, question)
    if reason:
        return QuestionForecast(**base, probability=None, reason=reason)  # type: ignore[arg-type]
    window = make_window(panel.study.calendar, question.opens, question.closes)
    record = isinstance(question, Question) and question.resolves_on == "record"
    event = parse_event(question.event)
    try:
        chance = event_chance(world, event, question.pair, window, record=record)
        # Once a window is under way, the rungs so far are part of the event, not of its start.
        begun = question.opens < panel.as_of
        source = world if begun else spread
        single = event_chance(source, event, question.pair, window, record=record)
    except QuestionError as error:
        base["status"] = "not_modelled"
        return QuestionForecast(**base, probability=None, reason=str(error))  # type: ignore[arg-type]
    return _summarise(world, question, (chance, single), base)


def _summarise(
    world: World,
    question: Question | Judgement,
    chances: tuple[np.ndarray, np.ndarray],
    base: dict[str, str],
) -> QuestionForecast:
    chance, single = chances
    per_draw = chance.mean(axis=1)
    weights = world.draws.weights
    probability = world.draws.mean(per_draw)
    low, high = credible_interval(single, probability, weights=weights)
    shaped = per_draw.reshape(world.draws.chains, -1)
    return QuestionForecast(
        **base,  # type: ignore[arg-type]
        probability=probability,
        low=low,
        high=high,
        mc_error=monte_carlo_error(shaped, weights),
        per_draw=shaped,
        rungs=rung_probabilities(world, question),
    )


def credible_interval(
    chance: np.ndarray,
    centre: float | None = None,
    prob: float = INTERVAL,
    weights: np.ndarray | None = None,
) -> tuple[float, float]:
    """Return the central interval of the conditional probability over draws.

    The noise of the finite number of forward paths is taken out of the width: the spread of the
    per-draw means about their average is shrunk by the share of their variance that the inner
    simulation does not explain.

    Parameters
    ----------
    chance : array, shape (draw, path)
    centre : float, optional
        The published probability, which the interval then holds; by default the mean.
    weights : array, shape (draw,), optional
        Of the draws, summing to 1; by default all weigh the same.
    """
    means = chance.mean(axis=1)
    shares = np.full(len(means), 1.0 / len(means)) if weights is None else weights
    average = float(means.mean())
    average += float(shares @ (means - average))
    middle = average if centre is None else centre
    between = float(shares @ (means - average) ** 2)
    inner = float(shares @ chance.var(axis=1, ddof=1) / chance.shape[1])
    shrink = np.sqrt(max(0.0, between - inner) / between) if between > 0.0 else 0.0
    centred = np.clip(middle + shrink * (means - average), 0.0, 1.0)
    tails = ((1.0 - prob) / 2.0, (1.0 + prob) / 2.0)
    if weights is None:
        low, high = np.quantile(centred, tails)
    else:
        low, high = np.quantile(centred, tails, weights=weights, method="inverted_cdf")
    return min(float(low), middle), max(float(high), middle)


def monte_carlo_error(per_draw: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the standard error of a mean over (chain, draw), by batch means.

    About 20 batches per chain, so that autocorrelation is allowed for. Of a weighted mean ``m``
    it is that of the mean of ``n w (x - m)``, with ``n`` draws (the delta method for
    self-normalised importance sampling).

    Parameters
    ----------
    per_draw : array, shape (chain, draw)
    weights : array, shape (chain * draw,), optional
        Summing to 1.
    """
    chains, draws = per_draw.shape
    if weights is not None:
        shares = weights.reshape(per_draw.shape)
        per_draw = per_draw.size * shares * (per_draw - (shares * per_draw).sum())
    size = max(1, draws // 20)
    batches = per_draw[:, : size * (draws // size)].reshape(chains, -1, size).mean(axis=2).ravel()
    if len(batches) < 2:
        return 0.0
    return float(batches.std(ddof=1) / np.sqrt(len(batches)))


def rung_probabilities(world: World, question: Question | Judgement) -> dict[str, dict[str, float]]:
    """Return P(highest rung in the window) on both tracks; empty where nothing is at stake."""
    if world.chain(question.pair.label) is None:
        return {}
    window = make_window(world.panel.study.calendar, question.opens, question.closes)
    rungs = world.panel.study.ladder.rungs
    result: dict[str, dict[str, float]] = {}
    for track in ("any", "state"):
        heights = highest_rungs(world, question.pair, window, track)
        counts = _weighted_counts(heights.astype(int), world.draws.shares, len(rungs))
        result[track] = {rung: float(p) for rung, p in zip(rungs, counts, strict=True)}
    return result


def _weighted_counts(values: np.ndarray, shares: np.ndarray, size: int) -> np.ndarray:
    """Return the weighted share of each number below ``size`` in an array (draw, path)."""
    each = np.repeat(shares / values.shape[1], values.shape[1])
    return np.bincount(values.ravel(), weights=each, minlength=size)
