"""Walk over the rows of a tidy table by name."""

from collections.abc import Iterator
from typing import Any

import pandas as pd


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield a table's rows as named tuples.

    The columns of our tables hold tuples and labels, which the type of a general table row does
    not know.
    """
    yield from frame.itertuples(index=False)
