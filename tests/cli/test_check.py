def test_the_shipped_study_is_sound(program):
    assert program("check", "ukraine").code == 0


def test_all_problems_of_all_files_are_told_at_once(program, blank_study):
    questions = blank_study / "questions.csv"
    questions.write_text(questions.read_text().replace("max_rung", "lowest_rung"))
    coverage = blank_study / "coverage.csv"
    coverage.write_text(coverage.read_text().replace("2020-01-01", "01/01/2020"))
    outcome = program("check", "mine")
    assert outcome.code == 1
    assert "questions.csv:2 [event]" in outcome.out
    assert "coverage.csv:2 [from]" in outcome.out
    assert "2 errors" in outcome.out


def test_evidence_is_checked_against_the_study(program, blank_study, records):
    records("E1", value="-3").rename(blank_study / "evidence.csv")
    problems = program("check", "mine", "--json").json["problems"]
    assert [(one["file"], one["line"], one["field"]) for one in problems] == [
        ("evidence.csv", 2, "value")
    ]


def test_json_counts_what_it_lists(program, blank_study):
    (blank_study / "indicators.csv").write_text("")
    found = program("check", "mine", "--json").json
    severities = [one["severity"] for one in found["problems"]]
    assert found["errors"] == severities.count("error") > 0
    assert found["warnings"] == severities.count("warning")


def test_a_name_that_is_no_study_is_refused_with_the_shipped_ones(program):
    outcome = program("check", "atlantis")
    assert outcome.code == 1
    assert outcome.out == ""
    assert "ukraine" in outcome.err


def test_a_directory_that_is_no_study_is_refused(program, workplace):
    (workplace / "empty").mkdir()
    outcome = program("check", "empty")
    assert outcome.code == 1
    assert "has no study.toml" in outcome.err
