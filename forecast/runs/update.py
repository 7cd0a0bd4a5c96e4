"""Updates a run: by weighing its fit's draws where the gate lets that pass, else by a refit."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.clock import today
from forecast.errors import RunError
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import Vintage, read_as_of
from forecast.explain.basis import Basis, State
from forecast.explain.steps import CAUSES
from forecast.explain.update import Update, reweigh
from forecast.forecasts.draws import Draws, stack_draws
from forecast.forecasts.questions import forecast_questions
from forecast.inference.diagnostics import Diagnosis, diagnose
from forecast.inference.importance import SMALLEST_ESS, largest_k
from forecast.inference.posterior import Posterior
from forecast.inference.prior import sample_prior
from forecast.inference.start import FILE as START_FILE
from forecast.inference.start import load_start
from forecast.model import build_model, pad_data
from forecast.posterior import LOG_LIKELIHOOD, load_posterior
from forecast.priors import load_priors
from forecast.runs.basis import Saved, load_basis, stale, vintage_of
from forecast.runs.files import RunFiles, write_run
from forecast.runs.fit import Fit, RunSettings, per_draw, run_identifier
from forecast.runs.make import Follows, make_run
from forecast.runs.reasons import CHANGES, Changes, no_reasons, reasons_of
from forecast.runs.since import with_refit
from forecast.study.models import Study

REWEIGHTED, REFITTED, UNCHANGED = "reweighted", "refitted", "unchanged"


@dataclass(frozen=True)
class Answer:
    """What an update found.

    Attributes
    ----------
    path
        ``reweighted``, ``refitted``, or ``unchanged`` where nothing is new.
    why
        The reason for that path, in plain words.
    since
        Id of the run that is updated.
    changes : DataFrame
        By question: ``before``, the change by cause, ``refit`` (the rest of the way to what a refit
        found, where one was made), ``after``.
    gates : DataFrame
        By cause: ``records``, ``k_hat``, ``ess``, ``ok``, ``why``.
    records
        Ids of the records by cause.
    """

    path: str
    why: str
    since: str
    as_of: date
    changes: pd.DataFrame
    gates: pd.DataFrame
    records: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Plan:
    """An update that is computed but not written yet."""

    study: Study
    ledger: Ledger
    run: Saved
    as_of: date
    after: Vintage
    basis: Basis | None
    update: Update | None
    why: str
    seconds: float

    @property
    def refit(self) -> bool:
        """Whether only a refit gives an answer that may be published."""
        return bool(self.why)

    @property
    def answer(self) -> Answer:
        """What reweighting found, to be shown at once; of a refit, what led to it."""
        if self.update is None:
            empty = pd.DataFrame(columns=["question", "before", *CAUSES, "after"])
            gates = pd.DataFrame(columns=["cause", "records", "k_hat", "ess", "ok", "why"])
            return Answer(REFITTED, self.why, self.run.id, self.as_of, empty, gates, {})
        if not self.update.steps:
            path, why = UNCHANGED, "nothing is new since this run"
        elif self.refit:
            path, why = REFITTED, self.why
        else:
            path, why = REWEIGHTED, "the weights passed the gate"
        return Answer(
            path,
            why,
            self.run.id,
            self.as_of,
            self.update.changes,
            self.update.gates,
            self.update.records,
        )


def default_day(study: Study, ledger: Ledger, run: str) -> date:
    """Return the day as of which a study is updated: today, unless the study is held at a day.

    A study with a day of its own is moved on only as far as its newest record.
    """
    if study.default_as_of is None:
        return today()
    newest = ledger.newest_known([pair.label for pair in study.pairs], by=today())
    return max(date.fromisoformat(run[:10]), study.default_as_of, newest or date.min)


def plan_update(
    study: Study,
    ledger: Ledger,
    run: Path,
    as_of: date,
    *,
    basis: Basis | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Plan:
    """Let what is new since a run act on the draws of its fit, without writing anything.

    Parameters
    ----------
    run : Path
        Directory of the run to be updated: a fit, or a reweighting of one.
    as_of : date
        What is known by its end is let in.
    basis : Basis, optional
        The fit behind the run, where it is loaded already.

    Raises
    ------
    RunError
        If the date is before the run's, or the ledger no longer holds what the run read.
    ModelError
        If a new record is impossible under every draw.
    """
    started = time.perf_counter()
    saved = Saved(run)
    if as_of.isoformat() < str(saved.manifest["as_of"]):
        raise RunError(
            f"{as_of} is before the run that is to be updated",
            where=saved.id,
            expected=f"a date from {saved.manifest['as_of']}",
            remedy="leave --as-of out, or name an earlier run with --run",
        )
    priors = load_priors(study.prior_sets, study.directory)
    after = read_as_of(ledger, as_of, pairs=study.pairs)
    why = saved.gone or stale(saved.fit, study, priors)
    update = None
    if not why:
        basis = basis or load_basis(saved, study, ledger, priors)
        before = vintage_of(saved, study, ledger)
        answered = _newly_answered(saved, study, as_of)
        update = reweigh(basis, before, after, saved.probabilities, say, always=answered)
        why = update.refused
    return Plan(
        study=study,
        ledger=ledger,
        run=saved,
        as_of=as_of,
        after=after,
        basis=basis,
        update=update,
        why=why,
        seconds=time.perf_counter() - started,
    )


def _newly_answered(run: Saved, study: Study, as_of: date) -> bool:
    """Say whether a question that the run forecast has an answer by now."""
    answered = {one.question for one in study.resolutions if one.known_at <= as_of}
    return any(
        one["status"] == "open" and one["id"] in answered for one in run.forecasts["questions"]
    )


def carry_out(
    plan: Plan,
    *,
    progress: bool = True,
    say: Callable[[str], None] = lambda text: None,
) -> tuple[Path, Answer]:
    """Write an update as a run, refitting first where the gate demands it.

    Returns
    -------
    Path
        Its directory: that of the earlier run where nothing is new.
    Answer
    """
    if plan.answer.path == UNCHANGED:
        return plan.run.directory, plan.answer
    if plan.refit:
        return _refit(plan, progress, say)
    return _write(plan, say), plan.answer


def _refit(plan: Plan, progress: bool, say: Callable[[str], None]) -> tuple[Path, Answer]:
    settings = refit_settings(plan.run if plan.run.gone else plan.run.fit, plan.as_of)
    start = settings.start
    say(f"Refitting, since {plan.why}" + (f"; starting where {start} ended" if start else ""))
    directory = make_run(
        plan.study,
        plan.ledger,
        plan.as_of,
        settings=settings,
        progress=progress,
        say=say,
        follows=Follows(
            plan.run.id,
            lambda after: Changes(
                since=plan.run.id,
                path=REFITTED,
                why=plan.why,
                table=with_refit(plan.answer.changes, plan.run.probabilities, after),
                records=plan.answer.records,
            ),
            _command(plan),
        ),
    )
    made = Saved(directory).probabilities
    changes = with_refit(plan.answer.changes, plan.run.probabilities, made)
    return directory, replace(plan.answer, changes=changes)


def _command(plan: Plan) -> str:
    return f"forecast update {plan.study.id} --run {plan.run.id} --as-of {plan.as_of}"


def refit_settings(fit: Saved, as_of: date) -> RunSettings:
    """Return the settings of a fit for a later day, to go on where it ended if that was kept.

    Only the fast engine keeps its end.
    """
    try:
        load_start(fit.directory)
    except RunError:
        return replace(fit.settings, start="")
    return replace(fit.settings, start=fit.id if fit.id[:10] <= as_of.isoformat() else "")


def _write(plan: Plan, say: Callable[[str], None]) -> Path:
    """Write a reweighted run in the form of any other."""
    basis, update = plan.basis, plan.update
    assert basis is not None
    assert update is not None
    assert update.state is not None
    state, fit = update.state, plan.run.fit
    started = time.perf_counter()
    tree = load_posterior(fit.directory).load()
    model = build_model(pad_data(basis.data).data, basis.priors)
    settings = fit.settings
    unread = sample_prior(model, settings.prior_draws, settings.seed)
    prior = stack_draws(pad_data(basis.data).trim(unread), basis.data)
    chosen = state.draws.resampled(basis.seed)
    questions = list(update.forecasts)
    judgements = forecast_questions(state.world, basis.study.judgements)
    changes = Changes(
        since=plan.run.id,
        path=REWEIGHTED,
        why=plan.answer.why,
        table=update.changes.assign(refit=0.0)[list(CHANGES)],
        records=update.records,
    )
    reasons = (
        reasons_of(state, questions, changes, say=say) if settings.reasons else no_reasons(changes)
    )
    state.world.forget_futures()
    made = Fit(
        study=plan.study,
        vintage=plan.after,
        panel=state.panel,
        priors=basis.priors,
        data=state.data,
        posterior=Posterior(
            tree=resampled_tree(tree, chosen, state),
            seconds={},
            gradients=0,
            engine=str(fit.manifest["engine"]),
            start=_start(fit),
        ),
        draws=chosen,
        prior=prior,
        world=state.world,
        questions=questions,
        judgements=judgements,
        diagnosis=_judged(diagnose(tree, per_draw(questions)), state),
        seconds={"reweighting": plan.seconds, "tables": time.perf_counter() - started},
        reasons=reasons,
    )
    link = {
        "fit": basis.run,
        "since": plan.run.id,
        "k_hat": _finite(state.weights.k_hat),
        "ess": round(state.weights.ess, 1),
        "records": {cause: list(ids) for cause, ids in update.records.items()},
        "changes": changes_document(update.changes),
    }
    say("Writing the report")
    identifier = run_identifier(
        plan.study,
        plan.after,
        basis.priors,
        settings,
        reweighted=(basis.run, plan.run.id),
    )
    return write_run(
        made,
        RunFiles(
            identifier=identifier,
            settings=asdict(settings) | {"engine": made.posterior.engine},
            engine_asked=settings.engine,
            since=plan.run.id,
            ledger_head=plan.after.head,
            command=_command(plan),
            reweighted=link,
        ),
    )


def _start(fit: Saved) -> Any:
    return load_start(fit.directory) if (fit.directory / START_FILE).is_file() else None


def _finite(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None


def changes_document(changes: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the table of changes as plain values, null where a part is not known."""
    return [
        {
            str(name): (None if value is None or value != value else value)
            for name, value in row.items()
        }
        for row in changes.round(6).to_dict("records")
    ]


