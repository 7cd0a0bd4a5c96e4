from pathlib import Path

import pytest

from forecast.study.load import check_study, load_study


def test_a_blank_study_has_no_problem(program, workplace):
    outcome = program("init", "my study")
    assert outcome.code == 0
    assert check_study(workplace / "my study") == []
    assert load_study(workplace / "my study").id == "my-study"


def test_a_shipped_study_is_copied_with_its_evidence(program, workplace):
    made = program("init", "copy", "--from", "ukraine", "--json").json
    assert made["study"] == "ukraine"
    assert made["directory"] == "copy"
    assert {"study.toml", "evidence.csv", "questions.csv", "README.md"} <= set(made["files"])
    assert load_study(workplace / "copy").id == "ukraine"


def test_files_of_a_user_are_never_overwritten(program, workplace):
    (workplace / "full").mkdir()
    (workplace / "full" / "study.toml").write_text("mine")
    outcome = program("init", "full", "--from", "ukraine")
    assert outcome.code == 1
    assert "not empty" in outcome.err
    assert (workplace / "full" / "study.toml").read_text() == "mine"


def test_an_unknown_source_is_a_usage_error_that_names_the_shipped_ones(program, workplace):
    outcome = program("init", "x", "--from", "atlantis")
    assert outcome.code == 2
    assert "blank or ukraine" in outcome.err
    assert not Path("x").exists()


@pytest.mark.parametrize(
    ("name", "identifier"), [("a b", "a-b"), ("中国", "study"), ("--x--", "x"), ("Q_1", "Q_1")]
)
def test_the_id_of_a_blank_study_comes_from_its_directory(program, workplace, name, identifier):
    assert program("init", "--json", "--", name).json["study"] == identifier
    assert load_study(workplace / name).id == identifier
