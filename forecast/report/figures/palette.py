"""Colours of the report, safe for the colour-blind, in a light and a dark version.

Domains take hues from Okabe and Ito, always in the order of the study. Rungs take a ramp whose
contrast with the page rises with the rung, in both versions.

References
----------
.. [1] M. Okabe and K. Ito, *Color Universal Design*, 2008.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# name -> (light, dark); a light colour belongs to one name only, because the page finds the name
# of a drawn colour by its light value.
THEME: Final[dict[str, tuple[str, str]]] = {
    "ink": ("#1c2430", "#e6e8eb"),
    "muted": ("#5b6573", "#a3acb8"),
    "rule": ("#c9ced6", "#3d4650"),
    "panel": ("#fdfdfc", "#181d24"),
    "prior": ("#8d96a3", "#7b8592"),
    "domain-0": ("#0072b2", "#56b4e9"),
    "domain-1": ("#00825f", "#3cc39a"),
    "domain-2": ("#c8540a", "#f39a4d"),
    "domain-3": ("#a4508b", "#d98fc0"),
    "domain-4": ("#7a6a00", "#d8c63f"),
    "rung-0": ("#e8e6df", "#2b3139"),
    "rung-1": ("#f7d9a8", "#5e3d2c"),
    "rung-2": ("#f0ab62", "#97572f"),
    "rung-3": ("#d9733c", "#cd7a38"),
    "rung-4": ("#a33b2f", "#f0ae62"),
    "rung-5": ("#55172a", "#fbe6bd"),
}

_DOMAINS: Final = 5
_RUNGS: Final = 6


def light(name: str) -> str:
    """Return the light version of a named colour, with which figures are drawn."""
    return THEME[name][0]


def domain_colour(domain: str, domains: Sequence[str]) -> str:
    """Return the name of a domain's colour; beyond five domains the colours repeat."""
    return f"domain-{list(domains).index(domain) % _DOMAINS}"


def rung_colour(position: int, count: int) -> str:
    """Return the name of a rung's colour; a shorter or longer ladder is spread over the ramp."""
    if count <= 1:
        return "rung-0"
    return f"rung-{round(position * (_RUNGS - 1) / (count - 1))}"


def stylesheet() -> str:
    """Return the colours as CSS custom properties, light first, dark where the reader wants it."""
    bright = "".join(f"--{name}:{pair[0]};" for name, pair in THEME.items())
    dark = "".join(f"--{name}:{pair[1]};" for name, pair in THEME.items())
    return f":root{{{bright}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
