"""The page in a real browser: nothing overflows a phone, nothing is asked of any host."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from forecast.report import render_html
from tests.report.factory import report_data

pytestmark = pytest.mark.service

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# Reports to the page around it how wide the content is, and which elements stick out.
PROBE = """<script>addEventListener("load", () => setTimeout(() => {
const wide = document.documentElement.clientWidth;
const out = [...document.querySelectorAll("body *")].filter(one =>
  !one.closest(".scroll, svg") && one.getBoundingClientRect().right > wide + 1);
parent.postMessage(JSON.stringify({wide, scroll: document.documentElement.scrollWidth,
  out: out.slice(0, 5).map(one => one.tagName + "." + one.className),
  requests: performance.getEntriesByType("resource").map(one => one.name)}), "*");
}, 300));</script>"""
FRAME = """<!DOCTYPE html><title>probe</title><pre id="found"></pre>
<script>addEventListener("message", it => found.textContent = it.data)</script>
<iframe src="page.html" style="border:0;width:{width}px;height:900px"></iframe>"""


@pytest.fixture(scope="module")
def browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser found (looked for {', '.join(BROWSERS)})")
    return found


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(report_data())


def run(browser: str, folder: Path, *arguments: str) -> str:
    command = [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def probe(browser: str, folder: Path, html: str, *, width: int) -> dict[str, object]:
    """Open the page in a frame of the given width and return what it measured."""
    # The page forbids every script; the copy for the probe drops that rule.
    open_page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    assert open_page != html
    probed = open_page.replace("</body>", f"{PROBE}</body>")
    (folder / "page.html").write_text(probed, encoding="utf-8")
    outer = folder / "outer.html"
    outer.write_text(FRAME.format(width=width), encoding="utf-8")
    dom = run(browser, folder, "--virtual-time-budget=5000", "--dump-dom", outer.as_uri())
    found = re.search(r'<pre id="found">(.+?)</pre>', dom)
    assert found, "the probe did not answer"
    return json.loads(unescape(found[1]))


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("everything_open", [False, True])
def test_nothing_overflows_the_width(
    browser: str, html: str, tmp_path: Path, width: int, everything_open: bool
) -> None:
    shown = html.replace("<details", "<details open") if everything_open else html
    found = probe(browser, tmp_path, shown, width=width)
    assert found["wide"] == width
    assert found["out"] == []
    assert found["scroll"] == width


def test_the_probe_sees_an_overflow(browser: str, html: str, tmp_path: Path) -> None:
    broken = html.replace("<main>", '<main><p style="width:500px">wide</p>')
    found = probe(browser, tmp_path, broken, width=390)
    assert int(str(found["scroll"])) > 390
    assert found["out"]


def test_no_request_leaves_the_page(browser: str, html: str, tmp_path: Path) -> None:
    page, log = tmp_path / "report.html", tmp_path / "net.json"
    page.write_text(html, encoding="utf-8")
    run(browser, tmp_path, f"--log-net-log={log}", "--dump-dom", page.as_uri())
    assert outside_requests(log) == []


def test_the_net_log_sees_a_request(browser: str, html: str, tmp_path: Path) -> None:
    page, log = tmp_path / "report.html", tmp_path / "net.json"
    leak = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    leak = leak.replace("<main>", '<main><img src="http://leak.example/x.png" alt="">')
    page.write_text(leak, encoding="utf-8")
    run(browser, tmp_path, f"--log-net-log={log}", "--dump-dom", page.as_uri())
    assert "http://leak.example/x.png" in outside_requests(log)


def test_the_page_is_whole_where_no_script_may_run(browser: str, html: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    # The page's own policy forbids this script; nothing else may depend on one either.
    page.write_text(
        html.replace("</body>", "<script>document.body.innerHTML = 0</script></body>"),
        encoding="utf-8",
    )
    dom = run(browser, tmp_path, "--dump-dom", page.as_uri())
    assert dom.count("<article") == 20
    assert dom.count("<figure><svg") == html.count("<figure><svg") > 30


def outside_requests(log: Path) -> list[str]:
    """Return the addresses that the page asked of any host, from Chromium's own net log.

    The browser's own housekeeping (its maker's hosts) is not the page's doing.
    """
    text = log.read_text(encoding="utf-8", errors="replace")
    addresses = set(re.findall(r'"url":"(https?:[^"]*)"', text))
    own = re.compile(r"https?://([\w.-]*\.)?(google|googleapis|gstatic|gvt1)\.com(/|$|:)")
    return sorted(address for address in addresses if not own.match(address))
