"""Run directories without a fit: the files that reports, sign-offs and scores are read from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from forecast.report import ReportData
from forecast.runs.files import write_reports
from forecast.runs.report_data import forecasts_hash, load_report_data, save_report_data
from forecast.study.load import load_study
from tests.report.factory import report_data

RUN = "2026-11-24-1f3a9c2e"


def write(data: ReportData, directory: Path) -> Path:
    """Write the files of a run that a report is read from."""
    directory.mkdir(parents=True, exist_ok=True)
    manifest = {**data.manifest, "study": data.study.id, "study_hash": data.study.content_hash}
    (directory / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    text = json.dumps(data.forecasts, ensure_ascii=False)
    (directory / "forecasts.json").write_text(text, encoding="utf-8")
    save_report_data(data, directory)
    return directory


def write_run(study: Path, **changes: Any) -> Path:
    """Write a run with its reports into a study: Q03 (2 %), Q04, Q05 and Q06 (0 %) are forecast."""
    data = report_data(questions=6, pair_count=3, records=48)
    forecasts = {**data.forecasts, "run": RUN, **changes}
    small = {**data.__dict__, "forecasts": forecasts}
    directory = write(ReportData(**small), study / ".forecast" / "runs" / RUN)
    assert forecasts_hash(directory)
    write_reports(load_report_data(directory, load_study(study)), directory)
    return directory
