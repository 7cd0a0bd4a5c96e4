"""What a ledger remembers of withdrawn and corrected reports reaches delays and credibility."""

from __future__ import annotations

from datetime import date

from forecast.evidence.vintage import read_as_of
from forecast.panel.history import History, history_of
from tests.tiny import record

LATER = date(2023, 6, 30)


def history(ledger, study, day=LATER):
    return history_of(study, read_as_of(ledger, day))


def test_without_changes_there_is_no_history(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    assert history(ledger, tiny_study) == History()


def test_a_retraction_is_remembered_from_its_date_on_with_the_grade_it_had(ledger, tiny_study):
    ledger.append_records([record(tiny_study, source_reliability="D", credibility="4")])
    ledger.retract("E1", known_at=date(2023, 1, 1), why="a hoax")
    assert history(ledger, tiny_study, date(2022, 12, 31)) == History()
    assert history(ledger, tiny_study).withdrawn == (("D4",),)


def test_a_correction_is_no_late_report(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    ledger.supersede(record(tiny_study, value="2", known_at="2023-03-01"))
    found = history(ledger, tiny_study)
    assert found.first_known == {"E1": date(2022, 5, 25)}
    assert found.withdrawn == ()


def test_a_correction_to_the_contrary_takes_the_first_report_back(ledger, tiny_study):
    ledger.append_records([record(tiny_study, source_reliability="C", credibility="3")])
    ledger.supersede(record(tiny_study, value="0", known_at="2023-03-01"))
    assert history(ledger, tiny_study).withdrawn == (("C3",),)


def test_what_was_believed_before_is_part_of_the_vintage(ledger, tiny_study, tmp_path):
    from forecast.evidence.ledger import Ledger

    corrected = record(tiny_study, value="2", known_at="2023-03-01")
    ledger.append_records([record(tiny_study)])
    ledger.supersede(corrected)
    with Ledger.open(tmp_path / "plain.db") as plain:
        plain.append_records([corrected])
        assert read_as_of(plain, LATER).records == read_as_of(ledger, LATER).records
        assert read_as_of(plain, LATER).hash != read_as_of(ledger, LATER).hash


def test_a_slip_or_a_duplicate_says_nothing_of_its_grade(ledger, tiny_study):
    ledger.append_records([record(tiny_study, id=name) for name in ("A", "B", "C")])
    for name, reason in (("A", "slip"), ("B", "duplicate"), ("C", "false")):
        ledger.retract(name, known_at=date(2023, 1, 1), why="x", reason=reason)
    assert history(ledger, tiny_study).withdrawn == (("B1",),)


def test_reports_on_the_ladder_do_not_lower_the_grades_of_signals(ledger, tiny_study):
    arms = record(tiny_study, indicator="arms_transfer", mutual="0", attribution="state")
    ledger.append_records([arms])
    ledger.retract("E1", known_at=date(2023, 1, 1), why="a hoax")
    assert history(ledger, tiny_study).withdrawn == ()


def test_a_record_counts_once_however_often_it_was_corrected(ledger, tiny_study):
    ledger.append_records([record(tiny_study, source_reliability="C")])
    ledger.supersede(record(tiny_study, cluster="nine"), known_at=date(2023, 1, 1))
    ledger.supersede(record(tiny_study, value="0"), known_at=date(2023, 2, 1))
    assert history(ledger, tiny_study).withdrawn == (("C1",),)
