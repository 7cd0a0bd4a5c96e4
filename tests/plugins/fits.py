"""One small fit that all tests of a session share; a conftest or module adopts the fixture.

Sampling takes far longer than any test of what was sampled. The fit is made by the program's own
functions on evidence of every kind, so that whatever reads a fit meets each kind once.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forecast.api import Study
from forecast.evidence.importers import import_table
from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage
from forecast.forecasts.draws import Draws, stack_draws
from forecast.inference.prior import sample_prior
from forecast.model import ModelData, build_data, build_model
from forecast.panel import Panel, build_panel
from forecast.priors import Priors, load_priors
from forecast.runs.files import RunFiles, write_run
from forecast.runs.fit import Fit, RunSettings, fit_study, run_identifier
from forecast.study.load import load_study
from forecast.study.models import Study as StudyData
from tests import tiny

AS_OF = date(2023, 6, 30)
SETTINGS = RunSettings(
    draws=150, tune=150, chains=2, paths=40, prior_draws=100, horizon=2, seed=11, reasons=False
)

STUDY_TOML = (
    tiny.STUDY_TOML
    + """
[[at_stake]]
recipient = "RUS"
from = "2020-07-01"
to = "2020-12-31"
known_at = "2020-07-01"

[[at_stake]]
recipient = "CHN"
from = "2021-04-01"
known_at = "2021-04-01"
"""
)

INDICATORS_CSV = tiny.INDICATORS_CSV + (
    "military_training,military,count,,course,+1,0,2,outcome:dual-use,Ukraine,Trained,,,,,0\n"
    "accusation,rhetorical,binary,,act,free,0,1,alignment,Ukraine,Accuses the recipient,,,,,0\n"
)

MORE_QUESTIONS = """\
Q4,Training by mid-2024?,CHN->RUS,"any(military_training, by=state)",2023-04-01,2024-06-30,record,central,rule,,,
Q5,A charge of arms?,002->RUS,"any(formal_charge, rung=lethal)",2023-01-01,2024-03-31,record,central,rule,,,
Q6,Trade above 200?,CHN->RUS,value(trade_value) > 200,2023-01-01,2023-12-31,truth,central,rule,,,
Q7,A vote with Russia?,CHN->RUS,level(un_vote) == with,2023-04-01,2023-12-31,truth,central,rule,,,
Q8,Troops at the end?,NA->RUS,rung == troops,2023-01-01,2024-02-10,truth,central,rule,,,
Q9,Later,CHN->RUS,max_rung >= economic,2023-07-01,2023-12-31,truth,central,rule,,,
Q10,Over,CHN->RUS,max_rung >= economic,2022-07-01,2022-12-31,truth,central,rule,,,
"""  # noqa: E501
QUESTIONS_CSV = tiny.QUESTIONS_CSV + MORE_QUESTIONS

BASE = tiny.PATROL | {"cluster": "", "theatre": "bilateral"}


def _rows() -> list[dict[str, str]]:
    directed = BASE | {"mutual": "0"}
    rows = [
        BASE | {"id": "P1", "event_date": "2021-05-24", "known_at": "2021-05-25"},
        BASE | {"id": "P2", "event_date": "2022-11-30", "known_at": "2022-12-01"},
        BASE | {"id": "P3", "event_date": "2023-06-06", "known_at": "2023-06-07"},
    ]
    for number, (day, pair, value) in enumerate(
        (
            ("2020-09-21", "CHN->RUS", "1"),
            ("2021-08-09", "RUS->CHN", "1"),
            ("2022-09-01", "CHN->RUS", "1"),
            ("2021-09-10", "NA->RUS", "0"),
        )
    ):
        supporter, recipient = pair.split("->")
        rows.append(
            directed
            | {"id": f"X{number}", "indicator": "hosted_exercise", "value": value}
            | {"event_date": day, "known_at": day, "supporter": supporter, "recipient": recipient}
        )
    for number, (day, pair, value) in enumerate(
        (
            ("2022-03-02", "CHN->RUS", "abstain"),
            ("2022-03-02", "002->RUS", "against"),
            ("2022-10-12", "CHN->RUS", "abstain"),
            ("2022-10-12", "002->RUS", "against"),
            ("2023-02-23", "NA->RUS", "abstain"),
            ("2023-02-23", "CHN->RUS", "abstain"),
        )
    ):
        supporter, recipient = pair.split("->")
        rows.append(
            directed
            | {"id": f"V{number}", "indicator": "un_vote", "value": value, "known_at": day}
            | {"event_date": day, "supporter": supporter, "recipient": recipient}
        )
    for pair, values in (("CHN->RUS", (108, 147, 190)), ("002->RUS", (24, 34, 16))):
        supporter, recipient = pair.split("->")
        for year, value in zip((2020, 2021, 2022), values, strict=True):
            rows.append(
                directed
                | {"id": f"T{pair[:2]}{year}", "indicator": "trade_value", "value": str(value)}
                | {"event_date": str(year), "date_precision": "year"}
                | {"known_at": f"{year + 1}-03-31", "supporter": supporter, "recipient": recipient}
            )
    rows.append(
        directed
        | {"id": "C1", "indicator": "accusation", "value": "1", "supporter": "002"}
        | {"event_date": "2022-04-01", "known_at": "2022-04-01"}
    )
    report = tiny.ARMS | {"cluster": ""}
    rows += [
        report
        | {"id": "R1", "event_date": "2022-10-17", "known_at": "2022-10-18"}
        | {"supporter": "NA", "source_reliability": "A"},
        report
        | {
            "id": "R2",
            "event_date": "2022-07",
            "known_at": "2023-01-15",
            "date_precision": "half-year",
        }
        | {"attribution": "firm", "source_reliability": "C", "credibility": "3"},
        report
        | {"id": "R3", "event_date": "2023-02-10", "known_at": "2023-02-11", "value": "0"}
        | {"attribution": "unknown"},
        report
        | {"id": "R4", "indicator": "military_training", "event_date": "2021-11-20"}
        | {"known_at": "2021-11-21", "supporter": "RUS", "recipient": "CHN"},
        report
        | {"id": "R5", "indicator": "military_training", "event_date": "2020-08-15"}
        | {"known_at": "2020-08-16", "attribution": "unknown", "credibility": "4"},
    ]
    return rows


ROWS = _rows()

# Known after the as-of date: nothing that is made as of it may change by them.
LATER = [
    tiny.ARMS | {"id": "L1", "event_date": "2023-06-01", "known_at": "2023-07-01"},
    tiny.PATROL | {"id": "L2", "event_date": "2022-08-01", "known_at": "2024-01-01"},
    tiny.ARMS | {"id": "L3", "event_date": "2025-01-10", "known_at": "2025-01-11"},
]
LATER_RESOLUTIONS = tiny.RESOLUTIONS_CSV + "Q1,yes,2023-08-01,2023-08-02,ministry,\n"


def write_study(directory: Path, **files: str) -> Path:
    """Write the study of the fit with its evidence, with the text of some files replaced."""
    made = {
        "study_toml": STUDY_TOML,
        "indicators_csv": INDICATORS_CSV,
        "questions_csv": QUESTIONS_CSV,
    }
    path = tiny.write_study(directory, **{**made, **files})
    tiny.write_evidence(path, ROWS)
    return path


def add_records(study: Study, rows: list[dict[str, str]], directory: Path) -> None:
    """Import more records into a study's ledger."""
    directory.mkdir(parents=True, exist_ok=True)
    with study.ledger as ledger:
        import_table(ledger, study.data, tiny.write_evidence(directory, rows))


