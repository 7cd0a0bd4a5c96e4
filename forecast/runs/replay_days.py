"""One day of a replay as plain rows, kept in a file so that no day is reckoned twice.

A file is named by its day and the hash of everything that decides its rows: the study, the fit,
what was known the day before and what is known now. A replay that was interrupted finds its days
again, and one whose ledger has changed makes anew the days that are concerned, and only those.
"""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forecast import __version__
from forecast.evidence.record import canonical_json, sha256
from forecast.evidence.vintage import Vintage
from forecast.priors import Priors
from forecast.study.models import Study

FORMAT = "replay-day/1"
Row = dict[str, Any]


@dataclass(frozen=True)
class Day:
    """What one day of a replay gave.

    Attributes
    ----------
    about
        ``date``, ``path``, ``fit``, ``k_hat``, ``ess``, ``records``, ``why``.
    questions, rungs, records
        Rows of the tables of :class:`forecast.runs.replayed.Replay`.
    """

    about: Row
    questions: tuple[Row, ...]
    rungs: tuple[Row, ...]
    records: tuple[Row, ...]

    @property
    def date(self) -> str:
        """The day, as an ISO date."""
        return str(self.about["date"])

    @property
    def fit(self) -> str:
        """Id of the fit that the next day weighs."""
        return str(self.about["fit"])

    @property
    def probabilities(self) -> dict[str, float]:
        """Probability of each question that has one."""
        return {str(row["question"]): float(row["probability"]) for row in self.questions}


def replays_directory(study_directory: Path) -> Path:
    """Return where the days of replays are kept."""
    return study_directory / ".forecast" / "replays"


def place_of(
    study: Study,
    priors: Priors,
    *,
    fit: str,
    before: Vintage,
    after: Vintage,
    previous: Mapping[str, float],
    choices: Sequence[str],
) -> Path:
    """Return the file that holds a day with exactly these inputs, whether it is there or not."""
    inputs = canonical_json(
        [
            FORMAT,
            __version__,
            study.content_hash,
            sorted(
                (one.question, one.outcome, one.known_at.isoformat())
                for one in study.resolutions
                if one.known_at <= after.as_of
            ),
            sorted(priors.hashes.items()),
            fit,
            [before.as_of.isoformat(), before.hash],
            [after.as_of.isoformat(), after.hash],
            dict(previous),
            list(choices),
        ]
    )
    name = f"{after.as_of}-{sha256(inputs)[:12]}.json"
    return replays_directory(study.directory) / name


def load_day(place: Path) -> Day | None:
    """Return the day that a file holds; None where it is missing or was not written whole."""
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
        if kept.pop("format") != FORMAT:
            return None
        about = kept.pop("about")
        return Day(about=about, **{name: tuple(rows) for name, rows in kept.items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def save_day(place: Path, day: Day) -> None:
    """Write a day under a temporary name, then rename it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": FORMAT} | asdict(day), ensure_ascii=False, allow_nan=False)
    handle, draft = tempfile.mkstemp(prefix=".draft-", dir=place.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        Path(draft).replace(place)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
