"""China Vitae (RDS): engagements of seven Chinese leaders with foreign states, by day.

``country`` is the state of the persons met, wherever that was. A visit is a journey of the head of
state to that state; its days in a row are one visit, dated by the first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from forecast.evidence.readers.files import check_dates, read_table, records, texts
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

_COLUMNS = ("date", "country", "leader", "text")
_TAKES_OFFICE = date(2013, 3, 14)
_SAME_JOURNEY = timedelta(days=3)


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``engagement`` for each row and ``visit`` for each journey of the head of state."""
    frame = read_table(path, _COLUMNS, suffixes=(".rds", ".rda", ".csv"), only=True)
    frame = frame.assign(**{name: texts(frame[name]) for name in _COLUMNS})
    frame = wanted.keep(frame, ["country"])
    check_dates(frame, "date", path)
    journeys: dict[str, list[tuple[date, int]]] = {}
    for row, cells in records(frame):
        day, leader, country = date.fromisoformat(cells["date"]), cells["leader"], cells["country"]
        digest = hashlib.sha256(cells["text"].encode()).hexdigest()[:8]
        yield Observation(
            row=row,
            variable="engagement",
            supporter="China",
            recipient=country,
            event_date=cells["date"],
            date_precision="day",
            value=1,
            key=f"{leader}-{country}-{cells['date']}-{digest}",
            note=leader,
        )
        head = "Xi Jinping" if day >= _TAKES_OFFICE else "Hu Jintao"
        place = re.search(r"travelled to ([^,]+?)(?:,| and met| Others|$)", cells["text"])
        if leader == head and place:
            if wanted.same_state(place[1].strip(), country):
                journeys.setdefault(country, []).append((day, row))
            else:
                wanted.skip("visit: the meeting was in a third country or in China")
    for country, days in journeys.items():
        yield from _visits(country, sorted(days))
    wanted.note("visits include journeys to meetings of many states in the host's country")


def _visits(country: str, days: list[tuple[date, int]]) -> Iterator[Observation]:
    last: date | None = None
    for day, row in days:
        if last is None or day - last > _SAME_JOURNEY:
            yield Observation(
                row=row,
                variable="visit",
                supporter="China",
                recipient=country,
                event_date=day.isoformat(),
                date_precision="day",
                value=1,
                key=f"{country}-{day.isoformat()}",
            )
        last = day
