"""Simulate a data set from the model's own parameters: rung paths, signals and reports.

The simulation is the generative story whose exact conditional density is the shipped likelihood,
so that data from a prior draw test the whole way back (docs/model.md, sections 3 to 7).
:mod:`forecast.forecasts.simulated_signals` and :mod:`forecast.forecasts.simulated_reports` tell
each half of the story, and where the likelihood departs from it.
"""

from dataclasses import dataclass, replace

import numpy as np

from forecast.errors import ModelError
from forecast.forecasts.draws import Draws
from forecast.forecasts.ladder import filter_chain
from forecast.forecasts.simulated_reports import simulate_reports
from forecast.forecasts.simulated_signals import Grades, simulate_signals
from forecast.model.chains import IDLE
from forecast.panel import Panel
from forecast.priors import Priors


@dataclass(frozen=True)
class Truth:
    """What a simulated panel was made from.

    Attributes
    ----------
    draws : Draws
        One draw: all parameters, and alignment.
    rungs : int array, shape (chain, time, axis)
        True rungs of the state and of the firms over the grid of the outcome model; -1 outside a
        chain's span.
    """

    draws: Draws
    rungs: np.ndarray


@dataclass(frozen=True)
class Simulation:
    """A simulated panel with its truth."""

    panel: Panel
    truth: Truth


def simulate_panel(
    template: Panel, draws: Draws, *, priors: Priors, rng: np.random.Generator, grades: Grades
) -> Simulation:
    """Simulate what one draw of the parameters would have left on record.

    Parameters
    ----------
    template : Panel
        Its structure is kept: which cells are covered, which votes, values and opportunities
        exist and with which grades. Its values and its reports are replaced.
    draws : Draws
        A single draw, such as from :func:`forecast.inference.prior.sample_prior`, stacked with the
        data of the template.
    grades : Grades
        Grades of the reported acts of counts.

    Raises
    ------
    ModelError
        If there is more than one draw, or a count is too large to be reported act by act.
    """
    if draws.count != 1:
        raise ModelError(
            f"{draws.count} draws given to simulate from",
            expected="one draw of the parameters",
            remedy="simulate from each draw by itself",
        )
    signals = simulate_signals(template, draws, priors=priors, rng=rng, grades=grades)
    rungs = simulate_rungs(draws, rng)
    panel = replace(
        template,
        signals=signals,
        reports=simulate_reports(template, draws, rungs, rng=rng),
        acts=(),
        notes={},
        vintage_hash="simulated",
    )
    return Simulation(panel=panel, truth=Truth(draws=draws, rungs=rungs))


def simulate_rungs(draws: Draws, rng: np.random.Generator) -> np.ndarray:
    """Simulate the true rungs of every chain from the transitions of the first draw.

    Returns
    -------
    int array, shape (chain, time, axis)
        -1 outside a chain's span.
    """
    chains = draws.data.chains
    if chains is None:
        return np.empty((0, 0, 2), dtype=np.int64)
    rungs = np.full((len(chains.labels), chains.length, 2), -1)
    for chain in range(len(chains.labels)):
        # The transitions do not depend on the reports that the filter also reads.
        filtered = filter_chain(draws, chain)
        current = [0, 0]
        for step in range(chains.length):
            if chains.mode[step, chain] == IDLE:
                continue
            for axis, matrices in enumerate((filtered.state, filtered.firms)):
                chances = matrices[0, step, current[axis]]
                current[axis] = int(rng.choice(len(chances), p=chances / chances.sum()))
            rungs[chain, step] = current
    return rungs
