"""The data of a report: tables with every column, or none at all."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from forecast.errors import RunError
from forecast.report.content import ReportData, pair_text, question_pairs, reverse
from forecast.study.models import Pair
from tests.report.factory import AS_OF, report_data


@pytest.fixture(scope="module")
def data() -> ReportData:
    return report_data()


def test_a_missing_column_is_named_with_its_table(data: ReportData) -> None:
    with pytest.raises(RunError, match=r"column q95 is missing \(report table paths\)"):
        dataclasses.replace(data, paths=data.paths.drop(columns="q95"))


def test_a_table_without_rows_needs_no_columns(data: ReportData) -> None:
    assert dataclasses.replace(data, paths=pd.DataFrame()).paths.empty


def test_used_and_unused_records_make_up_the_evidence(data: ReportData) -> None:
    assert len(data.used) + len(data.unused) == len(data.evidence) == 430
    assert len(data.unused) == 430 // 8


def test_as_of_is_a_date(data: ReportData) -> None:
    assert data.as_of == AS_OF


def test_pairs_with_open_questions_lead(data: ReportData) -> None:
    pairs = question_pairs(data)
    assert pairs[0] == "CHN->RUS"
    assert set(pairs) == {"CHN->RUS", "IRN->RUS", "PRK->RUS", "BLR->RUS", "KAZ->RUS"}


def test_one_open_question_outranks_many_closed_ones(data: ReportData) -> None:
    ask = {"status": "resolved", "pair": "IRN->RUS"}
    asked = [ask, ask, {"status": "open", "pair": "PRK->RUS"}, {"status": "void", "pair": None}]
    changed = dataclasses.replace(data, forecasts={**data.forecasts, "questions": asked})
    assert question_pairs(changed) == ("PRK->RUS", "IRN->RUS")


def test_pairs_are_shown_with_an_arrow() -> None:
    assert pair_text("CHN->RUS") == pair_text(Pair("CHN", "RUS")) == "CHN → RUS"
    assert reverse("CHN->RUS") == "RUS->CHN"
