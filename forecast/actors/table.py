"""Reads the table of states: the package's own CSV joined with that of ``country_converter``."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from forecast.errors import StudyError

_COLUMNS = ("name_short", "name_official", "ISO2", "ISO3", "GWcode", "obsolete")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A state and everything that public data sets call it.

    Attributes
    ----------
    code
        The key of the registry: ISO 3166 alpha-3 where the state has one (``SUN``, ``DDR`` and
        ``YMD`` among the withdrawn ones), else the abbreviation of the Correlates of War
        (``RVN``, ``BAV``).
    iso2, iso3, cow, gw
        Its codes; a state may have several over time (Germany is 255 and 260) or none.
    start, end
        First and last day of membership in the state system; ``None`` where open or unknown.
        Interruptions are not kept. ``SUN`` includes the Russian Empire, since both are COW 365, and
        answers to RU and RUS, which data sets write for it.
    aliases
        Every other name that means this state and no other at the time.
    """

    code: str
    name: str
    iso2: tuple[str, ...] = ()
    iso3: tuple[str, ...] = ()
    cow: tuple[int, ...] = ()
    gw: tuple[int, ...] = ()
    start: date | None = None
    end: date | None = None
    aliases: tuple[str, ...] = ()


def read_actors() -> tuple[Actor, ...]:
    """Return every state that either table holds, in the order of the codes."""
    library = _library()
    own = {row["code"]: row for row in _rows(Path(__file__).with_name("states.csv"), ",")}
    codes = {code for code, row in library.items() if not row["obsolete"]} | set(own)
    return tuple(_actor(code, own.get(code, {}), library.get(code, {})) for code in sorted(codes))


def _actor(code: str, own: Mapping[str, str], library: Mapping[str, str]) -> Actor:
    short, official = library.get("name_short", ""), library.get("name_official", "")
    name = own.get("name") or short
    aliases = [*own.get("aliases", "").split("|"), short, official]
    return Actor(
        code=code,
        name=name,
        # The library writes a pattern where a second code is in use: ^GB$|^UK$.
        iso2=tuple(re.findall("[A-Z0-9]{2}", own.get("iso2") or library.get("ISO2", ""))),
        iso3=tuple((own.get("iso3") or library.get("ISO3", "")).split()),
        cow=_numbers(own.get("cow", "")),
        gw=_numbers(own.get("gw") or library.get("GWcode", "")),
        start=_day(own.get("start", "")),
        end=_day(own.get("end", "")),
        aliases=tuple(alias for alias in dict.fromkeys(aliases) if alias and alias != name),
    )


def _library() -> dict[str, dict[str, str]]:
    # Found, not imported: the package would load pandas for a table of 250 rows.
    spec = find_spec("country_converter")
    origin = spec.origin if spec is not None and spec.origin else "__init__.py"
    file = Path(origin).with_name("country_data.tsv")
    table = _rows(file, "\t") if file.exists() else []
    absent = [column for column in _COLUMNS if table and column not in table[0]]
    if not table or absent:
        raise StudyError(
            f"the table of country_converter lacks {', '.join(absent) or 'every row'}",
            expected=f"the columns {', '.join(_COLUMNS)}",
            remedy="install the version of country-converter that requirements.lock names",
        )
    return {row["ISO3"]: row for row in table if row["ISO3"]}


def _rows(file: Path, delimiter: str) -> list[dict[str, str]]:
    text = file.read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(float(part)) for part in text.split())


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
