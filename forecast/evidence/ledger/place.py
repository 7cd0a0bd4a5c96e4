"""Where a ledger lives: an SQLite file, or a schema on a PostgreSQL server."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from forecast.errors import LedgerError
from forecast.study.models import Study

#: Names the ledger of every study; stronger than what study.toml says.
VARIABLE = "FORECAST_LEDGER_URL"
DRIVER = "postgresql+psycopg"
_DEFAULT = ".forecast/ledger.db"
_SECRETS = frozenset({"password", "sslpassword"})
_FORM = "postgresql+psycopg://USER@HOST/DATABASE"


@dataclass(frozen=True)
class Place:
    """The address of one ledger.

    Attributes
    ----------
    url
        What SQLAlchemy connects to.
    schema
        The PostgreSQL schema that holds the tables; empty for SQLite.
    shown
        The place as people may read it: never with a password.
    """

    url: sa.URL
    schema: str
    shown: str

    @property
    def on_server(self) -> bool:
        """Whether a PostgreSQL server holds the ledger."""
        return bool(self.schema)

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(str(self.url.database))

    @classmethod
    def at(cls, where: Path | str, *, schema: str = "forecast") -> Place:
        """Return the place that a path or a URL names.

        Parameters
        ----------
        where
            A path of an SQLite file, or ``postgresql+psycopg://USER@HOST/DATABASE``, in which
            ``?schema=NAME`` says which schema to use.
        schema
            The schema where the URL names none.

        Raises
        ------
        LedgerError
            If it is the URL of another kind of database, or is no URL.
        """
        if "://" not in str(where):
            return cls(sa.URL.create("sqlite", database=str(where)), "", str(where))
        return _server(str(where), schema)


def ledger_place(study: Study) -> Place:
    """Return where a study keeps its ledger.

    The environment's ``FORECAST_LEDGER_URL`` is stronger than ``ledger`` in study.toml; without
    either it is a file in the study's working state. A relative path in study.toml is counted from
    the study's directory. On a server each study has a schema of its own unless the URL names one.

    Raises
    ------
    LedgerError
        If the place cannot be read, or study.toml holds a password.
    """
    schema = _schema_of(study.id)
    if from_environment := os.environ.get(VARIABLE, "").strip():
        return Place.at(from_environment, schema=schema)
    written = study.ledger_url or _DEFAULT
    if "://" not in written:
        return Place.at(study.directory / written)
    place = Place.at(written, schema=schema)
    if place.url.password or _SECRETS.intersection(place.url.query):
        raise LedgerError(
            "the ledger's URL holds a password, and study files are shared",
            where=f"{study.directory / 'study.toml'}, ledger",
            expected=_FORM,
            remedy=f"remove it there; give it in PGPASSWORD, ~/.pgpass or {VARIABLE}",
        )
    return place


def _schema_of(identifier: str) -> str:
    """Return a name for a study's schema, another for every study."""
    plain = re.sub(r"[^a-z0-9_]", "_", identifier.lower())[:40]
    if plain == identifier:
        return f"study_{plain}"
    return f"study_{plain}_{hashlib.sha256(identifier.encode()).hexdigest()[:8]}"


def _server(text: str, schema: str) -> Place:
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise _refusal("it is no URL of a database") from error
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername=DRIVER)
    if url.drivername != DRIVER:
        raise _refusal(f"{url.drivername!r} ledgers are not supported")
    named = url.query.get("schema", schema)
    url = url.difference_update_query(["schema"])
    if not isinstance(named, str) or not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", named):
        raise _refusal(f"{named!r} is no name of a schema")
    shown = f"{url.set(password=None, query={}).render_as_string()}, schema {named}"
    return Place(url, named, shown)


def _refusal(what: str) -> LedgerError:
    # The text itself may hold a password, so it is not repeated.
    return LedgerError(
        what,
        where=f"{VARIABLE}, or ledger in study.toml",
        expected=f"a path to an SQLite file, or {_FORM}?schema=NAME",
        remedy="correct it, or leave it out for a file beside the study",
    )
