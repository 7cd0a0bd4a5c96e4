"""Compiled programs are kept where the user's caches are, and not where that is switched off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import numpy as np
from forecast.inference.jax_setup import prepare_jax
prepare_jax()
import jax
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
print(float(jax.jit(lambda x: (x * x).sum())(np.arange(4.0))))
"""
CHOSEN = "JAX_COMPILATION_CACHE_DIR"


def run(variables: dict[str, str]) -> None:
    """Compile and run a small program in a process of its own, which says nothing else."""
    kept = {name: value for name, value in os.environ.items() if name != CHOSEN}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("14.0\n", "")


def programs(folder: Path) -> dict[str, int]:
    """Return the programs kept in a folder, and when each was written."""
    return {one.name: one.stat().st_mtime_ns for one in folder.rglob("*-cache")}


@pytest.mark.parametrize(
    ("setting", "below"), [("XDG_CACHE_HOME", "forecast/jax"), (CHOSEN, "."), ("HOME", ".cache")]
)
def test_a_second_process_reads_what_the_first_compiled(setting, below, tmp_path):
    variables = {setting: str(tmp_path)} | ({"XDG_CACHE_HOME": ""} if setting == "HOME" else {})
    run(variables)
    first = programs(tmp_path / below)
    assert first
    run(variables)
    assert programs(tmp_path) == first


def test_an_empty_setting_keeps_nothing(tmp_path):
    run({CHOSEN: "", "XDG_CACHE_HOME": str(tmp_path)})
    assert not list(tmp_path.iterdir())
