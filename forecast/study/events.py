"""The event language: what a question asks, as a small typed expression.

======================================  =====================================================
text                                    the event, within the question's window
======================================  =====================================================
``max_rung >= lethal by state``         the state's highest rung is lethal or above
``rung == troops``                      the rung at the window's end is troops
``count(joint_patrol_air) >= 2``        at least two acts of a count indicator
``any(leader_visit, host=CHN)``         at least one act, or one stated opportunity taken
``any(formal_charge, rung=lethal)``     a government formally charges support of that rung
``any(military_training, by=state)``    an act attributed to the state
``value(trade_value) > 228.1``          the value of a continuous indicator
``level(un_vote, text="A/1") == with``  the level of an ordinal one, on a given text
======================================  =====================================================

Events are joined by `` or ``. Names that hold spaces or marks stand in double quotes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, cast

from forecast.errors import QuestionError
from forecast.study.models import Indicator, Study

Op = Literal[">=", ">", "==", "!=", "<=", "<"]
By = Literal["any", "state"]

OPS: tuple[Op, ...] = (">=", ">", "==", "!=", "<=", "<")
#: The one name of an event that needs no indicator: a government's formal charge of a rung.
FORMAL_CHARGE = "formal_charge"


@dataclass(frozen=True)
class RungEvent:
    """The highest rung in the window (``max``), or the rung at its end (``at``), on one track."""

    kind: Literal["max", "at"]
    op: Op
    rung: str
    by: By = "any"


@dataclass(frozen=True)
class CountEvent:
    """The number of acts of a count indicator in the window."""

    indicator: str
    op: Op
    n: int


@dataclass(frozen=True)
class AnyEvent:
    """At least one act of an indicator, narrowed by attribution, rung, host or text."""

    indicator: str
    by: By = "any"
    rung: str | None = None
    host: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class ValueEvent:
    """The value of a continuous indicator in the window."""

    indicator: str
    op: Op
    value: float


@dataclass(frozen=True)
class LevelEvent:
    """The level of an ordinal indicator in the window, on a given text where one is named."""

    indicator: str
    text: str | None
    op: Op
    level: str


@dataclass(frozen=True)
class OrEvent:
    """At least one of several events."""

    parts: tuple[Event, ...]


Event = RungEvent | CountEvent | AnyEvent | ValueEvent | LevelEvent | OrEvent


def parse_event(text: str) -> Event:
    """Return the event that a text of the event language describes.

    Raises
    ------
    QuestionError
        Naming the position, from 1, and what was expected there.

    Examples
    --------
    >>> parse_event("max_rung >= lethal by state")
    RungEvent(kind='max', op='>=', rung='lethal', by='state')
    """
    parser = _Parser(text)
    parts = [parser.event()]
    while parser.accept_word("or"):
        parts.append(parser.event())
    parser.end()
    return parts[0] if len(parts) == 1 else OrEvent(tuple(parts))


def format_event(event: Event) -> str:
    """Return an event as text that ``parse_event`` reads back to the same event."""
    match event:
        case OrEvent(parts):
            return " or ".join(format_event(part) for part in parts)
        case RungEvent(kind, op, rung, by):
            name = "max_rung" if kind == "max" else "rung"
            return f"{name} {op} {_name(rung)}" + ("" if by == "any" else f" by {by}")
        case CountEvent(indicator, op, n):
            return f"count({_name(indicator)}) {op} {n}"
        case ValueEvent(indicator, op, value):
            return f"value({_name(indicator)}) {op} {value!r}"
        case LevelEvent(indicator, quoted, op, level):
            argument = "" if quoted is None else f", text={_quote(quoted)}"
            return f"level({_name(indicator)}{argument}) {op} {_name(level)}"
        case AnyEvent(indicator, by, rung, host, quoted):
            arguments = [_name(indicator)]
            if by != "any":
                arguments.append(f"by={by}")
            arguments += [f"rung={_name(rung)}"] if rung is not None else []
            arguments += [f"host={_name(host)}"] if host is not None else []
            arguments += [f"text={_quote(quoted)}"] if quoted is not None else []
            return f"any({', '.join(arguments)})"


def indicators_of(event: Event) -> tuple[str, ...]:
    """Return the names of indicators that an event speaks of, ``formal_charge`` among them."""
    if isinstance(event, OrEvent):
        return tuple(name for part in event.parts for name in indicators_of(part))
    return () if isinstance(event, RungEvent) else (event.indicator,)


def check_event(event: Event, study: Study) -> list[str]:
    """Return what an event names that the study does not have; empty where all is well."""
    rungs = study.ladder.rungs
    match event:
        case OrEvent(parts):
            return [fault for part in parts for fault in check_event(part, study)]
        case RungEvent(_, _, rung, _):
            return _unknown("rung", rung, rungs)
        case CountEvent(indicator, _, _):
            return _check_kind(indicator, "count()", ("count",), study)
        case ValueEvent(indicator, _, _):
            return _check_kind(indicator, "value()", ("continuous",), study)
        case LevelEvent(indicator, _, _, level):
            faults = _check_kind(indicator, "level()", ("ordinal",), study)
            if not faults:
                faults = _unknown(
                    f"level of {indicator}", level, study.indicators[indicator].levels
                )
            return faults
        case AnyEvent():
            return _check_any(event, study)


def _check_any(event: AnyEvent, study: Study) -> list[str]:
    name = event.indicator
    faults: list[str] = []
    if name == FORMAL_CHARGE:
        if event.rung is None:
            faults.append(f"{name} needs the rung charged, such as rung=lethal")
    else:
        faults += _check_kind(name, "any()", ("binary", "count"), study)
        if event.rung is not None:
            faults.append(f"rung= belongs to {FORMAL_CHARGE} alone, not to {name!r}")
        known = study.indicators.get(name)
        if known is not None and event.by == "state" and known.measures != "outcome":
            faults.append(f"by=state needs an indicator that reports on a rung, unlike {name!r}")
    if event.rung is not None:
        faults += _unknown("rung", event.rung, study.ladder.rungs)
    if event.host is not None:
        faults += _unknown("actor", event.host, tuple(study.actors))
    return faults


def _check_kind(name: str, function: str, kinds: tuple[str, ...], study: Study) -> list[str]:
    indicator: Indicator | None = study.indicators.get(name)
    if indicator is None:
        if name == FORMAL_CHARGE:
            return [f"{FORMAL_CHARGE} can only stand in any()"]
        return _unknown("indicator", name, tuple(study.indicators))
    if indicator.kind not in kinds:
        wanted = " or ".join(kinds)
        return [f"{function} takes an indicator of kind {wanted}, but {name!r} is {indicator.kind}"]
    return []


def _unknown(what: str, name: str, known: tuple[str, ...]) -> list[str]:
    if name in known:
        return []
    return [f"unknown {what} {name!r}; known: {', '.join(known) or 'none'}"]


_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<op>>=|<=|==|!=|>|<)|(?P<mark>[(),=])"""
    r"""|(?P<word>[^\s()=,<>!"]+))""",
    re.DOTALL,
)


