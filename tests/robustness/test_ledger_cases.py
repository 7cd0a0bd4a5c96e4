"""Ledger and vintage cases that broke systems like this one (group C)."""

from __future__ import annotations

import multiprocessing
import random
from datetime import date

import pytest

from forecast.errors import EvidenceError, ProblemsError
from forecast.evidence.importers import check_table, import_table
from forecast.evidence.integrity import verify
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import read_as_of
from tests.evidence.workers import append_one_by_one, import_and_stall
from tests.tiny import PATROL, record, write_evidence

LATER = date(2030, 1, 1)


def rows(count, **changes):
    return [PATROL | {"id": f"E{number}"} | changes for number in range(count)]


def test_C1_the_same_record_file_or_row_twice_is_known_already(ledger, tiny_study, tmp_path):
    path = write_evidence(tmp_path, [*rows(2), *rows(1)])
    report = import_table(ledger, tiny_study, path)
    assert (report.added, report.already_known) == (2, 1)
    before = ledger.head
    report = import_table(ledger, tiny_study, path)
    assert (report.added, report.already_known) == (0, 3)
    assert ledger.append_records([record(tiny_study, id="E0")]).already_known == 1
    assert ledger.head == before


def test_C2_another_value_under_the_same_key_is_a_conflict_in_any_order(tiny_study, tmp_path):
    one, other = record(tiny_study, value="1"), record(tiny_study, value="2")
    for number, (first, second) in enumerate([(one, other), (other, one)]):
        with Ledger.open(tmp_path / f"{number}.db") as ledger:
            ledger.append_records([first])
            with pytest.raises(EvidenceError, match="held with other content"):
                ledger.append_records([second])
            assert read_as_of(ledger, LATER).records == (first,)


def test_C2_a_declared_correction_is_accepted(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    ledger.append_records([record(tiny_study, value="2")], supersede=True)
    assert [one.value for one in read_as_of(ledger, LATER).records] == ["2"]
    assert len(ledger.entries()) == 2


def test_C2_such_a_file_is_refused_whole(ledger, tiny_study, tmp_path):
    with pytest.raises(ProblemsError, match="other content"):
        import_table(
            ledger, tiny_study, write_evidence(tmp_path, [PATROL, PATROL | {"value": "2"}])
        )
    assert ledger.entries() == []


def test_C4_a_retraction_takes_out_that_record_alone(ledger, tiny_study):
    ledger.append_records([record(tiny_study, id=f"E{number}") for number in range(5)])
    before = read_as_of(ledger, LATER)
    ledger.retract("E3", known_at=date(2024, 1, 1), why="the source withdrew it")
    after = read_as_of(ledger, LATER)
    assert set(before.records) - set(after.records) == {record(tiny_study, id="E3")}
    assert set(after.records) < set(before.records)
    assert after.hash != before.hash
    assert read_as_of(ledger, date(2023, 12, 31)).hash == before.hash
    assert verify(ledger).seq == 6


def test_C5_shuffled_rows_give_the_identical_vintage(tiny_study, tmp_path):
    shuffled = rows(50)
    hashes = set()
    for seed in range(3):
        random.Random(seed).shuffle(shuffled)
        with Ledger.open(tmp_path / f"{seed}.db") as ledger:
            import_table(ledger, tiny_study, write_evidence(tmp_path, shuffled))
            hashes.add(read_as_of(ledger, LATER).hash)
    assert len(hashes) == 1


def test_C7_an_import_killed_before_its_commit_leaves_nothing_and_the_next_one_works(
    tiny_study, tmp_path
):
    path = tmp_path / "ledger.db"
    file = write_evidence(tmp_path, rows(10_000))
    with Ledger.open(path) as ledger:
        ledger.append_records([record(tiny_study, id="before")])
    context = multiprocessing.get_context("spawn")
    written = context.Event()
    process = context.Process(
        target=import_and_stall, args=(path, tiny_study.directory, file, written)
    )
    process.start()
    try:
        assert written.wait(timeout=120)
    finally:
        process.kill()
        process.join()
    with Ledger.open(path) as ledger:
        assert [entry.record_id for entry in ledger.entries()] == ["before"]
        assert verify(ledger).seq == 1
        assert import_table(ledger, tiny_study, file).added == 10_000
        assert verify(ledger).seq == 10_001


def test_C8_eight_processes_of_five_hundred_appends_lose_nothing(home, tiny_study):
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(
            target=append_one_by_one, args=(home, tiny_study.directory, f"P{number}", 500)
        )
        for number in range(8)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 8
    with Ledger.open(home) as ledger:
        assert sorted(entry.record_id for entry in ledger.entries()) == sorted(
            f"P{number}-{step}" for number in range(8) for step in range(500)
        )
        assert verify(ledger).seq == 4_000


PLEA = PATROL | {"cluster": ""}


def test_C9_one_event_told_by_three_outlets_without_a_link_is_warned_of(
    ledger, tiny_study, tmp_path
):
    told = [PLEA | {"id": name, "source_name": name} for name in ("AP", "BBC", "TASS")]
    report = import_table(ledger, tiny_study, write_evidence(tmp_path, told))
    assert report.added == 3
    assert [(one.name, one.line, one.field) for one in report.warnings] == [
        ("same-event", 4, "cluster")
    ]
    assert "'AP' of line 2 and 'BBC' of line 3 and 'TASS' of line 4" in report.warnings[0].what


def test_C9_a_common_cluster_or_a_day_more_than_a_week_off_is_no_duplicate(tiny_study, tmp_path):
    told = [
        PLEA | {"id": "AP", "source_name": "AP", "cluster": "patrol-9"},
        PLEA | {"id": "BBC", "source_name": "BBC", "cluster": "patrol-9"},
        PLEA | {"id": "TASS", "source_name": "TASS", "event_date": "2022-06-02"},
    ]
    assert check_table(tiny_study, write_evidence(tmp_path, told)) == []


def test_C9_both_directions_of_a_mutual_event_are_one_event(tiny_study, tmp_path):
    told = [
        PLEA | {"id": "AP", "source_name": "AP"},
        PLEA | {"id": "BBC", "source_name": "BBC", "supporter": "RUS", "recipient": "CHN"},
    ]
    problems = check_table(tiny_study, write_evidence(tmp_path, told))
    assert [one.name for one in problems] == ["same-event"]
