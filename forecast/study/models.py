"""The parts of a study as plain values: nothing here reads files or does arithmetic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from forecast.errors import StudyError
from forecast.study.periods import Calendar

Kind = Literal["binary", "count", "ordinal", "continuous"]
Measures = Literal["alignment", "outcome", "none"]
Transform = Literal["identity", "log"]
Silence = Literal["zero", "missing"]
ResolvesOn = Literal["truth", "record"]
Key = Literal["strict", "central", "lenient"]
Outcome = Literal["yes", "no", "ambiguous", "void"]
Credibility = Literal["graded", "learnt", "ignored"]
FalseCounts = Literal["rarity", "typical"]


@dataclass(frozen=True)
class Actor:
    """A state, or another body that gives or gets support, with the days of its existence."""

    code: str
    name: str
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, order=True)
class Pair:
    """A directed pair: who supports whom. The reverse direction is another pair."""

    supporter: str
    recipient: str

    @classmethod
    def parse(cls, label: str) -> Pair:
        """Return the pair that a label such as ``CHN->RUS`` names.

        Raises
        ------
        StudyError
            If the label is not two codes joined by ``->``.
        """
        match = re.fullmatch(r"([^\s>*-]+)->([^\s>*-]+)", label)
        if match is None:
            raise StudyError(
                f"{label!r} is not a pair",
                expected="SUPPORTER->RECIPIENT, such as CHN->RUS",
                remedy="write two actor codes joined by ->",
            )
        return cls(match[1], match[2])

    @property
    def label(self) -> str:
        """The pair as it is written everywhere: ``CHN->RUS``."""
        return f"{self.supporter}->{self.recipient}"

    @property
    def reverse(self) -> Pair:
        """The pair of the other direction."""
        return Pair(self.recipient, self.supporter)

    @property
    def dyad(self) -> str:
        """The name that both directions share, in alphabetical order: ``CHN--RUS``."""
        return "--".join(sorted((self.supporter, self.recipient)))

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """Something observable that speaks of alignment or reports on the outcome ladder.

    Attributes
    ----------
    levels
        Names of an ordinal's levels from lowest to highest; empty for the other kinds.
    polarity
        Sign of the loading: 1, -1, or 0 where it is free.
    mutual
        Counts in both directions of the dyad.
    cost
        Of the signal, from 1 (cheap talk) to 3.
    rung
        The rung that a report of this indicator claims; ``None`` unless ``measures`` is
        ``outcome``.
    transform, location, scale
        A continuous value enters as ``(transform(value) - location) / scale``.
    lagged
        Last year's value is a covariate (trending series).
    reference
        The loading is fixed at 1: one indicator of each domain.
    loading_prior_only
        Too few records to speak of: the loading keeps its prior.
    release_lag
        Days from the end of a year until its figure is published (assumed, not estimated), of a
        series known from files alone; ``None`` for what is reported event by event.
    collection_cost
        Of watching it for a period, in any unit that the study's indicators share; ``None`` where
        the study does not say. It orders a collection list and alters no forecast.
    """

    name: str
    domain: str
    kind: Kind
    levels: tuple[str, ...] = ()
    unit: str = ""
    polarity: int = 1
    mutual: bool = False
    cost: int = 1
    measures: Measures = "alignment"
    rung: str | None = None
    theatre: str = ""
    definition: str = ""
    transform: Transform = "identity"
    location: float = 0.0
    scale: float = 1.0
    lagged: bool = False
    reference: bool = False
    loading_prior_only: bool = False
    release_lag: int | None = None
    collection_cost: float | None = None


@dataclass(frozen=True)
class Coverage:
    """Where and when silence about an indicator means zero, and where it means missing."""

    indicator: str
    pairs: tuple[Pair, ...]
    start: date
    end: date | None
    silence: Silence
    reason: str


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How a study reads its evidence (the table ``[evidence]`` of ``study.toml``).

    Attributes
    ----------
    coverage
        Silence inside the windows of ``coverage.csv`` is a zero. Off: only what is recorded makes
        a cell, as if nobody had looked where nothing was found.
    delay
        What is recent may not be reported yet: exposure is scaled by the share that is expected to
        be known, and reports on the ladder take as long as they were seen to. Off: all that
        happened is known at once, and reports take as long as the prior set says.
    clusters
        Records of one cluster are one act. Off: every record is an act of its own.
    credibility
        ``graded``: P(true) of a grade as in the prior set. ``learnt``: that, updated by what was
        corroborated and withdrawn. ``ignored``: every report is taken as true.
    false_counts
        What P(true) of a reported event is weighed against in a count. ``rarity``: the event's own
        rate. ``typical``: its rate relative to the indicator's typical one.
    """

    coverage: bool = True
    delay: bool = True
    clusters: bool = True
    credibility: Credibility = "graded"
    false_counts: FalseCounts = "rarity"


