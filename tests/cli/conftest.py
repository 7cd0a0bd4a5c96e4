"""A program to call, in a directory of its own."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from forecast.cli.app import app
from forecast.study.lock import holding
from tests.plugins import fits

shared = fits.shared


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)


Program = Callable[..., Outcome]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def program(workplace: Path) -> Program:
    """Call the command line in the workplace; an unforeseen error fails the test."""

    def call(*arguments: str) -> Outcome:
        result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def blank_study(program: Program, workplace: Path) -> Path:
    """A study made by `forecast init`, without evidence."""
    assert program("init", "mine").code == 0
    return workplace / "mine"


ROW = (
    "{id},2024-05-01,day,{known},exact,AAA,BBB,1,joint_exercise,{value},,bilateral,"
    "Ministry,press release,A,1,,{note}\n"
)


@pytest.fixture
def records(workplace: Path) -> Callable[..., Path]:
    """Write a file of exercise records, one for each id."""
    from forecast.cli.blank import EVIDENCE

    def write(*ids: str, known: str = "2024-05-02", value: str = "1", note: str = "") -> Path:
        file = workplace / "records.csv"
        rows = [ROW.format(id=id, known=known, value=value, note=note) for id in ids]
        file.write_text(EVIDENCE + "".join(rows), encoding="utf-8")
        return file

    return write


@pytest.fixture
def fitted(shared: fits.SharedFit, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the run of the session's fit in a study `tiny` here.

    300 draws are few: the gate lets a larger simulation error pass than for users.
    """
    from forecast.explain import update

    monkeypatch.setattr(update, "LARGEST_ERROR", 0.1)
    _, run = fits.copy_run(shared, workplace / "tiny")
    return run


@pytest.fixture
def head(workplace: Path) -> Callable[[], str]:
    """Return the hash of the last entry of the ledger of `tiny`."""
    from forecast.api import Study

    def read() -> str:
        with Study.load(workplace / "tiny").ledger as ledger:
            return ledger.head.chain_hash

    return read


@contextmanager
def held_elsewhere(study: Path) -> Iterator[None]:
    """Let another thread hold a study: to the program under test it is as another process."""
    with ThreadPoolExecutor(1) as pool:
        held = holding(study)
        pool.submit(held.__enter__).result()
        try:
            yield
        finally:
            pool.submit(held.__exit__, None, None, None).result()
