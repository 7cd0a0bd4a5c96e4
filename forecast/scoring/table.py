"""Tables of scores: several forecasters on the same questions."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from forecast.scoring.scores import brier_score, log_score
from forecast.study.models import Resolution

OUTCOMES = {"yes": 1.0, "no": 0.0}


def resolved_outcomes(resolutions: Iterable[Resolution]) -> dict[str, float]:
    """Return 1 or 0 for each question that was answered, by its newest resolution.

    An ambiguous or void question has no entry: it is not scored.
    """
    newest: dict[str, Resolution] = {}
    for one in sorted(resolutions, key=lambda r: r.known_at):
        newest[one.question] = one
    return {name: OUTCOMES[one.outcome] for name, one in newest.items() if one.outcome in OUTCOMES}


def score_forecasts(table: pd.DataFrame, forecasters: Sequence[str]) -> pd.DataFrame:
    """Add the scores of each forecaster to a table of questions.

    Parameters
    ----------
    table : DataFrame
        One row per question, with the column ``outcome`` (1, 0 or missing) and one column of
        probabilities per forecaster (missing where there is none).

    Returns
    -------
    DataFrame
        With columns ``brier_<forecaster>`` and ``log_<forecaster>``, missing where the forecast or
        the outcome is.
    """
    scored = table.copy()
    for name in forecasters:
        known = table[[name, "outcome"]].notna().all(axis=1)
        chances = table.loc[known, name].to_numpy(float)
        outcomes = table.loc[known, "outcome"].to_numpy(float)
        for score, function in (("brier", brier_score), ("log", log_score)):
            column = pd.Series(np.nan, index=table.index)
            column[known] = function(chances, outcomes)
            scored[f"{score}_{name}"] = column
    return scored


def summarise_scores(scored: pd.DataFrame, forecasters: Sequence[str]) -> pd.DataFrame:
    """Return the mean scores of forecasters on the questions that all of them answered.

    Returns
    -------
    DataFrame
        forecaster, questions, brier, log, infinite: the last counts infinite log scores, which
        make the mean infinite.
    """
    common = scored[[f"brier_{name}" for name in forecasters]].notna().all(axis=1)
    rows = []
    for name in forecasters:
        brier, logs = scored.loc[common, f"brier_{name}"], scored.loc[common, f"log_{name}"]
        rows.append(
            {
                "forecaster": name,
                "questions": int(common.sum()),
                "brier": float(brier.mean()),
                "log": float(np.mean(logs.to_numpy())) if common.any() else float("nan"),
                "infinite": int(np.isinf(logs).sum()),
            }
        )
    return pd.DataFrame(rows)
