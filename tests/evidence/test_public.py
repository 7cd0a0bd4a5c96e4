"""Public data sets in the ledger: releases, corrections, and what is left out."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from forecast.errors import EvidenceError, ProblemsError
from forecast.evidence.integrity import verify
from forecast.evidence.public import import_public
from forecast.evidence.vintage import read_as_of
from forecast.studies import directory
from forecast.study.load import load_study
from tests.evidence.readers.test_sipri_register import HEADER, order

OLD, NEW = date(2025, 3, 31), date(2026, 3, 31)
FORMAT = "sipri-register"


@pytest.fixture(scope="module")
def ukraine():
    return load_study(directory("ukraine"))


def register(folder, *orders):
    file = folder / "register.csv"
    file.write_text(HEADER + "".join(orders), encoding="utf-8")
    return file


def values(ledger, day):
    return {one.id: one.value for one in read_as_of(ledger, day).records}


def test_a_second_reading_of_a_file_adds_nothing(ledger, ukraine, tmp_path):
    file = register(tmp_path, order("Russia", "Iran", "2015; 2016", "9"))
    first = import_public(ledger, ukraine, FORMAT, file, known_at=OLD)
    assert (first.added, first.file) == (2, "register.csv")
    again = import_public(ledger, ukraine, FORMAT, file, known_at=OLD)
    assert (again.added, again.superseded) == (0, 0)
    assert again.skipped["unchanged since the release that is held"] == 2
    assert verify(ledger).seq == 2


def test_a_newer_release_corrects_only_what_it_changed(ledger, ukraine, tmp_path):
    old = register(
        tmp_path, order("Russia", "Iran", "2015", "9"), order("China", "Russia", "2015", "4")
    )
    import_public(ledger, ukraine, FORMAT, old, known_at=OLD)
    new = register(
        tmp_path, order("Russia", "Iran", "2015", "9"), order("China", "Russia", "2015", "5")
    )
    with pytest.raises(ProblemsError, match="in the ledger with other content"):
        import_public(ledger, ukraine, FORMAT, new, known_at=NEW)
    report = import_public(ledger, ukraine, FORMAT, new, known_at=NEW, supersede=True)
    assert (report.added, report.superseded) == (0, 1)
    assert report.corrected == ("sipri-register:Russia-China-2015:tiv",)
    assert values(ledger, OLD)["sipri-register:Russia-China-2015:tiv"] == "4"
    assert values(ledger, NEW)["sipri-register:Russia-China-2015:tiv"] == "5"


def test_a_release_is_known_from_its_own_date_on(ledger, ukraine, tmp_path):
    file = register(tmp_path, order("Russia", "Iran", "2015", "9"))
    import_public(ledger, ukraine, FORMAT, file, known_at=NEW)
    assert values(ledger, date(2026, 3, 30)) == {}
    (record,) = read_as_of(ledger, NEW).records
    assert (record.known_at, record.known_at_basis) == ("2026-03-31", "file_vintage")


def test_what_is_left_out_is_counted_and_a_dry_run_writes_nothing(ledger, ukraine, tmp_path):
    file = register(
        tmp_path,
        order("Russia", "Iran", "2015", "9"),
        order("Hamas (Palestine)*", "Iran", "2016", "7"),
    )
    report = import_public(ledger, ukraine, FORMAT, file, dry_run=True)
    assert report.dry_run
    assert (report.added, report.skipped) == (1, {"not a state": 1})
    assert ledger.entries() == []


def test_an_unknown_name_stops_the_import_with_three_suggestions(ledger, ukraine, tmp_path):
    file = register(
        tmp_path, order("Russia", "Iran", "2015", "9"), order("Rusia", "Iran", "2015", "9")
    )
    with pytest.raises(ProblemsError) as caught:
        import_public(ledger, ukraine, FORMAT, file)
    (problem,) = caught.value.problems
    assert "'Rusia'" in problem.what
    assert "Russia" in problem.expected + problem.remedy
    assert (problem.file, problem.line) == ("register.csv", 3)
    assert ledger.entries() == []


def test_an_unknown_format_names_those_that_exist(ledger, ukraine, tmp_path):
    with pytest.raises(EvidenceError, match="sipri-register"):
        import_public(ledger, ukraine, "sipri", tmp_path / "x.csv")


def test_a_release_keeps_what_people_added_and_corrected(ledger, ukraine, tmp_path):
    old = register(tmp_path, order("Russia", "Iran", "2015", "9"))
    (held,) = _imported(ledger, ukraine, old, OLD)
    mended = dataclasses.replace(held, cluster="shahed", credibility="4")
    ledger.supersede(mended, known_at=date(2025, 6, 1))
    same = import_public(ledger, ukraine, FORMAT, old, known_at=NEW, supersede=True)
    assert (same.superseded, same.skipped["unchanged since the release that is held"]) == (0, 1)
    new = register(tmp_path, order("Russia", "Iran", "2015", "12"))
    report = import_public(ledger, ukraine, FORMAT, new, known_at=NEW, supersede=True)
    assert report.corrected == (held.id,)
    (now,) = read_as_of(ledger, NEW).records
    assert (now.value, now.cluster, now.credibility) == ("12", "shahed", "4")


def _imported(ledger, study, file, day):
    import_public(ledger, study, FORMAT, file, known_at=day)
    return read_as_of(ledger, day).records


def test_a_release_does_not_put_back_what_was_withdrawn_here(ledger, ukraine, tmp_path):
    file = register(tmp_path, order("Russia", "Iran", "2015", "9"))
    (held,) = _imported(ledger, ukraine, file, OLD)
    ledger.retract(held.id, known_at=date(2025, 6, 1), why="double counted", reason="duplicate")
    for supersede in (False, True):
        report = import_public(ledger, ukraine, FORMAT, file, known_at=NEW, supersede=supersede)
        assert (report.added, report.superseded) == (0, 0)
        assert report.skipped["withdrawn here, and not put back"] == 1
    assert read_as_of(ledger, NEW).records == ()
    assert read_as_of(ledger, NEW).found_false == frozenset()


def test_what_a_newer_release_no_longer_lists_is_named(ledger, ukraine, tmp_path):
    _imported(
        ledger,
        ukraine,
        register(
            tmp_path, order("Russia", "Iran", "2015", "9"), order("Russia", "Iran", "2016", "9")
        ),
        OLD,
    )
    fewer = register(tmp_path, order("Russia", "Iran", "2015", "9"))
    report = import_public(ledger, ukraine, FORMAT, fewer, known_at=NEW, supersede=True)
    assert any("1 records of an earlier release are not in this one" in one for one in report.notes)


def test_a_damaged_file_is_refused_in_our_words(ledger, ukraine, tmp_path):
    file = tmp_path / "esd.xlsx"
    file.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(EvidenceError, match="cannot be read as"):
        import_public(ledger, ukraine, "ucdp-esd-actor", file)
