import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from forecast.errors import BusyError
from forecast.study.lock import holding

HOLD = """
import sys, time
from pathlib import Path
from forecast.study.lock import holding
with holding(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_and_told_who_holds_the_study(tmp_path):
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=str(other.pid)), holding(tmp_path):
            pass
        # A process that is killed cleans nothing up; its lock must not outlive it.
        other.send_signal(signal.SIGKILL)
        other.wait()
    with holding(tmp_path):
        pass


def elsewhere(place):
    """Return what another thread is told that wants to hold the place; empty if it may."""

    def attempt():
        try:
            with holding(place):
                return ""
        except BusyError as error:
            return str(error)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(attempt).result()


def test_who_is_refused_leaves_the_holders_name_in_place(tmp_path):
    with holding(tmp_path):
        for _ in range(2):
            assert f"process {os.getpid()}" in elsewhere(tmp_path)


def test_who_holds_the_study_may_hold_it_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with holding(tmp_path):
        with holding(Path()):
            pass
        assert elsewhere(tmp_path)
    assert not elsewhere(tmp_path)


def test_a_block_that_fails_frees_the_study(tmp_path):
    with pytest.raises(ZeroDivisionError), holding(tmp_path):
        raise ZeroDivisionError
    assert not elsewhere(tmp_path)
