"""Padding: arrays of coarser shapes, and the posterior of everything real as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from forecast.inference.density import make_density
from forecast.inference.start import labels_of
from forecast.model import build_data, build_model, pad_data
from forecast.model.chains import IDLE
from forecast.model.data import KINDS
from forecast.model.padding import PERIODS, coarse
from tests.model.conftest import RECORDS, STUDY
from tests.toys import covered, fact, priors, seen

LATER, EARLIER = date(2022, 12, 31), date(2022, 12, 10)


def density_of(data):
    return make_density(build_model(data, priors()))


@pytest.fixture(scope="module")
def both():
    """Return the toy study's densities, real and padded, and where real coordinates went."""
    import jax

    data = build_data(seen(STUDY, *RECORDS), priors())
    padded = pad_data(data)
    real, wide = density_of(data), density_of(padded.data)
    names = labels_of(wide.blocks)
    where = np.array([names.index(name) for name in labels_of(real.blocks)])
    slopes = [jax.jit(jax.value_and_grad(one.program.log_density)) for one in (real, wide)]
    return SimpleNamespace(
        data=data,
        padded=padded,
        real=real,
        wide=wide,
        where=where,
        extra=np.setdiff1d(np.arange(wide.size), where),
        names=names,
        slopes=slopes,
    )


def points(both, count=5, spread=0.7):
    """Return points of the padded model and the same ones of the real model."""
    rng = np.random.default_rng(11)
    wide = both.wide.origin + spread * rng.normal(size=(count, both.wide.size))
    return wide, wide[:, both.where]


class TestSamePosterior:
    def test_the_toy_has_all_that_can_be_padded(self, both):
        terms = both.data.terms
        assert set(terms) == set(KINDS)
        assert any((one.first < one.last).any() for one in terms.values()), "an interval"
        assert both.data.chains.layers.max() > 1, "an interval-dated report"
        assert len(both.data.steps) == 1
        assert (terms["count"].value > 0).any()
        for kind in KINDS:
            assert both.padded.data.terms[kind].n > terms[kind].n

    def test_log_densities_differ_by_a_constant_and_the_density_of_what_was_added(self, both):
        wide, real = points(both)
        differences = []
        for x, own in zip(wide, real, strict=True):
            padded, _ = both.slopes[1](x, both.wide.data)
            plain, _ = both.slopes[0](own, both.real.data)
            added = -0.5 * (x[both.extra] ** 2).sum()
            differences.append(float(padded) - float(plain) - added)
        assert np.isfinite(differences).all()
        assert differences == pytest.approx([differences[0]] * len(wide), abs=1e-9)

    def test_gradients_of_real_coordinates_agree_and_added_ones_are_standard_normal(self, both):
        for x, own in zip(*points(both), strict=True):
            _, padded = both.slopes[1](x, both.wide.data)
            _, plain = both.slopes[0](own, both.real.data)
            assert np.abs(padded[both.where] - plain).max() < 1e-10
            assert np.abs(padded[both.extra] + x[both.extra]).max() < 1e-10
            assert np.abs(plain).max() > 0.1

    def test_only_innovations_of_added_periods_are_added(self, both):
        added = [both.names[position] for position in both.extra]
        assert {name.split("[")[0] for name in added} == {"path_raw", "recipient_shock_raw"}
        assert all("padding" in name for name in added)
        # 4 periods become 8: 4 for each of 4 pairs in 2 domains, and for 1 recipient at stake.
        assert len(added) == 4 * 4 * 2 + 4

    def test_trimming_gives_back_what_the_real_model_computes(self, both):
        wide, real = points(both, count=3)
        found = both.padded.trim(tree(both.wide, wide))["posterior"].to_dataset()
        expected = tree(both.real, real)["posterior"].to_dataset()
        assert {"path_now", "alignment", "level", "shock_effect"} <= set(found.data_vars)
        assert set(found.data_vars) == set(expected.data_vars)
        for name in expected.data_vars:
            assert found[name].dims == expected[name].dims
            assert np.abs(found[name] - expected[name]).max() < 1e-10
        for name in expected.coords:
            assert found[name].to_numpy().tolist() == expected[name].to_numpy().tolist()
        untrimmed = tree(both.wide, wide)["posterior"]["path_now"]
        assert np.abs(untrimmed - expected["path_now"]).max() > 0.1


