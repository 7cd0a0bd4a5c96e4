"""``forecast score``: how the forecasts of resolved questions came out, beside baselines."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.console import shorten, show, show_json, table
from forecast.cli.headlines import percent
from forecast.cli.options import JsonOption, StudyArgument
from forecast.cli.workspace import find_study

if TYPE_CHECKING:
    import pandas as pd

    from forecast.runs.track_record import TrackRecord

_REASON_WIDTH = 60


class At(StrEnum):
    """Which forecast of a question is scored."""

    last = "last"
    opening = "opening"


_WHICH = {
    At.last: "the newest run as of a day before the answer was out, within the question's window",
    At.opening: "the oldest run as of a day in the question's window, before the answer was out",
}


def score(
    study: StudyArgument,
    at: Annotated[
        At, typer.Option(help="Score the last run before the answer, or the first in the window.")
    ] = At.last,
    json: JsonOption = False,
) -> None:
    """Score the forecasts of questions that were answered: model, as signed, and base rates.

    A forecast counts where its run is fit to publish and as of a day in the question's window,
    before the first day on which the answer was out; a sign-off where it was given before that
    day. Questions that are ambiguous, void or unresolved are named, not scored. Lower scores are
    better; the log score is in nats. Base rates come from the study's base_rates.csv.

    \b
    Examples:
      forecast score ukraine
      forecast score ukraine --at opening --json > scores.json
    """
    from forecast.runs.track_record import score_study
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    record = score_study(loaded, at=at.value)
    if json:
        show_json(_document(loaded.id, at, record))
    else:
        _show(loaded.id, at, record)


def _document(study: str, at: At, record: TrackRecord) -> dict[str, Any]:
    return {
        "format": "scores/1",
        "study": study,
        "at": at.value,
        "rule": _WHICH[at],
        "questions": _rows(record.table),
        "common": _rows(record.common),
        "common_with_signed": _rows(record.common_with_signed),
        "not_scored": {name: list(ids) for name, ids in record.not_scored.items()},
        "runs_passed_over": list(record.passed_over),
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows for JSON: null where there is nothing, the word infinite where it is so."""
    return [
        {str(name).replace(" ", "_"): _plain(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    return "infinite" if value == math.inf else value


def _show(study: str, at: At, record: TrackRecord) -> None:
    from forecast.runs.track_record import FORECASTERS

    scored = record.table
    show(f"{study}: scored is {_WHICH[at]}")
    if len(scored):
        headings = ["id", "known", "outcome", "as of"]
        for name in FORECASTERS:
            headings += [name, "Brier", "log"]
        rows = [_line(row, FORECASTERS) for row in scored.to_dict("records")]
        show(table([*headings, "remark"], rows))
    _show_means("Mean scores on the questions that all of these answered", record.common)
    _show_means(
        "The same on those that were signed before the answer was out", record.common_with_signed
    )
    if scored["model"].isna().all():
        show(f"No forecast to score; make one: forecast run {study} --as-of DATE, before an answer")
    hindsight = int((scored["in_hindsight"] == True).sum())  # noqa: E712 - may be missing
    if hindsight:
        show(f"* {hindsight} made when the answer was out, from what was known before")
    for name, ids in record.not_scored.items():
        if ids:
            show(f"Not scored, {name}: {len(ids)} ({', '.join(ids)})")
    if record.passed_over:
        show(f"Runs that cannot be read, passed over: {', '.join(record.passed_over)}")


def _line(row: dict[Any, Any], forecasters: tuple[str, ...]) -> list[str]:
    cells = [
        row["question"],
        row["known_from"],
        "yes" if row["outcome"] == 1.0 else "no",
        row["as_of"] + ("*" if row["in_hindsight"] is True else ""),
    ]
    for name in forecasters:
        given = row[name]
        cells += ["" if math.isnan(given) else percent(given)]
        cells += [_number(row[f"{kind}_{name}"]) for kind in ("brier", "log")]
    return [*cells, shorten(row["reason"], _REASON_WIDTH)]


def _show_means(title: str, means: pd.DataFrame) -> None:
    if not len(means):
        return
    show()
    show(f"{title}: {means['questions'].iloc[0]}")
    rows = [
        (str(row.forecaster), _number(row.brier), _number(row.log), str(row.infinite))
        for row in means.itertuples()
    ]
    show(table(("forecaster", "Brier", "log", "infinite"), rows))


def _number(value: Any) -> str:
    if math.isnan(value):
        return ""
    return "infinite" if math.isinf(value) else f"{value:.4f}"
