"""Values, labels and actors that broke systems like this one (group D)."""

from __future__ import annotations

from datetime import date

import pytest

from forecast.evidence.importers import check_table, import_table
from forecast.evidence.vintage import read_as_of
from forecast.study.load import check_study, load_study
from tests.tiny import ARMS, INDICATORS_CSV, PATROL, STUDY_TOML, write_evidence, write_study

VOTE = PATROL | {"indicator": "un_vote", "mutual": "0"}


@pytest.mark.parametrize("used", [("against", "with"), ("against", "abstain"), ("with",)])
def test_D3_unused_levels_keep_their_place_and_their_labels(ledger, tiny_study, tmp_path, used):
    rows = [VOTE | {"id": f"V{level}", "value": level} for level in used]
    import_table(ledger, tiny_study, write_evidence(tmp_path, rows))
    levels = tiny_study.indicators["un_vote"].levels
    assert levels == ("against", "abstain", "with")
    records = read_as_of(ledger, date(2030, 1, 1)).records
    assert {one.value: one.number for one in records} == {
        level: float(levels.index(level)) for level in used
    }


def test_D3_a_scale_of_one_level_is_refused(tmp_path):
    text = INDICATORS_CSV.replace("against|abstain|with", "with")
    problems = check_study(write_study(tmp_path / "study", indicators_csv=text))
    assert ("indicators.csv", 4, "levels") in [(one.file, one.line, one.field) for one in problems]


@pytest.mark.parametrize(
    ("base", "value"),
    [
        (VOTE, "5"),
        (VOTE, "3"),
        (VOTE, "-1"),
        (PATROL, "-1"),
        (PATROL, "0.5"),
        (VOTE | {"indicator": "hosted_exercise"}, "0.5"),
        (VOTE | {"indicator": "trade_value"}, "0"),
        (VOTE | {"indicator": "trade_value"}, "nan"),
    ],
)
def test_D5_a_value_off_its_scale_is_refused_with_its_row(tiny_study, tmp_path, base, value):
    rows = [PATROL, base | {"id": "E2", "value": value}]
    problems = check_table(tiny_study, write_evidence(tmp_path, rows))
    assert [(one.line, one.field) for one in problems] == [(3, "value")]
    assert problems[0].expected


def test_D10_a_pair_written_twice_is_refused(tmp_path):
    text = STUDY_TOML.replace('"NA->RUS"', '"CHN->RUS"')
    problems = check_study(write_study(tmp_path / "study", study_toml=text))
    assert [(one.name, one.field) for one in problems if one.file == "study.toml"] == [
        ("duplicate", "pairs")
    ]


@pytest.mark.parametrize("label", ['""', "[]", "0", '"None"', '"->RUS"', '"CHN->"'])
def test_D10_a_pair_without_a_label_is_refused(tmp_path, label):
    text = STUDY_TOML.replace('"NA->RUS"', label)
    problems = check_study(write_study(tmp_path / "study", study_toml=text))
    assert any(one.file == "study.toml" and one.field.startswith("pairs") for one in problems)


def test_D10_a_record_without_an_id_is_refused(tiny_study, tmp_path):
    problems = check_table(tiny_study, write_evidence(tmp_path, [PATROL | {"id": ""}]))
    assert [(one.name, one.field) for one in problems] == [("empty", "id")]


def test_D11_supporter_and_recipient_must_differ(tiny_study, tmp_path):
    problems = check_table(tiny_study, write_evidence(tmp_path, [ARMS | {"supporter": "RUS"}]))
    assert "supporter and recipient are both 'RUS'" in [one.what for one in problems]


def test_D11_an_unknown_state_is_refused_with_the_known_ones(tiny_study, tmp_path):
    problems = check_table(tiny_study, write_evidence(tmp_path, [ARMS | {"supporter": "ATL"}]))
    assert [one.what for one in problems] == ["unknown actor 'ATL'"]
    assert "CHN, RUS, SUN, NA, 002" in problems[0].expected


@pytest.mark.parametrize(
    ("event_date", "supporter", "reason"),
    [
        ("2020-05-24", "SUN", "SUN ended on 1991-12-25"),
        ("1980-05-24", "CHN", "RUS began on 1991-12-26"),
    ],
)
def test_D11_a_state_outside_its_life_is_refused_with_the_reason(
    tmp_path, event_date, supporter, reason
):
    text = STUDY_TOML.replace('"NA->RUS"', '"NA->RUS", "SUN->RUS"')
    study = load_study(write_study(tmp_path / "study", study_toml=text))
    row = ARMS | {"supporter": supporter, "event_date": event_date}
    problems = check_table(study, write_evidence(tmp_path, [row]))
    assert [one.name for one in problems] == ["actor-did-not-exist"]
    assert reason in problems[0].what


def test_D11_an_interval_that_touches_the_life_of_a_state_is_accepted(tiny_study, tmp_path):
    row = ARMS | {"event_date": "1991", "date_precision": "year"}
    assert check_table(tiny_study, write_evidence(tmp_path, [row])) == []
