"""Microcanonical Langevin dynamics: the kernel of the fast engine, compiled once per program.

Robnik, De Luca, Silverstein and Seljak (2023), arXiv:2212.08549. Position ``x = scale * y``; the
velocity of ``y`` has a fixed length, turns with the gradient, and is partly refreshed at each
step. A step is symmetric (turn, drift, refresh, drift, turn): the refreshment in the middle leaves
a smaller bias than one at the ends, as for canonical Langevin dynamics (Leimkuhler and Matthews
2013, doi:10.1093/amrx/abs010).

The dynamics conserves an energy. A step that fails to do so within a bound met a curvature too
sharp for it, and is made again in 2, 4, ... up to 64 parts.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from forecast.inference.jax_setup import prepare_jax

# Draws that one call returns at most; progress and interruptions are seen between calls.
CHUNK = 25
MOST_PARTS = 64


class State(NamedTuple):
    """Where a chain stands: position, gradient, velocity (of length 1), log-density."""

    x: Any
    gradient: Any
    velocity: Any
    log_density: Any


class Chunk(NamedTuple):
    """What one call returns; each array has the draws first, and only the asked ones are filled.

    Attributes
    ----------
    x, gradient : arrays, shape (draw, coordinate)
    log_density : array, shape (draw,)
    energy_error : array, shape (draw,)
        Largest absolute energy error of the steps of the draw.
    gradients, divided, unresolved : int arrays, shape (draw,)
        Gradients taken; steps that had to be divided; steps that failed even so.
    """

    x: Any
    gradient: Any
    log_density: Any
    energy_error: Any
    gradients: Any
    divided: Any
    unresolved: Any


class Kernel(NamedTuple):
    """The two functions of a program, compiled as one.

    Attributes
    ----------
    begin : function (x, velocity, data) -> State
        Not finite where the log-density or its gradient is not.
    run : function (key, state, scale, step, length, bound, draws, steps, data) -> (State, Chunk)
    """

    begin: Callable[..., State]
    run: Callable[..., tuple[State, Chunk]]


class _Settings(NamedTuple):
    """What the steps of one call share."""

    slope: Callable[[Any, Any], tuple[Any, Any]]
    scale: Any
    step: Any
    length: Any
    bound: Any
    data: Any


def make_kernel(log_density: Callable[[Any, Any], Any]) -> Kernel:
    """Compile the kernel of a log-density ``(x, data) -> scalar``.

    Arguments of ``run``: the random key; the state; ``scale`` (coordinate,); the ``step`` and the
    decoherence ``length`` in units of the scaled coordinates; the ``bound`` of a step's energy
    error; how many ``draws`` (at most ``CHUNK``), each after so many ``steps``; the data.
    """
    prepare_jax()
    import jax

    slope = jax.value_and_grad(log_density)

    def run(
        key: Any,
        state: State,
        scale: Any,
        step: Any,
        length: Any,
        bound: Any,
        draws: Any,
        steps: Any,
        data: Any,
    ) -> tuple[State, Chunk]:
        return _run(key, state, _Settings(slope, scale, step, length, bound, data), draws, steps)

    compiled = jax.jit(run)

    def begin(x: Any, velocity: Any, data: Any) -> State:
        # A step of no length: the program that samples need not be compiled again for this.
        still = State(x, np.zeros_like(x), velocity, np.float64(0.0))
        key, scale = jax.random.key(0), np.ones_like(x)
        state, _ = compiled(key, still, scale, 0.0, 1.0, np.inf, 1, 1, data)
        return state

    return Kernel(begin=begin, run=compiled)


def _run(
    key: Any, state: State, settings: _Settings, draws: Any, steps: Any
) -> tuple[State, Chunk]:
    """Make so many draws, each after so many steps."""
    import jax
    import jax.numpy as jnp

    def move(number: Any, carried: Any) -> Any:
        key, state, worst, gradients, divided, unresolved = carried
        own = jax.random.fold_in(key, number)
        state, error, used, parts = _guarded_step(own, state, settings)
        return (
            key,
            state,
            jnp.maximum(worst, error),
            gradients + used,
            divided + (parts > 1),
            unresolved + ((error > settings.bound) | ~jnp.isfinite(error)),
        )

    def draw(number: Any, carried: tuple[State, Chunk]) -> tuple[State, Chunk]:
        state, kept = carried
        own = jax.random.fold_in(key, number)
        _, state, *counts = jax.lax.fori_loop(0, steps, move, (own, state, 0.0, 0, 0, 0))
        values = (state.x, state.gradient, state.log_density, *counts)
        return state, Chunk(
            *(old.at[number].set(new) for old, new in zip(kept, values, strict=True))
        )

    wide, narrow = jnp.zeros((CHUNK, state.x.shape[0])), jnp.zeros(CHUNK)
    integers = jnp.zeros(CHUNK, dtype=int)
    kept = Chunk(wide, wide, narrow, narrow, integers, integers, integers)
    done: tuple[State, Chunk] = jax.lax.fori_loop(0, draws, draw, (state, kept))
    return done


def _guarded_step(key: Any, state: State, settings: _Settings) -> tuple[State, Any, Any, Any]:
    """Make one step, in as many parts as its energy error asks for."""
    import jax
    import jax.numpy as jnp

    def wanting(carried: Any) -> Any:
        parts, _, error, _ = carried
        return (parts == 0) | ((error > settings.bound) & (parts < MOST_PARTS))

    def attempt(carried: Any) -> Any:
        # The whole step is one part: the log-density then stands in the program once, and is
        # compiled once.
        parts, _, _, used = carried
        parts = jnp.maximum(1, 2 * parts)
        made, error = _step_in_parts(key, state, parts, settings)
        return parts, made, error, used + parts

    parts, made, error, used = jax.lax.while_loop(wanting, attempt, (0, state, 0.0, 0))
    # A chain that even the smallest step cannot move turns round where it stands.
    made = jax.lax.cond(
        jnp.isfinite(error) | (settings.step == 0.0),
        lambda: made,
        lambda: state._replace(velocity=_refreshed(state.velocity, key, 1.0, 0.1)),
    )
    return made, error, used, parts


def _step_in_parts(key: Any, state: State, parts: Any, settings: _Settings) -> tuple[State, Any]:
    import jax
    import jax.numpy as jnp

    smaller = settings._replace(step=settings.step / parts)

    def part(number: Any, carried: tuple[State, Any]) -> tuple[State, Any]:
        state, worst = carried
        state, error = _step(jax.random.fold_in(key, number), state, smaller)
        return state, jnp.maximum(worst, error)

    done: tuple[State, Any] = jax.lax.fori_loop(0, parts, part, (state, 0.0))
    return done


def _step(key: Any, state: State, settings: _Settings) -> tuple[State, Any]:
    """Make one step; returns the state and the absolute error of its energy."""
    import jax.numpy as jnp

    scale, step = settings.scale, settings.step
    # With this factor a coordinate of unit variance moves at unit speed, whatever the number of
    # coordinates.
    half = 0.5 * step * jnp.sqrt(1.0 * state.x.shape[0])
    velocity, first = _turned(state.velocity, scale * state.gradient, half)
    x = state.x + half * scale * velocity
    velocity = _refreshed(velocity, key, step, settings.length)
    x = x + half * scale * velocity
    value, gradient = settings.slope(x, settings.data)
    velocity, second = _turned(velocity, scale * gradient, half)
    error = jnp.abs(first + second + state.log_density - value)
    return State(x, gradient, velocity, value), jnp.where(jnp.isnan(error), jnp.inf, error)


def _turned(velocity: Any, gradient: Any, time: Any) -> tuple[Any, Any]:
    """Turn the velocity by the gradient; returns it and the change of kinetic energy."""
    import jax.numpy as jnp

    freedom = max(velocity.shape[0] - 1, 1)
    norm = jnp.linalg.norm(gradient)
    direction = gradient / jnp.where(norm > 0.0, norm, 1.0)
    along = velocity @ direction
    angle = time * norm / freedom
    shrink = jnp.exp(-angle)
    turned = direction * (1.0 - shrink) * (1.0 + shrink + along * (1.0 - shrink))
    turned = turned + 2.0 * shrink * velocity
    gain = angle - jnp.log(2.0) + jnp.log1p(along + (1.0 - along) * shrink**2)
    return turned / jnp.linalg.norm(turned), freedom * gain


def _refreshed(velocity: Any, key: Any, step: Any, length: Any) -> Any:
    """Mix the velocity with noise, as much as a step of so many decoherence lengths asks for."""
    import jax
    import jax.numpy as jnp

    size = jnp.sqrt(jnp.expm1(2.0 * step / length) / velocity.shape[0])
    mixed = velocity + size * jax.random.normal(key, velocity.shape)
    return mixed / jnp.linalg.norm(mixed)
