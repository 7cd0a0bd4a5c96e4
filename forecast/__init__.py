"""Probabilistic forecasts of material support between states, from sourced evidence."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast.api import Run, Study

__version__ = "0.1.0"
__all__ = ["Run", "Study", "__version__"]


def __getattr__(name: str) -> Any:
    """Load the façade when first used: ``import forecast`` stays quick."""
    if name in ("Run", "Study"):
        from forecast import api

        return getattr(api, name)
    raise AttributeError(f"module 'forecast' has no attribute {name!r}")
