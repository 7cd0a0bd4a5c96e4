"""Where a sampler starts: moved by label, kept on disc, and never at the origin."""

from __future__ import annotations

import io

import numpy as np
import pytest

from forecast.errors import RunError
from forecast.inference.density import Block, Density, Program
from forecast.inference.start import FILE, Start, cold_start, labels_of, load_start

PERIODS = ("2022-Q1", "2022-Q2", "2022-Q3")
ORIGIN = 0.7


def density(periods=PERIODS[:2], shocks=("turn",), effects=3):
    """Return the coordinates of a model with a path, shocks and effects that sum to zero."""
    shapes = (
        ("scale", (), ()),
        ("path_raw", (2, len(periods)), (("words", "military"), periods)),
        ("shock_raw", (len(shocks),), (shocks,)),
        ("level_raw", (effects,), None),
    )
    blocks, first = [], 0
    for name, shape, labels in shapes:
        size = int(np.prod(shape))
        blocks.append(Block(name, first, first + size, shape, labels))
        first += size
    nothing = Program(log_density=lambda x, data: 0.0, expand=lambda x, data: [])
    return Density(nothing, (), tuple(blocks), np.full(first, ORIGIN), (), {}, {})


def ended(chains=2, **changes):
    """Return the end of a fit, every number of it different."""
    names = labels_of(density(**changes).blocks)
    positions = 100.0 + np.arange(chains * len(names), dtype=float).reshape(chains, -1)
    return Start(np.array(names), positions, 2.0 + np.arange(len(names)))


def rng(seed=1):
    return np.random.default_rng(seed)


def test_coordinates_are_named_by_their_labels():
    assert labels_of(density().blocks) == [
        "scale",
        "path_raw[words, 2022-Q1]",
        "path_raw[words, 2022-Q2]",
        "path_raw[military, 2022-Q1]",
        "path_raw[military, 2022-Q2]",
        "shock_raw[turn]",
        "level_raw[0 of 3]",
        "level_raw[1 of 3]",
        "level_raw[2 of 3]",
    ]


class TestPlacing:
    def test_the_same_model_goes_on_where_the_fit_ended(self):
        start = ended()
        positions, scale = start.place(density(), 2, rng())
        assert np.array_equal(positions, start.positions)
        assert np.array_equal(scale, start.scale)

    def test_a_new_period_and_a_new_shock_start_afresh_and_the_rest_is_moved(self):
        start = ended()
        larger = density(PERIODS, ("turn", "talks"))
        positions, scale = start.place(larger, 2, rng())
        names = labels_of(larger.blocks)
        new = [
            "path_raw[words, 2022-Q3]",
            "path_raw[military, 2022-Q3]",
            "shock_raw[talks]",
        ]
        old = start.labels.tolist()
        for number, name in enumerate(names):
            if name in new:
                assert scale[number] == 1.0
                assert len(set(positions[:, number])) == 2
                assert (np.abs(positions[:, number] - ORIGIN) < 5.0).all()
            else:
                assert scale[number] == start.scale[old.index(name)]
                assert np.array_equal(positions[:, number], start.positions[:, old.index(name)])
        assert len(names) == len(old) + len(new)

    def test_what_the_new_model_lacks_is_dropped(self):
        start = ended(periods=PERIODS, shocks=("turn", "talks"))
        positions, scale = start.place(density(), 2, rng())
        kept = [start.labels.tolist().index(name) for name in labels_of(density().blocks)]
        assert np.array_equal(positions, start.positions[:, kept])
        assert np.array_equal(scale, start.scale[kept])

    def test_effects_whose_number_changed_mean_something_else_and_start_afresh(self):
        positions, scale = ended().place(density(effects=4), 2, rng())
        assert np.array_equal(scale[-4:], np.ones(4))
        assert (np.abs(positions[:, -4:] - ORIGIN) < 5.0).all()
        assert (positions[:, :-4] >= 100.0).all()

    def test_new_coordinates_are_spread_at_scale_one(self):
        """A sample sd of 800 draws beyond 0.1 of 1: by chance in 1 seed of 15,000."""
        new = ended().place(density(effects=400), 2, rng())[0][:, -400:]
        assert new.std() == pytest.approx(1.0, abs=0.1)
        assert new.mean() == pytest.approx(ORIGIN, abs=0.15)

    def test_fewer_chains_take_the_first_and_more_begin_again_with_them(self):
        start = ended(chains=3)
        assert np.array_equal(start.place(density(), 2, rng())[0], start.positions[:2])
        positions, _ = start.place(density(), 5, rng())
        assert np.array_equal(positions, start.positions[[0, 1, 2, 0, 1]])

    def test_chains_that_share_an_end_differ_in_what_is_new(self):
        positions, _ = ended(chains=1).place(density(PERIODS), 3, rng())
        new = labels_of(density(PERIODS).blocks).index("path_raw[words, 2022-Q3]")
        assert len(set(positions[:, new])) == 3
        assert len(set(positions[:, 0])) == 1

    def test_placing_leaves_the_start_as_it_was(self):
        start = ended()
        before = start.positions.copy()
        positions, scale = start.place(density(), 2, rng())
        positions += 1.0
        scale += 1.0
        assert np.array_equal(start.positions, before)
        assert np.array_equal(start.scale, ended().scale)


