"""Compiled programs are kept where the user's caches are, and nowhere if that cannot be."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from forecast.inference.jax_setup import compile_cache

PROGRAM = """
import numpy as np
from forecast.inference.jax_setup import prepare_jax
prepare_jax()
import jax
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
print(float(jax.jit(lambda x: (x * x).sum())(np.arange(4.0))))
"""


def test_the_cache_lies_in_the_users_cache_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compile_cache() == tmp_path / "forecast" / "jax"
    assert (tmp_path / "forecast" / "jax").is_dir()


def test_what_the_user_set_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "mine"))
    assert compile_cache() == tmp_path / "mine"


@pytest.mark.parametrize("place", ["", "a file"])
def test_no_cache_where_it_is_switched_off_or_cannot_be_made(place, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    chosen = str(tmp_path / "file" / "below") if place else ""
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", chosen)
    assert compile_cache() is None


def test_a_second_process_reads_what_the_first_compiled(tmp_path):
    environment = os.environ | {"JAX_COMPILATION_CACHE_DIR": str(tmp_path)}

    def run() -> tuple[str, dict[str, int]]:
        made = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        kept = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir() if "-cache" in p.name}
        return made.stdout, kept

    first, second = run(), run()
    assert first[0] == second[0] == "14.0\n"
    assert first[1], "nothing was kept"
    assert first[1] == second[1]
