"""Figures: what they show, and that they come out the same byte for byte."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.report import figures
from forecast.report.content import ReportData
from forecast.report.figures.axes import day_of, middles, year_of
from forecast.report.figures.palette import THEME, domain_colour, light, rung_colour, stylesheet
from forecast.report.figures.svg import to_svg
from tests.report.factory import AS_OF, DOMAINS, RUNGS, report_data

ROOT = Path(__file__).resolve().parents[2]
ID = re.compile(r' id="([^"]*)"')


@pytest.fixture(scope="module")
def data() -> ReportData:
    return report_data(pair_count=4, records=60)


@pytest.mark.parametrize(
    ("label", "span"),
    [
        ("2022", (2022.0, 2023.0)),
        ("2022-Q1", (2022.0, 2022.25)),
        ("2022-Q4", (2022.75, 2023.0)),
        ("2022-01", (2022.0, 2022 + 1 / 12)),
        ("2022-12", (2022 + 11 / 12, 2023.0)),
    ],
)
def test_periods_lie_on_the_time_line(label: str, span: tuple[float, float]) -> None:
    assert year_of(label) == pytest.approx(span)


def test_a_label_of_no_period_is_refused() -> None:
    with pytest.raises(ValueError, match="2022Q1"):
        year_of("2022Q1")


def test_middles_and_days() -> None:
    assert middles(["2022-Q1", "2022"]).tolist() == [2022.125, 2022.5]
    assert day_of("2022-01-01") == 2022.0
    assert day_of(pd.Timestamp(2022, 7, 2)) == pytest.approx(2022.5, abs=0.002)


def test_alignment_draws_the_median_and_both_priors(data: ReportData) -> None:
    figure = figures.alignment(
        data.paths, pairs=["CHN->RUS"], domains=["military"], as_of=AS_OF.isoformat()
    )
    (axes,) = figure.axes
    chosen = data.paths.query("pair == 'CHN->RUS' and domain == 'military'")
    median, low, high, today = (line.get_ydata() for line in axes.lines)
    np.testing.assert_array_equal(median, chosen["q50"])
    np.testing.assert_array_equal(low, chosen["prior_q05"])
    np.testing.assert_array_equal(high, chosen["prior_q95"])
    assert len(today) == 2
    assert axes.lines[3].get_xdata()[0] == pytest.approx(day_of(AS_OF))


def test_only_used_records_of_the_pair_and_domain_are_marked(data: ReportData) -> None:
    figure = figures.alignment(data.paths, data.evidence, pairs=["CHN->RUS"], domains=["military"])
    marked = sum(len(line.get_xdata()) for line in figure.axes[0].lines[3:])
    kept = data.evidence.query("pair == 'CHN->RUS' and domain == 'military' and used")
    assert marked == len(kept) > 0


def test_a_grid_has_one_panel_for_each_pair_and_domain(data: ReportData) -> None:
    figure = figures.alignment(data.paths, pairs=["CHN->RUS", "RUS->CHN"])
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0] == "CHN → RUS, rhetorical"
    assert len(titles) == 2 * len(DOMAINS)


def test_a_pair_without_paths_says_so_in_its_panel(data: ReportData) -> None:
    figure = figures.alignment(data.paths, pairs=["XXX->YYY"], domains=["military"])
    assert [text.get_text() for text in figure.axes[0].texts] == ["not estimated"]


def test_a_domain_keeps_its_colour_when_drawn_alone(data: ReportData) -> None:
    figure = figures.alignment(
        data.paths, pairs=["CHN->RUS"], domains=["military"], palette=DOMAINS
    )
    assert figure.axes[0].lines[0].get_color() == light(domain_colour("military", DOMAINS))
    assert domain_colour("military", DOMAINS) == "domain-2"


def test_the_ladder_stacks_to_one_in_the_order_of_the_study(data: ReportData) -> None:
    figure = figures.ladder(data.ladder, pairs=["CHN->RUS"], tracks=["state"], rungs=RUNGS)
    areas = figure.axes[0].collections
    assert len(areas) == len(RUNGS)
    top = areas[-1].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx(1.0)
    first = data.ladder.query("pair == 'CHN->RUS' and track == 'state' and rung == 'none'")
    bottom = areas[0].get_paths()[0].vertices[:, 1].max()
    assert bottom == pytest.approx(first["probability"].max())


def test_the_line_of_today_ends_the_current_period(data: ReportData) -> None:
    figure = figures.ladder(data.ladder, pairs=["CHN->RUS"], tracks=["any"])
    assert figure.axes[0].lines[0].get_xdata()[0] == 2027.0


def test_the_asymmetry_tells_the_chance_at_the_as_of_date(data: ReportData) -> None:
    frame = data.asymmetry.assign(p_positive=0.25)
    frame.loc[frame["period"] > "2026-Q4", "p_positive"] = 0.99
    figure = figures.asymmetry(frame, domains=["military"], as_of="2026-11-24")
    texts = [text.get_text().replace("\u202f", " ") for text in figure.axes[0].texts]
    assert texts == ["P(difference > 0) = 25 %"]


def test_loadings_show_each_indicator_of_the_domain_once(data: ReportData) -> None:
    figure = figures.loadings(data.loadings, domain="military", palette=DOMAINS)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    wanted = data.loadings.query("domain == 'military'")["indicator"].tolist()
    assert labels == wanted


def test_fitted_rates_set_the_cross_at_the_observed_mean(data: ReportData) -> None:
    figure = figures.fitted_rates(data.fitted, kind="count", group="other pairs")
    chosen = data.fitted.query("kind == 'count' and pair_group == 'other pairs'")
    fitted, observed = figure.axes[0].lines
    np.testing.assert_array_equal(observed.get_xdata(), chosen["observed"])
    np.testing.assert_array_equal(fitted.get_xdata(), chosen["fitted"])


def test_a_figure_is_the_same_byte_for_byte(data: ReportData) -> None:
    draw = lambda: figures.loadings(data.loadings, domain="military")  # noqa: E731
    assert to_svg(draw(), name="a", label="x") == to_svg(draw(), name="a", label="x")


def test_two_figures_of_a_page_share_no_id(data: ReportData) -> None:
    first, second = (
        set(ID.findall(to_svg(figures.alignment(data.paths), name=name, label="")))
        for name in ("one", "two")
    )
    assert first
    assert not first & second


def test_colours_become_names_of_the_page(data: ReportData) -> None:
    svg = to_svg(figures.ladder(data.ladder, pairs=["CHN->RUS"]), name="a", label="")
    assert "var(--rung-3)" in svg
    assert not re.search(r"#[0-9a-f]{6}", re.sub(r'(xlink:href|url)[="(]+#\w+', "", svg))


def test_text_of_a_figure_is_not_rounded() -> None:
    frame = pd.DataFrame(
        [("x 0.2567 #1c2430", "military", 1.0, 0.5, 1.5, 0.1, 2.0, "estimated")],
        columns=["indicator", "domain", "mean", "q05", "q95", "prior_q05", "prior_q95", "status"],
    )
    assert ">x 0.2567 #1c2430</text>" in to_svg(figures.loadings(frame), name="a", label="")


def test_names_from_a_study_are_escaped_and_never_read_as_mathematics(data: ReportData) -> None:
    name = "<b>$x$ 中国 🚀"
    frame = data.loadings.head(1).assign(indicator=name)
    svg = to_svg(figures.loadings(frame), name="a", label='"><script>')
    assert "&lt;b&gt;$x$ 中国 🚀" in svg
    assert "<script>" not in svg


def test_every_light_colour_has_one_name_only() -> None:
    lights = [bright for bright, _ in THEME.values()]
    assert len(set(lights)) == len(lights)


def test_the_style_sheet_holds_both_versions() -> None:
    sheet = stylesheet()
    for name, (bright, dark) in THEME.items():
        assert f"--{name}:{bright};" in sheet
        assert f"--{name}:{dark};" in sheet


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG 2.2, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("version", [0, 1])
def test_contrast_rises_with_the_rung(version: int) -> None:
    panel = THEME["panel"][version]
    ratios = [contrast(THEME[f"rung-{rung}"][version], panel) for rung in range(6)]
    assert ratios == sorted(ratios)
    assert min(np.diff(ratios)) > 0.1


@pytest.mark.parametrize("version", [0, 1])
def test_text_and_lines_can_be_read_on_the_panel(version: int) -> None:
    panel = THEME["panel"][version]
    assert contrast(THEME["ink"][version], panel) > 7
    assert contrast(THEME["muted"][version], panel) > 4.5
    for domain in range(5):
        assert contrast(THEME[f"domain-{domain}"][version], panel) > 3


def test_shorter_ladders_use_the_whole_ramp() -> None:
    assert [rung_colour(position, 3) for position in range(3)] == ["rung-0", "rung-2", "rung-5"]
    assert rung_colour(0, 1) == "rung-0"


def test_importing_the_figures_loads_no_plotting() -> None:
    code = "import sys, forecast.report.figures; print('matplotlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_drawing_never_starts_pyplot(data: ReportData) -> None:
    code = (
        "import sys; from tests.report.factory import report_data; "
        "from forecast.report import render_html; "
        "render_html(report_data(questions=4, pair_count=2, records=9)); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
