"""The fast engine: microcanonical Langevin dynamics on the model's own log-density.

Unadjusted: no step is rejected, so that the step need not shrink with the number of unknowns, and
draws carry a bias that falls with the square of the step. What keeps it honest: steps whose
energy error is large are divided (:mod:`forecast.inference.langevin`), equipartition measures what
bias is left (:mod:`forecast.inference.equipartition`), and the run falls back to NUTS where that
is too large.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

import numpy as np

from forecast.errors import FitError
from forecast.inference.density import Density, make_density
from forecast.inference.equipartition import Moments, equipartition
from forecast.inference.langevin import CHUNK, Chunk, Kernel, State, make_kernel
from forecast.inference.posterior import Posterior
from forecast.inference.start import Start, cold_start, labels_of

# In units of a coordinate's scale: a step, the way to the next draw, and the length over which the
# velocity forgets its direction.
STEP, STRIDE, LENGTH = 0.25, 3.0, 6.0
# Of a step's energy error, in nats.
BOUND = 5.0
# Share of the tuning, step, and steps to a draw: cautious until the scales are known.
COLD = ((0.2, 0.05, 4), (0.2, 0.1, 4), (0.25, 0.15, 6), (0.35, 0.2, 8))
# A start from an earlier fit needs to forget where that ended, and to take in what is new.
WARM = ((0.1, 0.15, 6), (0.2, 0.25, 8))
# Pseudo-draws that hold a scale where it was.
_HELD = 10.0
# The innovations are large, and what forecasts need of them is kept in `path_now`.
_DROPPED = ("path_raw",)

_kernels: dict[int, tuple[Any, Kernel, Any]] = {}


def sample_fast(
    model: Any,
    *,
    draws: int,
    tune: int,
    chains: int,
    seed: int,
    progress: bool = True,
    start: Start | None = None,
    step: float = STEP,
    bound: float = BOUND,
) -> Posterior:
    """Sample the posterior with microcanonical Langevin dynamics.

    Chains run in threads of their own and share what they learn of the scales of coordinates at
    the end of each tuning window; draws do not depend on the number of threads.

    Parameters
    ----------
    model : pymc.Model
    draws, tune, chains : int
        Draws and tuning draws of each chain; with a start, a third of the tuning is made.
    seed : int
        The same seed, model, start and machine give the same draws.
    progress : bool
        Show a progress bar on standard error.
    start : Start, optional
        The end of an earlier fit of the same study.
    step, bound : float
        Size of a step in units of the scales, and its largest energy error in nats. Smaller ones
        leave less bias and cost more gradients.

    Raises
    ------
    FitError
        If the log-density is not finite where the chains start, or a chain cannot move.
    KeyboardInterrupt
        If interrupted; nothing is returned then.
    """
    started = time.perf_counter()
    density = make_density(model, without=_DROPPED)
    kernel, expand = _compiled(density)
    rng = np.random.default_rng([seed, 0])
    if start is None:
        positions, scale = cold_start(density, chains, rng)
    else:
        positions, scale = start.place(density, chains, rng)
    states = _begin(model, density, kernel, positions, rng)
    if start is None:
        steepness = np.abs(np.stack([np.asarray(one.gradient) for one in states]).mean(axis=0))
        scale = 1.0 / np.sqrt(np.maximum(steepness, 1.0))
    ready = time.perf_counter()
    windows = [
        (max(2, round(share * tune)), size, steps)
        for share, size, steps in (COLD if start is None else WARM)
    ]
    total = chains * (sum(count for count, _, _ in windows) + draws)
    with _bar(progress, total) as advance, _pool(chains) as pool:
        team = _Team(density, kernel, expand, pool, advance, seed, bound)
        tuning = 0
        for number, (count, size, steps) in enumerate(windows):
            gathered = team.run(number, states, scale, (min(size, step), steps), count, "tuning")
            states = [one.state for one in gathered]
            tuning += sum(one.gradients for one in gathered)
            scale = _adapted(scale, gathered)
        steps = max(1, round(STRIDE / step))
        team.values = _room(density, expand, chains, draws)
        gathered = team.run(len(windows), states, scale, (step, steps), draws, "drawing")
    return Posterior(
        tree=_tree(density, gathered, team.values),
        seconds={"compile": ready - started, "sample": time.perf_counter() - ready},
        gradients=sum(one.gradients for one in gathered),
        engine="fast",
        tuning_gradients=tuning,
        start=Start(
            labels=np.array(labels_of(density.blocks)),
            positions=np.stack([np.asarray(one.state.x) for one in gathered]),
            scale=scale,
        ),
    )


def _compiled(density: Density) -> tuple[Kernel, Any]:
    """Return the kernel and the vectorised expansion of a program, compiled once per process."""
    import jax

    program = density.program
    if id(program) not in _kernels:
        made = (
            program,
            make_kernel(program.log_density),
            jax.jit(jax.vmap(program.expand, in_axes=(0, None))),
        )
        while len(_kernels) >= 8:
            _kernels.pop(next(iter(_kernels)))
        _kernels[id(program)] = made
    _, kernel, expand = _kernels[id(program)]
    return kernel, expand


def _begin(
    model: Any,
    density: Density,
    kernel: Kernel,
    positions: np.ndarray,
    rng: np.random.Generator,
) -> list[State]:
    states = []
    for position in positions:
        velocity = rng.normal(size=density.size)
        velocity /= np.linalg.norm(velocity)
        state = kernel.begin(position, velocity, density.data)
        if not np.isfinite(state.log_density) or not np.isfinite(state.gradient).all():
            raise _bad_start(model, density, state)
        states.append(state)
    return states


def _bad_start(model: Any, density: Density, state: State) -> FitError:
    """Name the term of the model, or else the coordinate, that is not finite at the start."""
    from forecast.inference.terms import first_bad_term

    culprit = first_bad_term(model, density, np.asarray(state.x))
    if culprit is None:
        bad = np.flatnonzero(~np.isfinite(np.asarray(state.gradient)))
        culprit = f"the slope along {density.label(int(bad[0]))}" if len(bad) else "the log-density"
    return FitError(
        f"{culprit} is not finite where sampling starts",
        expected="a finite log-density at the start values",
        remedy="run `forecast check` and look for extreme values there",
    )


@dataclass
class _Gathered:
    """What one chain has made in one window."""

    state: State
    moments: Moments
    gradients: int = 0
    chunks: list[tuple[Chunk, int]] = field(default_factory=list)


class _Stopped(Exception):
    """Another chain failed, or the user interrupted."""


@dataclass
class _Team:
    """Runs the chains of a fit side by side, one window after the other.

    ``values`` has an array (chain, draw, ...) for each reported variable, filled while drawing:
    of a large study nothing of that size may exist twice.
    """

    density: Density
    kernel: Kernel
    expand: Any
    pool: ThreadPoolExecutor
    advance: Callable[[int, str], None]
    seed: int
    bound: float
    values: list[np.ndarray] = field(default_factory=list)
    stop: Event = field(default_factory=Event)

    def run(
        self,
        window: int,
        states: list[State],
        scale: np.ndarray,
        stride: tuple[float, int],
        draws: int,
        phase: str,
    ) -> list[_Gathered]:
        """Let every chain make so many draws; ``stride`` is a step's size and steps to a draw."""
        futures = [
            self.pool.submit(self._chain, (window, chain), state, scale, stride, draws, phase)
            for chain, state in enumerate(states)
        ]
        try:
            for one in as_completed(futures):
                one.result()
        except BaseException:
            self.stop.set()
            raise
        return [one.result() for one in futures]

    def _chain(
        self,
        place: tuple[int, int],
        state: State,
        scale: np.ndarray,
        stride: tuple[float, int],
        draws: int,
        phase: str,
    ) -> _Gathered:
        import jax

        window, chain = place
        drawing = phase == "drawing"
        # The first quarter of a tuning window still remembers the window before.
        skipped = 0 if drawing else draws // 4
        made = _Gathered(state, Moments(self.density.size, draws - skipped))
        base = jax.random.key(self.seed)
        for label in (window, chain):
            base = jax.random.fold_in(base, label)
        for first in range(0, draws, CHUNK):
            if self.stop.is_set():
                raise _Stopped
            count = min(CHUNK, draws - first)
            key = jax.random.fold_in(base, first)
            size, steps = stride
            made.state, chunk = self.kernel.run(
                key,
                made.state,
                scale,
                size,
                LENGTH,
                self.bound,
                count,
                steps,
                self.density.data,
            )
            # Turning an array into NumPy's waits for it with the interpreter locked; this does not.
            jax.block_until_ready(chunk)
            self._keep(made, chunk, count, max(0, skipped - first))
            if drawing:
                self._report(made, chunk, chain, slice(first, first + count))
            self.advance(count, phase)
        return made

    def _keep(self, made: _Gathered, chunk: Chunk, count: int, skipped: int) -> None:
        made.gradients += int(np.asarray(chunk.gradients)[:count].sum())
        if skipped < count:
            kept = slice(skipped, count)
            made.moments.add(np.asarray(chunk.x)[kept], np.asarray(chunk.gradient)[kept])
        if not self.values and not np.isfinite(np.asarray(chunk.log_density)[:count]).all():
            raise FitError(
                "the log-density stopped being finite while tuning",
                remedy="run `forecast check` and look for extreme values, then try another --seed",
            )

    def _report(self, made: _Gathered, chunk: Chunk, chain: int, draws: slice) -> None:
        count = draws.stop - draws.start
        import jax

        expanded = jax.block_until_ready(self.expand(chunk.x, self.density.data))
        for room, values in zip(self.values, expanded, strict=True):
            room[chain, draws] = np.asarray(values)[:count]
        unresolved = np.asarray(chunk.unresolved)[:count]
        small = chunk._replace(x=None, gradient=None, unresolved=unresolved)
        made.chunks.append((small, count))


