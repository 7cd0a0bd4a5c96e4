import gc

import pytest

from forecast.evidence.memory import without_collecting


def test_the_collector_is_off_in_the_block_and_on_after_it_whatever_happens():
    with pytest.raises(KeyError), without_collecting():
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
