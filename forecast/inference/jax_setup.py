"""Sets JAX up once: double precision on the CPU, and a cache of compiled programs on disk."""

import os
from pathlib import Path

_SETTING = "JAX_COMPILATION_CACHE_DIR"


def prepare_jax() -> None:
    """Set JAX up; must run before JAX computes anything.

    Compiled programs are kept between processes in the folder that JAX_COMPILATION_CACHE_DIR
    names, else under the user's cache folder; nothing is kept where that cannot be written. A
    program from the cache is the one that compiling again would give.
    """
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax

    jax.config.update("jax_enable_x64", True)
    folder = compile_cache()
    if folder is None or jax.config.jax_compilation_cache_dir == str(folder):
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # By default JAX keeps only what took a second to compile; a model consists of smaller pieces.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def compile_cache() -> Path | None:
    """Return the folder of compiled programs, made if needed; None where that cannot be.

    An empty JAX_COMPILATION_CACHE_DIR switches the cache off.
    """
    chosen = os.environ.get(_SETTING)
    if chosen == "":
        return None
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = Path(chosen) if chosen else base / "forecast" / "jax"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or one that cannot be written
        return None
    return folder if os.access(folder, os.W_OK) else None
