"""Finds the study that a command names, and copies a shipped one on first use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from forecast.cli.console import tell
from forecast.errors import StudyError

if TYPE_CHECKING:
    from forecast.evidence.ledger import Ledger
    from forecast.study.models import Study

MARK: Final = "study.toml"
EVIDENCE: Final = "evidence.csv"


def find_study(name: str) -> Path:
    """Return the directory of the study that a command names.

    A path of a study directory is taken as it is. The id of a shipped study stands for ``./<id>``,
    which is made from the shipped files where it is missing.

    Raises
    ------
    StudyError
        If the name is neither; the message lists the shipped studies.
    """
    from forecast import studies

    directory = Path(name)
    if (directory / MARK).is_file():
        return directory
    shipped = studies.shipped()
    if name in shipped and not directory.exists():
        copy_shipped(name, directory)
        tell(f"Copied the shipped study {name} to ./{name}")
        return directory
    if directory.is_dir():
        raise StudyError(
            f"the directory has no {MARK}",
            where=str(directory),
            remedy="name a study directory, or make one with `forecast init DIR`",
        )
    raise StudyError(
        f"there is no study {name!r}",
        expected=f"a study directory, or one of the shipped studies: {', '.join(shipped)}",
        remedy="check the name, or make a study with `forecast init DIR`",
    )


def copy_shipped(identifier: str, target: Path) -> None:
    """Copy a shipped study's files to a directory that does not exist, whole or not at all."""
    from forecast import studies

    studies.copy_to(identifier, target)


@contextmanager
def open_ledger(study: Study, *, fill: bool = True) -> Iterator[Ledger]:
    """Open a study's ledger while the block runs.

    Parameters
    ----------
    study
        The study.
    fill
        Let a ledger that holds nothing of the study first take in its evidence.csv.
    """
    from forecast.evidence.importers import import_table
    from forecast.evidence.ledger import Ledger, ledger_place

    with Ledger.open(ledger_place(study)) as ledger:
        evidence = study.directory / EVIDENCE
        # A ledger may serve other studies: what counts is whether it holds any of this one.
        labels = [pair.label for pair in study.pairs]
        if fill and evidence.is_file() and not ledger.holds(labels):
            report = import_table(ledger, study, evidence)
            if report.added:
                tell(f"Took {report.added} records from {evidence} into the ledger")
        yield ledger


def fill_ledger(directory: Path) -> None:
    """Take a study's evidence.csv into its ledger where that is empty."""
    from forecast.study.load import load_study

    with open_ledger(load_study(directory)):
        pass
