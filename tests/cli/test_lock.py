import signal
import subprocess
import sys

import pytest

from forecast.cli.lock import holding
from forecast.errors import BusyError

HOLD = """
import sys, time
from pathlib import Path
from forecast.cli.lock import holding
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


def test_a_refused_process_leaves_the_holders_name_in_place(tmp_path):
    with holding(tmp_path):
        for _ in range(2):
            with pytest.raises(BusyError, match=r"process \d+"), holding(tmp_path):
                pass
