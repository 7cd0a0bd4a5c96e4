"""Base rates by rule, with hand-worked numbers."""

import math

import pytest

from tools.ukraine.base_rates import SUPPORT_RATE, base_rates


def question(name, *, pair="CHN->RUS", opens="2024-01-01", closes="2024-12-31"):
    return {"id": name, "pair": pair, "opens": opens, "closes": closes}


def record(indicator, day, value="1", *, known=None, mutual="0", pair="CHN->RUS"):
    supporter, recipient = pair.split("->")
    return {
        "indicator": indicator,
        "event_date": day,
        "known_at": known or day,
        "value": value,
        "supporter": supporter,
        "recipient": recipient,
        "mutual": mutual,
    }


def rate_of(name, evidence, **changes):
    (row,) = base_rates([question(name, **changes)], evidence)
    return float(row["probability"])


def test_opportunities_share_the_past_three_years_with_a_half_added():
    votes = [
        record("un_vote_alignment", "2022-03-02", "with"),
        record("un_vote_alignment", "2023-02-23", "abstain"),
        record("un_vote_alignment", "2019-12-09", "with"),  # too old
        record("un_vote_alignment", "2022-03-02", "with", pair="IRN->RUS"),  # another pair
    ]
    assert rate_of("Q12", votes) == pytest.approx((1 + 0.5) / (2 + 1))


def test_what_becomes_known_after_the_opening_is_not_seen():
    late = [record("un_vote_alignment", "2023-02-23", "with", known="2024-01-02")]
    assert rate_of("Q12", late) == pytest.approx(0.5)


def test_years_with_enough_events_are_counted_in_either_direction_of_a_mutual_indicator():
    patrols = [
        record("joint_patrol_air", "2022-05-24", mutual="1"),
        record("joint_patrol_air", "2022-11-30", mutual="1", pair="RUS->CHN"),
        record("joint_patrol_air", "2023-06-06", mutual="1"),
    ]
    assert rate_of("Q14", patrols) == pytest.approx((1 + 0.5) / (3 + 1))


def test_rises_are_counted_over_known_changes():
    trade = [
        record("trade_value", "2021", "100", known="2022-01-10", mutual="1"),
        record("trade_value", "2022", "120", known="2023-01-10", mutual="1"),
        record("trade_value", "2023", "110", known="2023-12-30", mutual="1"),
    ]
    assert rate_of("Q15", trade) == pytest.approx((1 + 0.5) / (2 + 1))


def test_visits_come_at_their_yearly_rate():
    visits = [record("leader_visit", "2022-02-04", pair="RUS->CHN")]
    days = 365 / 365.25
    expected = 1 - math.exp(-(1.5 / 3) * days)
    assert rate_of("Q16", visits, pair="RUS->CHN") == pytest.approx(expected, abs=5e-5)


def test_before_the_war_a_rung_has_its_historical_rate():
    expected = 1 - math.exp(-SUPPORT_RATE * 365 / 365.25)
    rate = rate_of("Q03", [], opens="2022-02-04", closes="2023-02-04")
    assert rate == pytest.approx(expected, abs=5e-5)


def test_an_onset_in_the_war_lifts_the_rate_of_a_rung():
    arms = [record("arms_transfer", "2022-08-01", pair="IRN->RUS")]
    nothing = [record("arms_transfer", "2022-08-01", "0", pair="IRN->RUS")]
    assert rate_of("Q03", arms) > rate_of("Q03", nothing)
    assert rate_of("Q03", nothing) == rate_of("Q03", [])
