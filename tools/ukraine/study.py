"""Actors, pairs and the other parts of ``study.toml``."""

ACTORS: dict[str, str] = {
    "ARE": "United Arab Emirates",
    "BLR": "Belarus",
    "CHN": "China",
    "CUB": "Cuba",
    "IND": "India",
    "IRN": "Iran",
    "KAZ": "Kazakhstan",
    "MMR": "Myanmar",
    "PRK": "North Korea",
    "RUS": "Russia",
    "SRB": "Serbia",
    "SYR": "Syria",
    "TUR": "Türkiye",
    "UKR": "Ukraine",
    "VEN": "Venezuela",
}

SUPPORTERS_OF_RUSSIA = (
    *("CHN", "IRN", "PRK", "BLR", "IND", "KAZ", "SYR", "CUB", "MMR", "ARE", "TUR", "SRB", "VEN"),
)
SUPPORTERS_OF_UKRAINE = ("CHN", "TUR", "IND", "SRB")

PAIRS: tuple[str, ...] = (
    *(f"{code}->RUS" for code in SUPPORTERS_OF_RUSSIA),
    *(f"{code}->UKR" for code in SUPPORTERS_OF_UKRAINE),
    *(f"RUS->{code}" for code in SUPPORTERS_OF_RUSSIA),
)


def study_toml() -> str:
    """Return the text of ``study.toml``."""
    pairs = "".join(f'    "{pair}",\n' for pair in PAIRS)
    actors = "".join(
        f'\n[[actors]]\ncode = "{code}"\nname = "{name}"\n' for code, name in ACTORS.items()
    )
    return f"""\
format = "study/1"
id = "ukraine"
title = "Who backs Russia over Ukraine?"
period = "quarter"
start = "2012-Q1"
domains = ["rhetorical", "economic", "military"]
priors = ["signals-2026", "witness-2026"]
as_of = "2026-11-24"
# Supporters of Russia, supporters of Ukraine for contrast, and the reverse directions that mutual
# indicators need.
pairs = [
{pairs}]

[ladder]
rungs = ["none", "rhetorical", "economic", "dual-use", "lethal", "troops"]
firms_excluded = ["rhetorical", "troops"]

[[shocks]]
id = "crimea"
date = "2014-03-18"
title = "Russia annexes Crimea"

[[shocks]]
id = "invasion"
date = "2022-02-24"
title = "Russia invades Ukraine"

# Support to either side has been at stake since the quarter of Crimea.
[[at_stake]]
recipient = "RUS"
from = "2014-01-01"
known_at = "2014-03-18"

[[at_stake]]
recipient = "UKR"
from = "2014-01-01"
known_at = "2014-03-18"
{actors}"""