def write_files(fit: Fit, settings: RunSettings = SETTINGS) -> Path:
    """Write the run of a fit into its study's directory."""
    files = RunFiles(
        identifier=run_identifier(fit.study, fit.vintage, fit.priors, settings),
        settings=asdict(settings) | {"engine": fit.posterior.engine},
        engine_asked=settings.engine,
        ledger_head="",
    )
    return write_run(fit, files)


@dataclass(frozen=True)
class SharedFit:
    """A fit as functions see it, and as the run directory holds it."""

    fit: Fit
    directory: Path

    @property
    def study_directory(self) -> Path:
        """Where the study is."""
        return self.fit.study.directory


@dataclass(frozen=True)
class PriorFit:
    """A panel with draws of all parameters from the prior; the graph is the model's own."""

    panel: Panel
    model: Any
    draws: Draws


def records_of(study: StudyData, rows: list[dict[str, str]]) -> tuple[Record, ...]:
    """Return rows of evidence as records, sorted by id."""
    return tuple(sorted((tiny.record(study, **row) for row in rows), key=lambda one: one.id))


def panel_of(study: StudyData, rows: list[dict[str, str]], as_of: date) -> Panel:
    """Return the panel of rows of evidence, without a ledger; all of them must be known."""
    records = records_of(study, rows)
    assert all(record.known <= as_of for record in records)
    return build_panel(study, Vintage(as_of, records, ""))


