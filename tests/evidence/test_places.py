import dataclasses

import pytest
import sqlalchemy as sa

from forecast.errors import LedgerError
from forecast.evidence.integrity import verify
from forecast.evidence.ledger import Ledger, Place, ledger_place
from forecast.evidence.ledger.connection import Database
from forecast.evidence.ledger.tables import FORMAT
from tests.evidence.formats import DUMPS, write_format_1
from tests.evidence.tamper import execute
from tests.tiny import record


def test_the_environment_is_stronger_than_the_study_file(tiny_study, monkeypatch, tmp_path):
    named = dataclasses.replace(tiny_study, ledger_url="postgresql+psycopg://host/evidence")
    monkeypatch.setenv("FORECAST_LEDGER_URL", str(tmp_path / "other.db"))
    assert ledger_place(named).file == tmp_path / "other.db"
    monkeypatch.setenv("FORECAST_LEDGER_URL", "postgresql://me:secret@host/evidence?schema=shared")
    place = ledger_place(named)
    assert (place.schema, place.url.password) == ("shared", "secret")
    assert "secret" not in place.shown


def test_a_password_in_a_study_file_is_refused_and_never_repeated(tiny_study):
    named = dataclasses.replace(tiny_study, ledger_url="postgresql://me:hunter2@host/evidence")
    with pytest.raises(LedgerError, match="holds a password") as caught:
        ledger_place(named)
    assert "hunter2" not in str(caught.value)
    assert "PGPASSWORD" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:hunter2@host/x",
        "postgresql://host/x?schema=a;drop",
        "postgresql://host/x?schema=a&schema=b",
        "postgresql://me:hunter2@host:port/x",
        "http://",
    ],
)
def test_a_url_of_another_kind_is_refused_without_repeating_it(url):
    with pytest.raises(LedgerError) as caught:
        Place.at(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.remedy


@pytest.mark.service
def test_each_study_has_a_schema_of_its_own_on_one_server(postgres_server, tiny_study, monkeypatch):
    monkeypatch.setenv("FORECAST_LEDGER_URL", postgres_server)
    other = dataclasses.replace(tiny_study, id="other-study")
    with Ledger.open(ledger_place(tiny_study)) as ledger:
        ledger.append_records([record(tiny_study)])
    with Ledger.open(ledger_place(other)) as ledger:
        assert ledger.name.endswith("schema study_other_study_c68a5e4c")
        assert ledger.entries() == []


@pytest.mark.service
def test_a_server_that_refuses_is_told_without_a_traceback(postgres_server, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "wrong")
    with pytest.raises(LedgerError, match="password authentication failed") as caught:
        Ledger.open(postgres_server)
    assert "PGPASSWORD" in caught.value.remedy
    with pytest.raises(LedgerError, match="refuses"):
        Ledger.open("postgresql://nobody@127.0.0.1:1/nothing")


@pytest.mark.service
def test_a_server_ledger_locked_too_long_is_busy(postgres_ledger, tiny_study, monkeypatch):
    from forecast.errors import BusyError
    from forecast.evidence.ledger import connection

    Ledger.open(postgres_ledger).close()
    monkeypatch.setattr(connection, "PATIENCE", 0.2)
    holder = Database(Place.at(postgres_ledger))
    with holder.transaction(write=True) as held, Ledger.open(postgres_ledger) as ledger:
        held.execute(sa.text("LOCK TABLE entries IN EXCLUSIVE MODE"))
        assert ledger.entries() == []
        with pytest.raises(BusyError, match="another process holds the ledger"):
            ledger.append_records([record(tiny_study)])
    holder.close()


@pytest.mark.service
def test_psycopg_missing_is_told_with_the_remedy(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match="need the package psycopg") as caught:
        Ledger.open("postgresql://127.0.0.1/x")
    assert "alignment-forecast[postgres]" in caught.value.remedy


def columns_of(ledger, tiny_study):
    return [(one.record_id, one.kind, one.pair, one.indicator) for one in ledger.entries()]


def test_a_ledger_of_the_first_release_opens_upgrades_and_keeps_its_chain(tmp_path, tiny_study):
    home = write_format_1(tmp_path / "old.db")
    patrol = ("CHN->RUS", "joint_patrol")
    for _ in range(2):
        with Ledger.open(home) as ledger:
            assert verify(ledger) == ledger.head
            assert columns_of(ledger, tiny_study) == [
                ("E1", "record", *patrol),
                ("E2", "record", *patrol),
                ("E3", "record", *patrol),
                ("E1", "supersede", *patrol),
                ("E2", "retract", "", ""),
            ]
            assert ledger.entries()[0].content.count("é 1") == 1
    with Ledger.open(home) as ledger:
        assert ledger.append_records([record(tiny_study, id="E4")]).added == 1
        assert verify(ledger).seq == 6


def test_every_released_format_has_a_dump_that_is_tested():
    dumps = {int(one.stem.removeprefix("format-")) for one in DUMPS.glob("format-*.sql")}
    assert dumps == set(range(1, FORMAT))


def test_an_upgraded_table_is_the_same_as_a_new_one(tmp_path):
    def shape(home):
        database = Database(Place.at(home))
        with database.transaction() as connection:
            found = sa.inspect(connection)
            columns = [
                (one["name"], str(one["type"]), one["nullable"])
                for one in found.get_columns("entries")
            ]
            indexes = sorted(str(one["name"]) for one in found.get_indexes("entries"))
            table = sa.Table("entries", sa.MetaData(), autoload_with=connection)
        database.close()
        assert [one[0] for one in columns] == table.columns.keys()
        return columns, indexes

    old, new = write_format_1(tmp_path / "old.db"), str(tmp_path / "new.db")
    for home in (old, new):
        Ledger.open(home).close()
    assert shape(old) == shape(new)


def test_tables_are_what_the_program_declares(home):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from forecast.evidence.ledger.tables import METADATA

    Ledger.open(home).close()
    database = Database(Place.at(home))
    with database.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)
    database.close()
    assert differences == []


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE alembic_version SET version_num = '99'", "format 99 is newer"),
        ("UPDATE alembic_version SET version_num = 'abc'", "unknown format 'abc'"),
    ],
)
def test_a_format_that_this_program_does_not_know_is_refused(home, statement, message):
    Ledger.open(home).close()
    execute(home, statement)
    with pytest.raises(LedgerError, match=message):
        Ledger.open(home)


