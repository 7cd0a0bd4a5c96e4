import random
from datetime import date

import pytest

from forecast.errors import IntegrityError
from forecast.evidence.integrity import verify
from forecast.evidence.ledger import Ledger
from tests.evidence.tamper import cell, execute, overwrite
from tests.tiny import record

COLUMNS = (
    *("kind", "record_id", "known_at", "recorded_at", "content", "content_hash", "chain_hash"),
    *("pair", "indicator"),
)


@pytest.fixture
def path(home, tiny_study):
    """Return the place of a ledger with two records, a correction and a retraction."""
    with Ledger.open(home) as ledger:
        ledger.append_records([record(tiny_study, id="E1"), record(tiny_study, id="E2")])
        ledger.supersede(record(tiny_study, id="E1", value="2"), known_at=date(2023, 1, 1))
        ledger.retract("E2", known_at=date(2023, 2, 1), why="a hoax")
    return home


def assert_broken(path, seq):
    with Ledger.open(path) as ledger, pytest.raises(IntegrityError, match=f"at entry {seq}:"):
        verify(ledger)


def test_an_untouched_ledger_verifies_to_its_head(path):
    with Ledger.open(path) as ledger:
        assert verify(ledger) == ledger.head
        assert verify(ledger).seq == 4


def test_an_empty_ledger_verifies(ledger):
    assert verify(ledger).seq == 0


@pytest.mark.parametrize("seq", [1, 2, 3, 4])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_flipped_byte_anywhere_in_an_entry_is_found_and_named(path, column, seq):
    data = bytearray(str(cell(path, column, seq)).encode() or b"x")
    # The seed is the case itself: the same byte and bit every time.
    rng = random.Random(f"{column}{seq}")
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    overwrite(path, column, seq, bytes(data))
    assert_broken(path, seq)


def test_every_byte_of_a_records_content_is_guarded(path):
    content = str(cell(path, "content", 2)).encode()
    for position in range(0, len(content), 7):
        data = bytearray(content)
        data[position] ^= 0x20
        overwrite(path, "content", 2, bytes(data))
        assert_broken(path, 2)
    overwrite(path, "content", 2, content)
    with Ledger.open(path) as ledger:
        assert verify(ledger).seq == 4


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("DELETE FROM entries WHERE seq = 2", 2),
        ("DELETE FROM entries WHERE seq = 1", 1),
        ("UPDATE entries SET target_seq = 2 WHERE seq = 3", 3),
        ("UPDATE entries SET target_seq = NULL WHERE seq = 4", 4),
        ("UPDATE entries SET seq = 9 WHERE seq = 4", 4),
        ("UPDATE entries SET content = replace(content, '\"number\":2.0', '\"number\":3.0')", 3),
        ("UPDATE entries SET content = '[]' WHERE seq = 1", 1),
        ('UPDATE entries SET content = \'{"why":"x"}\' WHERE seq = 4', 4),
    ],
)
def test_a_removed_moved_or_rewritten_entry_is_named(path, statement, seq):
    execute(path, statement)
    assert_broken(path, seq)


def test_the_first_of_several_broken_links_is_named(path):
    execute(path, "UPDATE entries SET recorded_at = 'x' WHERE seq IN (2, 4)")
    assert_broken(path, 2)


def test_damage_to_the_file_itself_is_an_integrity_error(tmp_path, tiny_study):
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.append_records([record(tiny_study, id="E1"), record(tiny_study, id="E2")])
    data = bytearray(path.read_bytes())
    start = data.index(b'"id":"E1"')
    # The page's own header, in front of every entry of the page.
    page = start // 4096 * 4096
    data[page : page + 8] = b"\xff" * 8
    path.write_bytes(bytes(data))
    assert_broken(path, 1)
