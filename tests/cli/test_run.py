"""What the command makes of a fit; the fit itself is stood in for, as it takes minutes."""

import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from forecast.errors import FitError
from tests.cli.conftest import held_elsewhere

FORECASTS: dict[str, Any] = {
    "format": "forecast/1",
    "study": "mine",
    "run": "r1",
    "as_of": "2026-11-24",
    "engine": "nuts",
    "status": "converged",
    "questions": [
        {
            "id": "Q01",
            "pair": "AAA->BBB",
            "event": "max_rung >= lethal by state",
            "opens": "2026-01-01",
            "closes": "2027-12-31",
            "status": "open",
            "probability": 0.1234,
            "reason": None,
            "interval": {"prob": 0.9, "low": 0.05, "high": 0.3},
            "words": "very unlikely",
        },
        {"id": "Q02", "event": "", "probability": None, "reason": "no indicator of pipelines"},
        {"id": "Q03", "event": "", "probability": None, "reason": "no indicator of pipelines"},
    ],
}


@dataclass
class Fits:
    """Stands for the API: notes how it was asked, and answers with a run of a given status."""

    place: Path
    status: str = "converged"
    error: BaseException | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def load(self, directory: Path) -> Any:
        from forecast.study.load import load_study

        made = self

        class Loaded:
            questions = load_study(directory).questions

            def fit(self, **settings: Any) -> Any:
                made.asked.append(settings)
                if made.error is not None:
                    raise made.error
                return made

        return Loaded()

    @property
    def forecasts(self) -> dict[str, Any]:
        return {**FORECASTS, "status": self.status}

    @property
    def report_path(self) -> Path:
        return self.place / "report.html"


@pytest.fixture
def fits(blank_study: Path, monkeypatch: pytest.MonkeyPatch) -> Fits:
    made = Fits(blank_study)
    module = ModuleType("forecast.api")
    module.Study = made  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "forecast.api", module)
    return made


def test_the_headline_table_and_the_report_are_told(program, fits):
    outcome = program("run", "mine")
    assert outcome.code == 0
    assert "12.3 %" in outcome.out
    assert "5.0 % to 30.0 %" in outcome.out
    assert "very unlikely" in outcome.out
    assert "Will the state of Aland give arms" in outcome.out
    assert "No probability for Q02, Q03: no indicator of pipelines" in outcome.out
    assert outcome.out.splitlines()[-1].endswith("report.html")


def test_json_is_forecasts_json_and_nothing_else(program, fits):
    assert program("run", "mine", "--json").json == FORECASTS


def test_options_reach_the_fit_and_those_not_given_keep_its_defaults(program, fits):
    program("run", "mine", "--as-of", "2022-02-04", "--seed", "7", "--draws", "50")
    program("run", "mine", "--engine", "nuts", "--tune", "60", "--chains", "3")
    asked = [{k: v for k, v in one.items() if k != "say"} for one in fits.asked]
    assert asked == [
        {
            "as_of": date(2022, 2, 4),
            "engine": "auto",
            "progress": True,
            "seed": 7,
            "draws": 50,
        },
        {"as_of": None, "engine": "nuts", "progress": True, "tune": 60, "chains": 3},
    ]


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [("converged", 0, ""), ("doubtful", 0, "doubtful"), ("failed", 3, "not fit to publish")],
)
def test_the_status_decides_the_exit_code(program, fits, status, code, said):
    fits.status = status
    outcome = program("run", "mine")
    assert outcome.code == code
    assert said in outcome.err
    assert "Report:" in outcome.out


def test_a_fit_that_gives_nothing_exits_3(program, fits):
    fits.error = FitError("every chain got stuck", remedy="try another seed")
    outcome = program("run", "mine")
    assert (outcome.code, outcome.out) == (3, "")
    assert "every chain got stuck" in outcome.err


def test_an_interrupt_exits_130_and_frees_the_study(program, fits, blank_study):
    fits.error = KeyboardInterrupt()
    assert program("run", "mine").code == 130
    with held_elsewhere(blank_study):
        pass


def test_a_study_that_is_held_exits_4_without_a_fit(program, fits, blank_study):
    with held_elsewhere(blank_study):
        outcome = program("run", "mine")
    assert outcome.code == 4
    assert "another process holds the study" in outcome.err
    assert fits.asked == []


def test_a_full_disk_is_told_as_text(program, fits):
    fits.error = OSError(28, "No space left on device", "draws.zarr")
    outcome = program("run", "mine")
    assert outcome.code == 1
    assert outcome.err.strip().endswith("draws.zarr: No space left on device")


def test_evidence_of_the_study_is_in_the_ledger_before_the_fit(program, fits, blank_study, records):
    records("E1", "E2").rename(blank_study / "evidence.csv")
    assert "Took 2 records" in program("run", "mine").err


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "mine", "--as-of", "04.02.2022"),
        ("run", "mine", "--as-of", "2022-02-30"),
        ("run", "mine", "--as-of", "20220204"),
        ("run", "mine", "--engine", "crystal-ball"),
        ("run", "mine", "--draws", "0"),
        ("run", "mine", "--seed", "-1"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(program, fits, arguments):
    assert program(*arguments).code == 2
    assert fits.asked == []


def test_verbose_logs_to_standard_error_alone(program, fits):
    outcome = program("run", "mine", "--seed", "7", "--json", "--verbose")
    assert outcome.json == FORECASTS
    assert "INFO forecast.cli.run: fitting the study in mine, settings {'seed': 7}" in outcome.err
    assert "INFO" not in program("run", "mine").err
