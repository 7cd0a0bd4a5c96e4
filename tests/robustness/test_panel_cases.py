"""Cases of records that broke systems like this one, seen from the panel (groups C and D)."""

from __future__ import annotations

import random
from datetime import date

import pytest
from pandas.testing import assert_frame_equal

from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import read_as_of
from forecast.panel import build_panel
from tests.tiny import ARMS, PATROL, record

AS_OF = date(2022, 12, 31)


def records(study):
    """Return thirty records of every kind, some in clusters, some dated to a year only."""
    made = []
    for number in range(10):
        cluster = {"cluster": f"K{number % 3}", "source_name": f"paper {number % 4}"}
        month = {"event_date": f"2022-{number % 6 + 3:02d}", "date_precision": "month"}
        when = month if number % 4 else {"event_date": "2022", "date_precision": "year"}
        made.append(record(study, **cluster, **when, id=f"P{number}", value=str(number % 3 + 1)))
        made.append(record(study, **ARMS | cluster | when | {"id": f"A{number}"}))
        vote = {"indicator": "un_vote", "mutual": "0", "value": "abstain", "id": f"V{number}"}
        made.append(record(study, **vote, **cluster, **when))
    return made


def panel_of(study, path, entries, *, as_of=AS_OF):
    with Ledger.open(path) as ledger:
        for one in entries:
            ledger.append_records([one])
        return build_panel(study, read_as_of(ledger, as_of))


def test_C5_shuffled_records_give_the_identical_panel(tiny_study, tmp_path):
    entries = records(tiny_study)
    base = panel_of(tiny_study, tmp_path / "base.db", entries)
    assert len(base.signals) > 10
    assert len(base.reports) > 3
    for seed in range(3):
        random.Random(seed).shuffle(entries)
        other = panel_of(tiny_study, tmp_path / f"{seed}.db", entries)
        assert other.content_hash == base.content_hash
        assert other.vintage_hash == base.vintage_hash


def test_records_planted_for_later_change_nothing(tiny_study, tmp_path):
    entries = records(tiny_study)
    base = panel_of(tiny_study, tmp_path / "base.db", entries)
    with Ledger.open(tmp_path / "planted.db") as ledger:
        ledger.append_records(entries)
        planted = [
            record(tiny_study, **row | {"id": f"later {number}", "known_at": "2023-01-01"})
            for number, row in enumerate([PATROL, ARMS, PATROL | {"value": "0", "cluster": "K0"}])
        ]
        ledger.append_records(planted)
        corrected = record(tiny_study, **ARMS | {"id": "A1", "known_at": "2023-02-01"})
        ledger.append_records([corrected], supersede=True)
        ledger.retract("P1", known_at=date(2023, 3, 1), why="the source withdrew it")
        panel = build_panel(tiny_study, read_as_of(ledger, AS_OF))
        after = build_panel(tiny_study, read_as_of(ledger, date(2023, 3, 1)))
    assert panel.content_hash == base.content_hash
    assert panel.vintage_hash == base.vintage_hash
    assert panel.acts == base.acts
    assert panel.notes == base.notes
    assert_frame_equal(panel.signals, base.signals)
    assert after.vintage_hash != base.vintage_hash


@pytest.mark.parametrize("row", [PATROL, ARMS], ids=["signal", "report"])
def test_C9_one_event_in_three_outlets_is_one_act_with_three_sources(tiny_study, tmp_path, row):
    outlets = [
        record(
            tiny_study,
            **row | {"id": f"E{name}", "source_name": name, "cluster": "guilty plea"},
        )
        for name in ("agency", "daily", "weekly")
    ]
    panel = panel_of(tiny_study, tmp_path / "ledger.db", outlets)
    (act,) = panel.acts
    assert [name for name, _ in act.sources] == ["agency", "daily", "weekly"]
    if row is PATROL:
        assert panel.signals["value"].sum() == 1
    else:
        assert len(panel.reports) == 1