def tree(density, points):
    """Return what a density reports at points, as one chain of a posterior."""
    values = [density.program.expand(x, density.data) for x in points]
    variables = {
        name: (
            ("chain", "draw", *density.dims[name]),
            np.stack([np.asarray(one[place]) for one in values])[None],
        )
        for place, name in enumerate(density.outputs)
    }
    coords = {name: list(labels) for name, labels in density.coords.items()}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(variables, coords)})


class TestShapes:
    def test_periods_become_a_multiple_of_eight_with_names_of_their_own(self, both):
        periods = both.padded.data.coords["period"]
        assert periods[:4] == both.data.coords["period"]
        assert periods[4:] == ("padding 1", "padding 2", "padding 3", "padding 4")
        assert len(periods) % PERIODS == 0
        chains = both.padded.data.chains
        assert chains.length == 8
        assert (chains.mode[4:] == IDLE).all()
        assert chains.open.tolist() == both.data.chains.open.tolist()

    def test_full_periods_are_not_padded_again(self, both):
        again = pad_data(both.padded.data)
        assert again.data.coords["period"] == both.padded.data.coords["period"]
        assert np.array_equal(again.data.chains.kernel, both.padded.data.chains.kernel)
        assert np.array_equal(again.data.steps, both.padded.data.steps)

    def test_real_terms_come_first_and_unchanged(self, both):
        for kind, terms in both.data.terms.items():
            padded = both.padded.data.terms[kind]
            for name in ("indicator", "pair", "partner", "domain", "first", "last", "value"):
                assert np.array_equal(getattr(padded, name)[: terms.n], getattr(terms, name))
            for name, values in terms.extra.items():
                assert np.array_equal(padded.extra[name][: terms.n], values)

    def test_parts_of_the_terms_have_coarse_sizes(self, both):
        for kind, terms in both.padded.data.terms.items():
            single = terms.first == terms.last
            spans, alone = int((~single).sum()), int(single.sum())
            assert spans in (0, coarse(spans))
            positive = int((terms.value > 0).sum()) if kind == "count" else 0
            assert positive in (0, coarse(positive))
            assert alone - positive == coarse(alone - positive)


class TestCoarse:
    sizes = np.array([coarse(size) for size in range(1, 5000)])

    def test_no_size_is_rounded_down_and_order_is_kept(self):
        assert (self.sizes >= np.arange(1, 5000)).all()
        assert (np.diff(self.sizes) >= 0).all()

    def test_it_has_few_values_and_wastes_little(self):
        assert [*dict.fromkeys(self.sizes.tolist())][:10] == [
            *(16, 32, 64, 128, 256, 384, 512, 768, 1024, 1536)
        ]
        assert len(set(self.sizes.tolist())) < 20
        asked = np.arange(1, 5000)
        assert (self.sizes[16:256] < 2 * asked[16:256]).all()
        assert (self.sizes[256:] <= 1.5 * asked[256:]).all()

    def test_a_rounded_size_stays(self):
        assert all(coarse(int(size)) == size for size in self.sizes)


class TestSharedProgram:
    def densities(self, study, *known):
        """Return the padded densities of panels, each of a date and records."""
        panels = [seen(study, *records, as_of=as_of) for as_of, records in known]
        return [density_of(pad_data(build_data(panel, priors())).data) for panel in panels]

    def test_panels_of_two_adjacent_dates_share_a_program_and_keep_their_own_data(self, both):
        """On the later date a charge more is known, and silence has gone on for longer."""
        more = fact("charge", "2022-11-10", id="charge 2", known_at="2022-12-20")
        known = [(as_of, (*RECORDS, more)) for as_of in (EARLIER, LATER)]
        one, other = self.densities(STUDY, *known)
        assert one.program is other.program is both.wide.program
        x = points(both)[0][0]
        first, second = (float(both.slopes[1](x, density.data)[0]) for density in (one, other))
        assert abs(first - second) > 1e-3

    def test_a_panel_with_a_period_more_shares_it_too(self):
        study = replace(STUDY, coverage=(covered("patrols", ["CHN->RUS", "RUS->CHN"]),))
        known = [(as_of, RECORDS) for as_of in (date(2022, 9, 30), LATER)]
        one, other = self.densities(study, *known)
        assert one.program is other.program
        assert one.coords["period"] != other.coords["period"]
