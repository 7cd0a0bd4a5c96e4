"""The script that makes the study: the raw rows it accounts for, and the bytes it writes."""

import csv
import os
from pathlib import Path

import pytest

from forecast.studies import directory
from tools.mend_ukraine import REPOSITORY, mend
from tools.ukraine.accounting import NOT_IMPORTED, account
from tools.ukraine.evidence import mend_evidence
from tools.ukraine.files import read_rows
from tools.ukraine.records import RULES


@pytest.fixture(scope="module")
def raw():
    shared = os.environ.get("FORECAST_SHARED_DATA") or REPOSITORY.parent / "shared" / "data"
    folder = Path(shared) / "study"
    if not folder.is_dir():
        pytest.skip(f"raw data not found at {folder}; set FORECAST_SHARED_DATA")
    return folder


@pytest.mark.shared_data
def test_the_shipped_files_are_what_the_script_writes_byte_for_byte(raw, tmp_path):
    mend(raw, tmp_path)
    shipped = {path.name: path.read_bytes() for path in directory("ukraine").iterdir()}
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {*shipped} == {*written}
    assert [name for name in shipped if shipped[name] != written[name]] == []


@pytest.mark.shared_data
def test_no_raw_row_vanishes(raw):
    ids = {row["id"] for row in read_rows(raw / "evidence.csv")}
    with (directory("ukraine") / "evidence.csv").open(encoding="utf-8", newline="") as file:
        shipped = {row["id"] for row in csv.DictReader(file)}
    assert len(ids) == 427
    assert shipped | {*NOT_IMPORTED} == ids
    assert not shipped & {*NOT_IMPORTED}


@pytest.mark.shared_data
def test_grades_and_sources_are_those_of_the_raw_rows(raw):
    kept = ("supporter", "recipient", "source_reliability", "credibility")
    before = {row["id"]: row for row in read_rows(raw / "evidence.csv")}
    swapped = 0
    for row in read_rows(directory("ukraine") / "evidence.csv"):
        old = before[row["id"]]
        same = [row[name] == old[name] for name in kept]
        assert all(same[2:]), row["id"]
        assert {row["supporter"], row["recipient"]} == {old["supporter"], old["recipient"]}
        swapped += not all(same[:2])
    assert swapped == 7  # Putin's visits to China


def raw_row(**changes):
    row = {
        "id": "CHN-RUS-1",
        "event_date": "2024-05",
        "date_precision": "month",
        "known_at": "2024-06",
        "supporter": "CHN",
        "recipient": "RUS",
        "mutual": "0",
        "domain": "military",
        "indicator": "arms_transfer",
        "kind": "count",
        "value": "8.0",
        "unit": "vehicles",
        "direction": "1",
        "opportunity": "1",
        "source_name": "press",
        "source_url_or_doc": "page",
        "source_reliability": "B",
        "credibility": "2",
        "note": "delivered",
    }
    return row | changes


@pytest.fixture
def no_exceptions(monkeypatch):
    monkeypatch.setattr("tools.ukraine.evidence.EXCEPTIONS", {})
    monkeypatch.setattr("tools.ukraine.clusters.EXCEPTIONS", {})


@pytest.mark.usefixtures("no_exceptions")
def test_an_amount_becomes_a_report_with_the_amount_in_its_note():
    (row,) = mend_evidence([raw_row()], [])
    assert (row["value"], row["note"]) == ("1", "delivered; as stated: 8 vehicles")


@pytest.mark.usefixtures("no_exceptions")
def test_a_partial_date_of_knowledge_is_its_last_day():
    month, year, day = mend_evidence(
        [
            raw_row(id="a", known_at="2024-02"),
            raw_row(id="b", known_at="2024"),
            raw_row(id="c", known_at="2024-02-07"),
        ],
        [],
    )
    assert (month["known_at"], month["known_at_basis"]) == ("2024-02-29", "month_end")
    assert (year["known_at"], year["known_at_basis"]) == ("2024-12-31", "month_end")
    assert (day["known_at"], day["known_at_basis"]) == ("2024-02-07", "exact")


@pytest.mark.usefixtures("no_exceptions")
def test_clusters_are_cut_by_quarter_and_a_year_joins_the_act_inside_it():
    records = [
        raw_row(id="a", event_date="2024-05"),
        raw_row(id="b", event_date="2024-06"),
        raw_row(id="c", event_date="2024-09"),
        raw_row(id="d", event_date="2024", date_precision="year"),
        raw_row(id="e", event_date="2023", date_precision="year"),
    ]
    links = [{"id": record["id"], "cluster": "shells"} for record in records]
    clusters = {row["id"]: row["cluster"] for row in mend_evidence(records, links)}
    part = "shells-arms_transfer-2024q2"
    assert clusters == {"a": part, "b": part, "c": "", "d": part, "e": ""}


@pytest.mark.usefixtures("no_exceptions")
def test_a_charge_and_its_denial_share_no_cluster():
    records = [raw_row(id="charge"), raw_row(id="denial", indicator="support_denial")]
    links = [{"id": record["id"], "cluster": "claim"} for record in records]
    assert [row["cluster"] for row in mend_evidence(records, links)] == ["", ""]


def test_a_raw_indicator_without_a_rule_is_refused(monkeypatch):
    monkeypatch.setattr("tools.ukraine.evidence.EXCEPTIONS", {})
    with pytest.raises(ValueError, match="CHN-RUS-1: no rule for raw indicator 'rumour'"):
        mend_evidence([raw_row(indicator="rumour")], [])
    assert "rumour" not in RULES


def test_a_decision_on_a_record_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="records that do not exist"):
        mend_evidence([raw_row()], [{"id": "gone", "cluster": "c"}])


def test_a_lost_record_is_refused():
    with pytest.raises(ValueError, match="CHN-RUS-2"):
        account([raw_row(), raw_row(id="CHN-RUS-2")], [raw_row()])
