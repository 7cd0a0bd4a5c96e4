"""The rows of a panel made anew without some records are those of the panel built without them."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import Vintage, read_as_of
from forecast.explain.steps import vintage_with
from forecast.panel import build_panel
from forecast.panel.parts import Parts
from forecast.priors import load_priors
from forecast.studies import directory
from forecast.study.load import load_study
from tests.plugins import fits
from tests.toys import AS_OF, covered, fact, priors, toy_study

fit_study_data = fits.fit_study_data


def content(frame, *, without=("records",)):
    """Return how often each row stands in a table, missing numbers being alike."""
    frame = frame.drop(columns=list(without))
    return Counter(
        tuple(None if value != value else value for value in row)
        for row in frame.itertuples(index=False, name=None)
    )


class Held:
    """A vintage, its panel, and what each record is to it."""

    def __init__(self, study, vintage, own):
        self.study, self.vintage, self.priors = study, vintage, own
        self.panel = build_panel(study, vintage, priors=own)
        self.parts = Parts.of(self.panel, vintage)

    def built(self, ids):
        """Return the panel built whole without some records, delays held."""
        kept = [record for record in self.vintage.records if record.id not in ids]
        return build_panel(
            self.study,
            vintage_with(self.vintage, kept),
            priors=self.priors,
            delays=self.panel.delays,
        )

    def check(self, ids):
        """Compare the difference with the panel built whole; return the difference."""
        found, expected = self.parts.without(ids), self.built(ids)
        signals = content(self.panel.signals)
        signals.subtract(content(found.lost))
        assert min(signals.values(), default=0) >= 0, f"{ids}: a lost row is not in the panel"
        signals.update(content(found.gained))
        assert +signals == content(expected.signals), ids
        reports = expected.reports
        for label, own in found.reports.items():
            wanted = reports[reports["pair"] == label]
            assert content(own, without=()) == content(wanted, without=()), ids
        others = ~self.panel.reports["pair"].isin(list(found.reports))
        untouched = ~reports["pair"].isin(list(found.reports))
        assert content(self.panel.reports[others]) == content(reports[untouched]), ids
        applied = found.apply(self.panel)
        assert Counter(applied.acts) == Counter(expected.acts), ids
        assert content(applied.reports) == content(expected.reports), ids
        return found


@pytest.fixture(scope="module")
def small(fit_study_data):
    records = fits.records_of(fit_study_data, fits.ROWS)
    return Held(fit_study_data, Vintage(fits.AS_OF, records, ""), fits.priors_of(fit_study_data))


@pytest.fixture(scope="module")
def ukraine(tmp_path_factory):
    study = load_study(directory("ukraine"))
    with Ledger.open(tmp_path_factory.mktemp("ukraine") / "ledger.db") as ledger:
        import_table(ledger, study, study.directory / "evidence.csv")
        vintage = read_as_of(ledger, date(2026, 11, 24), pairs=study.pairs)
    return Held(study, vintage, load_priors(study.prior_sets, study.directory))


def test_each_record_of_the_small_study(small):
    assert small.vintage.records
    for record in small.vintage.records:
        small.check({record.id})


@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_each_record_of_the_shipped_study(ukraine, step):
    assert len(ukraine.vintage.records) > 400
    for record in ukraine.vintage.records[::step]:
        ukraine.check({record.id})


@pytest.mark.parametrize("unit", ["indicator", "source_name", "cluster", "supporter"])
def test_groups_of_records(small, ukraine, unit):
    for held, most in ((small, 30), (ukraine, 12)):
        names = Counter(getattr(record, unit) for record in held.vintage.records)
        for name, _ in names.most_common(most):
            held.check({r.id for r in held.vintage.records if getattr(r, unit) == name})


def test_all_records_at_once(small):
    found = small.check({record.id for record in small.vintage.records})
    # What is left are covered zeros, and nothing on the ladder.
    assert not (found.gained["value"] > 0).any()
    assert all(reports.empty for reports in found.reports.values())


def test_no_record_and_unknown_ones_change_nothing(small):
    for ids in (set(), {"nobody"}):
        found = small.check(ids)
        assert found.keys == frozenset()
        assert found.lost.empty
        assert found.gained.empty


def test_used_records_are_those_that_the_likelihood_reads(small, ukraine):
    for held in (small, ukraine):
        unused = set(held.panel.unused["record"])
        used = set(held.parts.used)
        assert not used & unused
        assert used | unused == {record.id for record in held.vintage.records}
        read = {
            one
            for frame in (held.panel.signals, held.panel.reports)
            for records in frame["records"]
            for one in records
        }
        assert read <= used
        # A stated zero of a count makes exposure, and its cell is in no record's name.
        for name in used - read:
            record = held.parts.used[name]
            assert record.number == 0.0
            assert held.study.indicators[record.indicator].kind == "count"


# By hand


def held(*records, indicators=None):
    study = toy_study(
        coverage=(covered("patrols", ["CHN->RUS", "RUS->CHN"]), covered("visits")),
        **({"indicators": indicators} if indicators else {}),
    )
    chosen = tuple(sorted(records, key=lambda one: one.id))
    return Held(study, Vintage(AS_OF, chosen, ""), priors())


def test_without_its_only_event_a_covered_cell_is_a_zero():
    found = held(fact("visits", "2022-05-10")).check({"E1"})
    assert found.lost[["first", "value"]].to_numpy().tolist() == [["2022-Q2", 1.0]]
    assert found.gained[["first", "value"]].to_numpy().tolist() == [["2022-Q2", 0.0]]


def test_an_interval_that_held_cells_together_falls_apart():
    # Visits of a half-year make one cell of two quarters; without them each quarter is its own.
    found = held(fact("visits", "2022", number=3), fact("visits", "2022-05-10", id="E2")).check(
        {"E1"}
    )
    assert found.lost["exposure"].tolist() == [4.0]
    assert found.gained["value"].tolist() == [0.0, 1.0, 0.0, 0.0]


def test_one_source_of_an_act_less_lowers_its_credibility_alone():
    twice = [
        fact("vote", "2022-05-10", id=name, cluster="k", source_name=name, grade=grade, number=2)
        for name, grade in (("a", "A1"), ("b", "C3"))
    ]
    found = held(*twice).check({"a"})
    assert found.lost["grades"].tolist() == [(("A1", "C3"),)]
    assert found.gained["grades"].tolist() == [(("C3",),)]


def test_the_value_after_a_lost_one_looks_further_back():
    values = [
        fact("trade", day, id=day, number=number)
        for day, number in (("2022-01-10", 8.0), ("2022-05-10", 9.0), ("2022-08-10", 10.0))
    ]
    found = held(*values).check({"2022-05-10"})
    # The second value is gone, and the third follows the first.
    assert sorted(found.lost["value"]) == [9.0, 10.0]
    assert found.gained[["value", "lag"]].to_numpy().tolist() == [[10.0, 8.0]]


def test_a_pair_keeps_its_other_reports():
    found = held(
        fact("arms", "2022-05-10", id="a", attribution="state"),
        fact("praise", "2022-05-11", id="b", attribution="state"),
        fact("arms", "2022-05-10", id="c", attribution="state", pair="IRN->RUS"),
    ).check({"a"})
    assert list(found.reports) == ["CHN->RUS"]
    assert found.reports["CHN->RUS"]["indicator"].tolist() == ["praise"]
    assert found.lost.empty
    assert found.gained.empty
