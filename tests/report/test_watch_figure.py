"""The figure of what to watch."""

from __future__ import annotations

import pandas as pd
import pytest

from forecast.report import figures
from forecast.report.figures.palette import light
from forecast.report.figures.svg import to_svg

WIRES = pd.DataFrame(
    [
        ("arms by the state", "CHN->RUS", "an A1 report of arms by the state", 0.97, True),
        ("patrol", "CHN->RUS", "silence", 0.1, True),
        ("visit", "RUS->CHN", "two visit", 0.5, True),
        ("vote", "CHN->RUS", "vote: with", 0.9, False),
    ],
    columns=["indicator", "pair", "observation", "probability", "ok"],
)
LIST = pd.DataFrame(
    [
        ("visit", "RUS->CHN", "rhetorical", 0.01, 0.02, 2),
        ("arms by the state", "CHN->RUS", "military/economic", 0.2, 0.01, 1),
        ("vote", "CHN->RUS", "rhetorical", 0.0, float("nan"), 3),
    ],
    columns=["indicator", "pair", "domain", "expected_bits", "error", "rank"],
)
DOMAINS = ("rhetorical", "economic", "military")


def draw(wires=WIRES, listed=LIST, **options):
    options = {"probability": 0.3, "thresholds": (0.2, 0.5), "pair": "CHN->RUS"} | options
    return figures.watch(wires, listed, palette=DOMAINS, **options)


def labels(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_rows_are_named_in_the_order_of_the_tables():
    left, right = draw().axes
    assert labels(left) == [
        "an A1 report of arms by the state",
        "silence: patrol",
        "two visit, RUS → CHN",
    ]
    assert labels(right) == ["arms by the state", "visit, RUS → CHN", "vote"]


def test_a_dot_stands_at_the_probability_after_and_its_colour_tells_the_direction():
    left, _ = draw().axes
    *marks, first, second, third = left.lines
    assert [line.get_xdata()[0] for line in marks] == [0.2, 0.5, 0.3]
    assert [line.get_xdata()[0] for line in (first, second, third)] == [0.97, 0.1, 0.5]
    assert first.get_color() == third.get_color() != second.get_color()


def test_bars_are_the_expected_information_in_the_colour_of_the_domain():
    _, right = draw().axes
    assert [bar.get_width() for bar in right.patches] == [0.2, 0.01, 0.0]
    from matplotlib.colors import to_hex

    assert to_hex(right.patches[0].get_facecolor()) == light("domain-2")
    assert right.get_xlim()[1] == pytest.approx(0.21 * 1.05)


def test_only_so_many_rows_are_drawn():
    left, right = draw(most=1).axes
    assert len(labels(left)) == len(labels(right)) == 1


def test_empty_tables_say_so():
    left, right = draw(WIRES.head(0), LIST.head(0)).axes
    assert [text.get_text() for text in left.texts] == ["nothing that can be trusted"]
    assert [text.get_text() for text in right.texts] == ["nothing to watch"]


def test_a_long_name_is_cut():
    long = WIRES.assign(observation="an A1 report of " + "very " * 20 + "much")
    assert all(len(label) <= 48 for label in labels(draw(long).axes[0]))


def test_the_figure_is_the_same_byte_for_byte():
    assert to_svg(draw(), name="w", label="x") == to_svg(draw(), name="w", label="x")
