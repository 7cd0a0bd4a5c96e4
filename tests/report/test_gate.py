"""The publish gate says in words whether a run may be acted on."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from forecast.report.content import ReportData
from forecast.report.gate import FRESH_DAYS, STALE_DAYS, GateVerdict, publish_gate, worst
from tests.report.factory import AS_OF, report_data, without


@pytest.fixture(scope="module")
def data() -> ReportData:
    return report_data()


def verdict_of(data: ReportData, name: str) -> GateVerdict:
    return next(each for each in publish_gate(data) if each.name == name)


def with_forecasts(data: ReportData, **changes: Any) -> ReportData:
    return dataclasses.replace(data, forecasts={**data.forecasts, **changes})


def passed(data: ReportData) -> ReportData:
    return dataclasses.replace(data, diagnostics=data.diagnostics.assign(verdict="ok"))


def test_the_checks_come_in_order(data: ReportData) -> None:
    names = [each.name for each in publish_gate(data)]
    assert names == ["Convergence", "Data freshness", "Coverage"]


def test_a_doubtful_diagnostic_is_named(data: ReportData) -> None:
    found = verdict_of(data, "Convergence")
    assert found.verdict == "doubtful"
    assert found.sentence == "1 of 5 checks did not pass: ESS of scales."


def test_all_passed(data: ReportData) -> None:
    found = verdict_of(passed(data), "Convergence")
    assert found == GateVerdict("Convergence", "ok", "All 5 checks of the sampler passed.")


@pytest.mark.parametrize(("status", "verdict"), [("doubtful", "doubtful"), ("failed", "failed")])
def test_the_status_of_the_run_counts_even_if_every_check_passed(
    data: ReportData, status: str, verdict: str
) -> None:
    assert verdict_of(with_forecasts(passed(data), status=status), "Convergence").verdict == verdict


def test_a_failed_diagnostic_outweighs_the_status(data: ReportData) -> None:
    failed = dataclasses.replace(data, diagnostics=data.diagnostics.assign(verdict="failed"))
    assert verdict_of(failed, "Convergence").verdict == "failed"


def test_without_diagnostics_convergence_fails(data: ReportData) -> None:
    found = verdict_of(without(data, "diagnostics"), "Convergence")
    assert found.verdict == "failed"
    assert "no diagnostics" in found.sentence


@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (0, "ok"),
        (FRESH_DAYS, "ok"),
        (FRESH_DAYS + 1, "doubtful"),
        (STALE_DAYS, "doubtful"),
        (STALE_DAYS + 1, "failed"),
    ],
)
def test_freshness_by_the_age_of_the_newest_record(
    data: ReportData, age: int, verdict: str
) -> None:
    evidence = data.evidence.assign(known_at=AS_OF - timedelta(days=age))
    found = verdict_of(dataclasses.replace(data, evidence=evidence), "Data freshness")
    assert found.verdict == verdict
    assert f"{age} day" in found.sentence


def test_a_record_that_came_in_alone_does_not_make_the_data_fresh(data: ReportData) -> None:
    """What happened in the months before it is as unknown as it was."""
    evidence = data.evidence.assign(known_at=AS_OF - timedelta(days=FRESH_DAYS + 50))
    used = evidence.index[evidence["used"].astype(bool)]
    for count, verdict in ((1, "doubtful"), (2, "doubtful"), (3, "ok")):
        evidence.loc[used[:count], "known_at"] = AS_OF - timedelta(days=2)
        found = verdict_of(dataclasses.replace(data, evidence=evidence), "Data freshness")
        assert found.verdict == verdict
        said = f"Only {count} record{'s' if count > 1 else ''} became known in the last"
        assert (said in found.sentence) == (verdict == "doubtful")


def test_an_unused_record_does_not_make_the_data_fresh(data: ReportData) -> None:
    evidence = data.evidence.assign(known_at=AS_OF - timedelta(days=STALE_DAYS + 9))
    evidence.loc[~evidence["used"].astype(bool), "known_at"] = AS_OF
    found = verdict_of(dataclasses.replace(data, evidence=evidence), "Data freshness")
    assert found.verdict == "failed"


def test_without_records_the_gate_says_prior_alone(data: ReportData) -> None:
    found = verdict_of(without(data, "evidence"), "Data freshness")
    assert found.verdict == "doubtful"
    assert "prior" in found.sentence


def test_coverage_counts_probabilities(data: ReportData) -> None:
    found = verdict_of(data, "Coverage")
    assert found.verdict == "ok"
    assert found.sentence == "3 of 4 open questions have a probability."


def test_coverage_leaves_out_questions_whose_window_is_over(data: ReportData) -> None:
    over = [{**each, "closes": "2020-12-31"} for each in data.questions]
    found = verdict_of(with_forecasts(data, questions=over), "Coverage")
    assert found.verdict == "doubtful"
    assert found.sentence == "No question is open on the as-of date."


def test_coverage_is_doubtful_below_seven_in_ten(data: ReportData) -> None:
    few = [
        {**each, "probability": None, "reason": "why"} if number % 2 else each
        for number, each in enumerate(q for q in data.questions if q["closes"] > str(data.as_of))
    ]
    assert verdict_of(with_forecasts(data, questions=few), "Coverage").verdict == "doubtful"


def test_a_null_without_a_reason_fails_coverage(data: ReportData) -> None:
    bad = [{**data.questions[0], "probability": None, "reason": None}, *data.questions[1:]]
    found = verdict_of(with_forecasts(data, questions=bad), "Coverage")
    assert found.verdict == "failed"
    assert "1 lack one without a reason" in found.sentence


def test_no_question_at_all_fails_coverage(data: ReportData) -> None:
    assert verdict_of(with_forecasts(data, questions=[]), "Coverage").verdict == "failed"


def test_a_domain_without_records_is_named(data: ReportData) -> None:
    evidence = data.evidence[data.evidence["domain"] != "economic"]
    found = verdict_of(dataclasses.replace(data, evidence=evidence), "Coverage")
    assert found.verdict == "doubtful"
    assert found.sentence.endswith("No record informs: economic.")


def test_the_worst_verdict_decides() -> None:
    ok, bad = GateVerdict("a", "ok", ""), GateVerdict("b", "failed", "")
    assert worst([]) == "ok"
    assert worst([ok, bad, ok]) == "failed"
