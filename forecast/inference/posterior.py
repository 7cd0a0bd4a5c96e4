"""What a sampler returns, whatever the engine."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast.inference.start import Start


@dataclass(frozen=True)
class Posterior:
    """Draws of one fit.

    Attributes
    ----------
    tree
        ArviZ ``DataTree`` with groups ``posterior`` and ``sample_stats``, and for the fast engine
        ``equipartition``.
    seconds
        Wall time of compiling and of sampling.
    gradients
        Gradients of the log-density that the draws of all chains took, tuning left out.
    engine
        ``fast`` or ``nuts``.
    tuning_gradients
        Gradients of the tuning, where the engine counts them.
    fallback
        Why the engine is not the one that was tried first; empty where it is.
    start : Start or None
        Where a later fit of the same study can go on, where the engine keeps that.
    """

    tree: Any
    seconds: dict[str, float]
    gradients: int
    engine: str = "nuts"
    tuning_gradients: int | None = None
    fallback: str = ""
    start: "Start | None" = None