def _judged(diagnosis: Diagnosis, state: State) -> Diagnosis:
    """Add what the gate found to the diagnostics of the fit."""
    weights, limit = state.weights, largest_k(state.draws.count)
    rows = pd.DataFrame(
        [
            (
                "k_hat",
                weights.k_hat if math.isfinite(weights.k_hat) else 0.0,
                limit,
                "ok" if weights.k_hat <= limit else "failed",
                "Shape of the tail of the weights of the fit's draws.",
            ),
            (
                "weights_ess",
                weights.ess,
                SMALLEST_ESS,
                "ok" if weights.ess >= SMALLEST_ESS else "failed",
                "Independent draws that the weighted ones are worth.",
            ),
        ],
        columns=diagnosis.table.columns,
    )
    return replace(diagnosis, table=pd.concat([diagnosis.table, rows], ignore_index=True))


def resampled_tree(tree: Any, draws: Draws, state: State) -> Any:
    """Return resampled draws in the form of a posterior, periods since the fit included.

    Parameters
    ----------
    tree : DataTree
        Of the fit; its sampler's statistics stay.
    draws : Draws
        All of one weight.
    """
    import xarray as xr

    old = tree["posterior"].to_dataset()
    coords = {name: old[name] for name in old.coords if name not in ("period", "staked_period")}
    labels = list(state.data.coords["period"])
    if "period" in old.dims:
        coords["period"] = xr.DataArray(labels, dims="period")
    if state.data.chains is not None and "staked_period" in old.dims:
        staked = labels[state.data.chains.start :]
        coords["staked_period"] = xr.DataArray(staked, dims="staked_period")
    coords.pop("series", None)
    if "series_raw" in old:
        coords["series"] = xr.DataArray(list(state.data.coords["series"]), dims="series")
    variables = {}
    for name in old.data_vars:
        dims = old[name].dims
        values = draws[str(name)]
        shape = (draws.chains, -1, *values.shape[1:])
        variables[name] = (("chain", "draw", *dims[2:]), values.reshape(shape))
    stats = tree["sample_stats"].to_dataset().drop_vars(LOG_LIKELIHOOD, errors="ignore")
    groups = {"posterior": xr.Dataset(variables, coords), "sample_stats": stats}
    if "equipartition" in tree.children:
        groups["equipartition"] = tree["equipartition"]
    result = xr.DataTree.from_dict(groups)
    result["posterior"].attrs["resampled"] = (
        "by the weights of an update: means over these draws are noisier than its forecasts"
    )
    return result
