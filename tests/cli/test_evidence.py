import sqlite3

import pytest


def test_records_go_in_once(program, blank_study, records):
    file = str(records("E1", "E2"))
    first = program("evidence", "import", "mine", file, "--json").json
    second = program("evidence", "import", "mine", file, "--json").json
    assert (first["added"], first["already_known"]) == (2, 0)
    assert (second["added"], second["already_known"]) == (0, 2)


def test_a_file_with_one_bad_row_is_refused_whole(program, blank_study, records):
    file = records("E1", "E2")
    file.write_text(file.read_text().replace("E2,2024-05-01", "E2,01/05/2024"))
    outcome = program("evidence", "import", "mine", str(file))
    assert outcome.code == 1
    assert "records.csv:3 [event_date]" in outcome.err
    assert program("evidence", "list", "mine", "--json").json == []


def test_a_dry_run_writes_nothing(program, blank_study, records):
    file = str(records("E1"))
    outcome = program("evidence", "import", "mine", file, "--dry-run")
    assert "would be written: 1 added" in outcome.out
    assert program("evidence", "list", "mine", "--json").json == []


def test_a_header_alone_is_no_records_and_no_error(program, blank_study, records):
    outcome = program("evidence", "import", "mine", str(records()))
    assert (outcome.code, outcome.out) == (0, "records.csv: 0 records\n")


def test_an_empty_file_is_an_error(program, blank_study, records):
    file = records()
    file.write_bytes(b"")
    assert program("evidence", "import", "mine", str(file)).code == 1


def test_another_encoding_is_named_in_the_message_and_then_works(program, blank_study, records):
    file = records("E1", note="Côte d'Ivoire")
    file.write_bytes(file.read_text(encoding="utf-8").encode("latin-1"))
    refused = program("evidence", "import", "mine", str(file))
    assert refused.code == 1
    assert "--encoding" in refused.err
    assert program("evidence", "import", "mine", str(file), "--encoding", "latin-1").code == 0
    assert program("evidence", "list", "mine", "--json").json[0]["note"] == "Côte d'Ivoire"


def test_an_unknown_encoding_is_a_usage_error(program, blank_study, records):
    file = str(records("E1"))
    assert program("evidence", "import", "mine", file, "--encoding", "klingon").code == 2


def test_a_known_id_with_other_content_needs_supersede(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1", value="1")))
    changed = str(records("E1", value="2", known="2024-06-01"))
    assert program("evidence", "import", "mine", changed).code == 1
    assert program("evidence", "import", "mine", changed, "--supersede").code == 0
    shown = program("evidence", "show", "mine", "E1", "--json").json
    assert [(one["kind"], one["content"]["value"]) for one in shown["versions"]] == [
        ("record", "1"),
        ("supersede", "2"),
    ]


def test_the_list_as_of_a_day_holds_what_was_known_then(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1", known="2024-05-02")))
    program("evidence", "import", "mine", str(records("E2", known="2024-09-01")))

    def known(day):
        return [r["id"] for r in program("evidence", "list", "mine", "--as-of", day, "--json").json]

    assert known("2024-05-01") == []
    assert known("2024-05-02") == ["E1"]
    assert known("2024-09-01") == ["E1", "E2"]


def test_the_list_can_be_narrowed(program):
    everything = program("evidence", "list", "ukraine", "--json").json
    some = program(
        "evidence", "list", "ukraine", "--pair", "CHN->RUS", "--indicator", "leader_visit", "--json"
    ).json
    assert some == [
        one
        for one in everything
        if (one["supporter"], one["recipient"], one["indicator"]) == ("CHN", "RUS", "leader_visit")
    ]
    assert 0 < len(some) < len(everything)


def test_a_record_that_is_not_held_is_an_error(program, blank_study):
    outcome = program("evidence", "show", "mine", "E9")
    assert outcome.code == 1
    assert "E9" in outcome.err


def test_the_show_of_a_record_prints_its_columns(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1", note="first of its kind")))
    out = program("evidence", "show", "mine", "E1").out
    assert "entry 1, record, known on 2024-05-02" in out
    assert "first of its kind" in out


def test_control_characters_of_evidence_do_not_reach_the_terminal(program, blank_study, records):
    file = records("E1")
    file.write_text(file.read_text().replace("Ministry", "\x1b[31mMinistry"))
    program("evidence", "import", "mine", str(file))
    outcome = program("evidence", "list", "mine")
    assert "\x1b" not in outcome.out


def test_a_tampered_ledger_is_found_and_the_link_named(program, blank_study, records):
    program("evidence", "import", "mine", str(records("E1", "E2", "E3")))
    assert program("evidence", "verify", "mine", "--json").json["entries"] == 3
    with sqlite3.connect(blank_study / ".forecast" / "ledger.db") as database:
        database.execute(
            "UPDATE entries SET content = replace(content, 'Ministry', 'Mole') WHERE seq = 2"
        )
    database.close()
    outcome = program("evidence", "verify", "mine")
    assert outcome.code == 1
    assert "entry 2" in outcome.err


def test_a_study_without_a_ledger_takes_in_its_evidence_file_first(program, blank_study, records):
    records("E1").rename(blank_study / "evidence.csv")
    outcome = program("evidence", "list", "mine", "--json")
    assert [record["id"] for record in outcome.json] == ["E1"]
    assert "Took 1 records" in outcome.err


def test_the_import_of_the_studys_own_file_counts_its_records_as_added(
    program, blank_study, records
):
    records("E1").rename(blank_study / "evidence.csv")
    outcome = program("evidence", "import", "mine", "mine/evidence.csv")
    assert (outcome.out, outcome.err) == ("evidence.csv: 1 added\n", "")


@pytest.mark.parametrize("pair", ["CHN", "CHN-RUS", "->"])
def test_a_bad_pair_is_an_error_not_an_empty_list(program, pair):
    assert program("evidence", "list", "ukraine", "--pair", pair).code == 1


def test_a_public_data_set_is_imported_by_its_format(program, workplace):
    from tests.evidence.readers.test_sipri_register import HEADER, order

    file = workplace / "register.csv"
    file.write_text(HEADER + order("Russia", "Iran", "2015; 2016", "9"), encoding="utf-8")
    imported = ("evidence", "import", "ukraine", "register.csv", "--format", "sipri-register")
    assert "2 added" in program(*imported, "--dry-run").out
    assert program(*imported, "--json").json["added"] == 2
    listed = program("evidence", "list", "ukraine", "--pair", "IRN->RUS", "--json").json
    assert [one["value"] for one in listed if one["id"].startswith("sipri-register:")] == [
        "4.5"
    ] * 2


def test_the_mapping_of_a_format_is_shown_and_its_options_need_it(program, workplace):
    shown = program("evidence", "import", "ukraine", "--format", "kiel", "--show-mapping")
    assert (shown.code, 'reader = "kiel"' in shown.out) == (0, True)
    assert program("evidence", "import", "ukraine", "--show-mapping").code == 2
    assert program("evidence", "import", "ukraine").code == 2
    assert program("evidence", "import", "ukraine", "x.csv", "--vintage", "2026-01-01").code == 2
