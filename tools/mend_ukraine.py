"""Make the shipped study ``ukraine`` from the raw material: ``python -m tools.mend_ukraine [RAW]``.

RAW is the folder with the raw files; by default ``study`` in the folder that the environment
variable FORECAST_SHARED_DATA names, or in ``shared/data`` beside the repository. Every decision is
data in ``tools/ukraine``; the README of the study says why. The same raw files give the same bytes.
"""

import os
import sys
from pathlib import Path

from tools.ukraine.accounting import account
from tools.ukraine.base_rates import base_rates
from tools.ukraine.evidence import mend_evidence
from tools.ukraine.files import Row, read_rows, write_rows
from tools.ukraine.indicators import INDICATORS
from tools.ukraine.readme import readme
from tools.ukraine.study import study_toml
from tools.ukraine.tables import (
    coverage_rows,
    indicator_rows,
    judgement_rows,
    outcome_rows,
    question_rows,
    resolution_rows,
)

REPOSITORY = Path(__file__).resolve().parents[1]
STUDY = REPOSITORY / "forecast" / "studies" / "ukraine"


def mend(raw: Path, study: Path) -> None:
    """Write the whole study directory from the folder of raw files.

    Raises
    ------
    ValueError
        If a raw row meets no decision, or a decision meets no raw row.
    """
    evidence_raw = read_rows(raw / "evidence.csv")
    questions_raw = read_rows(raw / "questions.csv")
    evidence = mend_evidence(evidence_raw, read_rows(raw / "clusters.csv"))
    account(evidence_raw, evidence)
    questions = question_rows(questions_raw)
    tables: dict[str, list[Row]] = {
        "indicators.csv": indicator_rows(INDICATORS),
        "coverage.csv": coverage_rows(),
        "evidence.csv": evidence,
        "questions.csv": questions,
        "resolutions.csv": resolution_rows(questions_raw),
        "judgements.csv": judgement_rows(read_rows(raw / "article_judgements.csv")),
        "outcomes.csv": outcome_rows(read_rows(raw / "outcomes.csv")),
        "base_rates.csv": base_rates(questions, evidence),
    }
    study.mkdir(parents=True, exist_ok=True)
    (study / "study.toml").write_text(study_toml(), encoding="utf-8", newline="\n")
    for name, rows in tables.items():
        write_rows(study / name, rows)
    text = readme(evidence_raw, evidence, tables["outcomes.csv"])
    (study / "README.md").write_text(text, encoding="utf-8", newline="\n")


def raw_folder(arguments: list[str]) -> Path:
    """Return the folder of raw files that the command line or the environment names."""
    if arguments:
        return Path(arguments[0])
    shared = os.environ.get("FORECAST_SHARED_DATA") or REPOSITORY.parent / "shared" / "data"
    return Path(shared) / "study"


if __name__ == "__main__":
    folder = raw_folder(sys.argv[1:])
    if not folder.is_dir():
        sys.exit(f"{folder} does not exist: name the folder of raw files, or set its variable")
    mend(folder, STUDY)
    print(f"wrote {STUDY.relative_to(REPOSITORY)}")