@dataclass(frozen=True)
class Shock:
    """A dated break that may shift the alignment of every pair."""

    id: str
    date: date
    title: str


@dataclass(frozen=True)
class AtStake:
    """A span in which support to a recipient is at stake; an open one has no end."""

    recipient: str
    start: date
    end: date | None
    known_at: date


@dataclass(frozen=True)
class Ladder:
    """The rungs of support from none upward, and those that firms cannot reach."""

    rungs: tuple[str, ...]
    firms_excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Driver:
    """An outside covariate of the outcome model for one pair and period."""

    supporter: str
    recipient: str
    period: str
    name: str
    value: float
    known_at: date


@dataclass(frozen=True, kw_only=True)
class Question:
    """An event of a pair in a window, with the rule that decides it.

    ``event`` is text of the event language (``forecast.study.events``); ``not_modelled`` gives the
    reason where the model cannot express it, and is empty otherwise.
    """

    id: str
    title: str
    event: str
    pair: Pair
    opens: date
    closes: date
    rule: str
    resolves_on: ResolvesOn = "truth"
    key: Key = "central"
    not_modelled: str = ""
    source: str = ""
    note: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """How a question came out, as known from a date on."""

    question: str
    outcome: Outcome
    resolved_on: date
    known_at: date
    source: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """An expert's forecast of an event, with a low, a middle and a high reading of the wording."""

    id: str
    title: str
    event: str
    pair: Pair
    opens: date
    closes: date
    judged_on: date
    p_low: float
    p_mid: float
    p_high: float
    basis: str = ""
    note: str = ""
    not_modelled: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class OutcomeQuarter:
    """A coder's reading, in hindsight, of the rung of a pair in one period: for scoring only.

    ``rung``, ``rung_low``, ``rung_high`` and ``rung_known`` number the ladder from 0; ``basis`` is
    ``coded``, or ``carried`` where no new source exists (never scored).
    """

    pair: Pair
    period: str
    rung: int
    rung_low: int
    rung_high: int
    rung_known: int
    actor: str
    first_known: date
    disputed: bool
    basis: Literal["coded", "carried"]
    source: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study as read from its directory: everything but the evidence.

    ``content_hash`` changes when any part that can alter a forecast changes, and only then.
    """

    id: str
    title: str
    directory: Path
    calendar: Calendar
    actors: Mapping[str, Actor]
    pairs: tuple[Pair, ...]
    domains: tuple[str, ...]
    ladder: Ladder
    shocks: tuple[Shock, ...] = ()
    at_stake: tuple[AtStake, ...] = ()
    prior_sets: tuple[str, ...] = ()
    indicators: Mapping[str, Indicator]
    coverage: tuple[Coverage, ...] = ()
    questions: tuple[Question, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    outcomes: tuple[OutcomeQuarter, ...] = ()
    drivers: tuple[Driver, ...] = ()
    switches: Switches = Switches()
    default_as_of: date | None = None
    ledger_url: str | None = None
    content_hash: str = ""
