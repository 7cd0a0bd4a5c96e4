"""Signing a run: what is recorded, what is refused, and what its report then says."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from forecast.errors import IntegrityError, ProblemsError, RunError
from forecast.runs import files as files_module
from forecast.runs import signing
from forecast.runs.report_data import FILE, forecasts_hash
from forecast.runs.sign_offs import read_sign_offs, sign_offs_path
from forecast.runs.signing import Request, sign_off, standings
from forecast.study.load import load_study
from tests.plugins import fits
from tests.runs import signers
from tests.runs.made_up import RUN, write_run
from tests.tiny import write_study

NOW = datetime(2026, 11, 27, 6, 51, 8, 123456, tzinfo=UTC)
HOSTILE = 'Eve <script>alert("x")</script>\x1b[31m\u202e|`*_ {{ 7 * 7 }}'


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Return a study directory with one run that has a report, to be copied: drawing takes time."""
    directory = write_study(tmp_path_factory.mktemp("drawn") / "tiny")
    write_run(directory)
    return directory


@pytest.fixture
def study(drawn, tmp_path, monkeypatch):
    """Return a study with one run that has a report."""
    monkeypatch.setattr(signing, "now", lambda: NOW)
    return load_study(shutil.copytree(drawn, tmp_path / "tiny"))


@pytest.fixture
def run(study):
    return study.directory / ".forecast" / "runs" / RUN


def problems(study, run, **request):
    with pytest.raises(ProblemsError) as caught:
        sign_off(study, run, Request(**request))
    return [(one.name, one.what) for one in caught.value.problems]


def texts(run):
    """Return both reports without thin spaces and marks of isolation."""
    named = [(run / name).read_text(encoding="utf-8") for name in signing.REPORTS]
    drop = dict.fromkeys(map(ord, "\u2068\u2069"), "") | {ord("\u202f"): " "}
    return [text.translate(drop) for text in named]


def test_a_sign_off_says_who_when_and_of_which_numbers(study, run):
    made = sign_off(study, run, Request(by=" A. Analyst "))
    assert made.problem == ""
    (found,) = read_sign_offs(study.directory)
    assert found == made.sign_off
    assert (found.number, found.run, found.by, found.why) == (1, RUN, "A. Analyst", "")
    assert found.signed_at == "2026-11-27T06:51:08+00:00"
    assert found.forecasts == forecasts_hash(run)
    assert found.adjustments == ()


def test_the_report_then_names_who_signed_and_what_they_changed(study, run):
    asked = Request(by="A. Analyst", why="talks under way", adjust=[("Q03", "0.09"), ("Q04", 1)])
    sign_off(study, run, asked)
    page, markdown = texts(run)
    for text in (page, markdown):
        assert "A. Analyst, 27 November 2026, 06:51 UTC" in text
        # In the headline, in the card, and in the section of its own.
        assert "Adjusted by A. Analyst: Q03 from 2 % to 9 % (very unlikely); Q04 from" in text
        assert "A. Analyst adjusted the model" in text
        assert "Signed: 9 % (very unlikely)." in text
        assert "Signed: 100 % (almost certain)." in text
        assert text.count("talks under way") >= 3
    assert "| Q03 | 2 % | 9 % | very unlikely | 0.09 |" in markdown


def test_nothing_but_the_two_reports_changes_in_the_run(study, run):
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    sign_off(study, run, Request(by="A"))
    after = {path.name: path.read_bytes() for path in run.iterdir()}
    assert {name for name in before if before[name] != after[name]} == set(signing.REPORTS)
    assert set(before) == set(after)
    assert [path.name for path in run.parent.iterdir()] == [RUN]


def test_signing_again_takes_an_adjustment_back_and_keeps_both(study, run):
    sign_off(study, run, Request(by="A", why="a hunch", adjust=[("Q03", 0.5)]))
    sign_off(study, run, Request(by="B"))
    told = standings(study.directory)
    assert [(one.by, worth) for one, worth in told] == [
        ("A", "replaced by number 2"),
        ("B", "in force"),
    ]
    _, markdown = texts(run)
    assert "Signed: 50 %" not in markdown
    assert "- Signed off: B, 27 November 2026" in markdown
    assert "| 1 | A | 27 November 2026, 06:51 UTC | replaced by number 2 | a hunch |" in markdown


