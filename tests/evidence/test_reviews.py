"""A record that another person must accept first: what may follow what, and what a view holds."""

from __future__ import annotations

from datetime import date

import pytest

from forecast.errors import EvidenceError
from forecast.evidence.integrity import verify
from forecast.evidence.vintage import Review, read_as_of
from tests.tiny import record

LATER = date(2030, 1, 1)


def ids(ledger, day=LATER):
    return [one.id for one in read_as_of(ledger, day).records]


def propose(ledger, *records, supersede=False):
    return ledger.append_records(records, proposer="Ann", supersede=supersede)


def test_a_proposal_is_not_in_a_vintage_until_accepted(ledger, tiny_study):
    propose(ledger, record(tiny_study))
    before = read_as_of(ledger, LATER)
    assert (before.records, before.review) == ((), Review(pending=1))
    entry = ledger.review("E1", "accept", by="Noor")
    assert (entry.kind, entry.target_seq, entry.known_at) == ("accept", 1, "2022-05-25")
    after = read_as_of(ledger, LATER)
    assert (after.records, after.review) == ((record(tiny_study),), Review(accepted=1))
    assert verify(ledger).seq == 2


def test_an_accepted_record_is_as_if_it_had_been_added_at_once(ledger, tiny_study, tmp_path):
    from forecast.evidence.ledger import Ledger

    propose(ledger, record(tiny_study))
    ledger.review("E1", "accept", by="Noor")
    with Ledger.open(tmp_path / "plain.db") as plain:
        plain.append_records([record(tiny_study)])
        for day in (date(2022, 5, 24), date(2022, 5, 25), LATER):
            assert read_as_of(ledger, day).records == read_as_of(plain, day).records
            assert read_as_of(ledger, day).hash == read_as_of(plain, day).hash


def test_a_dispute_keeps_it_out_and_may_be_settled_later(ledger, tiny_study):
    propose(ledger, record(tiny_study))
    ledger.review("E1", "dispute", by="Noor", why="not a patrol")
    assert read_as_of(ledger, LATER).review == Review(disputed=1)
    with pytest.raises(EvidenceError, match="disputed already"):
        ledger.review("E1", "dispute", by="Noor", why="still not")
    ledger.review("E1", "accept", by="Kim")
    assert ids(ledger) == ["E1"]
    with pytest.raises(EvidenceError, match="accepted already"):
        ledger.review("E1", "dispute", by="Noor", why="no")


def test_nobody_reviews_a_proposal_of_their_own(ledger, tiny_study):
    propose(ledger, record(tiny_study))
    for name, message in (("Ann", "proposed by 'Ann'"), ("ANN ", "proposed by"), (" ", "needs a")):
        with pytest.raises(EvidenceError, match=message):
            ledger.review("E1", "accept", by=name)
    assert len(ledger.entries()) == 1


def test_a_review_needs_a_proposal_and_a_dispute_a_reason(ledger, tiny_study):
    with pytest.raises(EvidenceError, match="nothing is proposed"):
        ledger.review("E1", "accept", by="Noor")
    ledger.append_records([record(tiny_study)])
    with pytest.raises(EvidenceError, match="nothing is proposed"):
        ledger.review("E1", "accept", by="Noor")
    propose(ledger, record(tiny_study, id="E2"))
    with pytest.raises(EvidenceError, match="needs a reason"):
        ledger.review("E2", "dispute", by="Noor")