def priors_of(study: StudyData) -> Priors:
    """Return the priors of a study."""
    return load_priors(study.prior_sets, study.directory)


def data_of(panel: Panel) -> ModelData:
    """Return the arrays of a panel."""
    return build_data(panel, priors_of(panel.study))


def prior_of(panel: Panel, count: int, seed: int = 1) -> PriorFit:
    """Draw from the prior of a panel's model; takes a second or two, as nothing is compiled."""
    data = data_of(panel)
    model = build_model(data, priors_of(panel.study))
    return PriorFit(panel, model, stack_draws(sample_prior(model, count, seed), data))


_STUDY = pytest.StashKey[StudyData]()
_PRIOR = pytest.StashKey[PriorFit]()
_FIT = pytest.StashKey[SharedFit]()


@pytest.fixture(scope="session")
def fit_study_data(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> StudyData:
    """Return the study of the fit."""
    stash = request.config.stash
    if _STUDY not in stash:
        stash[_STUDY] = load_study(write_study(tmp_path_factory.mktemp("study") / "tiny"))
    return stash[_STUDY]


@pytest.fixture(scope="session")
def fit_prior(request: pytest.FixtureRequest, fit_study_data: StudyData) -> PriorFit:
    """Return 400 draws from the prior of the study with its records."""
    stash = request.config.stash
    if _PRIOR not in stash:
        stash[_PRIOR] = prior_of(panel_of(fit_study_data, ROWS, AS_OF), 400)
    return stash[_PRIOR]


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SharedFit:
    """Return the fit of the session; read it, never change it."""
    stash = request.config.stash
    if _FIT not in stash:
        study = Study.load(write_study(tmp_path_factory.mktemp("fit") / "tiny"))
        with study.ledger as ledger:
            fit = fit_study(study.data, ledger, AS_OF, settings=SETTINGS, progress=False)
        fit.keep_log_likelihood()
        stash[_FIT] = SharedFit(fit, write_files(fit))
    return stash[_FIT]


def copy_run(shared: SharedFit, target: Path) -> tuple[Study, Path]:
    """Copy the study of the fit with its ledger and its run, free to be changed.

    Returns
    -------
    Study
    Path
        The run's directory.
    """
    shutil.copytree(shared.study_directory, target)
    study = Study.load(target)
    run = target / ".forecast" / "runs" / shared.directory.name
    with study.ledger as ledger:
        head = ledger.head.chain_hash
    log = json.loads((run / "run.log.json").read_text(encoding="utf-8")) | {"ledger_head": head}
    (run / "run.log.json").write_text(json.dumps(log), encoding="utf-8")
    return study, run


def probabilities(document: dict[str, Any]) -> dict[str, float | None]:
    """Return the probability of each question of forecasts.json."""
    return {one["id"]: one["probability"] for one in document["questions"]}
