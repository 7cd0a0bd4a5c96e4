"""Sets JAX up once: double precision on the CPU, and a cache of compiled programs on disk."""

import os
from pathlib import Path

# A compiled model takes half a megabyte, and new evidence makes a new one; the oldest go first.
_CACHE_BYTES = 200_000_000


def prepare_jax() -> None:
    """Set JAX up; must run before JAX computes anything.

    Programs that took a fifth of a second or more to compile are kept between processes, in the
    folder that JAX_COMPILATION_CACHE_DIR names, else under the user's cache folder. An empty
    JAX_COMPILATION_CACHE_DIR switches that off.
    """
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax

    jax.config.update("jax_enable_x64", True)
    if jax.config.jax_compilation_cache_dir is None:  # neither set by the user nor by us
        caches = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
        jax.config.update("jax_compilation_cache_dir", str(Path(caches, "forecast", "jax")))
        jax.config.update("jax_compilation_cache_max_size", _CACHE_BYTES)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
