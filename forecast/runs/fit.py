"""One run: vintage to panel to posterior to forecasts to files."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from forecast import __version__
from forecast.errors import ModelError, RunError
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import canonical_json
from forecast.evidence.vintage import Review, Vintage, read_as_of
from forecast.forecasts.draws import Draws, stack_draws
from forecast.forecasts.questions import QuestionForecast, forecast_questions, make_world
from forecast.forecasts.world import World
from forecast.inference.diagnostics import Diagnosis, diagnose
from forecast.inference.engines import ENGINES, sample
from forecast.inference.posterior import Posterior
from forecast.inference.prior import sample_prior
from forecast.inference.start import Start, load_start
from forecast.model import ModelData, build_data, build_model, pad_data
from forecast.model.data import degrees_of_freedom
from forecast.panel import Panel, build_panel
from forecast.panel.delays import Delays
from forecast.priors import Priors, load_priors
from forecast.runs.files import RunFiles, runs_directory, write_run
from forecast.study.models import Study


@dataclass(frozen=True)
class RunSettings:
    """What a user may choose of a run; part of its identity.

    Attributes
    ----------
    engine
        ``auto``, ``fast`` or ``nuts``.
    start
        Name of an earlier run of the study whose end the fast engine starts from; empty for a
        cold start.
    horizon
        Periods ahead that the ladder is forecast.
    paths
        Forward paths per draw.
    prior_draws
        Draws from the prior for the report's bands.
    """

    engine: str = "auto"
    seed: int = 1
    draws: int = 600
    tune: int = 400
    chains: int = 2
    horizon: int = 4
    paths: int = 200
    prior_draws: int = 400
    start: str = ""

    def __post_init__(self) -> None:
        """Refuse numbers that no run can have."""
        least = {"seed": 0, "draws": 4, "tune": 1, "chains": 1, "horizon": 1, "paths": 1}
        for name, smallest in {**least, "prior_draws": 1}.items():
            if getattr(self, name) < smallest:
                raise ModelError(
                    f"{name} = {getattr(self, name)} is too small",
                    expected=f"{smallest} or more",
                    remedy=f"choose a larger {name}",
                )


@dataclass(frozen=True)
class Fit:
    """All that one fit made, before it is written.

    ``questions`` are the study's; ``judgements`` the expert's events forecast by the model.
    """

    study: Study
    vintage: Vintage
    panel: Panel
    priors: Priors
    data: ModelData
    posterior: Posterior
    draws: Draws
    prior: Draws
    world: World
    questions: list[QuestionForecast]
    judgements: list[QuestionForecast]
    diagnosis: Diagnosis
    seconds: dict[str, float]


def make_run(
    study: Study,
    ledger: Ledger,
    as_of: date,
    *,
    settings: RunSettings | None = None,
    progress: bool = True,
    say: Callable[[str], None] = lambda text: None,
) -> Path:
    """Fit a study as of a date, forecast its questions and write the run.

    Parameters
    ----------
    as_of : date
        Nothing known after it is read.
    progress : bool
        Show a progress bar on standard error.
    say : callable
        Told in a few words what is being done.

    Returns
    -------
    Path
        The run directory. The same inputs give the same directory with the same bytes, but for
        ``run.log.json``.

    Raises
    ------
    ModelError
        If the engine is unknown, or the model cannot be built.
    FitError
        If sampling fails.
    """
    settings = settings or RunSettings()
    start = _start(study, as_of, settings.start)
    fit = fit_study(
        study, ledger, as_of, settings=settings, progress=progress, say=say, start=start
    )
    say("Writing the report")
    files = RunFiles(
        identifier=run_identifier(study, fit.vintage, fit.priors, settings),
        settings=asdict(settings) | {"engine": fit.posterior.engine},
        ledger_head=fit.vintage.head,
    )
    return write_run(fit, files)


def _start(study: Study, as_of: date, run: str) -> Start | None:
    """Read where an earlier run ended; one that has seen later records is refused."""
    if not run:
        return None
    if run[:10] > as_of.isoformat():
        raise RunError(
            f"the run {run} is later than this one",
            where="--start",
            expected=f"a run as of {as_of} or earlier",
            remedy="name an earlier run, or leave --start out",
        )
    return load_start(runs_directory(study.directory) / Path(run).name)


def run_identifier(
    study: Study,
    vintage: Vintage,
    priors: Priors,
    settings: RunSettings,
    *,
    reweighted: tuple[str, ...] = (),
) -> str:
    """Name a run by its date and the hash of everything that decides its numbers.

    ``reweighted`` names the fit whose draws it weighs and the run that it follows; empty for a fit
    of its own.
    """
    inputs = canonical_json(
        [
            study.content_hash,
            sorted(
                (one.question, one.outcome, one.known_at.isoformat())
                for one in study.resolutions
                if one.known_at <= vintage.as_of
            ),
            vintage.hash,
            vintage.as_of.isoformat(),
            sorted(priors.hashes.items()),
            asdict(settings),
            __version__,
            # Runs whose records nobody proposed for review keep the names that they had.
            *([asdict(vintage.review)] if vintage.review != Review() else []),
            *([list(reweighted)] if reweighted else []),
        ]
    )
    return f"{vintage.as_of}-{hashlib.sha256(inputs.encode()).hexdigest()[:8]}"


def fit_study(
    study: Study,
    ledger: Ledger,
    as_of: date,
    *,
    settings: RunSettings,
    progress: bool = True,
    say: Callable[[str], None] = lambda text: None,
    start: Start | None = None,
) -> Fit:
    """Fit a study as of a date and forecast its questions, without writing anything.

    ``start`` is where the fast engine begins: the end of another fit of the study.
    """
    started = time.perf_counter()
    vintage = read_as_of(ledger, as_of, pairs=study.pairs)
    fit = fit_vintage(study, vintage, settings=settings, progress=progress, say=say, start=start)
    fit.seconds["before sampling"] = (
        time.perf_counter() - started - sum(fit.seconds.values()) + fit.seconds["before sampling"]
    )
    return fit


def fit_vintage(
    study: Study,
    vintage: Vintage,
    *,
    settings: RunSettings,
    progress: bool = True,
    say: Callable[[str], None] = lambda text: None,
    start: Start | None = None,
    delays: Delays | None = None,
) -> Fit:
    """Fit a study to a vintage and forecast its questions, without writing anything.

    The vintage may be an imagined one: with records that nobody has, or without some. ``delays``
    are then those that the true one taught; by default the vintage teaches its own.
    """
    if settings.engine not in ENGINES:
        raise ModelError(
            f"no engine '{settings.engine}'",
            expected=f"one of {', '.join(ENGINES)}",
            remedy="choose one of these with --engine",
        )
    started = time.perf_counter()
    priors = load_priors(study.prior_sets, study.directory)
    panel = build_panel(study, vintage, priors=priors, delays=delays)
    data = build_data(panel, priors)
    say(f"{len(vintage.records)} records known on {vintage.as_of}; building the model")
    padded = pad_data(data)
    model = build_model(padded.data, priors)
    posterior = sample(
        model,
        settings.engine,
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        seed=settings.seed,
        progress=progress,
        start=start,
        say=say,
    )
    say("Forecasting the questions")
    sampled = time.perf_counter()
    draws = stack_draws(padded.trim(posterior.tree), data)
    unread = sample_prior(model, settings.prior_draws, settings.seed)
    prior = stack_draws(padded.trim(unread), data)
    world = make_world(
        panel,
        draws,
        [*study.questions, *study.judgements],
        seed=settings.seed,
        degrees_of_freedom=degrees_of_freedom(priors, data),
        horizon=settings.horizon,
        paths=settings.paths,
    )
    questions = forecast_questions(world, study.questions)
    judgements = forecast_questions(world, study.judgements)
    world.forget_futures()
    return Fit(
        study=study,
        vintage=vintage,
        panel=panel,
        priors=priors,
        data=data,
        posterior=posterior,
        draws=draws,
        prior=prior,
        world=world,
        questions=questions,
        judgements=judgements,
        diagnosis=diagnose(posterior.tree, per_draw(questions)),
        seconds={
            "before sampling": sampled - started - sum(posterior.seconds.values()),
            **posterior.seconds,
            "forecasts": time.perf_counter() - sampled,
        },
    )


def per_draw(questions: list[QuestionForecast]) -> dict[str, np.ndarray]:
    """Return the conditional probabilities that diagnostics judge, by question."""
    return {one.id: one.per_draw for one in questions if one.per_draw is not None}
