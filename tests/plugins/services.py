"""Make a skipped service test a failure where the services are said to be there.

A test marked `service` needs a program from outside: a browser, a database server. On a developer's
machine it skips with its reason. Where FORECAST_REQUIRE_SERVICES=1 (as in `.ci/run`) a skip would
hide a missing program, so it fails instead.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

REQUIRE = "FORECAST_REQUIRE_SERVICES"


def services_required() -> bool:
    """Whether this environment promises every outside service."""
    return os.environ.get(REQUIRE, "") not in {"", "0"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a service test into a failure that keeps the reason."""
    report = yield
    expected_failure = hasattr(report, "wasxfail")
    if report.skipped and not expected_failure and services_required():
        if item.get_closest_marker("service") is None:
            return report
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE} is set, yet this test was skipped: {reason}"
    return report