def test_other_numbers_are_not_signed_silently(study, run):
    sign_off(study, run, Request(by="A", why="w", adjust=[("Q03", 0.5)]))
    write_run(study.directory, status="doubtful")
    ((_, worth),) = standings(study.directory)
    assert worth == "signed an earlier version of these numbers"
    sign_off(study, run, Request(by="B"))
    _, markdown = texts(run)
    assert "| 1 | A | 27 November 2026, 06:51 UTC | signed an earlier version of" in markdown
    assert "Signed: 50 %" not in markdown


def test_a_run_that_is_gone_keeps_its_sign_offs(study, run):
    sign_off(study, run, Request(by="A"))
    run.rename(run.parent.parent / "elsewhere")
    ((_, worth),) = standings(study.directory)
    assert worth == "the run is gone"


def test_a_hostile_name_is_text(study, run):
    sign_off(study, run, Request(by=HOSTILE, why=HOSTILE, adjust=[("Q03", 0.5)]))
    page, markdown = texts(run)
    assert "<script" not in page
    assert "Eve &lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "Eve &lt;script&gt;" in markdown
    assert r"\|\`\*\_" in markdown
    ours = [line for line in page.split("\n") if "Eve &lt;" in line]
    assert len(ours) >= 4
    assert not [line for line in ours if {"\x1b", "\u202e"} & set(line)]
    # In the file it stands as it was given.
    assert read_sign_offs(study.directory)[0].by == HOSTILE


def test_everything_wrong_is_told_at_once(study, run):
    found = problems(
        study,
        run,
        by=" \u200b",
        adjust=[
            ("Q99", "0.5"),
            ("Q03", "3%"),
            ("Q04", "0.5"),
            ("Q04", "0.6"),
            ("Q05=1", None),
        ],
    )
    assert [name for name, _ in found] == [
        "no-name",
        "no-reason",
        "unknown-question",
        "not-a-probability",
        "repeated-question",
        "not-a-probability",
        "unknown-question",
    ]
    assert not sign_offs_path(study.directory).exists()


@pytest.mark.parametrize(
    "given",
    ["1.01", "-0.1", "nan", "inf", "", " ", "a", "1,000", "0.5 ", 2, -1e-9, float("nan"), True, []],
)
def test_what_is_no_probability_is_refused(study, run, given):
    found = problems(study, run, by="A", why="w", adjust=[("Q03", given)])
    assert [name for name, _ in found] == ["not-a-probability"]


@pytest.mark.parametrize(
    ("given", "read"), [("0", 0.0), ("-0", 0.0), ("1", 1.0), ("3e-2", 0.03), (1 / 3, 1 / 3)]
)
def test_a_probability_is_kept_to_the_last_bit(study, run, given, read, monkeypatch):
    monkeypatch.setattr(files_module, "render_html", lambda data: "")
    sign_off(study, run, Request(by="A", why="w", adjust=[("Q03", given)]))
    ((adjusted,),) = [one.adjustments for one in read_sign_offs(study.directory)]
    assert repr(adjusted.adjusted) == repr(read)


def test_a_question_without_a_model_probability_cannot_be_adjusted(study, run):
    document = json.loads((run / "forecasts.json").read_bytes())
    document["questions"][2] |= {"probability": None, "reason": "no indicator of contracts"}
    (run / "forecasts.json").write_text(json.dumps(document))
    ((name, what),) = problems(study, run, by="A", why="w", adjust=[("Q03", 0.5)])
    assert name == "no-forecast"
    assert "no indicator of contracts" in what


def test_a_failed_run_cannot_be_signed(study, run):
    write_run(study.directory, status="failed")
    ((name, what),) = problems(study, run, by="A")
    assert (name, "not fit to publish" in what) == ("failed-run", True)


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ({"by": "a\0b"}, "not-text"),
        ({"by": "a\udc80"}, "not-text"),
        ({"by": "A", "why": "\ud800"}, "not-text"),
        ({"by": "a" * 201}, "too-long"),
        ({"by": "A", "why": "a" * 4001}, "too-long"),
    ],
)
def test_a_text_that_no_file_or_page_can_hold_is_refused(study, run, request_, name):
    assert [found for found, _ in problems(study, run, **request_)] == [name]


def test_a_run_of_an_earlier_version_is_signed_but_its_report_stays(study, run):
    (run / FILE).unlink()
    before = texts(run)
    made = sign_off(study, run, Request(by="A"))
    assert "an earlier version made it" in made.problem
    assert "make the run again" in made.problem
    assert read_sign_offs(study.directory) == (made.sign_off,)
    assert texts(run) == before


