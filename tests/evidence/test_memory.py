import gc

import pytest

from forecast.evidence.memory import without_collecting


@without_collecting()
def fail():
    raise KeyError(gc.isenabled())


def test_the_collector_is_off_in_the_work_and_on_after_it_whatever_happens():
    with pytest.raises(KeyError, match="False"):
        fail()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