def event_indicators(event: Event) -> set[str]:
    """Return the names of the indicators that an event counts or reads."""
    match event:
        case OrEvent(parts):
            return set().union(*(event_indicators(part) for part in parts))
        case RungEvent():
            return set()
        case _:
            return {event.indicator} - {FORMAL_CHARGE}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


class _Parser:
    """Reads tokens one at a time; each method names what it expects."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split(text))
        self._next = 0

    def _split(self, text: str) -> list[_Token]:
        tokens: list[_Token] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                at += len(text[at:]) - len(text[at:].lstrip())
                raise self._error(at, "a name, a comparison or a closed quote")
            kind = str(match.lastgroup)
            tokens.append(_Token(kind, match[kind], match.start(kind)))
            at = match.end()
        return tokens

    def _error(self, position: int, expected: str) -> QuestionError:
        return QuestionError(
            f"cannot read the event {self._text!r} at position {position + 1}",
            expected=f"{expected} there",
            remedy="see the event language in the documentation, such as "
            "'max_rung >= lethal by state' or 'count(joint_patrol_air) >= 2'",
        )

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, kinds: tuple[str, ...], expected: str) -> _Token:
        token = self._peek()
        if token is None or token.kind not in kinds:
            raise self._error(len(self._text) if token is None else token.position, expected)
        self._next += 1
        return token

    def _mark(self, mark: str) -> None:
        token = self._take(("mark",), repr(mark))
        if token.text != mark:
            raise self._error(token.position, repr(mark))

    def _accept_mark(self, mark: str) -> bool:
        token = self._peek()
        found = token is not None and token.kind == "mark" and token.text == mark
        self._next += found
        return found

    def accept_word(self, word: str) -> bool:
        token = self._peek()
        found = token is not None and token.kind == "word" and token.text == word
        self._next += found
        return found

    def end(self) -> None:
        token = self._peek()
        if token is not None:
            raise self._error(token.position, "the end, or 'or' and another event")

    def event(self) -> Event:
        functions = "max_rung, rung, count(), any(), value() or level()"
        token = self._take(("word",), functions)
        match token.text:
            case "max_rung" | "rung":
                return self._rung("max" if token.text == "max_rung" else "at")
            case "count":
                indicator, _ = self._arguments(())
                return CountEvent(indicator, self._op(), self._whole())
            case "value":
                indicator, _ = self._arguments(())
                return ValueEvent(indicator, self._op(), self._number())
            case "level":
                indicator, options = self._arguments(("text",))
                op = self._op()
                return LevelEvent(indicator, options.get("text"), op, self._name("a level"))
            case "any":
                indicator, options = self._arguments(("by", "rung", "host", "text"))
                by = cast(By, options.pop("by", "any"))
                return AnyEvent(indicator, by, **options)
        raise self._error(token.position, functions)

    def _rung(self, kind: Literal["max", "at"]) -> RungEvent:
        op = self._op()
        rung = self._name("a rung")
        by = self._by() if self.accept_word("by") else "any"
        return RungEvent(kind, op, rung, by)

    def _arguments(self, allowed: tuple[str, ...]) -> tuple[str, dict[str, str]]:
        self._mark("(")
        indicator = self._name("an indicator")
        options: dict[str, str] = {}
        while not self._accept_mark(")"):
            if not (allowed and self._accept_mark(",")):
                token = self._peek()
                at = len(self._text) if token is None else token.position
                raise self._error(at, "',' or ')'" if allowed else "')'")
            choices = [name for name in allowed if name not in options]
            expected = f"one of {', '.join(choices)}" if choices else "')'"
            token = self._take(("word",), expected)
            if token.text not in choices:
                raise self._error(token.position, expected)
            self._mark("=")
            options[token.text] = self._by() if token.text == "by" else self._name("a value")
        return indicator, options

    def _name(self, expected: str) -> str:
        token = self._take(("word", "string"), expected)
        if token.kind == "string":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        return token.text

    def _by(self) -> By:
        token = self._take(("word",), "any or state")
        if token.text not in ("any", "state"):
            raise self._error(token.position, "any or state")
        return cast(By, token.text)

    def _op(self) -> Op:
        return cast(Op, self._take(("op",), f"a comparison, one of {' '.join(OPS)}").text)

    def _whole(self) -> int:
        token = self._take(("word",), "a whole number")
        if not re.fullmatch(r"[0-9]{1,12}", token.text):
            raise self._error(token.position, "a whole number")
        return int(token.text)

    def _number(self) -> float:
        token = self._take(("word",), "a number")
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", token.text):
            raise self._error(token.position, "a number")
        if not math.isfinite(value := float(token.text)):
            raise self._error(token.position, "a finite number")
        return value


def _name(name: str) -> str:
    """Quote a name where it could not be read back as one word."""
    return (
        name
        if re.fullmatch(r'[^\s()=,<>!"\\]+', name) and name not in ("or", "by")
        else _quote(name)
    )


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
