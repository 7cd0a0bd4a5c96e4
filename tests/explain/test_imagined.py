"""Imagined records are read from a line or a file, and what is wrong with them is named at once."""

from __future__ import annotations

from datetime import date

import pytest

from forecast.errors import EvidenceError, ForecastError, ProblemsError
from forecast.explain.imagined import read_line, read_scenarios, scenario_of

LINE = "CHN->RUS arms_transfer=1 2023-12 grade=A1 attribution=state"


@pytest.fixture
def study(fit_study_data):
    return fit_study_data


def test_a_line_is_a_record(study):
    made = read_line(study, LINE)
    assert made.id == "imagined-01"
    assert (made.supporter, made.recipient, made.indicator) == ("CHN", "RUS", "arms_transfer")
    assert (made.event_date, made.date_precision) == ("2023-12", "month")
    assert (made.source_reliability, made.credibility) == ("A", "1")
    # Known on the last day that its date may mean.
    assert made.known == date(2023, 12, 31)
    assert made.attribution == "state"


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("CHN->RUS un_vote=abstain 2023-12-14", "source_reliability", "B"),
        ("CHN->RUS un_vote=abstain 2023-12-14", "credibility", "2"),
        ("CHN->RUS un_vote=abstain 2023", "date_precision", "year"),
        ("CHN->RUS un_vote=abstain 2023-12-14 known_at=2024-01-05", "known_at", "2024-01-05"),
        (
            "CHN->RUS un_vote=abstain 2023-12-14 source='press agency'",
            "source_name",
            "press agency",
        ),
        ("CHN->RUS un_vote=abstain 2023-12-14 note='a = b'", "note", "a = b"),
        ("CHN->RUS joint_patrol=2 2023-12-14", "mutual", "1"),
    ],
)
def test_what_a_line_does_not_say_has_a_sensible_value(study, line, field, value):
    assert getattr(read_line(study, line), field) == value


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "is not a record"),
        ("CHN->RUS", "is not a record"),
        ("CHN->RUS un_vote 2023-12-14", "is not a record"),
        ("CHN->RUS un_vote=abstain 2023-12-14 source='open", "is not a record"),
        ("CHN->RUS un_vote=abstain 2023-12-14 colour=red", "'colour=red' is not understood"),
        ("CHN->RUS un_vote=abstain 2023-12-14 grade", "'grade' is not understood"),
        ("CHN->RUS un_vote=abstain 2023-12-14 id=E1", "'id=E1' is not understood"),
        ("CHN-RUS un_vote=abstain 2023-12-14", "CHN-RUS"),
        ("CHN->MARS un_vote=abstain 2023-12-14", "MARS"),
        ("CHN->CHN un_vote=abstain 2023-12-14", "CHN"),
        ("CHN->RUS unvote=abstain 2023-12-14", "unvote"),
        ("CHN->RUS =1 2023-12-14", "indicator"),
        ("CHN->RUS un_vote= 2023-12-14", "value"),
        ("CHN->RUS un_vote=perhaps 2023-12-14", "perhaps"),
        ("CHN->RUS joint_patrol=-1 2023-12-14", "-1"),
        ("CHN->RUS joint_patrol=1.5 2023-12-14", "1.5"),
        ("CHN->RUS joint_patrol=nan 2023-12-14", "nan"),
        ("CHN->RUS trade_value=0 2023", "0"),
        ("CHN->RUS trade_value=inf 2023", "inf"),
        ("CHN->RUS un_vote=abstain 2023-13-14", "2023-13-14"),
        ("CHN->RUS un_vote=abstain yesterday", "yesterday"),
        ("CHN->RUS un_vote=abstain 14.12.2023", "14.12.2023"),
        ("CHN->RUS un_vote=abstain 2023-12-14 grade=Z9", "Z9"),
        ("CHN->RUS un_vote=abstain 2023-12-14 grade=", "grade"),
        ("CHN->RUS un_vote=abstain 2023-12-14 known_at=soon", "soon"),
        ("CHN->RUS arms_transfer=1 2023-12 attribution=nobody", "nobody"),
        ("CHN->RUS un_vote=abstain 2023-12-14 precision=century", "century"),
    ],
)
def test_a_hostile_line_gives_one_error_that_names_what_is_wrong(study, line, said):
    with pytest.raises(ForecastError) as caught:
        read_line(study, line)
    assert isinstance(caught.value, EvidenceError | ProblemsError)
    assert said in str(caught.value)


def test_everything_that_is_wrong_is_named_at_once(study):
    with pytest.raises(ProblemsError) as caught:
        read_line(study, "CHN->MARS un_vote=perhaps 2023-12-14 grade=Z9")
    for part in ("MARS", "perhaps", "Z9"):
        assert part in str(caught.value)


def test_records_of_one_call_have_their_own_ids(study):
    made = scenario_of(study, [LINE, LINE])
    assert [one.id for one in made.records] == ["imagined-01", "imagined-02"]
    assert made.known == date(2023, 12, 31)


def test_a_file_holds_several_scenarios(study, tmp_path):
    path = tmp_path / "scenarios.csv"
    path.write_text(
        "scenario,pair,indicator,date,value,grade,attribution\n"
        "thaw,CHN->RUS,un_vote,2023-12-14,with,A1,\n"
        "arms,CHN->RUS,arms_transfer,2023-12,1,,firm\n"
        "thaw,CHN->RUS,joint_patrol,2023-11-01,1,B1,\n",
        encoding="utf-8",
    )
    thaw, arms = read_scenarios(study, path)
    assert (thaw.name, [one.indicator for one in thaw.records]) == (
        "thaw",
        ["un_vote", "joint_patrol"],
    )
    assert [one.id for one in (*thaw.records, *arms.records)] == [
        "imagined-01",
        "imagined-03",
        "imagined-02",
    ]
    assert arms.records[0].source_reliability == "B"


def test_all_problems_of_a_file_are_named_by_line(study, tmp_path):
    path = tmp_path / "scenarios.csv"
    path.write_text(
        "scenario,pair,indicator,date,value\n"
        "a,CHN->MARS,un_vote,2023-12-14,with\n"
        ",CHN->RUS,un_vote,2023-12-14,with\n"
        "a,CHN->RUS,un_vote,2023-12-14,perhaps\n",
        encoding="utf-8",
    )
    with pytest.raises(ProblemsError) as caught:
        read_scenarios(study, path)
    assert {problem.line for problem in caught.value.problems} == {2, 3, 4}
    text = str(caught.value)
    assert all(part in text for part in ("MARS", "names no scenario", "perhaps"))


def test_a_file_without_a_scenario_is_refused(study, tmp_path):
    path = tmp_path / "scenarios.csv"
    path.write_text("scenario,pair,indicator,date,value\n", encoding="utf-8")
    with pytest.raises(ForecastError, match="no scenario"):
        read_scenarios(study, path)
