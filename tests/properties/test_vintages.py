"""What must hold of as-of views for any ledger."""

from __future__ import annotations

import tempfile
import unicodedata
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import EvidenceError
from forecast.evidence.importers import import_table
from forecast.evidence.integrity import verify
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import read_as_of
from forecast.study.load import load_study
from forecast.study.models import Pair, Study
from tests.tiny import PATROL, record, write_evidence, write_study

DAYS = st.dates(min_value=date(2022, 1, 1), max_value=date(2024, 12, 31))
#: Any text that a file in UTF-8 can hold, zero bytes apart.
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)
LAST = date(9999, 12, 31)
#: Every example writes a ledger to disk.
FEW = settings(max_examples=40)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(write_study(tmp_path_factory.mktemp("study")))


@st.composite
def histories(draw):
    """Draw the days on which records, corrections and retractions became known."""
    history = []
    for number in range(draw(st.integers(1, 4))):
        days = sorted(draw(st.lists(DAYS, min_size=1, max_size=4)))
        kinds = draw(st.lists(st.booleans(), min_size=len(days), max_size=len(days)))
        history.append((f"E{number}", list(zip(days, kinds, strict=True))))
    return history


def write(ledger, study, history):
    """Write a history; return the value of each record by day, None once retracted."""
    expected = {}
    for record_id, steps in history:
        versions = []
        for number, (day, retracts) in enumerate(steps):
            made = record(study, id=record_id, value=str(number), known_at=day.isoformat())
            if number == 0:
                ledger.append_records([made])
            elif retracts and versions[-1][1] is not None:
                ledger.retract(record_id, known_at=day, why="withdrawn")
                versions.append((day, None))
                continue
            else:
                ledger.supersede(made)
            versions.append((day, str(number)))
        expected[record_id] = versions
    return expected


@FEW
@given(histories(), DAYS)
def test_a_vintage_holds_the_newest_version_known_then_and_nothing_later(study, history, as_of):
    with tempfile.TemporaryDirectory() as place, Ledger.open(Path(place) / "l.db") as ledger:
        versions = write(ledger, study, history)
        seen = {one.id: one.value for one in read_as_of(ledger, as_of).records}
        known = {
            record_id: [value for day, value in steps if day <= as_of]
            for record_id, steps in versions.items()
        }
        assert seen == {
            record_id: values[-1]
            for record_id, values in known.items()
            if values and values[-1] is not None
        }
        verify(ledger)


@FEW
@given(st.lists(DAYS, min_size=1, max_size=8), DAYS, DAYS)
def test_views_of_uncorrected_records_only_grow(study, days, one, other):
    with tempfile.TemporaryDirectory() as place, Ledger.open(Path(place) / "l.db") as ledger:
        ledger.append_records(
            [
                record(study, id=f"E{number}", known_at=day.isoformat())
                for number, day in enumerate(days)
            ]
        )
        earlier = read_as_of(ledger, min(one, other)).records
        later = read_as_of(ledger, max(one, other)).records
        assert set(earlier) <= set(later)
        assert len(later) == sum(day <= max(one, other) for day in days)


@FEW
@given(st.permutations(range(6)), st.lists(DAYS, min_size=6, max_size=6), DAYS)
def test_a_vintage_does_not_depend_on_the_order_of_writing(study, order, days, as_of):
    made = [
        record(study, id=f"E{number}", known_at=day.isoformat()) for number, day in enumerate(days)
    ]
    with tempfile.TemporaryDirectory() as place:
        with Ledger.open(Path(place) / "a.db") as ledger:
            ledger.append_records(made)
            straight = read_as_of(ledger, as_of)
        with Ledger.open(Path(place) / "b.db") as ledger:
            for number in order:
                ledger.append_records([made[number]])
            assert read_as_of(ledger, as_of) == straight


@FEW
@given(histories(), DAYS)
def test_writing_what_became_known_later_leaves_a_vintage_as_it_was(study, history, as_of):
    def until(day):
        kept = [(name, [step for step in steps if step[0] <= day]) for name, steps in history]
        return [(name, steps) for name, steps in kept if steps]

    with tempfile.TemporaryDirectory() as place:
        with Ledger.open(Path(place) / "past.db") as ledger:
            write(ledger, study, until(as_of))
            past = read_as_of(ledger, as_of)
        with Ledger.open(Path(place) / "all.db") as ledger:
            write(ledger, study, history)
            assert read_as_of(ledger, as_of) == past


