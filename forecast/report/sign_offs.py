"""Sign-offs as values: who stands behind the numbers of a run, and what they changed in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

FORMAT: Final = "sign-off/1"
IN_FORCE: Final = "in force"
EARLIER: Final = "signed an earlier version of these numbers"


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """A probability that a person put beside the model's."""

    question: str
    model: float
    adjusted: float


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """A person's signature under the forecasts of a run.

    Attributes
    ----------
    number
        1, 2, 3, ... in the order of signing, over all runs of the study.
    run
        The run that was signed.
    forecasts
        SHA-256 of the bytes of its forecasts.json, as they were then.
    signed_at
        ISO date and time in UTC.
    previous, hash
        Hash of the sign-off before, and of this one.
    """

    number: int
    run: str
    forecasts: str
    by: str
    signed_at: str
    why: str = ""
    adjustments: tuple[Adjustment, ...] = field(default=())
    previous: str
    hash: str

    @property
    def adjusted(self) -> dict[str, float]:
        """The adjusted probabilities by question."""
        return {one.question: one.adjusted for one in self.adjustments}

    def as_dict(self) -> dict[str, Any]:
        """Return the object that the file of sign-offs holds."""
        return {"format": FORMAT, **asdict(self), "adjustments": [*map(asdict, self.adjustments)]}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> SignOff:
        """Return the sign-off of such an object.

        Raises
        ------
        KeyError, TypeError
            If a part is missing, or there is one too many.
        """
        rest = {name: value for name, value in content.items() if name != "format"}
        adjustments = tuple(Adjustment(**one) for one in rest["adjustments"])
        return cls(**{**rest, "adjustments": adjustments})


def in_force(sign_offs: Iterable[SignOff], forecasts_hash: str) -> SignOff | None:
    """Return the newest of a run's sign-offs that were put under forecasts with this hash."""
    those = [one for one in sign_offs if one.forecasts == forecasts_hash]
    return max(those, key=lambda one: one.number, default=None)


def standing(signed: SignOff, sign_offs: Iterable[SignOff], forecasts_hash: str) -> str:
    """Say what one of a run's sign-offs is worth for its forecasts as they are now."""
    if signed.forecasts != forecasts_hash:
        return EARLIER
    newest = in_force(sign_offs, forecasts_hash)
    if newest is not None and newest.number > signed.number:
        return f"replaced by number {newest.number}"
    return IN_FORCE
