"""Turns ``study.toml`` into actors, pairs, ladder, shocks and spans, and checks them together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

from forecast.errors import StudyError
from forecast.study.models import Actor, AtStake, Ladder, Pair, Shock
from forecast.study.periods import Calendar
from forecast.study.problems import Collector
from forecast.study.references import Known, What
from forecast.study.studyfile import ReadStudyFile, StudyFile, read_study_file


@dataclass(frozen=True)
class Setting:
    """What ``study.toml`` sets, as values; ``calendar`` is ``None`` where it cannot be read."""

    content: StudyFile
    calendar: Calendar | None
    known: Known
    ladder: Ladder
    shocks: tuple[Shock, ...]
    at_stake: tuple[AtStake, ...]


def read_setting(directory: Path, out: Collector) -> Setting:
    """Return the setting of a study; whatever is wrong with ``study.toml`` is noted in ``out``."""
    read = read_study_file(directory, out)
    content = read.content
    actors = _actors(read, out)
    pairs = _pairs(read, actors, out)
    _check_once(read, out, "domains", content.domains)
    _check_once(read, out, "priors", content.priors)
    known = Known(
        actors=actors,
        pairs=pairs,
        domains=tuple(content.domains),
        rungs=tuple(content.ladder.rungs),
        unclear=_unclear(read.unreadable),
    )
    return Setting(
        content=content,
        calendar=_calendar(read, out),
        known=known,
        ladder=_ladder(read, out),
        shocks=_shocks(read, out),
        at_stake=_at_stake(read, known, out),
    )


def _unclear(unreadable: frozenset[str]) -> frozenset[What]:
    """Return the kinds of name that the unreadable keys would have told."""
    unclear: set[What] = set()
    unclear |= {"domain"} if "domains" in unreadable else set()
    unclear |= {"rung"} if "ladder" in unreadable else set()
    unclear |= {"actor"} if "actors" in unreadable else set()
    unclear |= {"pair"} if "pairs" in unreadable else set()
    return frozenset(unclear)


def _calendar(read: ReadStudyFile, out: Collector) -> Calendar | None:
    if read.unreadable & {"period", "start"}:
        return None
    try:
        return Calendar.starting(read.content.period, read.content.start)
    except StudyError as error:
        out.add(
            "bad-value",
            error.what,
            line=read.line("start"),
            field="start",
            expected=error.expected,
            remedy="write the first period in the form that period asks for",
        )
        return None


def _actors(read: ReadStudyFile, out: Collector) -> dict[str, Actor]:
    actors: dict[str, Actor] = {}
    for number, part in enumerate(read.content.actors):
        if part.code in actors:
            _duplicate(out, part.code, "actors.code", read.line("actors", number, "code"))
        actors[part.code] = Actor(part.code, part.name, part.start, part.end)
        _check_span(read, out, "actors", number, part.start, part.end)
        try:
            Pair.parse(f"{part.code}->X")
        except StudyError:
            out.add(
                "bad-value",
                f"{part.code!r} cannot be the code of an actor",
                line=read.line("actors", number, "code"),
                field="actors.code",
                expected="letters or digits without spaces, -, > or *",
                remedy="choose another code",
            )
    return actors


def _pairs(read: ReadStudyFile, actors: dict[str, Actor], out: Collector) -> tuple[Pair, ...]:
    line = read.line("pairs")
    pairs: dict[Pair, None] = {}
    for label in read.content.pairs:
        try:
            pair = Pair.parse(label)
        except StudyError as error:
            out.add(
                "unreadable",
                error.what,
                line=line,
                field="pairs",
                expected=error.expected,
                remedy=error.remedy,
            )
            continue
        if pair in pairs:
            _duplicate(out, label, "pairs", line)
        pairs[pair] = None
        if pair.supporter == pair.recipient:
            out.add(
                "self-pair",
                f"{label!r} pairs an actor with itself",
                line=line,
                field="pairs",
                expected="two different actors",
                remedy="remove the pair",
            )
        for code in (pair.supporter, pair.recipient):
            if code not in actors and "actors" not in read.unreadable:
                _unknown_actor(out, code, "pairs", line, actors)
    return tuple(pairs)


def _ladder(read: ReadStudyFile, out: Collector) -> Ladder:
    rungs, excluded = read.content.ladder.rungs, read.content.ladder.firms_excluded
    line = read.line("ladder", 0, "rungs")
    for rung, times in Counter(rungs).items():
        if times > 1:
            _duplicate(out, rung, "ladder.rungs", line)
    for rung in excluded:
        if rung not in rungs[1:]:
            out.add(
                "unknown-rung",
                f"firms cannot be kept from {rung!r}",
                line=read.line("ladder", 0, "firms_excluded"),
                field="ladder.firms_excluded",
                expected=f"rungs above the lowest: {', '.join(rungs[1:])}",
                remedy="correct the name",
            )
    return Ladder(tuple(rungs), tuple(excluded))


def _shocks(read: ReadStudyFile, out: Collector) -> tuple[Shock, ...]:
    shocks: dict[str, Shock] = {}
    for number, part in enumerate(read.content.shocks):
        if part.id in shocks:
            _duplicate(out, part.id, "shocks.id", read.line("shocks", number, "id"))
        shocks[part.id] = Shock(part.id, part.date, part.title)
    return tuple(sorted(shocks.values(), key=lambda shock: (shock.date, shock.id)))


def _at_stake(read: ReadStudyFile, known: Known, out: Collector) -> tuple[AtStake, ...]:
    spans: list[AtStake] = []
    for number, part in enumerate(read.content.at_stake):
        line = read.line("at_stake", number, "recipient")
        if part.recipient not in known.actors and known.knows("actor"):
            _unknown_actor(out, part.recipient, "at_stake.recipient", line, known.actors)
        elif known.knows("pair") and part.recipient not in {one.recipient for one in known.pairs}:
            out.add(
                "no-pair-at-stake",
                f"{part.recipient!r} is the recipient of no pair",
                line=line,
                field="at_stake.recipient",
                expected="a recipient of one of the pairs",
                remedy="add a pair, or remove the span",
                severity="warning",
            )
        _check_span(read, out, "at_stake", number, part.start, part.end)
        span = AtStake(part.recipient, part.start, part.end, part.known_at)
        spans.append(span)
    for one, other in combinations(spans, 2):
        apart = (one.end or date.max) < other.start or (other.end or date.max) < one.start
        if one.recipient == other.recipient and not apart:
            out.add(
                "overlap",
                f"two spans of {one.recipient} overlap",
                line=read.line("at_stake", spans.index(other), "from"),
                field="at_stake.from",
                expected="spans of a recipient that share no day",
                remedy="join them, or correct from and to",
            )
    return tuple(spans)


def _check_once(read: ReadStudyFile, out: Collector, field: str, names: list[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            _duplicate(out, name, field, read.line(field))


def _check_span(
    read: ReadStudyFile,
    out: Collector,
    table: str,
    number: int,
    start: date | None,
    end: date | None,
) -> None:
    if start is not None and end is not None and end < start:
        out.add(
            "window",
            f"ends on {end}, before it begins",
            line=read.line(table, number, "to"),
            field=f"{table}.to",
            expected=f"{start} or later",
            remedy="correct from or to",
        )


def _duplicate(out: Collector, name: str, field: str, line: int | None) -> None:
    out.add(
        "duplicate",
        f"{name!r} stands there twice",
        line=line,
        field=field,
        expected="each name once",
        remedy="remove one of the two",
    )


def _unknown_actor(
    out: Collector, code: str, field: str, line: int | None, actors: dict[str, Actor]
) -> None:
    out.add(
        "unknown-actor",
        f"unknown actor {code!r}",
        line=line,
        field=field,
        expected=f"one of {', '.join(actors) or 'the actors, of which there are none'}",
        remedy="correct the code, or add an [[actors]] table",
    )