class TestFile:
    def test_what_was_saved_is_loaded(self, tmp_path):
        start = ended(chains=3)
        start.save(tmp_path)
        again = load_start(tmp_path)
        assert again.labels.tolist() == start.labels.tolist()
        assert np.array_equal(again.positions, start.positions)
        assert np.array_equal(again.scale, start.scale)
        # Nothing in the file is a pickle, and the labels still map.
        assert np.array_equal(again.place(density(), 3, rng())[0], start.positions)

    def refused(self, directory):
        with pytest.raises(RunError) as caught:
            load_start(directory)
        assert str(directory / FILE) in str(caught.value)
        assert "--start" in str(caught.value)

    def test_a_run_without_a_start_is_refused_with_the_name_of_the_file(self, tmp_path):
        self.refused(tmp_path)

    @pytest.mark.parametrize(
        "damage",
        [
            "text",
            "other format",
            "lacks scale",
            "empty",
            "cut",
            "flipped",
            "one array",
            "shapes",
        ],
    )
    def test_a_damaged_file_is_refused_with_its_name(self, tmp_path, damage):
        ended().save(tmp_path)
        path = tmp_path / FILE
        whole = path.read_bytes()
        with np.load(path) as file:
            arrays = dict(file)
        path.write_bytes(
            {
                "text": lambda: b"not a file of arrays",
                "other format": lambda: archive(**arrays | {"format": np.array("start/9")}),
                "lacks scale": lambda: archive(
                    **{name: array for name, array in arrays.items() if name != "scale"}
                ),
                "empty": lambda: b"",
                "cut": lambda: whole[: len(whole) // 2],
                "flipped": lambda: (
                    whole[:60] + bytes(255 - byte for byte in whole[60:120]) + whole[120:]
                ),
                "one array": lambda: saved(np.zeros(3)),
                "shapes": lambda: archive(**arrays | {"scale": arrays["scale"][:-1]}),
            }[damage]()
        )
        self.refused(tmp_path)


def archive(**arrays):
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def saved(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


class TestColdStart:
    def test_no_coordinate_starts_exactly_at_the_origin_and_no_two_chains_alike(self):
        positions, scale = cold_start(density(effects=200), 4, rng())
        assert (positions != ORIGIN).all()
        assert (positions != 0.0).all()
        assert len({tuple(one) for one in positions}) == 4
        assert np.array_equal(scale, np.ones(positions.shape[1]))

    def test_it_is_near_the_initial_point_and_follows_the_generator(self):
        """824 normal draws beyond 5 sds: by chance in 1 seed of 2,000."""
        one, again, other = (cold_start(density(effects=200), 4, rng(s))[0] for s in (1, 1, 2))
        assert np.abs(one - ORIGIN).max() < 0.5
        assert np.array_equal(one, again)
        assert not np.array_equal(one, other)
