"""The spans of the outcome model and the emission kernel of its forward pass.

Interval-dated reports enter once, as a mixture over their candidate periods. The forward pass
carries one layer for each set of reports already placed, so that the mixture is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecast.errors import ModelError
from forecast.model.witness import Report, Witness, build_witness, cell_factors
from forecast.panel import Panel
from forecast.panel.rows import rows
from forecast.priors import Priors
from forecast.study.models import AtStake, Pair

FIRST, RUNNING, IDLE = 0, 1, 2
PERIODS_PER_YEAR = {"month": 12.0, "quarter": 4.0, "year": 1.0}


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An interval-dated report with its candidate periods and the bit that marks it placed."""

    report: Report
    first: int
    last: int
    bit: int

    @property
    def candidates(self) -> int:
        """Number of candidate periods."""
        return self.last - self.first + 1


@dataclass(frozen=True, kw_only=True)
class Chains:
    """One chain for each pair whose recipient has support at stake, and each span.

    Attributes
    ----------
    labels
        ``CHN->RUS from 2014-Q1``.
    pair
        Position of each chain's pair among the study's pairs, shape (chain,).
    recipient
        Position of each chain's recipient among ``recipients``, shape (chain,).
    recipients
        Recipients with support at stake.
    start
        Number of the first period of the grid; ``mode`` and ``kernel`` count from it.
    mode : int array, shape (time, chain)
        FIRST in a chain's first period, RUNNING after it, IDLE outside its span.
    kernel : array, shape (time, chain, layer, layer, rung, rung)
        Emission factors of the joint cells (state, firms), by layer before and after.
    layers : int array, shape (chain,)
        How many layers of the kernel each chain uses.
    firms_allowed : bool array, shape (rung,)
    drivers : array, shape (time, chain, driver)
    open : bool array, shape (chain,)
        Whether the span is open on the as-of date.
    """

    labels: tuple[str, ...]
    pair: np.ndarray
    recipient: np.ndarray
    recipients: tuple[str, ...]
    start: int
    mode: np.ndarray
    kernel: np.ndarray
    layers: np.ndarray
    firms_allowed: np.ndarray
    drivers: np.ndarray
    open: np.ndarray
    witness: Witness

    @property
    def length(self) -> int:
        """Number of periods of the grid."""
        return len(self.mode)

    def same_chain(self, other: "Chains", chain: int) -> bool:
        """Say whether a chain has the same spans, reports and drivers in another set of chains."""
        if self.labels != other.labels or self.layers[chain] != other.layers[chain]:
            return False
        used = int(self.layers[chain])
        kernels = [one.kernel[:, chain, :used, :used] for one in (self, other)]
        pairs = (kernels, (self.mode[:, chain], other.mode[:, chain]))
        same = all(np.array_equal(one, two) for one, two in pairs)
        return same and np.array_equal(self.drivers[:, chain], other.drivers[:, chain])


def build_chains(panel: Panel, priors: Priors) -> Chains | None:
    """Build the chains of a panel, or return None where nothing is at stake."""
    study = panel.study
    members = _members(panel)
    if not members:
        return None
    per_year = PERIODS_PER_YEAR[study.calendar.frequency]
    witness = build_witness(
        priors,
        study.ladder,
        per_year,
        report_years=panel.delays.report_years if panel.delays else {},
        believe_all=study.switches.credibility == "ignored",
    )
    now = len(panel.periods) - 1
    spans = [_periods(panel, span, now) for _, span in members]
    _refuse_shared_periods(members, spans)
    start = min(first for first, _ in spans)
    mode = np.full((now - start + 1, len(members)), IDLE)
    for chain, (first, last) in enumerate(spans):
        mode[first - start : last - start + 1, chain] = RUNNING
        mode[first - start, chain] = FIRST
    recipients = tuple(dict.fromkeys(pair.recipient for pair, _ in members))
    pairs = [pair for pair, _ in members]
    dated, intervals = _sort_reports(panel, panel.reports, pairs, spans)
    layers = [2 ** max((one.bit + 1 for one in own), default=0) for own in intervals]
    return Chains(
        labels=tuple(
            f"{pair.label} from {panel.periods[first]}"
            for (pair, _), (first, _) in zip(members, spans, strict=True)
        ),
        pair=np.array([study.pairs.index(pair) for pair, _ in members]),
        recipient=np.array([recipients.index(pair.recipient) for pair, _ in members]),
        recipients=recipients,
        start=start,
        mode=mode,
        kernel=_kernel(panel, witness, spans, start, (dated, intervals, max(layers))),
        layers=np.array(layers),
        firms_allowed=witness.firms_allowed,
        drivers=_driver_grid(panel, pairs, start),
        open=np.array([span.end is None or span.end > panel.as_of for _, span in members]),
        witness=witness,
    )


