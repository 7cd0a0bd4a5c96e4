"""The files of a run: forecasts.json, manifest, draws, report; written whole or not at all."""

import json
import platform
import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast import __version__
from forecast.clock import now
from forecast.errors import RunError
from forecast.forecasts.questions import INTERVAL, QuestionForecast
from forecast.panel import Panel
from forecast.posterior import save_posterior
from forecast.report import ReportData, render_html, render_markdown
from forecast.report.words import probability_words
from forecast.runs import tables
from forecast.runs.face_validity import face_validity_table
from forecast.runs.reasons import Reasons, drivers_document
from forecast.runs.report_data import forecasts_hash, save_report_data
from forecast.runs.sign_offs import holding_sign_offs, sign_offs_to_show

if TYPE_CHECKING:
    from forecast.runs.fit import Fit

FORMAT = "forecast/1"
LIBRARIES = ("pymc", "pytensor", "nutpie", "jax", "arviz", "numpy", "pandas", "xarray")


@dataclass(frozen=True)
class RunFiles:
    """What the files say of a run beside the fit itself.

    Attributes
    ----------
    identifier, settings, ledger_head
        Its name, its settings, and the hash of the ledger's last entry when it was read.
    command
        What makes the run again; by default ``forecast run`` with the settings.
    engine_asked
        The engine that was asked for, where another one was used or might have been.
    since
        The run that this one follows; by default the newest as of an earlier date.
    reweighted
        Of a run that weighs the draws of a fit: ``fit``, ``since`` (the run that it follows),
        ``k_hat``, ``ess`` and the ``changes`` by question and cause.
    """

    identifier: str
    settings: dict[str, Any]
    ledger_head: str
    command: str = ""
    engine_asked: str = ""
    since: str = ""
    reweighted: dict[str, Any] | None = None


def runs_directory(study_directory: Path) -> Path:
    """Return where the runs of a study are kept."""
    return study_directory / ".forecast" / "runs"


def write_run(fit: "Fit", files: RunFiles) -> Path:
    """Write a run directory under a temporary name, then rename it.

    An earlier run with the same identity (the same inputs) is replaced.
    """
    home = runs_directory(fit.study.directory)
    home.mkdir(parents=True, exist_ok=True)
    _clear_stale_drafts(home)
    target = home / files.identifier
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home))
    try:
        data = _fill(draft, fit, files)
        # Held to the end: a sign-off that comes meanwhile waits, and then meets the new report.
        with holding_sign_offs(fit.study.directory, patience=600.0):
            found, problem = sign_offs_to_show(fit.study.directory, files.identifier)
            write_reports(replace(data, sign_offs=found, sign_off_problem=problem), draft)
            # Never half of a run under its name, even if the machine stops in between.
            old = draft.with_name(f"{draft.name}-old")
            if target.exists():
                target.rename(old)
            draft.rename(target)
            shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def _clear_stale_drafts(home: Path) -> None:
    """Remove what a killed process left behind more than a day ago."""
    for draft in home.glob(".draft-*"):
        if now().timestamp() - draft.stat().st_mtime > 86_400:
            shutil.rmtree(draft, ignore_errors=True)


def _fill(draft: Path, fit: "Fit", files: RunFiles) -> ReportData:
    """Write everything but the reports, and return what they show."""
    forecasts = forecasts_document(fit, files)
    manifest = manifest_document(fit, files)
    data = report_data(fit, manifest, forecasts)
    _write_json(draft / "forecasts.json", forecasts)
    _write_json(draft / "manifest.json", manifest)
    save_report_data(data, draft)
    save_posterior(fit.posterior.tree, draft)
    if fit.posterior.start is not None:
        fit.posterior.start.save(draft)
    _write_json(draft / "run.log.json", log_document(fit, files))
    return replace(data, forecasts_hash=forecasts_hash(draft))


def write_reports(data: ReportData, directory: Path) -> None:
    """Write the report as a page and as Markdown into a directory."""
    (directory / "report.html").write_text(render_html(data), encoding="utf-8")
    (directory / "report.md").write_text(render_markdown(data), encoding="utf-8")


