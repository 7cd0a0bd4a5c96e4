"""Fixtures that many tests share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from forecast.evidence.ledger import Ledger
from forecast.study.load import load_study
from forecast.study.models import Study
from tests.tiny import write_study

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None, print_blob=True)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Keep compiled programs for this session alone; JAX reads where when it is imported."""
    folder = tempfile.TemporaryDirectory(prefix="compiled-")
    os.environ["JAX_COMPILATION_CACHE_DIR"] = folder.name
    config.add_cleanup(folder.cleanup)


@pytest.fixture
def tiny_directory(tmp_path: Path) -> Path:
    """Return the directory of a small valid study, free to be changed."""
    return write_study(tmp_path / "tiny")


@pytest.fixture
def tiny_study(tiny_directory: Path) -> Study:
    """Return a small valid study."""
    return load_study(tiny_directory)


@pytest.fixture
def ledger(home: str) -> Iterator[Ledger]:
    """Return an empty ledger, on each database in turn."""
    with Ledger.open(home) as opened:
        yield opened
