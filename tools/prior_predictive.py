"""What the priors alone say of the study ``ukraine``, before any evidence.

Usage: python -m tools.prior_predictive [--out FILE] [--draws N]

Draws all parameters from the prior, moves the rungs by their transitions without any report, and
writes the answers as Markdown: how likely it is that nothing ever happens, what each rung's chance
is within four quarters of the invasion, and how often events of each indicator come.
"""

import argparse
from datetime import date
from pathlib import Path

import numpy as np

from forecast.evidence.vintage import Vintage
from forecast.forecasts.draws import Draws, stack_draws
from forecast.forecasts.ladder import filter_chain
from forecast.inference.prior import sample_prior
from forecast.model import build_data, build_model
from forecast.panel import build_panel
from forecast.priors import load_priors
from forecast.studies import directory
from forecast.study.load import load_study
from forecast.study.models import Study

RESULT = Path(__file__).resolve().parents[1] / "docs" / "results" / "prior-predictive.md"
AS_OF, START = date(2022, 12, 31), date(2022, 1, 1)

PREFACE = """\
# What the priors say before any evidence

The study `ukraine` as of the end of 2022 with no record at all: parameters from the prior, rungs by
their transitions alone. Made by `python -m tools.prior_predictive`.
"""


def prior_draws(study: Study, count: int, seed: int = 1) -> Draws:
    """Draw the parameters of an empty panel from the prior."""
    priors = load_priors(study.prior_sets, study.directory)
    panel = build_panel(study, Vintage(AS_OF, (), ""))
    data = build_data(panel, priors)
    return stack_draws(sample_prior(build_model(data, priors), count, seed), data)


def rung_chances(draws: Draws, study: Study) -> tuple[np.ndarray, float, float]:
    """Return chances on the ladder by the transitions alone.

    Returns
    -------
    by_rung : array, shape (axis, rung)
        P(an average pair's highest rung in the four quarters from START is at least the rung).
    quiet_pair, quiet_all : float
        P(nothing above none since the first period) for the average pair, and for all together.
    """
    chains = draws.data.chains
    assert chains is not None
    size, first = len(study.ladder.rungs), study.calendar.index(START) - chains.start
    reached = np.zeros((2, size))
    quiet = np.ones(draws.count)
    each = []
    for chain in range(len(chains.labels)):
        moved = filter_chain(draws, chain)
        alone = np.ones(draws.count)
        for axis, matrices in enumerate((moved.state, moved.firms)):
            alone = alone * matrices[:, :, 0, 0].prod(axis=1)
            reached[axis] += _highest(matrices, first) / len(chains.labels)
        each.append(alone.mean())
        quiet = quiet * alone
    return reached, float(np.mean(each)), float(quiet.mean())


def _highest(matrices: np.ndarray, first: int) -> np.ndarray:
    """Return P(highest rung from `first` on >= r), averaged over draws, shape (rung,)."""
    size = matrices.shape[2]
    state = np.zeros((len(matrices), size))
    state[:, 0] = 1.0
    for step in range(first):
        state = np.einsum("si,sij->sj", state, matrices[:, step])
    reached = np.ones(size)
    for rung in range(1, size):
        below = state.copy()
        for step in range(first, matrices.shape[1]):
            below = np.einsum("si,sij->sj", below, matrices[:, step])
            below[:, rung:] = 0.0
        reached[rung] = 1.0 - below.sum(axis=1).mean()
    return reached


def rate_rows(draws: Draws) -> list[str]:
    """Return a table row per event count: quantiles of its rate for a pair in the last period."""
    rows = []
    for position, indicator in enumerate(draws.data.indicators):
        if indicator.kind == "count":
            domain = draws.data.coords["domain"].index(indicator.domain)
            state = draws["alignment"][:, :, domain, -1]
            loading = draws["signed_loading"][:, [position]]
            rate = np.exp(draws["intercept"][:, [position]] + loading * state)
            low, middle, high = np.quantile(rate, (0.05, 0.5, 0.95))
            rows.append(f"| {indicator.name} | {low:.3f} | {middle:.2f} | {high:.1f} |")
    return rows


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument("--draws", type=int, default=1000)
    chosen = parser.parse_args()
    study = load_study(directory("ukraine"))
    draws = prior_draws(study, chosen.draws)
    reached, quiet_pair, quiet_all = rung_chances(draws, study)
    lines = [
        PREFACE,
        f"Nothing above none from 2014 to 2022: {quiet_pair:.3f} for the average pair, "
        f"{quiet_all:.5f} for all {len(draws.data.chains.labels)} pairs together.\n",  # type: ignore[union-attr]
        "P(the average pair's highest rung in 2022 is at least):\n",
        "| rung | state | firms |",
        "|---|---:|---:|",
        *(
            f"| {rung} | {reached[0, r]:.3f} | {reached[1, r]:.3f} |"
            for r, rung in enumerate(study.ladder.rungs)
            if r
        ),
        "\nEvents a quarter of a pair, 5 %, 50 % and 95 % of the prior:\n",
        "| indicator | 5 % | 50 % | 95 % |",
        "|---|---:|---:|---:|",
        *rate_rows(draws),
    ]
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {chosen.out.name}")


if __name__ == "__main__":
    main()
