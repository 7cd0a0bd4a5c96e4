"""The installed program, as a process of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The program of this checkout, whether or not another one is installed.
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}


def process(*command, cwd=ROOT, **variables):
    return subprocess.run(
        command,
        cwd=cwd,
        env={**HERE, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def forecast(*arguments, cwd, **variables):
    return process(sys.executable, "-m", "forecast.cli", *arguments, cwd=cwd, **variables)


def test_a_session_from_an_empty_directory(tmp_path):
    checked = forecast("check", "ukraine", "--json", cwd=tmp_path)
    assert (checked.returncode, json.loads(checked.stdout)["errors"]) == (0, 0)
    verified = forecast("evidence", "verify", "ukraine", "--json", cwd=tmp_path)
    listed = forecast("evidence", "list", "ukraine", "--json", cwd=tmp_path)
    assert json.loads(verified.stdout)["entries"] == len(json.loads(listed.stdout))


@pytest.mark.parametrize(
    ("arguments", "code"), [(("check", "atlantis"), 1), (("frobnicate",), 2), (("--version",), 0)]
)
def test_the_process_ends_with_the_code_and_no_traceback(tmp_path, arguments, code):
    ended = forecast(*arguments, cwd=tmp_path)
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr


def test_a_reader_that_stops_reading_is_no_error(tmp_path):
    command = f"{sys.executable} -m forecast.cli evidence list ukraine --json | head -n 1"
    ended = process("bash", "-c", command, cwd=tmp_path)
    assert ended.stdout == "[\n"
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("encoding", "shown"),
    # A terminal that claims plain ASCII is taken for a misconfigured one, and gets UTF-8.
    [("utf-8", "中国"), ("latin-1", r"\u4e2d\u56fd"), ("ascii", "中国")],
)
def test_a_terminal_of_any_encoding_gets_every_name(tmp_path, encoding, shown):
    made = forecast("init", "中国", "--json", cwd=tmp_path, PYTHONIOENCODING=encoding)
    assert json.loads(made.stdout)["directory"] == "中国"
    ended = forecast("check", "中国", cwd=tmp_path, PYTHONIOENCODING=encoding)
    assert ended.returncode == 0
    assert ended.stdout.endswith(f"(no-records)\n0 errors, 1 warning in {shown}\n")


def test_the_package_imports_in_half_a_second():
    code = "import sys, forecast; print(*sys.modules)"
    start = time.perf_counter()
    loaded = process(sys.executable, "-c", code)
    with_it = time.perf_counter() - start
    start = time.perf_counter()
    process(sys.executable, "-c", "pass")
    assert with_it - (time.perf_counter() - start) < 0.5
    heavy = {"pymc", "jax", "arviz", "matplotlib", "pandas", "sqlalchemy", "typer"}
    assert "forecast" in loaded.stdout.split()
    assert heavy.isdisjoint(loaded.stdout.split())


def test_help_loads_nothing_heavy():
    code = "import sys\nfrom forecast.cli.app import app\nprint(*sys.modules)"
    loaded = process(sys.executable, "-c", code).stdout.split()
    assert "forecast.cli.run" in loaded
    assert {"pymc", "jax", "arviz", "matplotlib", "pandas"}.isdisjoint(loaded)
