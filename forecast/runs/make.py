"""Makes a run: a fit, its forecasts, its reasons and its files."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from forecast.errors import RunError
from forecast.evidence.ledger import Ledger
from forecast.explain.basis import state_at
from forecast.inference.start import Start, load_start
from forecast.runs.basis import Saved
from forecast.runs.files import RunFiles, previous_run, runs_directory, write_run
from forecast.runs.fit import Fit, RunSettings, fit_study, run_identifier
from forecast.runs.reasons import Changes, Reasons, reasons_of
from forecast.runs.since import changes_since
from forecast.study.models import Study

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Follows:
    """The run that a refit takes the place of.

    Attributes
    ----------
    run : str
        Its id.
    changes : callable
        Given the refit's probabilities, the way from that run to them.
    command : str
        What makes the refit again.
    """

    run: str
    changes: Callable[[Mapping[str, float]], Changes]
    command: str


def make_run(
    study: Study,
    ledger: Ledger,
    as_of: date,
    *,
    settings: RunSettings | None = None,
    progress: bool = True,
    say: Callable[[str], None] = lambda text: None,
    follows: Follows | None = None,
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
    follows : Follows, optional
        The run that this one takes the place of; by default it is compared with the newest as of
        an earlier date.

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
    after = () if follows is None else ("refit", follows.run)
    identifier = run_identifier(study, fit.vintage, fit.priors, settings, reweighted=after)
    if fit.diagnosis.status != "failed":
        _keep_log_likelihood(fit)
        if settings.reasons:
            fit = replace(fit, reasons=_reasons(fit, ledger, identifier, settings, say, follows))
    say("Writing the report")
    files = RunFiles(
        identifier=identifier,
        settings=asdict(settings) | {"engine": fit.posterior.engine},
        ledger_head=fit.vintage.head,
        engine_asked=settings.engine,
        since="" if follows is None else follows.run,
        command="" if follows is None else follows.command,
    )
    return write_run(fit, files)


def _keep_log_likelihood(fit: Fit) -> None:
    """Keep it for later updates; they find it themselves where that cannot be done."""
    try:
        fit.keep_log_likelihood()
    except (MemoryError, RuntimeError):
        # What XLA raises where it has no room. A fit may have taken an hour: nothing that only
        # saves seconds may lose it.
        logger.warning("the log-likelihood could not be kept beside the draws", exc_info=True)


def _reasons(
    fit: Fit,
    ledger: Ledger,
    run: str,
    settings: RunSettings,
    say: Callable[[str], None],
    follows: Follows | None,
) -> Reasons:
    """Compare a fit with the run before it, and explain it."""
    state = replace(state_at(fit.basis(run, settings), fit.vintage), world=fit.world)
    after = {one.id: one.probability for one in fit.questions if one.probability is not None}
    earlier = previous_run(fit.study.directory, fit.panel.as_of.isoformat())
    changes = Changes(why="there is no earlier run to compare with")
    if follows is not None:
        changes = follows.changes(after)
    elif earlier is not None:
        say(f"Comparing with the run before, {earlier.name}")
        changes = changes_since(Saved(earlier), fit.study, ledger, fit.vintage, fit.priors, after)
    reasons = reasons_of(state, fit.questions, changes, say=say)
    fit.world.forget_futures()
    return reasons


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