def _write_json(path: Path, document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def forecasts_document(fit: "Fit", files: RunFiles) -> dict[str, Any]:
    """Return the object of forecasts.json (DESIGN section 4)."""
    previous = _previous(fit, files)
    return {
        "format": FORMAT,
        "study": fit.study.id,
        "run": files.identifier,
        "as_of": fit.panel.as_of.isoformat(),
        "made_at": fit.panel.as_of.isoformat(),
        "engine": files.settings["engine"],
        "status": fit.diagnosis.status,
        "diagnostics": _plain(fit.diagnosis.as_dict()),
        "questions": [_question(one, previous, fit.reasons) for one in fit.questions],
    } | _reweighted(files)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Round diagnostics, and turn what is not a finite number into null."""
    plain: dict[str, Any] = {}
    for name, value in values.items():
        number = isinstance(value, float)
        finite = number and value == value and abs(value) != float("inf")
        plain[name] = round(value, 6) if finite else None if number else value
    return plain


def _question(
    one: QuestionForecast, previous: dict[str, Any] | None, reasons: Reasons | None
) -> dict[str, Any]:
    known = one.probability is not None
    return {
        "id": one.id,
        "pair": one.pair,
        "event": one.event,
        "opens": one.opens,
        "closes": one.closes,
        "status": one.status,
        "probability": one.probability,
        "reason": one.reason,
        "interval": {"prob": INTERVAL, "low": one.low, "high": one.high} if known else None,
        "mc_error": one.mc_error,
        "words": probability_words(one.probability) if one.probability is not None else "",
        "rungs": one.rungs,
        "previous": _earlier(one, previous),
        "drivers": drivers_document(reasons, one.id),
    }


def read_json(path: Path) -> dict[str, Any]:
    """Read one of the JSON files of a run.

    Raises
    ------
    RunError
        If it cannot be read.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            raise ValueError("not an object")
    except (OSError, ValueError) as error:
        raise RunError(
            f"a file of the run cannot be read: {error}",
            where=str(path),
            remedy="make the run again with `forecast run`",
        ) from error
    return document


def read_forecasts(path: Path) -> dict[str, Any]:
    """Read a forecasts.json.

    Raises
    ------
    RunError
        If it cannot be read or is not in this format.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(
            f"forecasts cannot be read: {error}",
            where=str(path),
            remedy="make the run again with `forecast run`",
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise RunError(
            "not a file of forecasts",
            where=str(path),
            expected=f'"format": "{FORMAT}"',
            remedy="make the run again with `forecast run`",
        )
    return document


def _previous(fit: "Fit", files: RunFiles) -> dict[str, Any] | None:
    """Return the forecasts of the newest publishable run with an earlier as-of date.

    A run that cannot be read is passed over: its damage is its own.
    """
    if files.since:
        home = runs_directory(fit.study.directory)
        return read_forecasts(home / files.since / "forecasts.json")
    earlier = previous_run(fit.study.directory, fit.panel.as_of.isoformat())
    return None if earlier is None else read_forecasts(earlier / "forecasts.json")


def previous_run(study: Path, as_of: str) -> Path | None:
    """Return the newest publishable run of a study with an earlier as-of date.

    A run that cannot be read is passed over: its damage is its own.
    """
    found: list[tuple[str, float, Path]] = []
    for path in runs_directory(study).glob("[!.]*/forecasts.json"):
        try:
            document = read_forecasts(path)
        except RunError:
            continue
        if document["as_of"] < as_of and document["status"] != "failed":
            found.append((document["as_of"], path.stat().st_mtime, path.parent))
    return max(found)[2] if found else None


def _earlier(one: QuestionForecast, previous: dict[str, Any] | None) -> dict[str, Any] | None:
    for other in previous["questions"] if previous else []:
        if other["id"] == one.id and other["probability"] is not None:
            assert previous is not None
            return {"run": previous["run"], "probability": other["probability"]}
    return None


def manifest_document(fit: "Fit", files: RunFiles) -> dict[str, Any]:
    """Return the manifest: every input of the run with its hash, and how to make it again."""
    settings = files.settings
    return {
        "format": "manifest/1",
        "run": files.identifier,
        "study": fit.study.id,
        "as_of": fit.panel.as_of.isoformat(),
        "made_at": fit.panel.as_of.isoformat(),
        "study_hash": fit.study.content_hash,
        "vintage": {
            "hash": fit.vintage.hash,
            "records": len(fit.vintage.records),
            "withdrawn": len(fit.vintage.withdrawn),
            "review": asdict(fit.vintage.review),
        },
        "reporting_delays": delays_document(fit.panel),
        "panel_hash": fit.panel.content_hash,
        "priors": dict(sorted(fit.priors.hashes.items())),
        "engine": settings["engine"],
        "engine_asked": files.engine_asked or settings["engine"],
        "fallback": fit.posterior.fallback,
        "start": settings["start"],
        "seed": settings["seed"],
        "chains": settings["chains"],
        "draws": settings["draws"],
        "tune": settings["tune"],
        "paths": settings["paths"],
        "prior_draws": settings["prior_draws"],
        "horizon": settings["horizon"],
        "reasons": settings["reasons"],
        "versions": {"alignment-forecast": __version__}
        | {"python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
        "diagnostics": _plain(fit.diagnosis.as_dict()),
        "command": files.command
        or (
            f"forecast run {fit.study.id} --as-of {fit.panel.as_of} --engine {settings['engine']}"
            f" --seed {settings['seed']} --draws {settings['draws']} --tune {settings['tune']}"
            f" --chains {settings['chains']}"
            + (f" --start {settings['start']}" if settings["start"] else "")
            + ("" if settings["reasons"] else " --no-reasons")
        ),
    } | _reweighted(files)


def _reweighted(files: RunFiles) -> dict[str, Any]:
    """Return the part that a reweighted run has beside a fit: whose draws it weighs, and how."""
    return {"reweighted": files.reweighted} if files.reweighted else {}


def delays_document(panel: Panel) -> dict[str, dict[str, float]]:
    """Return for each signal the share of its events known some days after them.

    ``events`` is how many the estimate rests on beside the prior; empty where delays are switched
    off. An indicator whose figures come out with a yearly release is not here.
    """
    if panel.delays is None:
        return {}
    known = panel.delays.known
    return {
        name: {
            "events": panel.delays.events[name],
            **{
                f"known_after_{days}_days": round(float(known(name, np.array([days]))[0]), 4)
                for days in (7, 30, 90)
            },
        }
        for name, one in panel.study.indicators.items()
        if one.measures == "alignment" and name not in panel.delays.releases
    }


def log_document(fit: "Fit", files: RunFiles) -> dict[str, Any]:
    """Return what differs between two runs of the same inputs: times, machine, ledger head."""
    return {
        "format": "run-log/1",
        "finished_at": now().isoformat(),
        "seconds": {name: round(value, 2) for name, value in fit.seconds.items()},
        "gradients": fit.posterior.gradients,
        "tuning_gradients": fit.posterior.tuning_gradients,
        "ledger_head": files.ledger_head,
        "records_of_other_pairs": fit.vintage.elsewhere,
        "machine": {"system": platform.system(), "processor": platform.machine()},
    }


def report_data(fit: "Fit", manifest: dict[str, Any], forecasts: dict[str, Any]) -> ReportData:
    """Gather the tables of a run's report."""
    import pandas as pd

    from forecast.forecasts.fitted import fitted_rates

    study, draws = fit.study, fit.draws
    signals = bool(fit.data.indicators)
    pair, reverse = asymmetry_pairs(fit)
    empty = pd.DataFrame()
    return ReportData(
        study=study,
        manifest=manifest,
        forecasts=forecasts,
        ladder=tables.ladder_table(fit.world, _ladder_pairs(fit)),
        paths=tables.paths_table(draws, fit.prior) if signals else empty,
        asymmetry=(
            tables.asymmetry_table(draws, fit.prior, pair, reverse) if signals and pair else empty
        ),
        loadings=tables.loadings_table(draws, fit.prior, fit.panel) if signals else empty,
        fitted=fitted_rates(draws, [one for one in (reverse, pair) if one]) if signals else empty,
        evidence=tables.evidence_table(study, fit.vintage, fit.panel),
        diagnostics=fit.diagnosis.table,
        judgements=tables.judgements_table(study.judgements, fit.judgements, fit.panel.as_of),
        face_validity=face_validity_table(study, draws, pair, reverse) if pair else empty,
        asymmetry_pair=pair,
        **reason_tables(fit),
    )


def reason_tables(fit: "Fit") -> dict[str, Any]:
    """Return the tables of a run's reasons; empty where none were asked for."""
    import pandas as pd

    reasons = fit.reasons
    if reasons is None:
        empty = pd.DataFrame()
        told = ("changes", "change_notes", "change_records")
        return dict.fromkeys((*told, "drivers", "tripwires", "collection", "watched"), empty)
    changes = reasons.changes
    notes = [("since", changes.since), ("path", changes.path), ("why", changes.why)]
    notes += [(f"problem: {section}", why) for section, why in reasons.problems.items()]
    return {
        "changes": changes.table,
        "change_notes": pd.DataFrame(notes, columns=["name", "text"]),
        "change_records": tables.change_records_table(changes.records, fit.vintage),
        "drivers": reasons.drivers,
        "tripwires": reasons.tripwires,
        "collection": reasons.collection,
        "watched": reasons.watched,
    }


def asymmetry_pairs(fit: "Fit") -> tuple[str, str]:
    """Return the reverse of the study's first question's pair, and that pair; empty if none."""
    pairs = {pair.label for pair in fit.study.pairs}
    for question in fit.study.questions:
        if question.pair.reverse.label in pairs:
            return question.pair.reverse.label, question.pair.label
    return "", ""


def _ladder_pairs(fit: "Fit") -> list[str]:
    asked = [q.pair.label for q in fit.study.questions]
    return [pair for pair in dict.fromkeys(asked) if fit.world.chain(pair) is not None]
