"""The way from an earlier run to a fit, split by cause: counterfactuals on the earlier draws."""

from collections.abc import Mapping

import pandas as pd

from forecast.errors import ForecastError
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import Vintage
from forecast.explain.steps import CAUSES
from forecast.explain.update import reweigh
from forecast.priors import Priors
from forecast.runs.basis import Saved, load_basis, stale, vintage_of
from forecast.runs.reasons import CHANGES, Changes
from forecast.study.models import Study


def changes_since(
    run: Saved,
    study: Study,
    ledger: Ledger,
    after: Vintage,
    priors: Priors,
    probabilities: Mapping[str, float],
) -> Changes:
    """Split what lies between an earlier run and a new fit into its causes.

    The draws of the earlier fit take in time, revisions, retractions and new evidence one after
    the other; what the new fit says beyond that is the part ``refit``. Where the earlier draws no
    longer serve, or cannot be trusted that far, the whole change is the refit's.

    Parameters
    ----------
    after : Vintage
        What the new fit knew.
    probabilities : mapping of str to float
        What it says.
    """
    before = run.probabilities
    empty = pd.DataFrame(columns=["question", "before", *CAUSES, "after"])
    try:
        why = stale(run.fit, study, priors)
        if why:
            return Changes(since=run.id, why=why, table=with_refit(empty, before, probabilities))
        basis = load_basis(run, study, ledger, priors)
        update = reweigh(basis, vintage_of(run, study, ledger), after, before)
    except (ForecastError, OSError, KeyError, ValueError) as error:
        # The earlier run's damage is its own: a fit that stands is not lost for it.
        return Changes(since=run.id, why=str(error), table=with_refit(empty, before, probabilities))
    return Changes(
        since=run.id,
        path="refitted",
        why=update.refused,
        table=with_refit(update.changes, before, probabilities),
        records=update.records,
    )


def with_refit(
    changes: pd.DataFrame, before: Mapping[str, float], after: Mapping[str, float]
) -> pd.DataFrame:
    """Add what a refit found, and how much of the change no step accounts for.

    Questions that the refit is the first to forecast come in, with nothing before.
    """
    names = dict.fromkeys([*after, *changes["question"]])
    changes = changes.set_index("question").reindex(list(names)).rename_axis("question")
    changes = changes.reset_index()
    changes["before"] = changes["question"].map(dict(before))
    changes["after"] = changes["question"].map(dict(after))
    parts = changes[list(CAUSES)].astype(float)
    changes[list(CAUSES)] = parts
    changes["refit"] = changes["after"] - changes["before"] - parts.sum(axis=1)
    return changes[list(CHANGES)]
