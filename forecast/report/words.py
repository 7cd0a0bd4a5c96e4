"""Words of probability that always agree with the number beside them.

The scale is that of Intelligence Community Directive 203: seven bands without gaps between 1 %
and 99 %. (The PHIA yardstick of the United Kingdom leaves gaps, so that 15 % has no word.)

References
----------
.. [1] Office of the Director of National Intelligence, *Intelligence Community Directive 203:
   Analytic Standards*, 2 January 2015, section D.6.e(2)(a).
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from forecast.errors import QuestionError

SCALE_NAME: Final = "ICD 203 (US Intelligence Community Directive 203, Analytic Standards, 2015)"

# Neighbouring bands of ICD 203 share their bound (5 % ends one and begins the next). A shared
# bound gets the word that is further from even, so that an event and its complement stay mirrored.
SCALE: Final[tuple[tuple[int, int, str], ...]] = (
    (0, 5, "almost no chance"),
    (6, 20, "very unlikely"),
    (21, 45, "unlikely"),
    (46, 54, "roughly even chance"),
    (55, 79, "likely"),
    (80, 94, "very likely"),
    (95, 100, "almost certain"),
)

THIN_SPACE: Final = "\u202f"


def percent(probability: float) -> int:
    """Return the whole percentage that is shown for a probability.

    Exact halves go to the even neighbour, so that the numbers shown for an event and for its
    complement add up to 100.

    Parameters
    ----------
    probability
        Between 0 and 1.

    Raises
    ------
    QuestionError
        If the value is not a number between 0 and 1.

    Examples
    --------
    >>> percent(0.045), percent(0.955)
    (4, 96)
    """
    value = float(probability)
    if not math.isfinite(value) or not 0.0 <= value <= 1.0:
        raise QuestionError(
            f"probability {value} cannot be shown",
            expected="a number from 0 to 1",
            remedy="give None where there is no probability",
        )
    return int((Decimal(repr(value)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def percent_text(probability: float) -> str:
    """Return a probability as it is displayed: ``4 %``, or ``<1 %`` where rounding would say none.

    Only an exact 0 or 1 is shown as ``0 %`` or ``100 %``.

    Examples
    --------
    >>> [percent_text(p).replace(THIN_SPACE, " ") for p in (0.0, 0.002, 0.5, 0.999, 1.0)]
    ['0 %', '<1 %', '50 %', '>99 %', '100 %']
    """
    shown = percent(probability)
    if shown == 0 and probability > 0:
        return f"<1{THIN_SPACE}%"
    if shown == 100 and probability < 1:
        return f">99{THIN_SPACE}%"
    return f"{shown}{THIN_SPACE}%"


def interval_text(low: float, high: float) -> str:
    """Return an interval of probabilities as displayed: ``1 % to 9 %``."""
    return f"{percent_text(low)} to {percent_text(high)}"


def probability_words(probability: float) -> str:
    """Return the words for a probability: the ICD 203 term for the number as displayed.

    The term follows from the rounded percentage and never from the unrounded value, so that a
    reader who looks the number up in the scale always finds the word that stands beside it.

    Parameters
    ----------
    probability
        Between 0 and 1.

    Raises
    ------
    QuestionError
        If the value is not a number between 0 and 1.

    Notes
    -----
    ICD 203 ends at 1 % and 99 %; what is displayed beyond takes the outermost terms.

    Examples
    --------
    >>> probability_words(0.54), probability_words(0.55)
    ('roughly even chance', 'likely')
    """
    shown = percent(probability)
    return next(word for low, high, word in SCALE if low <= shown <= high)
