"""The set-up finds a Python that is new enough, or says what to install."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("tools/setup-venv", "pyproject.toml", "requirements.lock", "requirements-dev.lock")


@pytest.fixture
def checkout(tmp_path):
    """The files that the set-up reads, in a directory of their own."""
    for name in COPIED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def programs(tmp_path):
    """A directory with the everyday programs and no Python at all, to be the whole PATH."""
    place = tmp_path / "bin"
    place.mkdir()
    for name in ("bash", "env", "cat", "dirname", "sha256sum", "rm", "cut"):
        (place / name).symlink_to(shutil.which(name))
    return place


def pretend(file, version, *, makes=""):
    """Write a stand-in for a Python of this version; `makes` is what it does for `-m`."""
    file.write_text(
        "#!/usr/bin/env bash\n"
        f'if [ "$1" = --version ]; then echo "Python {version}"; exit 0; fi\n'
        f'if [ "$1" = -m ]; then {makes or "exit 0"}; fi\n'
        f"[ {version.replace('.', '')} -ge 312 ] && echo {file}\n"
    )
    file.chmod(0o755)


def set_up(checkout, programs, *arguments, **variables):
    return subprocess.run(
        [str(checkout / "tools" / "setup-venv"), *arguments],
        env={"PATH": str(programs), "HOME": str(checkout), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_any_python_it_says_what_to_install(checkout, programs):
    ended = set_up(checkout, programs)
    assert ended.returncode == 2
    assert "no python3 at all" in ended.stderr
    assert "pyenv install 3.13" in ended.stderr
    assert not (checkout / ".venv").exists()


def test_an_old_python_is_named(checkout, programs):
    pretend(programs / "python3", "3.11")
    ended = set_up(checkout, programs)
    assert ended.returncode == 2
    assert "Found instead: Python 3.11" in ended.stderr


def test_a_python_that_was_asked_for_must_fit(checkout, programs):
    pretend(programs / "python3.13", "3.13")
    pretend(programs / "old", "3.11")
    ended = set_up(checkout, programs, PYTHON="old")
    assert ended.returncode == 2
    assert "PYTHON=old is not a Python 3.12 or newer" in ended.stderr


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        ({"python3": "3.11", "python3.12": "3.12"}, "3.12"),
        ({"python3.13": "3.13", "python3.12": "3.12"}, "3.13"),
        ({"python3": "3.14"}, "3.14"),
    ],
)
def test_the_first_python_that_fits_is_taken(checkout, programs, there, taken):
    for name, version in there.items():
        pretend(programs / name, version, makes="exit 7")
    ended = set_up(checkout, programs)
    assert ended.returncode == 7
    assert f"Making .venv with Python {taken}" in ended.stderr


def test_a_python_of_pyenv_is_found_without_a_command_for_it(checkout, programs):
    place = checkout / ".pyenv" / "versions" / "3.12.1" / "bin"
    place.mkdir(parents=True)
    pretend(place / "python", "3.12", makes="exit 7")
    assert "Making .venv with Python 3.12" in set_up(checkout, programs).stderr


def test_a_folder_that_is_no_environment_is_never_removed(checkout, programs):
    pretend(programs / "python3", "3.13")
    (checkout / "precious").mkdir()
    (checkout / "precious" / "thesis.txt").write_text("all of it")
    ended = set_up(checkout, programs, VENV="precious")
    assert ended.returncode == 2
    assert (checkout / "precious" / "thesis.txt").exists()


@pytest.fixture
def installed(checkout, programs):
    """An environment whose pip only notes how it was called."""
    folder = checkout / ".venv" / "bin"
    folder.mkdir(parents=True)
    (checkout / ".venv" / "pyvenv.cfg").write_text("")
    pretend(folder / "python", "3.13", makes=f'echo "$@" >> {checkout / "calls"}; exit 0')
    (folder / "forecast").write_text("#!/bin/sh\n")
    (folder / "forecast").chmod(0o755)

    def calls(*arguments):
        (checkout / "calls").write_text("")
        assert set_up(checkout, programs, *arguments).returncode == 0
        return (checkout / "calls").read_text()

    return calls


def test_a_second_run_installs_nothing(installed):
    first = installed()
    assert "--require-hashes --requirement requirements.lock" in first
    assert "--no-deps --no-build-isolation --editable ." in first
    assert installed() == ""


@pytest.mark.parametrize("file", ["requirements.lock", "pyproject.toml"])
def test_a_change_installs_again(installed, checkout, file):
    installed()
    with (checkout / file).open("a") as end:
        end.write("# changed\n")
    assert "requirements.lock" in installed()


def test_tests_need_more_than_the_product_and_the_product_no_more_than_tests(installed):
    installed()
    assert "requirements-dev.lock" in installed("--dev")
    assert installed() == ""
    assert installed("--dev") == ""


def test_an_environment_that_was_moved_installs_again(installed, checkout):
    installed()
    stamp = checkout / ".venv" / ".stamp-runtime"
    stamp.write_text(stamp.read_text().replace(str(checkout), "/elsewhere"))
    assert "--editable" in installed()


@pytest.mark.skipif(shutil.which("pyenv") is None, reason="pyenv is not installed")
def test_a_bare_python3_under_pyenv_is_new_enough():
    found = subprocess.run(
        ["python3", "-c", "import sys; print(sys.version_info >= (3, 12))"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "True", sys.executable