def _members(panel: Panel) -> list[tuple[Pair, AtStake]]:
    """List the pair and the span of every chain."""
    study = panel.study
    return [
        (pair, span)
        for pair in study.pairs
        for span in panel.at_stake
        if span.recipient == pair.recipient
        and (span.end is None or span.end >= study.calendar.start(0))
    ]


def vary_chains(
    panel: Panel, chains: Chains, variants: Sequence[tuple[int, pd.DataFrame]]
) -> Chains:
    """Return chains that differ from a panel's own by their reports alone.

    Parameters
    ----------
    panel : Panel
    chains : Chains
        What :func:`build_chains` made of the panel.
    variants : sequence of (int, DataFrame)
        Number of a chain, and the reports of its pair in the columns of the panel's.

    Returns
    -------
    Chains
        One for each variant, in their order; a chain may be there several times.
    """
    members = _members(panel)
    now = len(panel.periods) - 1
    chosen = [number for number, _ in variants]
    sorted_reports = []
    for number, reports in variants:
        pair, span = members[number]
        periods = _periods(panel, span, now)
        sorted_reports.append((periods, *_sort_reports(panel, reports, [pair], [periods])))
    layers = [2 ** max((one.bit + 1 for one in own[0]), default=0) for *_, own in sorted_reports]
    shared = max(layers)
    known = _known_shares(panel, chains.witness, chains.start)
    silence = [cell_factors(chains.witness, [], share) for share in known]
    kernel = [
        _chain_kernel(
            chains.witness, span, chains.start, (dated[0], own[0], shared), known, silence
        )
        for span, dated, own in sorted_reports
    ]
    return replace(
        chains,
        labels=tuple(f"{chains.labels[number]} ({row})" for row, number in enumerate(chosen)),
        pair=chains.pair[chosen],
        recipient=chains.recipient[chosen],
        mode=chains.mode[:, chosen],
        kernel=np.stack(kernel, axis=1),
        # All as many: one program then serves whatever reports are tried.
        layers=np.full(len(chosen), shared),
        drivers=chains.drivers[:, chosen],
        open=chains.open[chosen],
    )


def _refuse_shared_periods(
    members: Sequence[tuple[Pair, AtStake]], spans: Sequence[tuple[int, int]]
) -> None:
    """Refuse a period in two spans of one recipient: its reports would count twice."""
    taken: dict[str, int] = {}
    for (pair, span), (first, last) in sorted(zip(members, spans, strict=True), key=lambda m: m[1]):
        if first <= taken.get(pair.label, -1):
            raise ModelError(
                f"two spans at stake of {pair.recipient} share a period",
                where=f"study.toml, at_stake from {span.start}",
                expected="spans that end at least one period before the next begins",
                remedy="join the two spans, or move one of them",
            )
        taken[pair.label] = last


def _periods(panel: Panel, span: AtStake, now: int) -> tuple[int, int]:
    index = panel.study.calendar.index
    ended = span.end is not None and span.end <= panel.as_of
    last = index(span.end) if ended and span.end is not None else now
    return max(0, index(span.start)), last


def _driver_grid(panel: Panel, pairs: Sequence[Pair], start: int) -> np.ndarray:
    names = list(dict.fromkeys(driver.name for driver in panel.drivers))
    grid = np.zeros((len(panel.periods) - start, len(pairs), len(names)))
    for driver in panel.drivers:
        pair, time = (
            Pair(driver.supporter, driver.recipient),
            panel.study.calendar.parse(driver.period),
        )
        for chain, one in enumerate(pairs):
            if one == pair and start <= time < len(panel.periods):
                grid[time - start, chain, names.index(driver.name)] = driver.value
    return grid