@FEW
@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_importing_any_file_twice_adds_nothing(study, numbers):
    with tempfile.TemporaryDirectory() as place, Ledger.open(Path(place) / "l.db") as ledger:
        file = write_evidence(Path(place), [PATROL | {"id": f"E{one}"} for one in numbers])
        first = import_table(ledger, study, file)
        assert first.added == len(set(numbers))
        assert first.added + first.already_known == len(numbers)
        head = ledger.head
        again = import_table(ledger, study, file)
        assert (again.added, again.already_known) == (0, len(numbers))
        assert ledger.head == head


@FEW
@given(TEXT, TEXT, TEXT)
def test_text_comes_back_to_the_letter_in_NFC(study, note, name, cluster):
    row = PATROL | {"note": note, "source_name": "x" + name, "cluster": cluster}
    with tempfile.TemporaryDirectory() as place, Ledger.open(Path(place) / "l.db") as ledger:
        import_table(ledger, study, write_evidence(Path(place), [row]))
        (made,) = read_as_of(ledger, LAST).records
        verify(ledger)
    assert made.columns == {
        column: unicodedata.normalize("NFC", text) for column, text in row.items()
    }


OPERATIONS = st.tuples(
    st.integers(0, 3),
    st.sampled_from(("add", "move", "retract", "propose", "accept", "dispute")),
    st.booleans(),
    st.integers(0, 9),
)


def operate(ledger, study, operations):
    """Do what the ledger allows of some operations; each is known on a day of its own."""
    done = 0
    for number, (which, what, other, value) in enumerate(operations):
        day = date(2022, 1, 1) + timedelta(days=number)
        sides = {"supporter": "NA" if other else "CHN", "recipient": "RUS"}
        made = record(
            study,
            id=f"E{which}",
            value=str(value),
            known_at=day.isoformat(),
            indicator="arms_transfer",
            mutual="0",
            attribution="state",
            **sides,
        )
        try:
            match what:
                case "add" | "move":
                    ledger.append_records([made], supersede=what == "move")
                case "propose":
                    ledger.append_records([made], supersede=True, proposer="Ann")
                case "retract":
                    ledger.retract(f"E{which}", known_at=day, why="withdrawn")
                case "accept" | "dispute":
                    ledger.review(f"E{which}", what, by="Noor", why="so it is")
            done += 1
        except EvidenceError:
            continue
    return done


@FEW
@given(st.lists(OPERATIONS, min_size=1, max_size=14), st.integers(0, 20), st.booleans())
def test_a_view_of_some_pairs_is_the_whole_view_without_the_others(study, operations, days, other):
    day = date(2022, 1, 1) + timedelta(days=days)
    pairs = {Pair("NA" if other else "CHN", "RUS")}
    with tempfile.TemporaryDirectory() as place, Ledger.open(Path(place) / "l.db") as ledger:
        operate(ledger, study, operations)
        verify(ledger)
        whole = read_as_of(ledger, day)
        some = read_as_of(ledger, day, pairs=pairs)
    for name in ("records", "withdrawn"):
        assert getattr(some, name) == tuple(
            one for one in getattr(whole, name) if one.pair in pairs
        )
    ids = {one.id for one in (*some.records, *some.withdrawn)}
    assert [one for one in some.replaced if one.id in ids] == [
        one for one in whole.replaced if one.id in ids
    ]
    assert some.found_false == {one for one in whole.found_false if one in ids}


@FEW
@given(st.lists(OPERATIONS, min_size=1, max_size=14), st.integers(1, 13))
def test_only_reviews_reach_back_into_an_earlier_view(study, operations, cut):
    """Whatever becomes known later leaves an earlier view alone, acceptances of proposals apart."""
    early = date(2022, 1, 1) + timedelta(days=cut - 1)
    later = [one for one in operations[cut:] if one[1] not in ("accept", "dispute")]
    with tempfile.TemporaryDirectory() as place:
        with Ledger.open(Path(place) / "early.db") as ledger:
            operate(ledger, study, operations[:cut])
            before = read_as_of(ledger, early)
        with Ledger.open(Path(place) / "all.db") as ledger:
            operate(ledger, study, [*operations[:cut], *later])
            assert read_as_of(ledger, early) == before
