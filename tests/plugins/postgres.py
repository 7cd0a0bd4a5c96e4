"""A PostgreSQL server for the tests: of its own, on loopback, never run as root.

``FORECAST_TEST_POSTGRES`` may name a server that runs already; otherwise the programs of Debian's
package ``postgresql`` make a cluster in a temporary folder. Without either, tests that ask for it
skip with the reason.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

GIVEN = "FORECAST_TEST_POSTGRES"
PASSWORD = "only for tests"
_NUMBERS = itertools.count(1)


def pytest_configure() -> None:
    """Let every process of the tests find the password where a user's would."""
    os.environ.setdefault("PGPASSWORD", PASSWORD)


def _programs() -> Path | None:
    """Return the folder of initdb and postgres."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((one for one in folders if (one / "initdb").exists()), None)


def _unprivileged() -> dict[str, object]:
    """Return how to start a program as somebody else than root."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Yield the URL of a database on a server, with its password left out."""
    try:
        with running_server() as url:
            yield url
    except LookupError as error:
        pytest.skip(str(error))


@contextmanager
def running_server() -> Iterator[str]:
    """Yield the URL of a database while its server runs.

    Raises
    ------
    LookupError
        If there is no server and no program to start one.
    """
    if given := os.environ.get(GIVEN):
        yield given
        return
    programs = _programs()
    if programs is None:
        raise LookupError("no PostgreSQL server: install Debian's package postgresql")
    who = _unprivileged()
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        place = Path(folder)
        secret = place / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        if who:
            os.chown(place, int(str(who["user"])), int(str(who["group"])))
            os.chown(secret, int(str(who["user"])), int(str(who["group"])))
        data = place / "data"
        make = [programs / "initdb", "-D", data, "-U", "analyst", "-E", "UTF8", "--locale=C.UTF-8"]
        make += ["--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, cwd="/", **who)  # type: ignore[call-overload]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [programs / "pg_ctl", "-D", data, "-w", "-l", place / "log", "-o"]
        listen = f"-c listen_addresses=127.0.0.1 -p {port} -k {place}"
        subprocess.run([*command, listen, "start"], check=True, capture_output=True, cwd="/", **who)  # type: ignore[call-overload]
        try:
            yield f"postgresql+psycopg://analyst@127.0.0.1:{port}/postgres"
        finally:
            stop = [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
            subprocess.run(stop, check=False, capture_output=True, cwd="/", **who)  # type: ignore[call-overload]


@pytest.fixture
def postgres_ledger(postgres_server: str) -> str:
    """Return the URL of a new, empty ledger on the server."""
    return f"{postgres_server}?schema=test_{next(_NUMBERS)}"


BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.service))


@pytest.fixture(params=BOTH)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the place of a new, empty ledger, on each database in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    return str(request.getfixturevalue("postgres_ledger"))
