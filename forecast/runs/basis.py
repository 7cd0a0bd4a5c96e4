"""Loads a run again as the basis of updates and explanations: its vintage, panel and draws."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from forecast import __version__
from forecast.errors import RunError
from forecast.evidence.entries import GENESIS
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import Vintage, read_as_of
from forecast.explain.basis import Basis
from forecast.forecasts.draws import stack_draws
from forecast.model import build_data
from forecast.panel import build_panel
from forecast.posterior import LOG_LIKELIHOOD, load_posterior
from forecast.priors import Priors, load_priors
from forecast.runs.files import read_forecasts, read_json
from forecast.runs.fit import RunSettings
from forecast.study.dates import parse_day
from forecast.study.models import Study


@dataclass(frozen=True)
class Saved:
    """A run as it stands on disk.

    Attributes
    ----------
    directory : Path
    """

    directory: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Its manifest."""
        return read_json(self.directory / "manifest.json")

    @cached_property
    def forecasts(self) -> dict[str, Any]:
        """Its forecasts."""
        return read_forecasts(self.directory / "forecasts.json")

    @property
    def id(self) -> str:
        """Its name."""
        return self.directory.name

    @property
    def fit(self) -> "Saved":
        """The fit whose draws it weighs, or itself where it is a fit."""
        base = self.manifest.get("reweighted")
        if not base:
            return self
        directory = self.directory.parent / str(base["fit"])
        if not (directory / "manifest.json").is_file():
            raise RunError(
                f"the fit {directory.name} that this run weighs is gone",
                where=str(self.directory),
                remedy="make a new fit with `forecast run`",
            )
        return Saved(directory)

    @property
    def gone(self) -> str:
        """Say that the fit whose draws it weighs is not there any more; empty where it is."""
        base = self.manifest.get("reweighted")
        if not base or (self.directory.parent / str(base["fit"]) / "manifest.json").is_file():
            return ""
        return f"the fit {base['fit']} that the run weighs is gone"

    @property
    def settings(self) -> RunSettings:
        """What the fit was asked for, to be fitted again."""
        kept = self.manifest
        # Manifests did not hold all of them at first.
        names = ["seed", "draws", "tune", "chains", "paths", "start", "horizon", "reasons"]
        names.append("prior_draws")
        chosen = {name: kept[name] for name in names if name in kept}
        return RunSettings(engine=kept.get("engine_asked", "auto"), **chosen)

    @property
    def probabilities(self) -> dict[str, float]:
        """Its probability of each question that has one."""
        return {
            one["id"]: float(one["probability"])
            for one in self.forecasts["questions"]
            if one["probability"] is not None
        }


def vintage_of(run: Saved, study: Study, ledger: Ledger) -> Vintage:
    """Return what a run knew: the records known on its date that had been entered when it ran.

    Raises
    ------
    RunError
        If the ledger does not hold that any more.
    """
    head = str(read_json(run.directory / "run.log.json").get("ledger_head", ""))
    until = 0 if head == GENESIS else ledger.number_of(head)
    as_of = parse_day(str(run.manifest["as_of"]))
    vintage = read_as_of(ledger, as_of, pairs=study.pairs, until=until)
    if vintage.hash != run.manifest["vintage"]["hash"]:
        raise RunError(
            "the ledger does not hold what the run was made from",
            where=run.id,
            expected="the ledger that the run read, with entries added at most",
            remedy="make a new run with `forecast run`",
        )
    return vintage


def stale(run: Saved, study: Study, priors: Priors) -> str:
    """Say what changed since a fit, beside the evidence, so that its draws no longer serve."""
    manifest = run.manifest
    if manifest.get("study_hash") != study.content_hash:
        return "the study's files have changed since the fit"
    if manifest.get("priors") != dict(sorted(priors.hashes.items())):
        return "the prior sets have changed since the fit"
    version = manifest.get("versions", {}).get("alignment-forecast")
    if version != __version__:
        return f"the fit was made by version {version}, this is {__version__}"
    if run.forecasts["status"] == "failed":
        return "the fit's diagnostics failed"
    return ""


def load_basis(run: Saved, study: Study, ledger: Ledger, priors: Priors | None = None) -> Basis:
    """Return the fit behind a run with its draws.

    Raises
    ------
    RunError
        If the study, its priors, the program or the ledger no longer are those of the fit.
    """
    fit = run.fit
    priors = priors or load_priors(study.prior_sets, study.directory)
    if why := stale(fit, study, priors):
        raise RunError(why, where=fit.id, remedy="make a new fit with `forecast run`")
    vintage = vintage_of(fit, study, ledger)
    panel = build_panel(study, vintage, priors=priors)
    if panel.content_hash != fit.manifest["panel_hash"]:
        raise RunError(
            "the evidence is read differently than when the fit was made",
            where=fit.id,
            remedy="make a new fit with `forecast run`",
        )
    data = build_data(panel, priors)
    settings = fit.settings
    tree = load_posterior(fit.directory).load()
    basis = Basis(
        run=fit.id,
        study=study,
        vintage=vintage,
        priors=priors,
        panel=panel,
        data=data,
        draws=stack_draws(tree, data),
        seed=settings.seed,
        horizon=settings.horizon,
        paths=settings.paths,
        errors={
            one["id"]: float(one["mc_error"])
            for one in fit.forecasts["questions"]
            if one["mc_error"] is not None
        },
    )
    # Runs of earlier versions do not hold it.
    if LOG_LIKELIHOOD in tree["sample_stats"]:
        basis.recall(np.asarray(tree["sample_stats"][LOG_LIKELIHOOD]).reshape(-1))
    return basis
