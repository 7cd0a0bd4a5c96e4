"""A series of fits as of one date after another, each started where the last one ended."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from forecast.evidence.ledger import Ledger
from forecast.inference.start import Start
from forecast.runs.fit import Fit, RunSettings, fit_study
from forecast.study.models import Study

# An origin's forecasts need fewer draws than a report, which shows paths and parameters too.
SETTINGS = RunSettings(engine="auto", draws=250, tune=200, chains=2, prior_draws=1)


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

    Yields
    ------
    Fit
        One for each origin; nothing is written, and nothing of it is kept but its end.

    Raises
    ------
    ValueError
        If the origins are not in ascending order.
    FitError
        If sampling fails at an origin.
    """
    start: Start | None = None
    last: date | None = None
    for origin in origins:
        if last is not None and origin <= last:
            raise ValueError(f"origins must ascend: {origin} comes after {last}")
        fit = fit_study(
            study, ledger, origin, settings=settings, progress=progress, say=say, start=start
        )
        start = fit.posterior.start or start
        last = origin
        yield fit
