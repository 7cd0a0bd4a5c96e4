"""What a report says, as data: the forecasts, the manifest and tidy tables of one run.

Nothing here knows of HTML or Markdown. Any table may be empty; the section that needs it then
says so in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from forecast.errors import RunError
from forecast.report.sign_offs import SignOff, in_force

if TYPE_CHECKING:
    import pandas as pd

    from forecast.study.models import Pair, Study

FRAME_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "ladder": ("pair", "period", "track", "rung", "probability", "tense"),
    "paths": (
        "pair",
        "domain",
        "period",
        "mean",
        "q05",
        "q50",
        "q95",
        "prior_q05",
        "prior_q95",
    ),
    "asymmetry": (
        "domain",
        "period",
        "mean",
        "q05",
        "q95",
        "prior_mean",
        "prior_q05",
        "prior_q95",
        "p_positive",
    ),
    "loadings": (
        "indicator",
        "domain",
        "kind",
        "polarity",
        "mean",
        "q05",
        "q95",
        "prior_q05",
        "prior_q95",
        "n_records",
        "status",
    ),
    "fitted": (
        "indicator",
        "kind",
        "pair_group",
        "n_cells",
        "n_zero",
        "observed",
        "fitted",
        "q05",
        "q95",
    ),
    "evidence": (
        "record",
        "first",
        "last",
        "pair",
        "indicator",
        "domain",
        "measures",
        "value",
        "grade",
        "source_name",
        "source_url",
        "known_at",
        "note",
        "used",
        "why_not",
    ),
    "diagnostics": ("name", "value", "threshold", "verdict", "sentence"),
    "judgements": (
        "id",
        "title",
        "event",
        "window",
        "expert_low",
        "expert_mid",
        "expert_high",
        "model",
        "outcome",
        "note",
    ),
    "face_validity": ("name", "value", "sentence"),
    "changes": (
        "question",
        "before",
        "time",
        "revisions",
        "retractions",
        "evidence",
        "refit",
        "after",
    ),
    "change_notes": ("name", "text"),
    "change_records": (
        "cause",
        "record",
        "first",
        "last",
        "pair",
        "indicator",
        "value",
        "grade",
        "source_name",
        "source_url",
    ),
    "drivers": ("question", "record", "bits", "error", "without", "k_hat", "path"),
    "tripwires": (
        "question",
        "indicator",
        "pair",
        "period",
        "observation",
        "chance",
        "probability",
        "change",
        "bits",
        "crosses",
        "ok",
    ),
    "collection": (
        "question",
        "indicator",
        "pair",
        "domain",
        "expected_bits",
        "error",
        "share",
        "cost",
        "bits_per_cost",
        "rank",
        "note",
    ),
    "watched": ("question", "period", "first_day", "probability"),
}


def _no_table() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """Everything that a report of one run shows.

    Parameters
    ----------
    study
        The study; read for its id, title, domains, ladder, calendar, questions and resolutions.
    manifest
        The run's manifest. Read where present: ``run``, ``engine``, ``seed``, ``chains``,
        ``draws``, ``study_hash``, ``vintage`` (a hash, or a mapping with ``hash`` and
        ``records``), ``priors`` (name to hash), ``versions`` (name to version), ``command``,
        ``wall_seconds``.
    forecasts
        The object written to ``forecasts.json``.
    ladder
        Probability of each rung by pair, period and track, from the first period at stake to the
        horizon. ``track`` is ``any`` or ``state``; ``tense`` is ``past``, ``now`` or ``future``.
    paths
        Posterior summary of alignment by pair, domain and period beside the prior's 90 % band.
    asymmetry
        Posterior and prior of alignment of ``asymmetry_pair`` less that of its reverse.
    loadings
        One row an indicator; ``status`` is ``estimated``, ``reference`` or ``prior only``.
    fitted
        Observed and fitted mean of each indicator's cells, zeros included, by group of pairs.
    evidence
        One row a record of the vintage, used or not; ``why_not`` is empty where used.
    diagnostics
        One row a check of the fit; ``verdict`` is ``ok``, ``doubtful`` or ``failed``.
    judgements
        An expert's probabilities beside the model's.
    face_validity
        Quantities that a reader can hold against what is known.
    changes
        Of each question, the way from the run before to this one by cause, in probability.
    change_notes
        Which run that was (``since``), and how the change was found (``path``, ``why``).
    change_records
        The records that came in, were corrected or withdrawn, as they stand or last stood.
    drivers
        The heaviest records of each open question: bits with their error, the probability without.
    tripwires, collection
        Single observations that would move a question, and what is worth watching for it.
    watched
        The period that the two speak of, by question.
    asymmetry_pair
        The direction from which the other is subtracted.
    forecasts_hash
        SHA-256 of the bytes of forecasts.json; what a sign-off was put under.
    sign_offs
        All sign-offs of the run, the oldest first.
    sign_off_problem
        Why it cannot be told who signed; empty where it can.

    Raises
    ------
    RunError
        If a table lacks a column.
    """

    study: Study
    manifest: Mapping[str, Any]
    forecasts: Mapping[str, Any]
    ladder: pd.DataFrame
    paths: pd.DataFrame
    asymmetry: pd.DataFrame
    loadings: pd.DataFrame
    fitted: pd.DataFrame
    evidence: pd.DataFrame
    diagnostics: pd.DataFrame
    judgements: pd.DataFrame
    face_validity: pd.DataFrame
    changes: pd.DataFrame = field(default_factory=_no_table)
    change_notes: pd.DataFrame = field(default_factory=_no_table)
    change_records: pd.DataFrame = field(default_factory=_no_table)
    drivers: pd.DataFrame = field(default_factory=_no_table)
    tripwires: pd.DataFrame = field(default_factory=_no_table)
    collection: pd.DataFrame = field(default_factory=_no_table)
    watched: pd.DataFrame = field(default_factory=_no_table)
    asymmetry_pair: str = "RUS->CHN"
    forecasts_hash: str = ""
    sign_offs: tuple[SignOff, ...] = ()
    sign_off_problem: str = ""

    def __post_init__(self) -> None:
        for one in fields(self):
            needed = FRAME_COLUMNS.get(one.name)
            if needed is None:
                continue
            frame = getattr(self, one.name)
            missing = [name for name in needed if name not in frame.columns]
            # A frame without any row may come without columns too.
            if missing and len(frame):
                raise RunError(
                    f"column {missing[0]} is missing",
                    where=f"report table {one.name}",
                    expected=", ".join(needed),
                    remedy="pass the table with every column, or without rows",
                )

    @property
    def as_of(self) -> date:
        """The date whose knowledge the forecasts rest on."""
        return date.fromisoformat(str(self.forecasts["as_of"]))

    @property
    def questions(self) -> tuple[Mapping[str, Any], ...]:
        """The forecasts of single questions, as in forecasts.json."""
        return tuple(self.forecasts.get("questions", ()))

    @property
    def in_force(self) -> SignOff | None:
        """The newest sign-off of these very numbers."""
        return in_force(self.sign_offs, self.forecasts_hash)

    @property
    def used(self) -> pd.DataFrame:
        """The records that inform the model."""
        if self.evidence.empty:
            return self.evidence
        return self.evidence[self.evidence["used"].astype(bool)]

    @property
    def unused(self) -> pd.DataFrame:
        """The records that are held but inform nothing."""
        if self.evidence.empty:
            return self.evidence
        return self.evidence[~self.evidence["used"].astype(bool)]


def question_pairs(data: ReportData) -> tuple[str, ...]:
    """Return the pairs that questions ask about, the most asked first, then each one's reverse.

    Open questions count before closed ones, so that the pairs at issue today lead.
    """
    open_count: dict[str, int] = {}
    count: dict[str, int] = {}
    for question in data.questions:
        pair = str(question.get("pair") or "")
        if not pair:
            continue
        count[pair] = count.get(pair, 0) + 1
        open_count[pair] = open_count.get(pair, 0) + (question.get("status") == "open")
    return tuple(sorted(count, key=lambda pair: (-open_count[pair], -count[pair], pair)))


def reverse(pair: str) -> str:
    """Return the label of the other direction: ``CHN->RUS`` gives ``RUS->CHN``."""
    supporter, _, recipient = pair.partition("->")
    return f"{recipient}->{supporter}"


def pair_text(pair: Pair | str) -> str:
    """Return a pair as a reader sees it: ``CHN → RUS``."""
    return str(getattr(pair, "label", pair)).replace("->", " → ")
