import dataclasses
import sqlite3
from datetime import date

import pytest
import sqlalchemy as sa

from forecast.errors import BusyError, EvidenceError, LedgerError
from forecast.evidence.entries import GENESIS, draft
from forecast.evidence.ledger import Ledger, connection, ledger_place
from tests.tiny import record


def test_a_new_ledger_is_empty_and_its_directory_is_made(tmp_path):
    with Ledger.open(tmp_path / "a" / "b" / "ledger.db") as opened:
        assert opened.entries() == []
        assert (opened.head.seq, opened.head.chain_hash) == (0, GENESIS)


def test_entries_are_numbered_chained_and_kept_over_a_reopening(tmp_path, tiny_study):
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as opened:
        opened.append_records([record(tiny_study, id="E1"), record(tiny_study, id="E2")])
        head = opened.head
    with Ledger.open(path) as reopened:
        assert [entry.seq for entry in reopened.entries()] == [1, 2]
        assert reopened.head == head
        first, second = reopened.entries()
        assert second.chain_hash == second.link(first.chain_hash)


def test_writers_take_the_lock_at_once_and_the_log_is_written_ahead(tmp_path, tiny_study):
    statements = []
    with Ledger.open(tmp_path / "ledger.db") as opened:
        sa.event.listen(
            opened._database.engine,
            "before_cursor_execute",
            lambda _c, _cursor, statement, *_rest: statements.append(statement),
        )
        opened.append_records([record(tiny_study)])
        opened.entries()
    assert [one for one in statements if one.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]
    file = sqlite3.connect(tmp_path / "ledger.db")
    assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()


def test_a_locked_ledger_is_busy_not_broken(tmp_path, tiny_study, monkeypatch):
    monkeypatch.setattr(connection, "PATIENCE", 0.1)
    with Ledger.open(tmp_path / "ledger.db") as opened:
        other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="another process holds the ledger"):
            opened.append_records([record(tiny_study)])
        assert opened.entries() == []
        other.execute("ROLLBACK")
        other.close()
        assert opened.append_records([record(tiny_study)]).added == 1


def test_a_file_that_is_no_ledger_is_refused_in_our_own_words(tmp_path):
    path = tmp_path / "ledger.db"
    path.write_text("not a database, but long enough to be looked at as one" * 20)
    with pytest.raises(LedgerError, match="not a database"):
        Ledger.open(path)


def test_a_newer_format_and_another_database_are_refused(tmp_path):
    path = tmp_path / "ledger.db"
    file = sqlite3.connect(path)
    file.execute("PRAGMA user_version = 9")
    file.close()
    with pytest.raises(LedgerError, match="format 9 is newer"):
        Ledger.open(path)
    with pytest.raises(LedgerError, match="'mysql' ledgers are not supported"):
        Ledger.open("mysql://user:secret@localhost/x")


def test_a_correction_names_what_it_corrects(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    entry = ledger.supersede(record(tiny_study, value="2", known_at="2022-08-01"))
    assert (entry.kind, entry.seq, entry.target_seq) == ("supersede", 2, 1)
    assert entry.known_at == "2022-08-01"


def test_a_correction_may_become_known_later_than_its_record_says(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    entry = ledger.supersede(record(tiny_study, value="2"), known_at=date(2023, 1, 1))
    assert entry.known_at == "2023-01-01"


def test_a_correction_of_nothing_or_into_the_past_is_refused(ledger, tiny_study):
    with pytest.raises(EvidenceError, match="no record 'E1' is held"):
        ledger.supersede(record(tiny_study))
    ledger.append_records([record(tiny_study)])
    early = record(tiny_study, value="2", known_at="2022-05-24")
    with pytest.raises(EvidenceError, match="before its newest version was known"):
        ledger.supersede(early, known_at=date(2022, 5, 24))
    with pytest.raises(EvidenceError, match="to something known on 2022-05-25"):
        ledger.supersede(record(tiny_study, value="2"), known_at=date(2022, 5, 24))
    assert len(ledger.entries()) == 1


def test_a_retraction_needs_a_standing_record_and_a_reason(ledger, tiny_study):
    with pytest.raises(EvidenceError, match="no record"):
        ledger.retract("E1", known_at=date(2023, 1, 1), why="wrong")
    ledger.append_records([record(tiny_study)])
    with pytest.raises(EvidenceError, match="needs a reason"):
        ledger.retract("E1", known_at=date(2023, 1, 1), why=" ")
    ledger.retract("E1", known_at=date(2023, 1, 1), why="wrong day")
    with pytest.raises(EvidenceError, match="retracted already"):
        ledger.retract("E1", known_at=date(2023, 1, 2), why="again")
    assert [entry.kind for entry in ledger.entries()] == ["record", "retract"]
    assert ledger.entries()[1].content == '{"reason":"false","why":"wrong day"}'


def test_an_append_with_a_conflict_writes_none_of_its_records(ledger, tiny_study):
    ledger.append_records([record(tiny_study, id="E1")])
    with pytest.raises(EvidenceError, match="1 records are held with other content: E1"):
        ledger.append_records([record(tiny_study, id="E2"), record(tiny_study, id="E1", value="3")])
    assert [entry.record_id for entry in ledger.entries()] == ["E1"]


def test_two_contents_of_one_id_in_one_append_are_refused(ledger, tiny_study):
    with pytest.raises(EvidenceError, match="comes twice"):
        ledger.append_records([record(tiny_study), record(tiny_study, value="3")])
    assert ledger.entries() == []


def test_a_plan_writes_nothing(ledger, tiny_study):
    assert ledger.append([draft(record(tiny_study))], dry_run=True).added == 1
    assert ledger.entries() == []


def test_the_ledger_of_a_study_lies_in_its_working_state(tiny_study):
    assert ledger_place(tiny_study).file == tiny_study.directory / ".forecast" / "ledger.db"


def test_another_place_is_counted_from_the_studys_directory_and_a_server_has_a_schema_for_it(
    tiny_study,
):
    elsewhere = dataclasses.replace(tiny_study, ledger_url="../shared.db")
    assert ledger_place(elsewhere).file == tiny_study.directory / "../shared.db"
    server = dataclasses.replace(tiny_study, ledger_url="postgresql://analyst@host/evidence")
    place = ledger_place(server)
    assert place.url.drivername == "postgresql+psycopg"
    assert place.schema == "study_tiny"
    assert place.shown == "postgresql+psycopg://analyst@host/evidence, schema study_tiny"
