"""Adding, correcting, withdrawing, reviewing and clustering records from the command line."""

from __future__ import annotations

import pytest

from forecast.cli.evidence import take_in

RECORD = (
    *("--pair", "AAA->BBB", "--indicator", "joint_exercise", "--date", "2024-05-01"),
    *("--value", "1", "--source", "Ministry", "--grade", "A1", "--known-at", "2024-05-02"),
)


def listed(program, *options):
    return [one["id"] for one in program("evidence", "list", "mine", *options, "--json").json]


def test_a_record_is_added_with_its_defaults(program, blank_study):
    outcome = program("evidence", "add", "mine", *RECORD, "--json")
    record = outcome.json["record"]
    assert record["id"] == "AAA-BBB-20240501-01"
    assert (record["mutual"], record["theatre"]) == ("1", "bilateral")
    assert (record["date_precision"], record["known_at_basis"]) == ("day", "exact")
    assert listed(program) == ["AAA-BBB-20240501-01"]


def test_a_second_record_of_a_day_gets_the_next_id(program, blank_study):
    program("evidence", "add", "mine", *RECORD)
    program("evidence", "add", "mine", *RECORD, "--source", "Agency")
    assert listed(program) == ["AAA-BBB-20240501-01", "AAA-BBB-20240501-02"]


def test_what_may_be_the_same_event_is_said_and_not_merged(program, blank_study):
    program("evidence", "add", "mine", *RECORD)
    outcome = program("evidence", "add", "mine", *RECORD, "--source", "Agency")
    assert "may tell of one event" in outcome.err
    assert "AAA-BBB-20240501-01' of the ledger" in outcome.err
    assert len(listed(program)) == 2


def test_everything_wrong_is_told_by_the_flag_that_said_it(program, blank_study):
    wrong = ("--pair", "AAA-BBB", "--indicator", "x", "--date", "1/5/24", "--value", "1")
    outcome = program("evidence", "add", "mine", *wrong, "--source", "S", "--grade", "B9")
    assert outcome.code == 1
    for flag in ("pair", "indicator", "date", "grade"):
        assert f"[{flag}]" in outcome.err
    assert listed(program) == []


def test_missing_flags_are_a_usage_error_where_nobody_can_be_asked(program, blank_study):
    outcome = program("evidence", "add", "mine", "--pair", "AAA->BBB")
    assert outcome.code == 2
    assert "--indicator" in outcome.err


def test_on_a_terminal_what_is_missing_or_wrong_is_asked_for(program, blank_study, monkeypatch):
    answers = iter(["joint_exercise", "2024-05-01", "1", "Ministry", "B9", "B2"])
    asked = []

    def prompt(question, **_options):
        asked.append(question.split(" ")[0])
        return next(answers)

    monkeypatch.setattr(take_in, "_is_terminal", lambda: True)
    monkeypatch.setattr(take_in.typer, "prompt", prompt)
    assert program("evidence", "add", "mine", "--pair", "AAA->BBB").code == 0
    assert asked == ["indicator", "date", "value", "source", "grade", "grade"]
    assert len(listed(program)) == 1


def test_a_dry_run_adds_nothing(program, blank_study):
    outcome = program("evidence", "add", "mine", *RECORD, "--dry-run")
    assert "would be added" in outcome.out
    assert listed(program) == []


def test_a_proposed_record_counts_once_another_person_accepts_it(program, blank_study):
    program("evidence", "add", "mine", *RECORD, "--pending", "--by", "Ann")
    name = "AAA-BBB-20240501-01"
    assert listed(program) == []
    assert listed(program, "--status", "pending") == [name]
    refused = program("evidence", "review", "mine", name, "--accept", "--by", " ANN ")
    assert refused.code == 1
    assert "proposed by 'Ann'" in refused.err
    assert program("evidence", "review", "mine", name, "--accept", "--by", "Noor").code == 0
    assert listed(program) == [name]
    shown = program("evidence", "review", "mine", "--json").json
    assert (shown["accepted"], shown["disputed"], shown["agreement"]) == (1, 0, 1.0)


