import numpy as np
import pytest

from forecast.forecasts.ladder import filter_chain
from tests.forecasts import worlds
from tests.forecasts.worlds import CHINA


@pytest.fixture
def world(quiet_panel, prior_draws):
    return worlds.make(quiet_panel, prior_draws, paths=30, back=9, ahead=5)


def test_paths_run_from_the_past_into_the_future_without_a_seam(world):
    rungs = world.rungs(world.chain("CHN->RUS"))
    assert rungs.shape == (400, 30, 14, 2)
    # 2021-Q2 to 2021-Q4: nothing was at stake yet.
    assert not rungs[:, :, :3].any()
    assert rungs[:, :, 3:].any()
    # The rung of now has its filtered distribution: 12,000 paths, standard error below 0.005.
    cells = filter_chain(world.draws, world.chain("CHN->RUS")).cells[:, -1].sum(axis=1)
    state = cells.sum(axis=2).mean(axis=0)
    found = np.bincount(rungs[:, :, 8, 0].ravel().astype(int), minlength=6) / 12_000
    assert found == pytest.approx(state, abs=0.025)


def test_rungs_that_were_let_go_come_back_the_same(world):
    chain = world.chain("CHN->RUS")
    before = world.rungs(chain).copy()
    world.forget_rungs("CHN->RUS")
    assert chain not in world._rungs
    np.testing.assert_array_equal(world.rungs(chain), before)


def test_firms_never_reach_a_rung_that_is_ruled_out_for_them(world):
    firms = world.rungs(world.chain("CHN->RUS"))[..., 1]
    assert not np.isin(firms, (1, 5)).any()
    assert np.isin(firms, (2, 3, 4)).any()


def test_a_window_before_the_study_is_padded_with_its_first_period(quiet_panel, prior_draws):
    world = worlds.make(quiet_panel, prior_draws, paths=2, back=20, ahead=1)
    path = world.alignment("CHN->RUS", 2)
    assert path.shape == (400, 2, 21)
    assert np.array_equal(path[:, 0, 6:20], prior_draws["alignment"][:, 0, 2])
    assert (path[:, :, :6] == path[:, :, 6:7]).all()
    assert not world.rungs(world.chain("CHN->RUS"))[:, :, :6].any()


def test_the_open_chain_is_the_one_asked_about(world):
    chains = world.draws.data.chains
    label = chains.labels[world.chain("CHN->RUS")]
    assert label == "CHN->RUS from 2022-Q1"
    assert "CHN->RUS from 2020-Q3" in chains.labels
    assert world.chain("RUS->CHN") is not None


def test_simulations_are_kept_and_the_same_for_every_question(world):
    chain = world.chain(CHINA.label)
    assert world.rungs(chain) is world.rungs(chain)
    assert np.array_equal(world.positions("a", "act"), world.positions("a", "act"))
    assert not np.array_equal(world.positions("a", "act"), world.positions("b", "act"))


def test_slots_count_from_the_first_simulated_period(world):
    # Now is period 13: with 9 back, period 5 stands at 0 and period 13 at 8.
    assert world.slots(5, 13) == slice(0, 9)
    assert world.slots(14, 18) == slice(9, 14)
