"""Windows: which periods a question covers, and which part of each."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from forecast.study.periods import Calendar


@dataclass(frozen=True)
class Window:
    """A question's window on a study's calendar.

    Attributes
    ----------
    first, last : int
        Numbers of the first and the last period.
    low, high : arrays, shape (period,)
        The part of each period inside the window: from ``low`` to ``high`` in [0, 1].
    """

    opens: date
    closes: date
    first: int
    last: int
    low: np.ndarray
    high: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """Share of each period inside the window."""
        return self.high - self.low


def make_window(calendar: Calendar, opens: date, closes: date) -> Window:
    """Place a window, both days included, on a calendar."""
    first, last = calendar.index(opens), calendar.index(closes)
    low, high = np.zeros(last - first + 1), np.ones(last - first + 1)
    low[0] = 1.0 - calendar.share(first, opens, calendar.end(first))
    high[-1] = calendar.share(last, calendar.start(last), closes)
    return Window(opens=opens, closes=closes, first=first, last=last, low=low, high=high)
