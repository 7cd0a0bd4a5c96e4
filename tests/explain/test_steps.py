"""The way between two vintages, cut into its causes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from forecast.explain.steps import (
    EVIDENCE,
    RETRACTIONS,
    REVISIONS,
    TIME,
    steps_between,
    vintage_with,
)

LATER = date(2023, 7, 31)


def ids(vintage):
    return [record.id for record in vintage.records]


def test_the_same_vintage_is_no_step(basis):
    assert steps_between(basis.vintage, basis.vintage) == []


def test_only_what_happened_is_a_step(basis, later):
    assert [one.cause for one in steps_between(basis.vintage, later(as_of=LATER))] == [TIME]
    assert [one.cause for one in steps_between(basis.vintage, later("N1"))] == [EVIDENCE]
    assert [one.cause for one in steps_between(basis.vintage, later(without=["P3"]))] == [
        RETRACTIONS
    ]


def test_causes_come_in_one_order_and_each_keeps_those_before_it(basis, later):
    after = later("N1", "N2", as_of=LATER, without=["P3"], changed={"V1": {"credibility": "5"}})
    withdrawn = tuple(one for one in basis.vintage.records if one.id == "P3")
    old = tuple(one for one in basis.vintage.records if one.id == "V1")
    after = replace(after, withdrawn=withdrawn, found_false=frozenset({"P3"}), replaced=old)
    time, revisions, retractions, evidence = steps_between(basis.vintage, after)
    assert [time.cause, revisions.cause, retractions.cause, evidence.cause] == [
        TIME,
        REVISIONS,
        RETRACTIONS,
        EVIDENCE,
    ]
    assert time.vintage == replace(basis.vintage, as_of=LATER)
    assert (time.records, revisions.records) == ((), ("V1",))
    assert (retractions.records, evidence.records) == (("P3",), ("N1", "N2"))
    assert ids(revisions.vintage) == ids(basis.vintage)
    new = next(one for one in revisions.vintage.records if one.id == "V1")
    assert new.credibility == "5"
    # What a step remembers is what it is about.
    assert (revisions.vintage.replaced, revisions.vintage.withdrawn) == (old, ())
    assert ids(retractions.vintage) == [name for name in ids(basis.vintage) if name != "P3"]
    assert retractions.vintage.withdrawn == withdrawn
    assert retractions.vintage.found_false == {"P3"}
    assert evidence.vintage == after


@pytest.mark.parametrize("names", [(), ("N1",)])
def test_the_last_step_is_the_vintage_that_is_asked_for(basis, later, names):
    after = later(*names, as_of=LATER, elsewhere=3)
    assert steps_between(basis.vintage, after)[-1].vintage == after


def test_a_vintage_with_the_same_records_has_the_same_hash(basis):
    again = vintage_with(basis.vintage, reversed(basis.vintage.records))
    assert ids(again) == ids(basis.vintage)
    assert vintage_with(again, again.records).hash == again.hash
    fewer = vintage_with(basis.vintage, basis.vintage.records[1:])
    assert fewer.hash != again.hash