def test_a_disputed_record_does_not_count_and_needs_a_reason(program, blank_study):
    program("evidence", "add", "mine", *RECORD, "--pending", "--by", "Ann")
    name = "AAA-BBB-20240501-01"
    dispute = ("evidence", "review", "mine", name, "--dispute", "--by", "Noor")
    assert program(*dispute).code == 1
    assert program(*dispute, "--why", "not an exercise").code == 0
    assert listed(program) == []
    assert listed(program, "--status", "disputed") == [name]
    assert program("evidence", "review", "mine", "--json").json["agreement"] == 0.0


def test_pending_needs_a_name_and_a_review_a_verdict(program, blank_study):
    assert program("evidence", "add", "mine", *RECORD, "--pending").code == 2
    assert program("evidence", "review", "mine", "E1", "--by", "Noor").code == 2
    assert program("evidence", "review", "mine", "E1", "--accept", "--by", "Noor").code == 1


def test_a_correction_keeps_what_was_believed(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1")))
    change = ("evidence", "supersede", "mine", "E1", "--set", "value=2", "--known-at", "2024-09-01")
    dry = program(*change, "--dry-run")
    assert "would be corrected" in dry.out
    assert program(*change, "--json").json["changes"] == {"value": ["1", "2"]}

    def value(day):
        return program("evidence", "list", "mine", "--as-of", day, "--json").json[0]["value"]

    assert (value("2024-08-31"), value("2024-09-01")) == ("1", "2")
    diff = program("evidence", "diff", "mine", "--from", "2024-08-31", "--to", "2024-09-01")
    assert "0 new, 1 changed, 0 withdrawn" in diff.out
    assert "value: '1' -> '2'" in diff.out


@pytest.mark.parametrize("change", ["value=-3", "indicator=x", "event_date=soon"])
def test_a_correction_is_checked_like_any_record(program, blank_study, records, change):
    program("evidence", "import", "mine", str(records("E1")))
    outcome = program("evidence", "supersede", "mine", "E1", "--set", change)
    assert outcome.code == 1
    assert f"[{change.split('=')[0]}]" in outcome.err


@pytest.mark.parametrize("change", ["id=E2", "colour=red", "value"])
def test_a_column_that_cannot_be_set_is_a_usage_error(program, blank_study, records, change):
    program("evidence", "import", "mine", str(records("E1")))
    assert program("evidence", "supersede", "mine", "E1", "--set", change).code == 2


def test_a_retraction_needs_a_reason_and_leaves_earlier_views(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1", "E2")))
    withdraw = ("evidence", "retract", "mine", "E1", "--known-at", "2024-09-01", "--why")
    assert program(*withdraw, " ").code == 1
    assert program(*withdraw, "a hoax", "--dry-run").code == 0
    assert listed(program) == ["E1", "E2"]
    assert program(*withdraw, "a hoax").code == 0
    assert listed(program) == ["E2"]
    assert listed(program, "--as-of", "2024-08-31") == ["E1", "E2"]
    assert listed(program, "--status", "retracted") == ["E1"]
    kinds = [
        one["kind"] for one in program("evidence", "show", "mine", "E1", "--json").json["versions"]
    ]
    assert kinds == ["record", "retract"]


def test_records_of_one_act_get_a_common_cluster(program, blank_study):
    program("evidence", "add", "mine", *RECORD)
    program("evidence", "add", "mine", *RECORD, "--source", "Agency", "--date", "2024-05-06")
    (proposal,) = program("evidence", "cluster", "mine", "--json").json
    assert len(proposal["records"]) == 2
    merge = ("evidence", "cluster", "mine", *proposal["records"], "--name", "spring exercise")
    assert program(*merge, "--dry-run").code == 0
    assert program("evidence", "cluster", "mine", "--json").json == [proposal]
    assert program(*merge).code == 0
    assert program("evidence", "cluster", "mine", "--json").json == []
    assert len(listed(program, "--cluster", "spring exercise")) == 2
    assert program("evidence", "verify", "mine", "--json").json["entries"] == 4


@pytest.mark.parametrize("name", ["evidence.csv", "e.xlsx", "e.parquet", "e.jsonl"])
def test_what_is_exported_is_known_when_it_comes_back(program, blank_study, records, name):
    program("evidence", "import", "mine", str(records("E1", "E2", note="Côte d'Ivoire 中国")))
    assert program("evidence", "export", "mine", "--output", name).code == 0
    assert program("evidence", "export", "mine", "--output", name).code == 1
    assert program("evidence", "export", "mine", "--output", name, "--force").code == 0
    report = program("evidence", "import", "mine", name, "--json").json
    assert (report["added"], report["already_known"]) == (0, 2)


def test_a_formula_is_harmless_in_csv_and_to_the_letter_elsewhere(program, blank_study, records):
    note = "=HYPERLINK(1)"
    program("evidence", "import", "mine", str(records("E1", note=note)))
    assert f",'{note}\n" in program("evidence", "export", "mine").out
    program("export", "evidence", "mine", "--output", "e.jsonl")
    assert program("evidence", "import", "mine", "e.jsonl", "--json").json["already_known"] == 1


def test_the_list_is_filtered_by_every_option(program, blank_study):
    program("evidence", "add", "mine", *RECORD)
    program(
        *("evidence", "add", "mine", *RECORD, "--date", "2025-02-01", "--source", "Agency"),
        *("--grade", "C3", "--theatre", "Arctic", "--known-at", "2025-02-02"),
    )
    old, new = "AAA-BBB-20240501-01", "AAA-BBB-20250201-01"
    assert listed(program, "--pair", "BBB->AAA") == [old, new]
    assert listed(program, "--from", "2025-01-01") == [new]
    assert listed(program, "--to", "2024-12-31") == [old]
    assert listed(program, "--source", "agen") == [new]
    assert listed(program, "--grade", "a1") == [old]
    assert listed(program, "--grade", "3") == [new]
    assert listed(program, "--theatre", "arctic") == [new]
    assert program("evidence", "list", "mine", "--indicator", "joint_exercises").code == 1
    assert program("evidence", "list", "mine", "--status", "lost").code == 2


def test_a_day_yet_to_come_is_refused(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1")))
    for command in (("supersede", "mine", "E1", "--set", "value=2"), ("retract", "mine", "E1")):
        why = ("--why", "x") if command[0] == "retract" else ()
        assert program("evidence", *command, *why, "--known-at", "2206-01-01").code == 2
    late = program("evidence", "add", "mine", *RECORD[:-1], "2206-01-02")
    assert late.code == 1
    assert "[known_at]" in late.err
    refused = program("evidence", "import", "mine", str(records("E9", known="2206-01-02")))
    assert refused.code == 1
    assert "is yet to come" in refused.err


def test_an_id_that_somebody_took_meanwhile_is_followed_by_the_next(
    program, blank_study, monkeypatch
):
    from forecast.evidence.ledger import Ledger

    program("evidence", "add", "mine", *RECORD)
    # As if the other person's record had not been there yet when ours got its id.
    monkeypatch.setattr(Ledger, "held", _nothing_once(Ledger.held))
    assert program("evidence", "add", "mine", *RECORD, "--source", "Agency").code == 0
    assert listed(program) == ["AAA-BBB-20240501-01", "AAA-BBB-20240501-02"]


def _nothing_once(held):
    calls = []

    def wrapped(self, ids):
        calls.append(ids)
        return set() if len(calls) == 1 else held(self, ids)

    return wrapped


def test_a_retraction_says_whether_the_report_was_false(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1", "E2")))
    withdraw = ("evidence", "retract", "mine", "E1", "--why", "twice", "--known-at", "2024-09-01")
    assert program(*withdraw, "--reason", "whim").code == 2
    assert program(*withdraw, "--reason", "duplicate").code == 0
    shown = program("evidence", "show", "mine", "E1", "--json").json
    assert shown["versions"][-1]["content"] == {"reason": "duplicate", "why": "twice"}


def test_a_study_that_shares_a_ledger_gets_its_evidence_file_too(
    program, workplace, records, monkeypatch
):
    monkeypatch.setenv("FORECAST_LEDGER_URL", str(workplace / "shared.db"))
    program("evidence", "list", "ukraine")
    assert program("init", "mine").code == 0
    records("E1").rename(workplace / "mine" / "evidence.csv")
    assert listed(program) == ["E1"]


def test_a_check_names_records_of_the_file_that_the_ledger_lacks(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1")))
    records("E1", "E2").rename(blank_study / "evidence.csv")
    checked = program("check", "mine", "--json").json
    assert "not-imported" in [one["name"] for one in checked["problems"]]


def test_a_csv_export_with_formulas_is_known_when_it_comes_back(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1", note="-6.9 %: the first fall")))
    program("evidence", "export", "mine", "--output", "e.csv")
    report = program("evidence", "import", "mine", "e.csv", "--supersede", "--json").json
    assert (report["added"], report["superseded"], report["already_known"]) == (0, 0, 1)
    # An apostrophe that is not ours stays.
    other = str(records("E2", note="'=so it says"))
    program("evidence", "import", "mine", other)
    assert program("evidence", "list", "mine", "--json").json[1]["note"] == "'=so it says"


def test_a_withdrawn_record_stands_again_only_when_told(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1")))
    program("evidence", "retract", "mine", "E1", "--why", "a hoax", "--known-at", "2024-09-01")
    change = ("evidence", "supersede", "mine", "E1", "--set", "value=2", "--known-at", "2024-10-01")
    refused = program(*change)
    assert (refused.code, "--put-back" in refused.err) == (1, True)
    assert program(*change, "--put-back").code == 0
    assert listed(program) == ["E1"]


def test_what_a_run_would_not_see_is_said(program, workplace):
    added = ("evidence", "add", "ukraine", "--pair", "CHN->RUS", "--indicator", "leader_visit")
    said = ("--value", "1", "--source", "Xinhua", "--grade", "B1", "--known-at", "2026-11-26")
    outcome = program(*added, *said, "--date", "2026-11-26")
    assert "some of this became known after 2026-11-24" in outcome.err
    early = program(*added, *said, "--date", "2026-11-27")
    assert "before the event of 2026-11-27" in early.err


def test_the_same_report_twice_is_pointed_out(program, blank_study):
    program("evidence", "add", "mine", *RECORD)
    outcome = program("evidence", "add", "mine", *RECORD, "--note", "again")
    assert "AAA-BBB-20240501-01 says the same by the same source" in outcome.err


def test_usage_that_would_do_something_else_is_refused(program, blank_study, records):
    assert program("evidence", "add", "mine", *RECORD, "--by", "Ann").code == 2
    assert program("evidence", "list", "mine", "--grade", "Z9").code == 2
    program("evidence", "import", "mine", str(records("E1")))
    taken = program("evidence", "add", "mine", *RECORD, "--id", "E1", "--value", "3")
    assert (taken.code, "the id 'E1' is taken" in taken.err) == (1, True)
    nowhere = program("evidence", "export", "mine", "--output", "no/where.csv")
    assert (nowhere.code, "there is no directory no" in nowhere.err) == (1, True)


def test_a_data_set_whose_indicators_the_study_lacks_says_how_to_define_them(program, workplace):
    shown = program("evidence", "import", "ukraine", "--format", "kiel", "--show-indicators")
    assert shown.code == 0
    assert "aid_military_eur" in shown.out
