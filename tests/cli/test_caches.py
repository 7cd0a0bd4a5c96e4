import os
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.cli import caches

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """A temporary folder of our own and no settings of the user's."""
    monkeypatch.setattr(caches.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.delenv("PYTENSOR_FLAGS", raising=False)
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    return monkeypatch


def test_a_writable_home_changes_nothing(environment):
    environment.setattr(caches, "writable", lambda folder: True)
    caches.move_if_needed()
    assert "PYTENSOR_FLAGS" not in os.environ
    assert "MPLCONFIGDIR" not in os.environ
    assert "JAX_COMPILATION_CACHE_DIR" not in os.environ


def test_a_read_only_home_moves_all_caches(environment, tmp_path):
    environment.setattr(caches, "writable", lambda folder: False)
    caches.move_if_needed()
    assert os.environ["PYTENSOR_FLAGS"].startswith(f"base_compiledir={tmp_path}")
    assert os.environ["MPLCONFIGDIR"].startswith(str(tmp_path))
    assert os.environ["JAX_COMPILATION_CACHE_DIR"].startswith(str(tmp_path))


def test_what_the_user_set_is_kept(environment):
    environment.setattr(caches, "writable", lambda folder: False)
    environment.setenv("PYTENSOR_FLAGS", "floatX=float64")
    environment.setenv("MPLCONFIGDIR", "mine")
    environment.setenv("JAX_COMPILATION_CACHE_DIR", "")
    caches.move_if_needed()
    assert os.environ["PYTENSOR_FLAGS"].startswith("floatX=float64,base_compiledir=")
    assert os.environ["MPLCONFIGDIR"] == "mine"
    assert os.environ["JAX_COMPILATION_CACHE_DIR"] == ""
    environment.setenv("PYTENSOR_FLAGS", "compiledir=there")
    caches.move_if_needed()
    assert os.environ["PYTENSOR_FLAGS"] == "compiledir=there"


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_folder_counts_as_writable_only_if_a_file_can_be_made_in_it(tmp_path, folder):
    (tmp_path / "file").write_text("")
    assert caches.writable(tmp_path)
    assert not caches.writable(tmp_path / folder)


FIT = """
from forecast.cli.caches import move_if_needed
from forecast.inference.jax_setup import prepare_jax
move_if_needed()
prepare_jax()
import nutpie, pymc as pm
with pm.Model() as model:
    x = pm.Normal("x")
    pm.Normal("y", x, 1.0, observed=[1.0, 2.0])
compiled = nutpie.compile_pymc_model(model, backend="jax", gradient_backend="jax")
draws = nutpie.sample(compiled, draws=20, tune=20, chains=2, seed=1, progress_bar=False)
print("drawn", draws.posterior["x"].sizes["draw"])
"""


def test_a_model_is_sampled_without_a_writable_home_and_without_a_compiler(tmp_path):
    # A home that is a file: nobody, not even root, can write into it.
    home = tmp_path / "home"
    home.write_text("")
    variables = {"HOME": str(home), "PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", FIT], env=variables, capture_output=True, text=True, check=False
    )
    assert ended.stdout.strip() == "drawn 20", ended.stderr