def test_a_table_of_somebody_elses_is_refused_and_left_alone(home):
    database = Database(Place.at(home))
    with database.transaction(write=True) as connection:
        if database.place.on_server:
            connection.execute(sa.schema.CreateSchema(database.place.schema))
        connection.exec_driver_sql("CREATE TABLE entries (diary TEXT)")
    with pytest.raises(LedgerError, match="is not a ledger's"):
        Ledger.open(home)
    with database.transaction() as connection:
        assert sa.inspect(connection).get_table_names() == ["entries"]
    database.close()


def test_a_password_in_the_query_of_a_url_is_a_password_too(tiny_study):
    hidden = "postgresql://me@host/evidence?password=hunter2"
    with pytest.raises(LedgerError, match="holds a password") as caught:
        ledger_place(dataclasses.replace(tiny_study, ledger_url=hidden))
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in Place.at(hidden).shown


def test_no_two_studies_get_one_schema(tiny_study, monkeypatch):
    monkeypatch.setenv("FORECAST_LEDGER_URL", "postgresql://host/evidence")
    names = ("tiny", "a_b", "A_b", "a-b", "A-b", "x" * 60, "x" * 61)
    schemas = {ledger_place(dataclasses.replace(tiny_study, id=name)).schema for name in names}
    assert len(schemas) == len(names)
    assert max(map(len, schemas)) <= 63


def test_asking_for_the_format_makes_nothing(home, tmp_path):
    assert Ledger.format_at(Place.at(home)) == 0
    assert list(tmp_path.glob("*.db")) == []
    Ledger.open(home).close()
    assert Ledger.format_at(Place.at(home)) == FORMAT
    assert Ledger.format_at(Place.at(write_format_1(tmp_path / "old.db"))) == 1