def test_nothing_is_added_to_a_broken_file(study, run):
    sign_off(study, run, Request(by="A"))
    path = sign_offs_path(study.directory)
    path.write_bytes(path.read_bytes().replace(b'"A"', b'"B"'))
    broken = path.read_bytes()
    with pytest.raises(IntegrityError, match="line 1"):
        sign_off(study, run, Request(by="C"))
    assert path.read_bytes() == broken


def test_a_run_without_forecasts_is_refused(study, run):
    (run / "forecasts.json").unlink()
    with pytest.raises(RunError, match="forecasts cannot be read"):
        sign_off(study, run, Request(by="A"))


# Several processes, and killed ones


def test_four_processes_that_sign_at_once_lose_nothing(study, run):
    # Without its data no report is drawn: the processes meet at the file.
    (run / FILE).unlink()
    context = multiprocessing.get_context("spawn")
    others = [
        context.Process(
            target=signers.sign_again_and_again,
            args=(str(study.directory), str(run), name, 6),
        )
        for name in "ABCD"
    ]
    for one in others:
        one.start()
    for one in others:
        one.join()
    assert [one.exitcode for one in others] == [0] * 4
    found = read_sign_offs(study.directory)
    assert [one.number for one in found] == list(range(1, 25))
    for name in "ABCD":
        ours = [one.by for one in found if one.by.startswith(name)]
        assert ours == [f"{name} {number}" for number in range(6)]


@pytest.mark.parametrize(
    ("step", "recorded"),
    [
        ("drawing the report", False),
        ("written, not yet on the disk", False),
        ("before the renaming", False),
        ("recorded, not yet told", True),
    ],
)
def test_a_killed_signer_leaves_all_or_nothing_and_the_next_one_signs(study, run, step, recorded):
    sign_off(study, run, Request(by="A"))
    kept = sign_offs_path(study.directory).read_bytes()
    pages = texts(run)
    context = multiprocessing.get_context("spawn")
    other = context.Process(
        target=signers.sign_and_die, args=(str(study.directory), str(run), step)
    )
    other.start()
    other.join()
    assert other.exitcode == -signal.SIGKILL
    assert sign_offs_path(study.directory).read_bytes().startswith(kept)
    assert len(read_sign_offs(study.directory)) == 1 + recorded
    assert texts(run) == pages
    sign_off(study, run, Request(by="B"))
    names = [one.by for one in read_sign_offs(study.directory)]
    assert names == (["A", "Killed", "B"] if recorded else ["A", "B"])
    # What was recorded before the kill is in the report from then on.
    assert ("Killed" in texts(run)[1]) is recorded


# A run that is made again


@pytest.fixture
def again(shared, tmp_path, monkeypatch):
    """Return the fit as that of a study directory of its own, with its page left undrawn."""
    monkeypatch.setattr(files_module, "render_html", lambda data: "<html></html>")
    return replace(shared.fit, study=replace(shared.fit.study, directory=tmp_path))


def signable(path):
    """Return whether a short fit may be signed; its status is the sampler's business."""
    return json.loads((path / "forecasts.json").read_bytes())["status"] != "failed"


def test_a_run_made_again_shows_its_sign_offs_again(again, monkeypatch):
    path = fits.write_files(again)
    if not signable(path):
        monkeypatch.setattr(signing, "SIGNABLE", ("failed",))
    sign_off(again.study, path, Request(by="A. Analyst", why="w", adjust=[("Q1", 0.25)]))
    signed = (path / "report.md").read_bytes()
    assert b"A. Analyst" in signed
    assert fits.write_files(again) == path
    assert (path / "report.md").read_bytes() == signed


def test_a_run_made_again_with_other_numbers_says_so(again, monkeypatch):
    path = fits.write_files(again)
    if not signable(path):
        monkeypatch.setattr(signing, "SIGNABLE", ("failed",))
    sign_off(again.study, path, Request(by="A. Analyst", why="w", adjust=[("Q1", 0.25)]))
    first = replace(again.questions[0], probability=0.5)
    fits.write_files(replace(again, questions=[first, *again.questions[1:]]))
    _, markdown = texts(path)
    assert "not yet; A. Analyst signed an earlier version of these numbers" in markdown
    assert "Signed: 25 %" not in markdown


def test_broken_sign_offs_do_not_cost_a_run_its_report(again):
    (again.study.directory / ".forecast").mkdir()
    sign_offs_path(again.study.directory).write_bytes(b"{}\n")
    path = fits.write_files(again)
    _, markdown = texts(path)
    assert "- Signed off: cannot be told; see Sign-off" in markdown
    assert "the sign-offs are broken at line 1" in markdown