def _kernel(
    panel: Panel,
    witness: Witness,
    spans: Sequence[tuple[int, int]],
    start: int,
    reports: tuple[list[dict[int, list[Report]]], list[list[Interval]], int],
) -> np.ndarray:
    dated, intervals, layers = reports
    known = _known_shares(panel, witness, start)
    silence = [cell_factors(witness, [], share) for share in known]
    return np.stack(
        [
            _chain_kernel(
                witness, span, start, (dated[chain], intervals[chain], layers), known, silence
            )
            for chain, span in enumerate(spans)
        ],
        axis=1,
    )


def _known_shares(panel: Panel, witness: Witness, start: int) -> list[np.ndarray]:
    """Return F by rung of every period from ``start`` on."""
    calendar = panel.study.calendar
    return [
        witness.known_share(calendar.start(period), calendar.end(period), panel.as_of)
        for period in range(start, len(panel.periods))
    ]


def _chain_kernel(
    witness: Witness,
    span: tuple[int, int],
    start: int,
    reports: tuple[dict[int, list[Report]], list[Interval], int],
    known: Sequence[np.ndarray],
    silence: Sequence[np.ndarray],
) -> np.ndarray:
    """Return the kernel of one chain, shape (time, layer, layer, rung, rung).

    ``silence`` has the factors of a period without reports, each (rung, rung).
    """
    dated, intervals, layers = reports
    size = witness.rungs
    kernel = np.zeros((len(known), layers, layers, size, size))
    busy = {period for one in intervals for period in range(one.first, one.last + 1)} | set(dated)
    for step, share in enumerate(known):
        period = start + step
        if span[0] <= period <= span[1] and period not in busy:
            # Most chains are silent in most periods, and all alike.
            kernel[step] = np.eye(layers)[:, :, None, None] * silence[step]
        elif span[0] <= period <= span[1]:
            fixed = dated.get(period, [])
            kernel[step] = _layered(witness, fixed, intervals, period, share, layers)
        else:
            kernel[step] = np.eye(layers)[:, :, None, None]
    return kernel


def _sort_reports(
    panel: Panel,
    reports: pd.DataFrame,
    pairs: Sequence[Pair],
    spans: Sequence[tuple[int, int]],
) -> tuple[list[dict[int, list[Report]]], list[list[Interval]]]:
    rungs = panel.study.ladder.rungs
    where = {label: position for position, label in enumerate(panel.periods)}
    dated: list[dict[int, list[Report]]] = [{} for _ in pairs]
    intervals: list[list[Interval]] = [[] for _ in pairs]
    for row in rows(reports):
        report = Report(rungs.index(row.rung), row.attribution, row.sources, row.nothing)
        for chain, (pair, (first, last)) in enumerate(zip(pairs, spans, strict=True)):
            begin, end = max(where[row.first], first), min(where[row.last], last)
            if pair.label != row.pair or begin > end:
                continue
            if begin == end:
                dated[chain].setdefault(begin, []).append(report)
            else:
                bit = _free_bit(intervals[chain], begin, end)
                intervals[chain].append(Interval(report=report, first=begin, last=end, bit=bit))
    return dated, intervals


def _free_bit(taken: Sequence[Interval], first: int, last: int) -> int:
    busy = {one.bit for one in taken if one.first <= last and first <= one.last}
    return next(bit for bit in range(len(busy) + 1) if bit not in busy)


def _layered(
    witness: Witness,
    fixed: list[Report],
    intervals: Sequence[Interval],
    period: int,
    known: np.ndarray,
    layers: int,
) -> np.ndarray:
    """Return the kernel of one chain and period, shape (layer, layer, rung, rung)."""
    live = [one for one in intervals if one.first <= period <= one.last]
    size = witness.rungs
    kernel = np.zeros((layers, layers, size, size))
    for chosen in range(2 ** len(live)):
        placed = [one for position, one in enumerate(live) if chosen >> position & 1]
        mask = sum(1 << one.bit for one in placed)
        factors = cell_factors(witness, [*fixed, *(one.report for one in placed)], known)
        for one in placed:
            factors = factors / one.candidates
        for before in range(layers):
            if before & mask:
                continue
            after = _close(before | mask, live, period)
            if after is not None:
                kernel[before, after] += factors
    return kernel


def _close(layer: int, live: Sequence[Interval], period: int) -> int | None:
    """Clear the bits of intervals that end here; None where one of them was never placed."""
    for one in live:
        if one.last == period:
            if not layer >> one.bit & 1:
                return None
            layer &= ~(1 << one.bit)
    return layer
