from datetime import date

import pytest

from forecast.errors import IntegrityError
from forecast.evidence.vintage import read_as_of
from tests.evidence.tamper import execute
from tests.tiny import record


def ids(ledger, day):
    return [one.id for one in read_as_of(ledger, day).records]


def test_a_record_exists_from_the_end_of_the_day_it_became_known(ledger, tiny_study):
    ledger.append_records([record(tiny_study, known_at="2022-05")])
    assert ids(ledger, date(2022, 5, 30)) == []
    assert ids(ledger, date(2022, 5, 31)) == ["E1"]


def test_a_correction_is_seen_from_its_own_date_on_and_the_old_version_before(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    ledger.supersede(record(tiny_study, value="2"), known_at=date(2023, 1, 1))
    assert [one.number for one in read_as_of(ledger, date(2022, 12, 31)).records] == [1.0]
    assert [one.number for one in read_as_of(ledger, date(2023, 1, 1)).records] == [2.0]


def test_a_retraction_is_not_seen_before_its_date(ledger, tiny_study):
    ledger.append_records([record(tiny_study, id="E1"), record(tiny_study, id="E2")])
    before = read_as_of(ledger, date(2030, 1, 1))
    ledger.retract("E1", known_at=date(2031, 1, 1), why="a hoax")
    assert read_as_of(ledger, date(2030, 1, 1)) == before
    assert ids(ledger, date(2031, 1, 1)) == ["E2"]


def test_a_retracted_record_may_be_put_back_by_a_correction(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    ledger.retract("E1", known_at=date(2023, 1, 1), why="a hoax")
    ledger.supersede(record(tiny_study, note="confirmed"), known_at=date(2024, 1, 1))
    assert ids(ledger, date(2023, 6, 1)) == []
    assert ids(ledger, date(2024, 6, 1)) == ["E1"]


def test_records_known_later_leave_a_vintage_as_it_was(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    before = read_as_of(ledger, date(2022, 12, 31))
    ledger.append_records(
        [record(tiny_study, id=f"L{number}", known_at="2023-01-01") for number in range(20)]
    )
    ledger.supersede(record(tiny_study, value="9"), known_at=date(2023, 1, 1))
    after = read_as_of(ledger, date(2022, 12, 31))
    assert after == before
    assert after.hash == before.hash


def test_the_hash_does_not_depend_on_the_day_of_reading(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    hashes = {read_as_of(ledger, date(year, 1, 1)).hash for year in (2023, 2024)}
    assert len(hashes) == 1
    assert read_as_of(ledger, date(2021, 1, 1)).hash not in hashes


def test_a_record_comes_back_as_it_went_in(ledger, tiny_study):
    made = record(tiny_study, note="中国, é, ‏عربي, \U0001f680, \"'; DROP TABLE entries; --")
    ledger.append_records([made])
    assert read_as_of(ledger, date(2023, 1, 1)).records == (made,)


def test_changed_content_never_reaches_a_vintage(ledger, tiny_study, home):
    ledger.append_records([record(tiny_study)])
    execute(
        home,
        "UPDATE entries SET content = replace(content, 'ministry', 'minister')",
    )
    with pytest.raises(IntegrityError, match="'E1' at entry 1 has changed"):
        read_as_of(ledger, date(2023, 1, 1))
