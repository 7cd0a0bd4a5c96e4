"""The file of sign-offs is only added to, loses nothing, and shows every change to it."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import replace

import pytest

from forecast.errors import BusyError, IntegrityError
from forecast.evidence.record import canonical_json, sha256
from forecast.report import Adjustment, SignOff
from forecast.runs.sign_offs import (
    GENESIS,
    append_sign_off,
    chained,
    holding_sign_offs,
    read_sign_offs,
    sign_offs_path,
    sign_offs_to_show,
)


def signed(by, run="r1", **parts):
    return SignOff(
        number=0,
        run=run,
        forecasts="f" * 64,
        by=by,
        signed_at="2026-11-27T06:51:00+00:00",
        previous="",
        hash="",
        **parts,
    )


@pytest.fixture
def study(tmp_path):
    """Return a directory with three sign-offs of two runs."""
    (tmp_path / ".forecast").mkdir()
    change = Adjustment(question="Q1", model=0.1 + 0.2, adjusted=0.03)
    for one in (
        signed("A. Analyst"),
        signed("Б. Аналитик", why="two\nlines", adjustments=(change,)),
        signed("C", run="r2"),
    ):
        append_sign_off(tmp_path, chained(one, read_sign_offs(tmp_path)))
    return tmp_path


def test_what_was_signed_is_read_back(study):
    found = read_sign_offs(study)
    assert [one.by for one in found] == ["A. Analyst", "Б. Аналитик", "C"]
    assert [one.number for one in found] == [1, 2, 3]
    assert found[1].adjustments == (Adjustment(question="Q1", model=0.1 + 0.2, adjusted=0.03),)
    assert found[1].why == "two\nlines"
    assert [one.by for one in read_sign_offs(study, "r2")] == ["C"]


def test_a_line_is_the_documented_object(study):
    lines = sign_offs_path(study).read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    assert list(first) == [
        *("adjustments", "by", "forecasts", "format", "hash", "number"),
        *("previous", "run", "signed_at", "why"),
    ]
    assert first["format"] == "sign-off/1"
    assert first["previous"] == GENESIS == sha256("sign-offs/1")
    rest = {name: value for name, value in first.items() if name != "hash"}
    assert first["hash"] == sha256(canonical_json(rest))
    assert json.loads(lines[1])["previous"] == first["hash"]


def test_the_lines_before_are_never_touched(study):
    before = sign_offs_path(study).read_bytes()
    append_sign_off(study, chained(signed("D"), read_sign_offs(study)))
    after = sign_offs_path(study).read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == 4


def test_without_a_file_nobody_signed(tmp_path):
    assert read_sign_offs(tmp_path) == ()
    assert sign_offs_to_show(tmp_path, "r1") == ((), "")


def forged(line):
    """Change a name and mend the line's own hash."""
    content = json.loads(line) | {"by": "Somebody Else"}
    del content["hash"]
    content["hash"] = sha256(canonical_json(content))
    return canonical_json(content).encode()


@pytest.mark.parametrize(
    ("tamper", "line", "why"),
    [
        (lambda a, b, c: [a.replace(b"A. A", b"B. B"), b, c], 1, "its hash"),
        (lambda a, b, c: [a, b.replace(b"0.03", b"0.3"), c], 2, "its hash"),
        (lambda a, b, c: [forged(a), b, c], 2, "follow the line before"),
        (lambda a, b, c: [b, c], 1, "follow the line before"),
        (lambda a, b, c: [a, c], 2, "follow the line before"),
        (lambda a, b, c: [b, a, c], 1, "follow the line before"),
        (lambda a, b, c: [a, a, b, c], 2, "follow the line before"),
        (lambda a, b, c: [a, b"", b, c], 2, "not a sign-off"),
        (lambda a, b, c: [a, b[:-20], c], 2, "not a sign-off"),
        (lambda a, b, c: [a, b"\xff", c], 2, "not a sign-off"),
        (lambda a, b, c: [a, b"[1]", c], 2, "not a sign-off"),
        (lambda a, b, c: [a, b"[" * 100_000, c], 2, "not a sign-off"),
        (lambda a, b, c: [a, b.replace(b'":', b'": ', 1), c], 2, "its hash"),
    ],
)
def test_every_change_is_told_with_the_first_broken_line(study, tamper, line, why):
    path = sign_offs_path(study)
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"".join(one + b"\n" for one in tamper(*lines)))
    with pytest.raises(IntegrityError, match=rf"line {line}: .*{why}"):
        read_sign_offs(study)
    shown, problem = sign_offs_to_show(study, "r1")
    assert shown == ()
    assert f"line {line}" in problem


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_last_line_without_its_end_is_told_and_kept(study, cut):
    path = sign_offs_path(study)
    torn = path.read_bytes()[:-cut]
    path.write_bytes(torn)
    with pytest.raises(IntegrityError, match="line 3: it has no end") as caught:
        append_sign_off(study, chained(signed("D"), ()))
    assert "never told" in caught.value.remedy
    assert path.read_bytes() == torn


def test_a_sign_off_that_does_not_follow_is_not_written(study):
    before = sign_offs_path(study).read_bytes()
    found = read_sign_offs(study)
    for wrong in (found[-1], chained(signed("D"), found[:1]), replace(found[-1], by="D")):
        with pytest.raises(IntegrityError, match="line 4"):
            append_sign_off(study, wrong)
    assert sign_offs_path(study).read_bytes() == before


def test_what_a_killed_process_left_of_a_draft_is_written_over(study):
    (study / ".forecast" / ".sign-offs.jsonl.draft").write_bytes(b'{"half')
    append_sign_off(study, chained(signed("D"), read_sign_offs(study)))
    assert len(read_sign_offs(study)) == 4
    assert not list((study / ".forecast").glob("*.draft"))


def _hold(directory, held, end):
    with holding_sign_offs(directory):
        held.set()
        end.wait(60)


def test_who_waits_too_long_is_told(tmp_path):
    context = multiprocessing.get_context("spawn")
    held, end = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path, held, end))
    other.start()
    assert held.wait(60)
    with (
        pytest.raises(BusyError, match="holds the sign-offs"),
        holding_sign_offs(tmp_path, patience=0.1),
    ):
        pass
    # A process that is killed cleans nothing up; its lock must not outlive it.
    other.kill()
    other.join()
    with holding_sign_offs(tmp_path, patience=5):
        pass


def test_who_may_read_and_write_the_file_stays_as_it_was(study):
    path = sign_offs_path(study)
    path.chmod(0o660)
    append_sign_off(study, chained(signed("D"), read_sign_offs(study)))
    assert path.stat().st_mode & 0o777 == 0o660
