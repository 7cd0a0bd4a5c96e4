"""A series of fits as of one date after another, each started where the last one ended."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any

from forecast.evidence.ledger import Ledger
from forecast.inference.start import Start
from forecast.runs.fit import Fit, RunSettings, fit_study
from forecast.study.models import Study

# An origin's forecasts need fewer draws than a report, which shows paths and parameters too.
SETTINGS = RunSettings(engine="auto", draws=300, tune=200, chains=2, prior_draws=1)


def fit_origins(
    study: Study,
    ledger: Ledger,
    origins: Iterable[date],
    *,
    settings: RunSettings = SETTINGS,
    progress: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Iterator[Fit]:
    """Fit a study as of each origin, on what was known then, and forecast its questions.

    The fast engine starts from the draws of the origin before: only what is new has to be
    learned. A start is where sampling begins, no evidence: each fit reads its own vintage alone.
    Programs are shared by origins whose padded panels have the same shapes.

    Parameters
    ----------
    origins : iterable of date
        In ascending order, so that no start has seen what an origin may not know.

    Returns
    -------
    iterator of Fit
        One for each origin; nothing is written, and nothing of it is kept but its end.

    Raises
    ------
    ValueError
        If the origins are not in ascending order, or the settings name a start.
    FitError
        If sampling fails at an origin.
    """
    if settings.start:
        raise ValueError("a series begins cold: leave `start` out")
    days = list(origins)
    for last, origin in pairwise(days):
        if origin <= last:
            raise ValueError(f"origins must ascend: {origin} comes after {last}")
    return _fits(study, ledger, days, {"settings": settings, "progress": progress, "say": say})


def _fits(study: Study, ledger: Ledger, days: list[date], choices: dict[str, Any]) -> Iterator[Fit]:
    start: Start | None = None
    for origin in days:
        fit = fit_study(study, ledger, origin, start=start, **choices)
        start = fit.posterior.start or start
        yield fit
        # Its draws may fill gigabytes: not to be held while the next one is made.
        del fit
