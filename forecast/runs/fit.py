"""One run: vintage to panel to posterior to forecasts to files."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np

from forecast import __version__
from forecast.errors import ModelError
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import canonical_json
from forecast.evidence.vintage import Review, Vintage, read_as_of
from forecast.explain.basis import Basis
from forecast.forecasts.draws import Draws, stack_draws
from forecast.forecasts.questions import QuestionForecast, forecast_questions, make_world
from forecast.forecasts.world import World
from forecast.inference.diagnostics import Diagnosis, diagnose
from forecast.inference.engines import ENGINES, sample
from forecast.inference.likelihood import log_likelihoods
from forecast.inference.posterior import Posterior
from forecast.inference.prior import sample_prior
from forecast.inference.start import Start
from forecast.model import ModelData, build_data, build_model, pad_data
from forecast.model.data import degrees_of_freedom
from forecast.panel import Panel, build_panel
from forecast.panel.delays import Delays
from forecast.posterior import LOG_LIKELIHOOD, as_stored
from forecast.priors import Priors, load_priors
from forecast.runs.reasons import Reasons
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
    reasons
        Weigh every record and say what changed and what to watch; takes about as long again as a
        fit of a small study.
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
    reasons: bool = True

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
    reasons: Reasons | None = None

    def keep_log_likelihood(self) -> None:
        """Put the log-likelihood of the evidence beside the draws, for later updates of the run."""
        from xarray import DataTree

        values = dict(self.draws.values)
        values["alignment"] = as_stored(values["alignment"]).astype(float)
        total = log_likelihoods([self.data], self.priors, values)[0]
        stats = self.posterior.tree["sample_stats"].to_dataset()
        shape = (self.draws.chains, -1)
        self.posterior.tree["sample_stats"] = DataTree(
            stats.assign({LOG_LIKELIHOOD: (("chain", "draw"), total.reshape(shape))})
        )

    def basis(self, run: str, settings: RunSettings) -> Basis:
        """Return the fit as later evidence will find it."""
        return Basis(
            run=run,
            study=self.study,
            vintage=self.vintage,
            priors=self.priors,
            panel=self.panel,
            data=self.data,
            draws=self.draws,
            seed=settings.seed,
            horizon=settings.horizon,
            paths=settings.paths,
            errors={q.id: q.mc_error for q in self.questions if q.mc_error is not None},
        )


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
            # Only a run without its reasons has another name than it had before.
            {
                name: value
                for name, value in asdict(settings).items()
                if name != "reasons" or not value
            },
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
