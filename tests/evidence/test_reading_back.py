"""Reading a ledger as it stood: by the number of an entry, and what was newest then."""

from datetime import date

from forecast.evidence.entries import GENESIS
from forecast.evidence.vintage import read_as_of
from tests.tiny import record

DAY = date(2023, 6, 1)


def test_an_entry_is_found_by_its_chain_hash(ledger, tiny_study):
    ledger.append_records([record(tiny_study, id="E1"), record(tiny_study, id="E2")])
    first, second = ledger.entries()
    assert ledger.number_of(first.chain_hash) == 1
    assert ledger.number_of(second.chain_hash) == ledger.head.seq == 2


def test_a_hash_that_is_not_there_has_no_number(ledger, tiny_study):
    assert ledger.number_of(GENESIS) is None
    ledger.append_records([record(tiny_study)])
    assert ledger.number_of("0" * 64) is None
    assert ledger.number_of("") is None


def test_a_scan_may_end_at_a_number(ledger, tiny_study):
    ledger.append_records([record(tiny_study, id=f"E{number}") for number in range(4)])
    assert [one.seq for one in ledger.scan(until=2)] == [1, 2]
    assert list(ledger.scan(until=0)) == []
    assert len(list(ledger.scan(until=99))) == 4


def test_a_vintage_can_be_read_as_the_ledger_stood(ledger, tiny_study):
    ledger.append_records([record(tiny_study, id="E1"), record(tiny_study, id="E2")])
    before = read_as_of(ledger, DAY)
    number = ledger.head.seq
    ledger.append_records([record(tiny_study, id="E3")])
    ledger.supersede(record(tiny_study, id="E1", value="2"), known_at=date(2023, 1, 1))
    ledger.retract("E2", known_at=date(2023, 1, 2), why="a hoax")
    assert read_as_of(ledger, DAY, until=number) == before
    assert [one.id for one in read_as_of(ledger, DAY).records] == ["E1", "E3"]
    assert read_as_of(ledger, DAY, until=0).records == ()


def test_the_newest_day_is_that_of_the_pairs_asked_about(ledger, tiny_study):
    assert ledger.newest_known(["CHN->RUS"], by=DAY) is None
    ledger.append_records(
        [
            record(tiny_study, id="E1", known_at="2022-06-01"),
            record(tiny_study, id="E2", known_at="2022-09"),
            record(tiny_study, id="E3", known_at="2023-07-01"),
        ]
    )
    label = ledger.entries()[0].pair
    assert ledger.newest_known([label], by=DAY) == date(2022, 9, 30)
    assert ledger.newest_known([label], by=date(2022, 6, 1)) == date(2022, 6, 1)
    assert ledger.newest_known([label], by=date(2022, 5, 31)) is None
    assert ledger.newest_known(["NA->RUS"], by=DAY) is None
    assert ledger.newest_known([], by=DAY) is None


def test_a_correction_counts_as_news(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    label = ledger.entries()[0].pair
    ledger.supersede(record(tiny_study, value="2"), known_at=date(2023, 2, 3))
    assert ledger.newest_known([label], by=DAY) == date(2023, 2, 3)
