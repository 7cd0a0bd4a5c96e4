"""What the shipped study promises, read from its files alone."""

import csv
import math
from collections import Counter, defaultdict
from datetime import date
from itertools import combinations

import pytest

from forecast.evidence.importers import check_table
from forecast.studies import directory
from forecast.study.dates import parse_dated
from forecast.study.events import parse_event
from forecast.study.load import check_study, load_study

STUDY = directory("ukraine")


def rows(name):
    with (STUDY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def study():
    return load_study(STUDY)


@pytest.fixture(scope="module")
def evidence():
    return rows("evidence.csv")


def test_the_study_and_its_evidence_have_no_problem_but_two_reports_of_one_weekend(study):
    assert check_study(STUDY) == []
    (left,) = check_table(study, STUDY / "evidence.csv")
    # Missiles fired before the invasion, and a base for the attack of the next day: two acts.
    assert (left.name, left.severity, left.line) == ("same-event", "warning", 197)


def test_every_raw_row_is_a_record(evidence):
    assert len(evidence) == 427
    assert len({row["id"] for row in evidence}) == 427


def test_the_files_are_plain_text_with_unix_newlines():
    for path in STUDY.iterdir():
        data = path.read_bytes()
        assert b"\r" not in data, path.name
        assert data.endswith(b"\n"), path.name


def test_every_pair_of_russia_exists_in_both_directions(study):
    labels = {pair.label for pair in study.pairs}
    toward_russia = {label for label in labels if label.endswith("->RUS")}
    assert len(toward_russia) == 13
    assert {f"RUS->{label[:3]}" for label in toward_russia} <= labels
    assert len(labels) == 13 + 13 + 4


def test_every_domain_has_one_reference_among_its_signals(study):
    references = {i.domain: i.name for i in study.indicators.values() if i.reference}
    assert references == {
        "rhetorical": "un_vote_alignment",
        "economic": "trade_value",
        "military": "exercise_mutual",
    }


def test_reports_lie_in_the_domain_of_their_rung(study):
    domain = {"rhetorical": "rhetorical", "economic": "economic"}
    for one in study.indicators.values():
        if one.measures == "outcome":
            assert one.domain == domain.get(one.rung, "military"), one.name


def test_indicators_with_few_records_say_so_or_stay_out(study, evidence):
    counts = Counter(row["indicator"] for row in evidence)
    few = {
        one.name
        for one in study.indicators.values()
        if one.measures == "alignment" and counts[one.name] < 4
    }
    assert few <= {one.name for one in study.indicators.values() if one.loading_prior_only}


def test_judgements_requests_and_overlaps_are_kept_out_with_their_reason(study):
    kept_out = {i.name: i.definition for i in study.indicators.values() if i.measures == "none"}
    assert {
        "analyst_assessment",
        "support_request",
        "mediation",
        "arms_sale_overlap",
        "trade_value_partyear",
    } <= kept_out.keys()
    assert "never evidence" in kept_out["analyst_assessment"]


def test_reports_go_only_to_a_recipient_at_stake(study, evidence):
    spans = {span.recipient: span.start for span in study.at_stake}
    for row in evidence:
        if study.indicators[row["indicator"]].measures == "outcome":
            _, last = parse_dated(row["event_date"], row["date_precision"])
            assert last >= spans[row["recipient"]], row["id"]
            assert row["attribution"] in {"state", "firm", "unknown"}, row["id"]


def test_absences_are_zeros_of_opportunities(evidence):
    hosted = [row for row in evidence if row["indicator"] == "exercise_hosted"]
    zapad = {row["supporter"]: row["value"] for row in hosted if "Zapad-2025" in row["note"]}
    assert Counter(row["value"] for row in hosted) == {"1": 17, "0": 10}
    assert zapad["CHN"] == "0"
    assert zapad["IND"] == "1"


def test_a_cluster_holds_one_indicator_dyad_period_and_value(study, evidence):
    clusters = defaultdict(list)
    for row in evidence:
        if row["cluster"]:
            clusters[row["cluster"]].append(row)
    assert clusters
    for name, members in clusters.items():
        assert len(members) > 1, name
        assert len({row["indicator"] for row in members}) == 1, name
        assert len({frozenset((row["supporter"], row["recipient"])) for row in members}) == 1, name
        assert len({row["attribution"] for row in members}) == 1, name
        if study.indicators[members[0]["indicator"]].kind != "count":
            assert len({row["value"] for row in members}) == 1, name
        spans = [parse_dated(row["event_date"], row["date_precision"]) for row in members]
        index = study.calendar.index
        for one, other in combinations(spans, 2):
            assert index(one[0]) <= index(other[1]), name
            assert index(other[0]) <= index(one[1]), name


def test_the_volume_series_of_arms_is_no_cluster(evidence):
    assert not [row for row in evidence if row["cluster"].startswith("sipri_tiv")]


def test_nothing_is_known_before_it_begins(evidence):
    for row in evidence:
        first, _ = parse_dated(row["event_date"], row["date_precision"])
        assert date.fromisoformat(row["known_at"]) >= first, row["id"]


def test_a_visit_runs_from_guest_to_host(evidence):
    visits = {
        row["event_date"]: row["supporter"]
        for row in evidence
        if row["indicator"] == "leader_visit"
    }
    assert visits["2013-03-22"] == "CHN"  # Xi in Moscow
    assert visits["2026-05-20"] == "RUS"  # Putin in Beijing


def test_trade_is_scaled_by_the_years_before_the_war_alone(study, evidence):
    logs = [
        math.log(float(row["value"]))
        for row in evidence
        if row["indicator"] == "trade_value" and "2016" <= row["event_date"] <= "2018"
    ]
    mean = sum(logs) / 3
    deviation = math.sqrt(sum((log - mean) ** 2 for log in logs) / 2)
    assert len(logs) == 3
    assert study.indicators["trade_value"].location == pytest.approx(mean, abs=5e-4)
    assert study.indicators["trade_value"].scale == pytest.approx(deviation, abs=5e-4)


def test_counts_alone_have_windows_in_which_silence_is_zero(study):
    zero = {row.indicator for row in study.coverage if row.silence == "zero"}
    counts = {
        one.name
        for one in study.indicators.values()
        if one.kind == "count" and one.measures == "alignment"
    }
    assert zero == counts
    assert all(row.reason for row in study.coverage)


def test_patrols_are_covered_from_long_before_the_first(study):
    starts = [
        row.start
        for row in study.coverage
        if row.indicator == "joint_patrol_air" and row.silence == "zero"
    ]
    assert min(starts) == date(2012, 1, 1)


def test_silence_in_2026_says_nothing_of_patrols(study):
    assert not [
        row
        for row in study.coverage
        if row.indicator.startswith("joint_patrol")
        and row.silence == "zero"
        and (row.end is None or row.end >= date(2026, 1, 1))
    ]


def test_seventeen_questions_are_modelled_three_of_the_open_ones_among_them(study):
    modelled = {q.id for q in study.questions if not q.not_modelled}
    resolved = {r.question for r in study.resolutions}
    assert {q.id for q in study.questions} - modelled == {"Q05", "Q11", "Q18"}
    assert len(resolved) == 16
    assert modelled - resolved == {"Q17", "Q19", "Q20"}
    for question in study.questions:
        assert question.not_modelled or parse_event(question.event)


def test_the_articles_judgements_are_typed_or_say_why_not(study):
    typed = {one.id for one in study.judgements if one.event}
    assert len(study.judgements) == 12
    assert typed == {"J01", "J02", "J04", "J08", "J09", "J10"}
    assert all(one.event or one.not_modelled for one in study.judgements)


def test_carried_quarters_of_the_key_are_marked(study):
    assert len(study.outcomes) == 225
    assert sum(one.basis == "carried" for one in study.outcomes) == 155


def test_each_question_has_a_base_rate_strictly_between_zero_and_one(study):
    rates = {row["question"]: float(row["probability"]) for row in rows("base_rates.csv")}
    assert rates.keys() == {q.id for q in study.questions}
    assert all(0 < rate < 1 for rate in rates.values())


def test_the_readme_lists_every_indicator_with_its_number_of_records(study, evidence):
    text = (STUDY / "README.md").read_text(encoding="utf-8")
    counts = Counter(row["indicator"] for row in evidence)
    for name in study.indicators:
        line = next(line for line in text.splitlines() if line.startswith(f"| {name} | "))
        if line.count("|") > 5:
            assert f"| {counts[name]} |" in line
    assert "{" not in text
