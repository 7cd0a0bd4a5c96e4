import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest

@pytest.mark.service
def test_browser():
    pytest.skip("no chromium")

@pytest.mark.service
@pytest.mark.xfail(reason="known", strict=True)
def test_known_fault():
    assert False

def test_plain():
    pytest.skip("no data")
"""


def outcome(place, required):
    (place / "pytest.ini").write_text("[pytest]\nmarkers = service\n")
    (place / "test_sample.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.plugins.services", "-rA"]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "FORECAST_REQUIRE_SERVICES": required}
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", str(place)],
        cwd=place,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("required", ["", "0"])
def test_a_missing_service_skips_visibly_where_none_is_promised(tmp_path, required):
    ended = outcome(tmp_path, required)
    assert ended.returncode == 0
    assert "2 skipped, 1 xfailed" in ended.stdout
    assert "no chromium" in ended.stdout


def test_a_missing_service_fails_where_all_are_promised(tmp_path):
    ended = outcome(tmp_path, "1")
    assert ended.returncode == 1
    assert "1 failed, 1 skipped, 1 xfailed" in ended.stdout
    assert "this test was skipped: Skipped: no chromium" in ended.stdout
