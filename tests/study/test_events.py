import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import QuestionError
from forecast.study.events import (
    OPS,
    AnyEvent,
    CountEvent,
    LevelEvent,
    OrEvent,
    RungEvent,
    ValueEvent,
    check_event,
    format_event,
    parse_event,
)


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("max_rung >= lethal by state", RungEvent("max", ">=", "lethal", "state")),
        ("max_rung>=dual-use", RungEvent("max", ">=", "dual-use", "any")),
        ("rung == troops", RungEvent("at", "==", "troops", "any")),
        ("count(joint_patrol_air) >= 2", CountEvent("joint_patrol_air", ">=", 2)),
        ("any(leader_visit, host=CHN)", AnyEvent("leader_visit", host="CHN")),
        ("value(trade_value) > 228.1", ValueEvent("trade_value", ">", 228.1)),
        ("value(distance) < -1e-3", ValueEvent("distance", "<", -0.001)),
        (
            'level(un_vote, text="ES-11/6") == with',
            LevelEvent("un_vote", "ES-11/6", "==", "with"),
        ),
        ("level(un_vote) >= abstain", LevelEvent("un_vote", None, ">=", "abstain")),
        ("any(formal_charge, rung=lethal)", AnyEvent("formal_charge", rung="lethal")),
        ("any(military_training, by=state)", AnyEvent("military_training", by="state")),
        (
            "rung == troops or any(x) or count(y) >= 1",
            OrEvent((RungEvent("at", "==", "troops"), AnyEvent("x"), CountEvent("y", ">=", 1))),
        ),
    ],
)
def test_the_language_reads_what_it_documents(text, event):
    assert parse_event(text) == event


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 1, "max_rung"),
        ("patrols >= 2", 1, "max_rung"),
        ("max_rung lethal", 10, "a comparison"),
        ("max_rung >=", 12, "a rung"),
        ("max_rung >= lethal by firms", 23, "any or state"),
        ("max_rung >= lethal state", 20, "the end"),
        ("count(x) >= 1.5", 13, "a whole number"),
        ("count(x, host=CHN) >= 1", 8, "')'"),
        ("value(x) > many", 12, "a number"),
        ("value(x) > 1e999", 12, "a finite number"),
        ("any x", 5, "'('"),
        ("any(x", 6, "',' or ')'"),
        ("any(x, when=2022)", 8, "one of by, rung, host, text"),
        ("any(x, host=CHN, host=RUS)", 18, "one of by, rung, text"),
        ("any(x) or", 10, "max_rung"),
        ('any("x)', 5, "a closed quote"),
    ],
)
def test_a_fault_names_its_position_and_what_was_expected(text, position, expected):
    with pytest.raises(QuestionError) as caught:
        parse_event(text)
    assert f"at position {position}" in str(caught.value)
    assert expected in caught.value.expected


NAMES = st.text(min_size=1, max_size=12)
BY = st.sampled_from(["any", "state"])
OP = st.sampled_from(OPS)
SIMPLE = st.one_of(
    st.builds(RungEvent, st.sampled_from(["max", "at"]), OP, NAMES, BY),
    st.builds(CountEvent, NAMES, OP, st.integers(0, 10**6)),
    st.builds(
        AnyEvent, NAMES, BY, st.none() | NAMES, st.none() | NAMES, st.none() | st.text(max_size=9)
    ),
    st.builds(ValueEvent, NAMES, OP, st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(LevelEvent, NAMES, st.none() | st.text(max_size=9), OP, NAMES),
)


@given(SIMPLE | st.lists(SIMPLE, min_size=2, max_size=4).map(lambda parts: OrEvent(tuple(parts))))
def test_any_event_written_out_reads_back(event):
    assert parse_event(format_event(event)) == event


WORDS = st.sampled_from(
    [
        *("max_rung", "rung", "any", "count", "value", "level", "or", "by", "state", "lethal"),
        *("text", "host", "(", ")", ",", "=", "2", "1.5", '"a b"', '"', "\\", *OPS),
    ]
)


@given(st.text(max_size=30) | st.lists(WORDS, max_size=9).map(" ".join))
def test_any_text_is_read_or_refused_with_a_position_inside_it(text):
    try:
        event = parse_event(text)
    except QuestionError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert parse_event(format_event(event)) == event
    if refusal:
        position = int(re.findall(r"at position ([0-9]+)\. Expected", refusal)[-1])
        assert 1 <= position <= len(text) + 1


@pytest.mark.parametrize(
    "text",
    [
        "max_rung >= lethal by state or count(joint_patrol) >= 2",
        "any(joint_patrol, host=CHN)",
        "any(hosted_exercise)",
        "any(arms_transfer, by=state)",
        "any(formal_charge, rung=lethal)",
        "value(trade_value) > 200",
        "level(un_vote, text=A/1) == with",
    ],
)
def test_an_event_on_what_the_study_has_passes(tiny_study, text):
    assert check_event(parse_event(text), tiny_study) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("max_rung >= nuclear", "unknown rung 'nuclear'"),
        ("count(parade) >= 1", "unknown indicator 'parade'"),
        (
            "count(un_vote) >= 1",
            "count() takes an indicator of kind count, but 'un_vote' is ordinal",
        ),
        ("value(joint_patrol) > 1", "value() takes an indicator of kind continuous"),
        ("level(joint_patrol) == with", "level() takes an indicator of kind ordinal"),
        ("level(un_vote) == veto", "unknown level of un_vote 'veto'"),
        ("any(un_vote)", "any() takes an indicator of kind binary or count"),
        ("any(joint_patrol, host=USA)", "unknown actor 'USA'"),
        ("any(joint_patrol, by=state)", "reports on a rung"),
        ("any(joint_patrol, rung=lethal)", "belongs to formal_charge alone"),
        ("any(formal_charge)", "needs the rung charged"),
        ("any(formal_charge, rung=x)", "unknown rung 'x'"),
        ("count(formal_charge) >= 1", "can only stand in any()"),
        ("rung == troops or any(parade)", "unknown indicator 'parade'"),
    ],
)
def test_an_event_on_what_the_study_lacks_is_told(tiny_study, text, fault):
    assert any(fault in one for one in check_event(parse_event(text), tiny_study))
