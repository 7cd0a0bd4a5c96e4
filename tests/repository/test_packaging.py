"""What lies in the repository arrives in the wheel, and the locks fit the project file."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^([a-zA-Z0-9._-]+)==(\S+)", text, flags=re.MULTILINE)
    return {package.lower().replace("_", "-"): Version(version) for package, version in found}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = place.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("folder", "pattern", "inside"),
    [
        ("priors", "*.toml", "forecast/_priors"),
        ("forecast/studies", "*/*.csv", "forecast/studies"),
        ("forecast/studies", "*/study.toml", "forecast/studies"),
        ("forecast/report/templates", "*", "forecast/report/templates"),
        ("forecast/actors", "*.csv", "forecast/actors"),
        ("forecast/evidence/readers/mappings", "*.toml", "forecast/evidence/readers/mappings"),
        ("forecast", "py.typed", "forecast"),
    ],
)
def test_data_files_are_in_the_wheel_as_they_are_here(wheel, folder, pattern, inside):
    files = [file for file in (ROOT / folder).glob(pattern) if file.is_file()]
    assert files
    for file in files:
        name = f"{inside}/{file.relative_to(ROOT / folder).as_posix()}"
        assert wheel[name] == file.read_bytes()


def test_the_wheel_names_itself_and_its_program(wheel):
    (metadata,) = (text for name, text in wheel.items() if name.endswith(".dist-info/METADATA"))
    (scripts,) = (text for name, text in wheel.items() if name.endswith("/entry_points.txt"))
    assert b"\nName: alignment-forecast\nVersion: 0.1.0\n" in metadata
    assert b"forecast = forecast.cli:main" in scripts


def test_no_test_or_tool_is_in_the_wheel(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert tops == {"forecast", "alignment_forecast-0.1.0.dist-info"}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_every_requirement_in_a_version_that_fits(lock):
    wanted = list(PROJECT["dependencies"])
    if lock == "requirements-dev.lock":
        wanted += [one for extra in PROJECT["optional-dependencies"].values() for one in extra]
    held = pins(lock)
    unmet = [
        one
        for one in map(Requirement, wanted)
        if one.name not in held or held[one.name] not in one.specifier
    ]
    assert unmet == []


def test_both_locks_agree():
    runtime, development = (pins(lock) for lock in LOCKS)
    assert runtime.items() <= development.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_place_and_hashes_everything(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"://|--index|--find-links|--extra|--trusted|/[a-z]+/", text) == []
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", text)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_version_stands_in_one_place():
    import forecast

    assert PROJECT["dynamic"] == ["version"]
    assert Version(forecast.__version__) >= Version("0.1.0")
