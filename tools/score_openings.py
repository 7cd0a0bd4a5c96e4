"""Forecast each resolved question of ``ukraine`` as of its opening date, and score the forecasts.

Usage: python -m tools.score_openings [--out DIR] [--keep DIR] [--draws N] [--tune N]
       [--date YYYY-MM-DD ...]

One fit for each opening date, and one as of the day of the founding article's judgements: minutes
each. With --keep, forecasts are kept by the hash of their inputs, so that a run that was cut short
goes on; the hash does not cover the program's code. Writes question-scores.csv,
judgement-scores.csv and scores.md. With --date, only these dates are fitted and nothing is written.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path

import pandas as pd

from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import read_as_of
from forecast.forecasts.questions import QuestionForecast
from forecast.priors import load_priors
from forecast.runs.fit import RunSettings, fit_study, run_identifier
from forecast.scoring import score_forecasts, summarise_scores
from forecast.scoring.baselines import read_base_rates
from forecast.scoring.table import resolved_outcomes
from forecast.studies import directory
from forecast.study.load import load_study
from forecast.study.models import Question, Study
from tools.ukraine.judgement_outcomes import OUTCOMES

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results"
STUDY = "ukraine"
EXPERT = ("article_low", "article_mid", "article_high")
_QUESTION = "question title opens model low high base_rate outcome"
_JUDGEMENT = "judgement title model article_low article_mid article_high key outcome"
QUESTION_COLUMNS = f"{_QUESTION} brier_model brier_base_rate log_model log_base_rate fit".split()
JUDGEMENT_COLUMNS = f"{_JUDGEMENT} brier_model brier_article_mid log_model log_article_mid".split()
# By date: the status of the fit, and the forecast of each question and judgement.
Forecasts = Mapping[str, dict[str, dict[str, object]]]

PREFACE = """\
# Forecasts as of each question's opening

Each resolved question of the study `ukraine`, forecast as of the day on which it opened: the fit
reads nothing that was known later. Made by `python -m tools.score_openings`.

Descriptive; no claim of skill. The questions were chosen in hindsight, and the priors were set,
before any score was seen, by people who knew what had happened. Some questions share an event.
Lower scores are better; the log score is in nats. Base rates come from `base_rates.csv`,
which was fixed before any score was seen.
"""


def opening_dates(study: Study) -> list[date]:
    """Return the dates to fit: openings of resolved and modelled questions, and of judgements."""
    days = {one.opens for one in resolved_questions(study) if not one.not_modelled}
    days |= {one.judged_on for one in study.judgements if not one.not_modelled}
    return sorted(days)


def resolved_questions(study: Study) -> list[Question]:
    """Return the questions with a yes or no, in the study's order."""
    outcomes = resolved_outcomes(study.resolutions)
    return [one for one in study.questions if one.id in outcomes]


def forecast_openings(
    days: Iterable[date], settings: RunSettings, keep: Path | None = None
) -> dict[str, dict[str, dict[str, object]]]:
    """Fit the shipped study as of each date and return what it says of every question."""
    study = load_study(directory(STUDY))
    with tempfile.TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        with closing(Ledger.open(Path(scratch) / "ledger.db")) as ledger:
            import_table(ledger, study, study.directory / "evidence.csv")
            return {
                day.isoformat(): _forecast_as_of(study, ledger, day, settings, folder)
                for day in days
            }


def _forecast_as_of(
    study: Study, ledger: Ledger, day: date, settings: RunSettings, folder: Path
) -> dict[str, dict[str, object]]:
    priors = load_priors(study.prior_sets, study.directory)
    vintage = read_as_of(ledger, day, pairs=study.pairs)
    kept = folder / f"{run_identifier(study, vintage, priors, settings)}.json"
    if not kept.is_file():
        fit = fit_study(study, ledger, day, settings=settings, progress=False)
        document = {
            "fit": {"status": fit.diagnosis.status, "seconds": sum(fit.seconds.values())},
            **{one.id: _plain(one) for one in (*fit.questions, *fit.judgements)},
        }
        kept.write_text(json.dumps(document, indent=1), encoding="utf-8")
    loaded: dict[str, dict[str, object]] = json.loads(kept.read_text(encoding="utf-8"))
    print(f"{day}: {loaded['fit']['status']}, {loaded['fit']['seconds']:.0f} s", file=sys.stderr)
    return loaded


def _plain(one: QuestionForecast) -> dict[str, object]:
    return {name: getattr(one, name) for name in ("probability", "low", "high", "reason")}


