import numpy as np
import pytest

from forecast.forecasts.roll import future_alignment, future_shocks
from tests.forecasts.worlds import still_draws


def test_alignment_returns_from_its_last_state_to_level_and_shock(quiet):
    # Half-life one year: after four quarters half of the state of 2 is left, on level 1 + shock 3.
    draws = still_draws(quiet, level=1.0, path_now=2.0, shock_effect=3.0)
    path = future_alignment(draws, 0, 8, 2, 1)
    assert path.shape == (4, 2, 3, 8)
    np.testing.assert_allclose(path[..., 3], 1.0 + 3.0 + 1.0)
    np.testing.assert_allclose(path[..., 7], 1.0 + 3.0 + 0.5)


def test_noise_grows_to_the_stationary_spread(quiet):
    draws = still_draws(quiet, path_scale=2.0, path_half_life=0.5)
    path = future_alignment(draws, 1, 12, 20_000, 1)[:, :, 0]
    # keep^2 a quarter = 0.5 ** (2 / 2) = 0.5: variance 4 * (1 - 0.5) after one step, 4 at the end.
    # A variance of 80,000 values has a relative standard error of 0.5 %.
    assert path[..., 0].var() == pytest.approx(2.0, rel=0.03)
    assert path[..., 11].var() == pytest.approx(4.0, rel=0.03)
    # Autocorrelation of neighbours is keep = 0.7071.
    assert np.corrcoef(path[..., 10].ravel(), path[..., 11].ravel())[0, 1] == pytest.approx(
        np.sqrt(0.5), abs=0.02
    )


def test_pairs_move_apart_but_the_same_pair_moves_alike_in_every_question(quiet):
    draws = still_draws(quiet, path_scale=1.0)
    one, again, other = (future_alignment(draws, pair, 4, 50, 1) for pair in (0, 0, 2))
    assert np.array_equal(one, again)
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.1
    assert not np.array_equal(one, future_alignment(draws, 0, 4, 50, 2))


def test_a_longer_horizon_extends_the_paths_and_changes_none(quiet):
    draws = still_draws(quiet, path_scale=1.0)
    short, long = (future_alignment(draws, 0, periods, 20, 1) for periods in (3, 9))
    assert np.array_equal(short, long[..., :3])


def test_supporters_of_a_recipient_share_its_shocks(quiet):
    draws = still_draws(quiet, recipient_shock_scale=2.0)
    shocks = future_shocks(draws, "RUS", 4, 5_000, 1)
    assert shocks.shape == (4, 5_000, 4)
    assert np.array_equal(shocks, future_shocks(draws, "RUS", 4, 5_000, 1))
    assert not np.array_equal(shocks, future_shocks(draws, "CHN", 4, 5_000, 1))
    assert shocks.std() == pytest.approx(2.0, rel=0.03)