def _room(density: Density, expand: Any, chains: int, draws: int) -> list[np.ndarray]:
    """Return empty arrays for the values of all draws, one for each reported variable."""
    import jax

    x = jax.ShapeDtypeStruct((CHUNK, density.size), np.float64)
    shapes = jax.eval_shape(expand, x, density.data)
    return [np.empty((chains, draws, *one.shape[1:]), dtype=one.dtype) for one in shapes]


def _adapted(scale: np.ndarray, gathered: list[_Gathered]) -> np.ndarray:
    """Return new scales from the draws of a window, pooled over the chains.

    ``(var x / var gradient) ** (1/4)``: of a normal density the sd, also where coordinates are
    correlated half-way between the marginal and the conditional one.
    """
    pooled = gathered[0].moments
    for other in gathered[1:]:
        pooled = pooled.joined(other.moments)
    spread, slope = pooled.variances()
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (spread / slope) ** 0.25
    found = np.where(np.isfinite(found) & (found > 0.0), found, scale)
    trust = pooled.count / (pooled.count + _HELD)
    return np.asarray(scale ** (1.0 - trust) * found**trust)


def _tree(density: Density, gathered: list[_Gathered], values: list[np.ndarray]) -> Any:
    import xarray as xr

    chains = range(len(gathered))
    draws = range(gathered[0].moments.count)
    sample = {"chain": list(chains), "draw": list(draws)}
    variables = {
        name: (("chain", "draw", *density.dims[name]), array)
        for name, array in zip(density.outputs, values, strict=True)
    }
    coords = sample | {name: np.array(v, dtype=object) for name, v in density.coords.items()}
    named = {
        "n_steps": "gradients",
        "divided": "divided",
        "unresolved": "unresolved",
        "energy_error": "energy_error",
        "lp": "log_density",
    }
    stats = {
        name: np.stack([_series(one, attribute) for one in gathered])
        for name, attribute in named.items()
    }
    stats["diverging"] = stats.pop("unresolved") > 0
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(variables, coords),
            "sample_stats": xr.Dataset(
                {name: (("chain", "draw"), array) for name, array in stats.items()}, sample
            ),
            "equipartition": equipartition(density.blocks, [one.moments for one in gathered]),
        }
    )


def _series(gathered: _Gathered, attribute: str) -> np.ndarray:
    """Return a statistic of every draw of a chain."""
    return np.concatenate(
        [np.asarray(getattr(chunk, attribute))[:count] for chunk, count in gathered.chunks]
    )


@contextmanager
def _pool(chains: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(max_workers=min(chains, os.cpu_count() or 1))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _bar(show: bool, total: int) -> AbstractContextManager[Callable[[int, str], None]]:
    if not show:
        return nullcontext(lambda count, phase: None)
    return _shown(total)


@contextmanager
def _shown(total: int) -> Iterator[Callable[[int, str], None]]:
    from forecast.inference.progress import progress_bar

    lock, done = Lock(), 0
    with progress_bar(total) as update:

        def advance(count: int, phase: str) -> None:
            nonlocal done
            with lock:
                done += count
                update(done, phase)

        yield advance