def question_table(study: Study, forecasts: Forecasts) -> pd.DataFrame:
    """Return one row per resolved question: forecast, base rate, outcome and scores."""
    outcomes = resolved_outcomes(study.resolutions)
    rates = read_base_rates(study.directory / "base_rates.csv")
    rows = []
    for question in resolved_questions(study):
        document = {} if question.not_modelled else forecasts[question.opens.isoformat()]
        found = document.get(question.id, {})
        rows.append(
            {
                "question": question.id,
                "title": question.title,
                "opens": question.opens.isoformat(),
                "outcome": outcomes[question.id],
                "model": found.get("probability"),
                "low": found.get("low"),
                "high": found.get("high"),
                "base_rate": rates[question.id],
                "fit": document.get("fit", {}).get("status", ""),
                "reason": question.not_modelled or found.get("reason", ""),
            }
        )
    return score_forecasts(_numeric(pd.DataFrame(rows)), ["model", "base_rate"])


def judgement_table(study: Study, forecasts: Forecasts) -> pd.DataFrame:
    """Return one row per judgement (two where the key decides): model, article and scores."""
    rows = []
    for judgement in study.judgements:
        document = forecasts.get(judgement.judged_on.isoformat(), {})
        found = {} if judgement.not_modelled else document.get(judgement.id, {})
        known = [one for one in OUTCOMES if one.judgement == judgement.id]
        for outcome in known or [None]:
            rows.append(
                {
                    "judgement": judgement.id,
                    "title": judgement.title,
                    "event": judgement.event,
                    "key": outcome.key if outcome else "",
                    "outcome": outcome.outcome if outcome else None,
                    "model": found.get("probability"),
                    "article_low": judgement.p_low,
                    "article_mid": judgement.p_mid,
                    "article_high": judgement.p_high,
                    "basis": outcome.basis if outcome else "",
                    "reason": judgement.not_modelled or found.get("reason", ""),
                }
            )
    return score_forecasts(_numeric(pd.DataFrame(rows)), ["model", *EXPERT])


def _numeric(table: pd.DataFrame) -> pd.DataFrame:
    names = ["outcome", "model", "low", "high", "base_rate", *EXPERT]
    for name in table.columns.intersection(names):
        table[name] = pd.to_numeric(table[name])
    return table


def report(questions: pd.DataFrame, judgements: pd.DataFrame) -> str:
    """Return the tables as Markdown."""
    parts = [
        PREFACE,
        "## Questions\n",
        _markdown(
            questions,
            QUESTION_COLUMNS,
        ),
        "`low` and `high` are the ends of the 90 % interval. Means on the questions with both:\n",
        _markdown(summarise_scores(questions, ["model", "base_rate"])),
    ]
    left_out = questions[questions["model"].isna()]
    parts += [f"* {row.question}: no probability, {row.reason}." for row in left_out.itertuples()]
    parts += [
        "\n## Judgements of the founding article\n",
        "Forecast by the model as of the day of the article. The article's words were read as a"
        " low, a middle and a high probability of the event.\n",
        _markdown(
            judgements,
            JUDGEMENT_COLUMNS,
        ),
    ]
    for key in ("central", "strict"):
        chosen = judgements[judgements["key"].isin(["", key])]
        parts += [
            f"Means with the {key} key where the key decides:\n",
            _markdown(summarise_scores(chosen, ["model", *EXPERT])),
        ]
    based = judgements[judgements["basis"] != ""]
    parts += ["What the outcomes rest on:\n"]
    parts += [
        f"* {row.judgement}{f' ({row.key})' if row.key else ''}: {row.basis}."
        for row in based.itertuples()
    ]
    return "\n".join(parts) + "\n"


def _markdown(table: pd.DataFrame, columns: list[str] | None = None) -> str:
    chosen = table[columns or list(table.columns)]
    lines = ["| " + " | ".join(name.replace("_", " ") for name in chosen) + " |"]
    lines.append("|" + "---|" * len(chosen.columns))
    for row in chosen.itertuples(index=False):
        lines.append("| " + " | ".join(_cell(value) for value in row) + " |")
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, float):
        if pd.isna(value):
            return ""
        return f"{value:.0f}" if value in (0.0, 1.0) else f"{value:.3f}"
    return str(value).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Fit, score and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m tools.score_openings")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--draws", type=int, default=RunSettings.draws)
    parser.add_argument("--tune", type=int, default=RunSettings.tune)
    parser.add_argument("--date", type=date.fromisoformat, nargs="*", default=[])
    chosen = parser.parse_args(arguments)
    # The bands of the prior are for the report, which is not made here.
    settings = RunSettings(draws=chosen.draws, tune=chosen.tune, prior_draws=2)
    study = load_study(directory(STUDY))
    forecasts = forecast_openings(chosen.date or opening_dates(study), settings, chosen.keep)
    if chosen.date:
        print(json.dumps(forecasts, indent=1))
        return 0
    questions, judgements = question_table(study, forecasts), judgement_table(study, forecasts)
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, table in (("question", questions), ("judgement", judgements)):
        table.to_csv(chosen.out / f"{name}-scores.csv", index=False, float_format="%.4f")
    (chosen.out / "scores.md").write_text(report(questions, judgements), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
