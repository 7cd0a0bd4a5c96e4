"""Each switch of a study changes what it is about, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.evidence.vintage import Vintage
from forecast.model import build_data
from forecast.panel import build_panel
from forecast.panel.history import History
from forecast.study.models import Switches
from tests.toys import INDICATORS, covered, fact, priors, toy_study

AS_OF = date(2022, 12, 31)
STUDY = toy_study(coverage=(covered("visits", ["CHN->RUS"]),), indicators=INDICATORS)
RECORDS = (
    fact("arms", "2022-03-01", id="E0", attribution="state", cluster="A", grade="E5"),
    fact("visits", id="E1", cluster="K", grade="C3"),
    fact("visits", id="E2", cluster="K", grade="B1", source_name="b", known_at="2022-06-02"),
    fact("visits", "2022-11-01", id="E3", known_at="2022-11-03", grade="D4"),
    fact("visits", "2022", id="E4", cluster="L", pair="IRN->RUS", known_at="2022-12-31"),
    fact("vote", "2022-08-01", id="E5", known_at="2022-08-02", number=2.0, grade="C3"),
)


def panel(history=None, **switches):
    study = replace(STUDY, switches=Switches(**{"delay": False} | switches))
    return build_panel(study, Vintage(AS_OF, RECORDS, ""), priors=priors(), history=history)


def counts(made):
    rows = made.signals[made.signals["kind"] == "count"]
    return [(row.pair, row.first, row.exposure, row.counts) for row in rows.itertuples(index=False)]


def test_as_shipped_silence_is_zero_and_a_cluster_is_one_act():
    assert counts(panel()) == [
        ("CHN->RUS", "2022-Q1", 1.0, ()),
        ("CHN->RUS", "2022-Q2", 1.0, (1.0,)),
        ("CHN->RUS", "2022-Q3", 1.0, ()),
        ("CHN->RUS", "2022-Q4", 1.0, (1.0,)),
    ]


def test_without_coverage_only_what_is_recorded_makes_a_cell():
    assert counts(panel(coverage=False)) == [
        ("CHN->RUS", "2022-Q2", 1.0, (1.0,)),
        ("CHN->RUS", "2022-Q4", 1.0, (1.0,)),
        ("IRN->RUS", "2022-Q1", 4.0, (1.0,)),
    ]


def test_without_clusters_every_record_is_an_act():
    by_period = {first: acts for pair, first, _, acts in counts(panel(clusters=False))}
    assert by_period["2022-Q2"] == (1.0, 1.0)
    assert len(panel(clusters=False).acts) == len(RECORDS)


def test_with_delay_the_last_quarter_is_not_known_in_full():
    known = [exposure for _, _, exposure, _ in counts(panel(delay=True))]
    assert known == sorted(known, reverse=True)
    assert 0.7 < known[-1] < known[0] < 1.0


@pytest.mark.parametrize("switch", [{"credibility": "ignored"}, {"false_counts": "typical"}])
def test_how_reports_are_believed_leaves_the_panel_alone(switch):
    assert panel(**switch).content_hash == panel().content_hash


def test_where_all_is_believed_doubt_is_gone():
    data = build_data(panel(credibility="ignored"), priors())
    assert data.terms["ordinal"].extra["credible"] == pytest.approx([1.0], abs=1e-8)
    term = data.terms["count"]
    two = term.value > 0
    assert term.extra["log_weights"][two, 1] == pytest.approx(0.0, abs=1e-8)
    assert set(data.chains.witness.odds.values()) == {
        max(build_data(panel(), priors()).chains.witness.odds.values())
    }


def test_learning_counts_the_confirmed_and_the_withdrawn():
    # E2 (B1, another source, later) confirms E1 (C3); nobody confirms E2 or the others.
    learnt = panel(credibility="learnt")
    assert learnt.corroboration == {"C3": (1, 0)}
    history = History(withdrawn=(("C3",), ("D4", "C3")))
    learnt = panel(history, credibility="learnt")
    assert learnt.corroboration == {"C3": (1, 2), "D4": (0, 1)}
    chances = build_data(learnt, priors()).terms["ordinal"].extra["credible"]
    # Twenty reports' worth of .98 * .93, one confirmed, two withdrawn.
    assert chances == pytest.approx([(20 * 0.98 * 0.93 + 1) / 23], abs=1e-12)


def test_unless_it_is_learnt_nobody_counts():
    assert panel(History(withdrawn=(("C3",),))).corroboration == {}


def test_weights_at_the_typical_rate_are_the_chances_over_a_poisson_reference():
    data = build_data(panel(false_counts="typical"), priors())
    plain = build_data(panel(), priors())
    (row,) = np.flatnonzero((data.terms["count"].value > 0) & (data.terms["count"].last == 3))
    weights = np.exp(plain.terms["count"].extra["log_weights"][row, :2])
    true = 0.92 * 0.60
    assert weights == pytest.approx([1 - true, true], abs=1e-12)
    # Acts true with chances .552 and 1 - (1 - .9114)(1 - .9974...), over four quarters.
    both = 1 - (1 - 0.98 * 0.93) * (1 - 0.998 * 0.9995)
    rate = (true + both + 0.5) / 4.0
    relative = np.array([1 - true, true / rate])
    found = np.exp(data.terms["count"].extra["log_weights"][row, :2])
    assert found == pytest.approx(relative / relative.sum(), abs=1e-12)