def test_a_proposed_correction_waits_like_a_record(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    better = record(tiny_study, value="2", known_at="2022-08-01")
    propose(ledger, better, supersede=True)
    assert read_as_of(ledger, LATER).records == (record(tiny_study),)
    ledger.review("E1", "accept", by="Noor")
    assert read_as_of(ledger, date(2022, 7, 31)).records == (record(tiny_study),)
    assert read_as_of(ledger, LATER).records == (better,)


def test_a_proposal_overtaken_by_a_later_correction_cannot_be_accepted(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    propose(ledger, record(tiny_study, value="2", known_at="2022-08-01"), supersede=True)
    with pytest.raises(EvidenceError, match="waits for review"):
        ledger.supersede(record(tiny_study, value="3", known_at="2022-08-01"))
    ledger.review("E1", "dispute", by="Noor", why="three ships")
    ledger.supersede(record(tiny_study, value="3", known_at="2022-08-01"))
    with pytest.raises(EvidenceError, match="changed after it was proposed"):
        ledger.review("E1", "accept", by="Kim")
    assert [one.value for one in read_as_of(ledger, LATER).records] == ["3"]
    assert read_as_of(ledger, LATER).review == Review(disputed=1)


def test_what_is_proposed_twice_is_known_already(ledger, tiny_study):
    propose(ledger, record(tiny_study))
    assert propose(ledger, record(tiny_study)).already_known == 1
    ledger.review("E1", "accept", by="Noor")
    assert ledger.append_records([record(tiny_study)]).already_known == 1
    assert len(ledger.entries()) == 2


def test_an_accepted_record_can_be_corrected_and_withdrawn(ledger, tiny_study):
    propose(ledger, record(tiny_study))
    ledger.review("E1", "accept", by="Noor")
    ledger.supersede(record(tiny_study, value="2", known_at="2022-08-01"))
    ledger.retract("E1", known_at=date(2022, 9, 1), why="a hoax")
    assert [one.value for one in read_as_of(ledger, date(2022, 8, 1)).records] == ["2"]
    vintage = read_as_of(ledger, LATER)
    assert vintage.records == ()
    assert [one.value for one in vintage.withdrawn] == ["2"]
    assert vintage.hash != read_as_of(ledger, date(2022, 8, 1)).hash


def test_the_agreement_is_the_share_of_reviewed_records_accepted():
    assert Review().agreement is None
    assert Review(pending=3).agreement is None
    assert Review(accepted=3, disputed=1, pending=9).agreement == 0.75


def test_a_vintage_of_some_pairs_counts_the_others_and_follows_a_record_that_moves(
    ledger, tiny_study
):
    patrol = record(tiny_study)
    other = record(
        tiny_study,
        id="E2",
        supporter="NA",
        indicator="arms_transfer",
        mutual="0",
        attribution="state",
    )
    ledger.append_records([patrol, other])
    pairs = {patrol.pair, patrol.pair.reverse}
    some = read_as_of(ledger, LATER, pairs=pairs)
    assert ([one.id for one in some.records], some.elsewhere) == (["E1"], 1)
    everything = read_as_of(ledger, LATER)
    assert (len(everything.records), everything.elsewhere) == (2, 0)
    moved = record(
        tiny_study,
        id="E2",
        indicator="arms_transfer",
        mutual="0",
        attribution="state",
        known_at="2023-01-01",
    )
    ledger.supersede(moved)
    assert [one.id for one in read_as_of(ledger, LATER, pairs=pairs).records] == ["E1", "E2"]
    back = record(
        tiny_study,
        id="E2",
        supporter="NA",
        indicator="arms_transfer",
        mutual="0",
        attribution="state",
        known_at="2024-01-01",
    )
    ledger.supersede(back)
    assert [one.id for one in read_as_of(ledger, LATER, pairs=pairs).records] == ["E1"]


def test_a_proposal_is_not_passed_over_by_an_import_that_supersedes(ledger, tiny_study):
    propose(ledger, record(tiny_study))
    with pytest.raises(EvidenceError, match="waits for review"):
        ledger.append_records([record(tiny_study, value="2")], supersede=True)
    assert ids(ledger) == []


def test_agreement_counts_the_first_verdict_and_only_open_proposals_wait(ledger, tiny_study):
    propose(ledger, record(tiny_study))
    propose(ledger, record(tiny_study, value="2"), supersede=True)
    assert read_as_of(ledger, LATER).review == Review(pending=1)
    ledger.review("E1", "dispute", by="Noor", why="no")
    ledger.review("E1", "accept", by="Noor")
    assert read_as_of(ledger, LATER).review == Review(disputed=1)


def test_proposals_of_other_pairs_are_no_part_of_a_studys_vintage(ledger, tiny_study):
    patrol = record(tiny_study)
    propose(ledger, patrol)
    other = {tiny_study.pairs[-1]}
    assert read_as_of(ledger, LATER, pairs=other).review == Review()
    assert read_as_of(ledger, LATER, pairs={patrol.pair}).review == Review(pending=1)


def test_what_was_withdrawn_or_corrected_is_not_put_back_by_an_old_file(ledger, tiny_study):
    old = record(tiny_study)
    ledger.append_records([old, record(tiny_study, id="E2")])
    ledger.supersede(record(tiny_study, value="2", known_at="2022-08-01"))
    ledger.retract("E2", known_at=date(2022, 9, 1), why="a hoax")
    for supersede in (False, True):
        tally = ledger.append_records([old, record(tiny_study, id="E2")], supersede=supersede)
        assert (tally.added, tally.outdated, tally.corrected) == (0, ("E1", "E2"), ())
    assert [one.value for one in read_as_of(ledger, LATER).records] == ["2"]
    assert len(ledger.entries()) == 4


def test_a_correction_may_go_back_to_an_earlier_version(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    ledger.supersede(record(tiny_study, value="2"))
    tally = ledger.append_records([record(tiny_study)], supersede=True)
    assert tally.corrected == ("E1",)
    assert [one.value for one in read_as_of(ledger, LATER).records] == ["1"]


def test_a_dry_run_counts_as_the_append_itself(ledger, tiny_study, monkeypatch):
    from forecast.evidence.entries import draft
    from forecast.evidence.ledger import store

    monkeypatch.setattr(store, "_BATCH", 2)
    made = [record(tiny_study, id=f"E{n % 5}") for n in range(9)]
    dry = ledger.append(map(draft, made), dry_run=True)
    assert ledger.entries() == []
    assert ledger.append(map(draft, made)) == dry
    assert (dry.added, dry.repeated) == (5, 4)


def test_a_dry_run_of_a_change_refuses_what_the_change_would(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    with pytest.raises(EvidenceError, match="before its newest version"):
        ledger.retract("E1", known_at=date(2022, 1, 1), why="x", dry_run=True)
    with pytest.raises(EvidenceError, match="needs a reason"):
        ledger.retract("E1", known_at=date(2023, 1, 1), why=" ", dry_run=True)
    ledger.retract("E1", known_at=date(2023, 1, 1), why="x", dry_run=True)
    ledger.supersede(record(tiny_study, value="2"), dry_run=True)
    assert len(ledger.entries()) == 1


def test_texts_that_no_database_holds_are_refused_in_remarks(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    with pytest.raises(EvidenceError, match="cannot be kept"):
        ledger.retract("E1", known_at=date(2023, 1, 1), why="half \udcff a pair")
    with pytest.raises(EvidenceError, match="cannot be kept"):
        ledger.append_records([record(tiny_study, id="E2")], proposer="\0")


def test_the_vintage_knows_the_head_that_it_was_read_at(ledger, tiny_study):
    ledger.append_records([record(tiny_study)])
    assert read_as_of(ledger, LATER).head == ledger.head.chain_hash
