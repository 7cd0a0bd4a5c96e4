"""From an observation to a row: value rules, pairs, dates, and when it was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from forecast.evidence.readers.convert import Converter
from forecast.evidence.readers.mapping import ReaderMapping, load_mapping
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted
from forecast.study.models import Pair, Study
from forecast.study.problems import Row
from tests.evidence.readers.support import study_of

NAME = "sipri-register"
SEEN = Observation(
    row=7,
    variable="tiv",
    supporter="365",
    recipient="710",
    system="cow",
    event_date="2020",
    value=2.5,
    key="365-710-2020",
)


def mapped(**changes: object) -> ReaderMapping:
    """Return the mapping of one variable with some of its entries changed."""
    mapping = load_mapping(NAME)
    variable = mapping.variables["tiv"].model_copy(update={"value": "number", **changes})
    return mapping.model_copy(update={"variables": {"tiv": variable}})


def convert(
    observation: Observation,
    mapping: ReaderMapping | None = None,
    study: Study | None = None,
    given: date | None = None,
) -> tuple[Row | None, Wanted]:
    """Return the row of an observation, and the account of what was left out."""
    study = study or study_of(NAME, "CHN", "RUS")
    wanted = Wanted(study, "file.csv")
    return Converter(NAME, study, mapping or mapped(), wanted, given).row(observation), wanted


@pytest.mark.parametrize(
    ("rule", "value", "cell"),
    [
        ("number", 2.5, "2.5"),
        ("number", "2.50", "2.5"),
        ("number", -3.0, "-3"),
        ("positive", 0.25, "0.25"),
        ("flag", 7.0, "1"),
        ("flag", 0.0, "0"),
        ("count", 3.0, "3"),
        ("text", "display", "display"),
        ("text", 4, "4"),
    ],
)
def test_a_value_follows_its_rule(rule: str, value: float | str, cell: str) -> None:
    row, _ = convert(replace(SEEN, value=value), mapped(value=rule))
    assert row is not None
    assert row["value"] == cell


@pytest.mark.parametrize(
    ("rule", "value", "reason"),
    [
        ("number", float("nan"), "blank value"),
        ("number", "", "blank value"),
        ("text", "", "blank value"),
        ("flag", float("inf"), "blank value"),
        ("positive", 0.0, "zero or less, of which there is no logarithm"),
        ("positive", -1.0, "zero or less, of which there is no logarithm"),
    ],
)
def test_a_value_that_says_nothing_is_counted(rule: str, value: float, reason: str) -> None:
    row, wanted = convert(replace(SEEN, value=value), mapped(value=rule))
    assert row is None
    assert wanted.skipped == {reason: 1}
    assert wanted.problems.problems == []


@pytest.mark.parametrize(
    ("rule", "value"), [("count", 1.5), ("count", -1.0), ("number", "many"), ("flag", "yes")]
)
def test_a_value_against_its_rule_is_an_error_of_its_row(rule: str, value: float | str) -> None:
    row, wanted = convert(replace(SEEN, value=value), mapped(value=rule))
    assert row is None
    (problem,) = wanted.problems.problems
    assert (problem.name, problem.line, problem.field) == ("unreadable", 7, "tiv")


def test_a_factor_and_rounding_apply() -> None:
    row, _ = convert(replace(SEEN, value=93942.0), mapped(factor=0.001, decimals=1))
    assert row is not None
    assert row["value"] == "93.9"


def test_a_mutual_row_is_written_in_the_order_of_the_codes() -> None:
    study = study_of(NAME, "CHN", "RUS")
    indicator = replace(study.indicators["arms_deliveries_tiv"], mutual=True)
    study = replace(study, indicators={indicator.name: indicator})
    row, _ = convert(SEEN, mapped(mutual=True), study)
    assert row is not None
    assert (row["supporter"], row["recipient"], row["mutual"]) == ("CHN", "RUS", "1")


def test_a_mutual_row_needs_both_directions() -> None:
    study = replace(study_of(NAME, "CHN", "RUS"), pairs=(Pair("CHN", "RUS"),))
    _, wanted = convert(SEEN, mapped(mutual=True), study)
    reason = "pair without its reverse in the study, which a mutual indicator needs"
    assert wanted.skipped == {reason: 1}


@pytest.mark.parametrize(
    ("year", "code"), [("1980", "SUN"), ("1991", "SUN"), ("1992", "RUS"), ("2020", "RUS")]
)
def test_the_first_day_of_the_event_decides_who_is_meant(year: str, code: str) -> None:
    study = study_of(NAME, "CHN", "RUS", "SUN")
    row, _ = convert(replace(SEEN, event_date=year), study=study)
    assert row is not None
    assert row["supporter"] == code


def test_a_state_with_itself_is_no_pair() -> None:
    _, wanted = convert(replace(SEEN, recipient="365"))
    assert wanted.skipped == {"pair outside the study": 1}


def test_a_date_that_cannot_be_read_is_an_error_of_its_row() -> None:
    row, wanted = convert(replace(SEEN, event_date="2020-02-30", date_precision="day"))
    assert row is None
    (problem,) = wanted.problems.problems
    assert problem.line == 7
    assert "2020-02-30" in problem.what


def test_a_variable_without_a_mapping_is_counted() -> None:
    _, wanted = convert(replace(SEEN, variable="orders"))
    assert wanted.skipped == {"variable without a mapping: orders": 1}


def test_the_users_date_goes_before_the_files_and_that_before_the_mappings() -> None:
    own = replace(SEEN, known_at="2021-02", known_at_basis="month_end")
    found = [
        convert(SEEN)[0],
        convert(own)[0],
        convert(own, given=date(2022, 1, 2))[0],
    ]
    assert [(row["known_at"], row["known_at_basis"]) for row in found if row] == [
        ("2025-03-31", "file_vintage"),
        ("2021-02", "month_end"),
        ("2022-01-02", "file_vintage"),
    ]
