"""Hold updates by reweighting, and weight of evidence, to true refits.

``python -m tests.slow.updates`` lets 200 updates of 1 to 30 held-back records act on fits, weighs
their draws and fits again (``reweighted.py``), and leaves out the 20 most influential records of
the shipped study one by one (``left_out.py``). It writes ``docs/results/updates.md`` and the figure
beside it. ``--keep FOLDER`` keeps what is done there, so that a later call need not do it again;
``--written`` writes from what is kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from forecast.explain.update import LARGEST_ERROR
from tests.slow import left_out, reweighted
from tests.slow.left_out import ByNuts, LeftOut, by_nuts, leave_out
from tests.slow.reweighted import Tried, all_updates, markdown

RESULTS = Path(__file__).parents[2] / "docs" / "results"
TABLE, FIGURE = RESULTS / "updates.md", RESULTS / "updates.svg"

PREFACE = """\
# Updates and weights of evidence against refits

Made by `python -m tests.slow.updates`. An update weighs the draws of the last fit; a refit of the
same evidence is what it is held to.

## Updates

Of a vintage 30 records are held back, the rest is fitted, and random ones of the 30 are let in:
by weights, and where the gate passes by a refit from where the fit ended, with other random
numbers. `ukraine` as of three dates (the 15 newest records and 15 others held back), and a small
study of four pairs with records simulated from draws of its prior, reports on the ladder among
them, mostly of doubtful grades. Compared are the probabilities of all questions that are not
decided.

Bars: a difference of at most .02 beside three Monte Carlo errors wherever the gate passes; the gate
passes 90 % of updates by one record and 60 % of those by ten. A Monte Carlo error is that of the
difference, by batch means. `rms beyond` is what Monte Carlo errors do not account for,
`within .02` the share whose difference is within the bar as it stands, errors and all;
`rms apart from the fit's` takes out what all updates of one fit share, its own Monte Carlo error.

"""


def _verdict(done: Sequence[Tried]) -> str:
    """Return what was done and which bars were met."""
    names = dict.fromkeys(one.study for one in done)
    counts = ", ".join(f"{sum(one.study == n for one in done)} of {n}" for n in names)
    compared = [c for one in done for c in one.compared]
    rows = [
        {
            "bar": "no probability beyond .02 and three errors",
            "found": f"{sum(c.misses for c in compared)} of {len(compared)}",
            "met": "yes" if not any(c.misses for c in compared) else "no",
        }
    ]
    for size, bar in ((1, 0.9), (10, 0.6)):
        own = [one for one in done if one.records == size]
        passed = sum(one.passed for one in own)
        rows.append(
            {
                "bar": f"the gate passes {bar:.0%} of updates by {size}",
                "found": f"{passed} of {len(own)}",
                "met": "yes" if passed >= bar * len(own) else "no",
            }
        )
    return f"Done: {len(done)} updates ({counts}).\n\n{markdown(pd.DataFrame(rows))}"


def text(done: Sequence[Tried], found: Sequence[LeftOut], others: Sequence[ByNuts] = ()) -> str:
    """Return what is written."""
    parts = [PREFACE, _verdict(done), "\n\n"]
    for title, start in (("All", ""), ("Shipped study", "ukraine"), ("Simulated", "simulated")):
        own = [one for one in done if one.study.startswith(start)]
        if own:
            parts.append(f"### {title}\n\n{markdown(reweighted.table(own))}\n\n")
    parts.append("![Share of updates that the gate passes](updates.svg)\n\n")
    refused = reweighted.reasons(done)
    if len(refused):
        parts.append(f"### Why the gate refused\n\n{markdown(refused)}\n\n")
    parts.append(
        "### What each part of the gate lets pass\n\n"
        "One after the other: the tail of the weights, that they are worth 100 draws, and that no\n"
        f"probability has a simulation error above {LARGEST_ERROR:g}.\n\n"
        f"{markdown(reweighted.limits(done))}\n\n"
    )
    if found:
        parts.append(
            "## Weight of evidence\n\n"
            "`ukraine` as of 2026-11-24: the 20 records whose weight is the largest for any of\n"
            "three questions, in bits, by weights and by a refit without each. `attainable` is\n"
            "the rank correlation that is left where the Monte Carlo errors of both are all that\n"
            "differs. Records whose k-hat failed are marked as refitted, and left out of the\n"
            "first table: their answer is the refit's.\n\n"
            f"{markdown(left_out.agreement(found))}\n\n{markdown(left_out.each(found))}\n"
        )
    if others:
        parts.append(
            "\n### Beside NUTS\n\n"
            "The records whose weights passed, each for the question that it weighs most for: by\n"
            "weights of the fast engine's draws, by its refits, by weights of draws of NUTS.\n\n"
            f"{markdown(left_out.beside_nuts(found, others))}\n"
        )
    return "".join(parts).rstrip() + "\n"


def main(arguments: list[str]) -> int:
    """Try all updates, leave records out, and write what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.slow.updates", description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder for what is done")
    parser.add_argument("--written", action="store_true", help="do nothing more")
    given = parser.parse_args(arguments)

    def say(line: str) -> None:
        sys.stderr.write(line + "\n")

    if given.written:
        done = all_updates(given.keep, say, only="")
        found = left_out.kept(given.keep)
    else:
        done, found = all_updates(given.keep, say), leave_out(given.keep, say)
    others = by_nuts(given.keep, say, found) if found else []
    TABLE.write_text(text(done, found, others), encoding="utf-8")
    from matplotlib import rc_context

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "updates"}):
        reweighted.figure(done).savefig(
            FIGURE, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
