"""Simulated worlds of one run: rung paths and signals, shared by all questions of a pair.

Every question of a pair is evaluated on the same paths, so that windows, rungs and tracks are
coherent by construction.
"""

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from forecast.errors import QuestionError
from forecast.forecasts.draws import Draws, generator
from forecast.forecasts.ladder import Filtered, filter_chain, sample_future, sample_past
from forecast.forecasts.roll import future_alignment
from forecast.panel import Panel
from forecast.panel.acts import Act

_FUTURES_KEPT = 3


@dataclass
class World:
    """Lazily simulated futures of one fit.

    Parameters
    ----------
    panel, draws
        The panel that was fitted and its posterior.
    seed : int
        The run's seed.
    paths : int
        Forward paths per draw.
    back, ahead : int
        Periods simulated up to the as-of date's one, and after it.
    degrees_of_freedom : float
        Of the Student-t noise of continuous signals.
    one_past : bool
        Sample one past of the rungs per draw, shared by all its forward paths: a draw is then a
        whole state of the world, as intervals over draws need it. Otherwise each path has a past
        of its own, which gives means with less noise.
    """

    panel: Panel
    draws: Draws
    seed: int
    paths: int
    back: int
    ahead: int
    degrees_of_freedom: float
    one_past: bool = False
    _filters: dict[int, Filtered] = field(default_factory=dict)
    _futures: dict[int, np.ndarray] = field(default_factory=dict)
    _rungs: dict[int, np.ndarray] = field(default_factory=dict)
    _places: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)

    @property
    def now(self) -> int:
        """Number of the period that holds the as-of date."""
        return len(self.panel.periods) - 1

    @property
    def as_of(self) -> date:
        """Date of the fit."""
        return self.panel.as_of

    def chain(self, pair: str) -> int | None:
        """Return the open chain of a pair, or None where support is not at stake."""
        chains = self.draws.data.chains
        if chains is None:
            return None
        position = self.draws.data.coords["pair"].index(pair)
        for chain in range(len(chains.labels)):
            if chains.pair[chain] == position and chains.open[chain]:
                return chain
        return None

    def filtered(self, chain: int) -> Filtered:
        """Return the filtered cells of a chain."""
        if chain not in self._filters:
            self._filters[chain] = filter_chain(self.draws, chain)
        return self._filters[chain]

    def forget_filter(self, chain: int) -> None:
        """Let a chain's filtered cells go, but for those of pairs whose rungs are kept."""
        if chain not in self._rungs:
            self._filters.pop(chain, None)

    def rungs(self, chain: int) -> np.ndarray:
        """Return rung paths from ``back`` periods before the next one to ``ahead`` after now.

        Returns
        -------
        int array, shape (draw, path, back + ahead, axis)
            Position ``t`` is period ``now + 1 - back + t``.
        """
        if chain not in self._rungs:
            chains = self.draws.data.chains
            assert chains is not None
            back = min(self.back, chains.length)
            rng = generator(self.seed, "past rungs", chains.labels[chain])
            past = sample_past(self.filtered(chain), back, 1 if self.one_past else self.paths, rng)
            past = np.broadcast_to(past, (len(past), self.paths, *past.shape[2:]))
            if back < self.back:
                empty = np.zeros((*past.shape[:2], self.back - back, 2), dtype=past.dtype)
                past = np.concatenate([empty, past], axis=2)
            alignment = self.future(int(chains.pair[chain]))
            later = sample_future(
                self.draws, chain, past[:, :, -1], self.ahead, self.seed, alignment=alignment
            )
            self._rungs[chain] = np.concatenate([past, later], axis=2)
        return self._rungs[chain]

    def future(self, pair: int) -> np.ndarray:
        """Return a pair's alignment after now, shape (draw, path, domain, period).

        Pairs are asked about in turn, and an array may take 50 MB: only the last ones are kept.
        """
        if pair not in self._futures:
            while len(self._futures) >= _FUTURES_KEPT:
                self._futures.pop(next(iter(self._futures)))
            self._futures[pair] = future_alignment(
                self.draws, pair, self.ahead, self.paths, self.seed
            )
        return self._futures[pair]

    def share_paths(self, other: "World") -> None:
        """Take over what another world has simulated or will, as far as it is the same here.

        Both have draws of one fit as of one date. Alignment after now is the same in both, and so
        are the rungs of a chain with the same reports: their random numbers are.
        """
        own, others = self.draws.data, other.draws.data
        mine = (self.now, self.ahead, self.back, self.paths, self.seed, self.one_past)
        theirs = (other.now, other.ahead, other.back, other.paths, other.seed, other.one_past)
        if mine != theirs or self.as_of != other.as_of:
            return
        self._futures = other._futures
        if own.chains is None or others.chains is None:
            return
        for chain in range(len(own.chains.labels)):
            if own.chains.same_chain(others.chains, chain):
                if chain in other._filters:
                    self._filters[chain] = other._filters[chain]
                if chain in other._rungs:
                    self._rungs[chain] = other._rungs[chain]

    def forget_futures(self) -> None:
        """Let the kept futures go once the questions are forecast; more are made on demand."""
        self._futures.clear()
        self._places.clear()

    def forget_rungs(self, pair: str) -> None:
        """Let the rungs of a pair go; the same ones are made again on demand."""
        chain = self.chain(pair)
        if chain is not None:
            self._filters.pop(chain, None)
            self._rungs.pop(chain, None)

    def with_one_past(self) -> "World":
        """Return the same world with one past per draw; filters and futures are shared."""
        return replace(self, one_past=True, _rungs={}, _places=self._places)

    def with_paths(self, paths: int) -> "World":
        """Return the same world with another number of paths; nothing but filters is shared."""
        return replace(self, paths=paths, _rungs={}, _futures={}, _places={})

    def positions(self, pair: str, purpose: str) -> np.ndarray:
        """Return when in each period its act falls, in [0, 1), like :meth:`rungs`.

        Uniform over the period, or over the days of its gravest reported act.
        """
        if (pair, purpose) in self._places:
            return self._places[pair, purpose]
        calendar = self.panel.study.calendar
        start = self.now + 1 - self.back
        places = np.empty((self.draws.count, self.paths, self.back + self.ahead))
        for slot in range(places.shape[2]):
            rng = generator(self.seed, "position", purpose, pair, str(start + slot))
            places[:, :, slot] = rng.random(places.shape[:2])
        for period, act in self._gravest_acts(pair).items():
            slot = period - (self.now + 1 - self.back)
            if slot >= 0:
                begin = 1.0 - calendar.share(period, act.begin, calendar.end(period))
                length = calendar.share(period, act.begin, act.end)
                places[:, :, slot] = begin + length * places[:, :, slot]
        self._places[pair, purpose] = places
        return places

    def _gravest_acts(self, pair: str) -> dict[int, Act]:
        """Return of each period the reported act on the highest rung that is dated inside it."""
        study = self.panel.study
        gravest: dict[int, Act] = {}
        for act in self.panel.acts:
            rung = study.indicators[act.indicator].rung
            if rung is None or act.pair.label != pair or act.value <= 0 or act.first != act.last:
                continue
            other = gravest.get(act.first)
            height = study.ladder.rungs.index(rung)
            if other is None or height > study.ladder.rungs.index(
                str(study.indicators[other.indicator].rung)
            ):
                gravest[act.first] = act
        return gravest

    def alignment(self, pair: str, domain: int) -> np.ndarray:
        """Return a pair's alignment in one domain over the same periods as :meth:`rungs`.

        Returns
        -------
        array, shape (draw, path, period)
            The past is the posterior's (one path per draw, repeated).
        """
        position = self.draws.data.coords["pair"].index(pair)
        past = self.draws["alignment"][:, position, domain, max(0, self.now + 1 - self.back) :]
        if past.shape[1] < self.back:
            past = np.concatenate(
                [np.repeat(past[:, :1], self.back - past.shape[1], axis=1), past], axis=1
            )
        repeated = np.repeat(past[:, None], self.paths, axis=1)
        if self.ahead == 0:
            return repeated
        return np.concatenate([repeated, self.future(position)[:, :, domain]], axis=2)

    def slots(self, first: int, last: int) -> slice:
        """Return where the periods from ``first`` to ``last`` stand on the world's time axis."""
        origin = self.now + 1 - self.back
        if first < origin or last >= origin + self.back + self.ahead:
            calendar = self.panel.study.calendar
            raise QuestionError(
                f"{calendar.label(first)} to {calendar.label(last)} is not simulated",
                expected=f"periods from {calendar.label(origin)}",
                remedy="prepare the worlds with this question among the questions",
            )
        return slice(first - origin, last - origin + 1)
