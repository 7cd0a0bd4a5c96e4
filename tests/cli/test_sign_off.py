"""The command that signs a run, as it is typed."""

import json

import pytest

from tests.runs.made_up import RUN, write_run


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Return a run directory with its report, to be copied: drawing takes time."""
    from tests.tiny import write_study

    directory = write_study(tmp_path_factory.mktemp("drawn") / "tiny")
    return write_run(directory)


@pytest.fixture
def mine(drawn, blank_study):
    """Return a study with a run that has a report."""
    import shutil

    target = blank_study / ".forecast" / "runs" / RUN
    shutil.copytree(drawn, target)
    return target


ADJUSTED = ("--by", "A. Analyst", "--adjust", "Q03=0.09", "--adjust", "Q04=1", "--why", "talks")


def test_a_run_is_signed_and_its_report_says_so(program, mine):
    outcome = program("sign-off", "mine", RUN, *ADJUSTED)
    assert outcome.code == 0
    assert f"A. Analyst signed {RUN}: sign-off 1, hash " in outcome.out
    assert "Q03       2.1 %   9.0 %" in outcome.out
    assert "A. Analyst" in (mine / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("named", [(), ("latest",)])
def test_the_newest_run_is_signed_unless_one_is_named(program, mine, named):
    made = program("sign-off", "mine", *named, "--by", "A", "--json").json
    assert (made["run"], made["number"], made["format"]) == (RUN, 1, "sign-off/1")
    assert made["report"]["html"].endswith("report.html")
    assert made["report_problem"] is None


def test_the_sign_offs_are_listed_with_what_they_are_worth(program, mine):
    assert program("sign-off", "mine", "--list").out == "Nobody has signed yet\n"
    assert program("sign-off", "mine", "--list", "--json").json == []
    program("sign-off", "mine", *ADJUSTED)
    program("sign-off", "mine", "--by", "B\x1b[31m")
    out = program("sign-off", "mine", "--list").out
    assert "Q03=0.09, Q04=1.0" in out
    assert "\x1b" not in out
    listed = program("sign-off", "mine", RUN, "--list", "--json").json
    assert [one["standing"] for one in listed] == ["replaced by number 2", "in force"]


def test_everything_wrong_is_told_at_once_even_without_the_run(program, mine):
    outcome = program("sign-off", "mine", "nope", "--by", " ", "--adjust", "Q1", "--adjust", "Q2=x")
    assert outcome.code == 1
    assert "5 problems found" in outcome.err
    for text in ("no run 'nope'", "is no name", "needs a reason", "'Q1' has no", "'x' is no"):
        assert text in outcome.err
    assert not (mine.parents[1] / "sign-offs.jsonl").exists()


def test_a_study_without_a_run_says_how_to_make_one(program, blank_study):
    outcome = program("sign-off", "mine", "--by", "A")
    assert outcome.code == 1
    assert "forecast run mine" in outcome.err


@pytest.mark.parametrize("words", [(), ("--list", "--by", "A"), ("--list", "--why", "x")])
def test_without_a_name_or_with_too_much_it_is_a_usage_error(program, mine, words):
    assert program("sign-off", "mine", *words).code == 2


def test_a_run_of_an_earlier_version_is_signed_with_a_warning(program, mine):
    (mine / "report-data.json.gz").unlink()
    outcome = program("sign-off", "mine", "--by", "A", "--json")
    assert outcome.code == 0
    assert "the sign-off is recorded, but the report is as it was" in outcome.err
    assert outcome.json["report"] is None
    assert "make the run again" in outcome.json["report_problem"]


def test_a_failed_run_is_refused(program, mine):
    document = json.loads((mine / "forecasts.json").read_bytes())
    (mine / "forecasts.json").write_text(json.dumps(document | {"status": "failed"}))
    outcome = program("sign-off", "mine", "--by", "A")
    assert outcome.code == 1
    assert "not fit to publish" in outcome.err


def test_broken_sign_offs_are_told_with_their_line(program, mine):
    program("sign-off", "mine", "--by", "A")
    path = mine.parents[1] / "sign-offs.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    for words in (("--list",), ("--by", "B")):
        outcome = program("sign-off", "mine", *words)
        assert outcome.code == 1
        assert "broken at line 1" in outcome.err


# What `forecast report` makes of it


def test_the_headline_table_shows_the_signature_and_the_adjusted_values(program, mine):
    program("sign-off", "mine", *ADJUSTED)
    lines = program("report", "mine").out.splitlines()
    assert lines[1].split()[:5] == ["id", "status", "closes", "P(yes)", "signed"]
    (row,) = [line for line in lines if line.startswith("Q03")]
    assert "2.1 %   9.0 %" in row
    (signature,) = [line for line in lines if line.startswith("Signed off by")]
    assert signature.startswith("Signed off by A. Analyst, ")
    assert signature.endswith(" UTC: talks")


def test_json_of_the_report_holds_the_sign_offs(program, mine):
    program("sign-off", "mine", *ADJUSTED)
    made = program("report", "mine", "--json").json
    ((first,), problem) = made["sign_offs"], made["sign_offs_problem"]
    assert (first["by"], first["standing"], problem) == ("A. Analyst", "in force", None)
    assert first["adjustments"][0] == {"question": "Q03", "model": 0.0213, "adjusted": 0.09}


def test_an_earlier_signature_is_no_signature(program, mine):
    program("sign-off", "mine", *ADJUSTED)
    text = (mine / "forecasts.json").read_text(encoding="utf-8")
    (mine / "forecasts.json").write_text(text + "\n", encoding="utf-8")
    out = program("report", "mine").out
    assert "Not signed off; signed an earlier version of these numbers: A. Analyst" in out
    assert "9.0 %" not in out


def test_a_report_is_shown_even_where_the_sign_offs_are_broken(program, mine):
    (mine.parents[1] / "sign-offs.jsonl").write_bytes(b"{}\n")
    outcome = program("report", "mine", "--json")
    assert outcome.code == 0
    assert outcome.json["sign_offs"] == []
    assert "broken at line 1" in outcome.json["sign_offs_problem"]
    assert "broken at line 1" in outcome.err
