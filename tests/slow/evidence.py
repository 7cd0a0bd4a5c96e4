"""Delays and doubt, tested on simulated evidence whose truth is known.

Run ``python -m tests.slow.evidence`` to write ``docs/results/evidence.md`` and to print it. What is
done is kept in the folder that the environment variable FORECAST_EVIDENCE_CACHE names, so that a
run that was cut short goes on where it stopped.

Truths are draws of the prior (with other intercepts, so that events are common or rare as wanted);
true events come from the program's own law of counts. The whole way is walked: events become
records with a date of knowledge and a grade, a vintage, a panel, a fit by the fast engine.

* **Delay**: every event is reported late by a law of its indicator under which 30 % of the last
  quarter's events are not reported at its end. Fits: with the delay model, without it, and with
  all events known.
* **Doubt**: 20 % of the reports are false, nearly all with grades of D and E. ``even`` draws them
  by a Poisson process, alike for all pairs; ``aimed`` lets the same number fall on a third of the
  pairs; ``own`` draws them as the program's simulator does, more of them where there are more true
  events (and one event's worth in every cell, so that they are above 20 %). Fits: every report
  taken as true, and the two readings of doubt in counts.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage
from forecast.forecasts.draws import Draws, stack_draws
from forecast.forecasts.fitted import predictors
from forecast.forecasts.simulated_signals import Grades
from forecast.inference.engines import distrust
from forecast.inference.fast import sample_fast
from forecast.inference.prior import sample_prior
from forecast.model import build_data, build_model, pad_data
from forecast.panel import Panel, build_panel
from forecast.priors import Priors
from forecast.study.models import Actor, Coverage, Indicator, Ladder, Pair, Study, Switches
from forecast.study.periods import Calendar
from tests.slow.recovery import bootstrap
from tests.toys import fact, priors

SETS, SEED, MOST = 20, 2027, 25
CHAINS, TUNE, DRAWS = 2, 150, 250
START, AS_OF, PERIODS = date(2018, 1, 1), date(2021, 12, 31), 16
SUPPORTERS = tuple(f"S{number:02}" for number in range(12))
PAIRS = tuple(Pair(one, "RUS") for one in SUPPORTERS)
INDICATORS = tuple(
    Indicator(name=name, domain="military", kind="count", reference=name == "patrol")
    for name in ("patrol", "visit", "drill", "deal")
)
# Log events a quarter of an indicator at average alignment: about 1.5, and about 1 in 7 quarters.
RATES = {"common": (0.4, 0.3), "rare": (-2.0, 0.5)}
# Same-day shares and medians of the tail by indicator; the medians are scaled to the 30 %.
SAME_DAY, MEDIANS, SIGMA, UNREPORTED = (0.25, 0.35, 0.35, 0.45), (0.7, 1.0, 1.0, 1.5), 1.0, 0.3
# Of all reports; by the shipped tables 20 % of them are false with a grade of D or E.
GRADES = Grades({"A1": 0.26, "B2": 0.42, "D4": 0.18, "E5": 0.14})
AIMED = 4
CACHE = "FORECAST_EVIDENCE_CACHE"
RESULT = Path(__file__).parents[2] / "docs" / "results" / "evidence.md"


@dataclass(frozen=True)
class Design:
    """One kind of simulated evidence, and the readings of it that are compared."""

    name: str
    rates: str
    fits: tuple[str, ...]


DESIGNS = (
    Design("delay", "common", ("delay", "no delay", "all known")),
    Design("own", "common", ("naive", "rarity", "typical")),
    Design("even", "common", ("naive", "rarity", "typical")),
    Design("even", "rare", ("naive", "rarity", "typical")),
    Design("aimed", "common", ("naive", "rarity", "typical")),
)
SWITCHES = {
    "delay": Switches(),
    "no delay": Switches(delay=False),
    "all known": Switches(delay=False),
    "naive": Switches(delay=False, credibility="ignored"),
    "rarity": Switches(delay=False),
    "typical": Switches(delay=False, false_counts="typical"),
}


@dataclass(frozen=True)
class Outcome:
    """How one fit of one data set did in the last quarter; lists run over pairs (and indicators).

    ``alignment`` and ``log_rate`` are posterior means less truths, in alignment and log events.
    """

    design: str
    rates: str
    number: int
    fit: str
    seconds: float
    doubts: str
    reports: int
    false: int
    unreported: float
    alignment: list[float]
    alignment_inside: list[bool]
    log_rate: list[float]
    log_rate_inside: list[bool]


def study(switches: Switches) -> Study:
    """Return twelve supporters of one recipient over 16 quarters, four indicators, all covered."""
    codes = ("RUS", *SUPPORTERS)
    return Study(
        id="evidence",
        title="Simulated evidence",
        directory=Path("evidence"),
        calendar=Calendar("quarter", START),
        actors={code: Actor(code, code) for code in codes},
        pairs=PAIRS,
        domains=("military",),
        ladder=Ladder(("none", "some")),
        prior_sets=("signals-2026",),
        indicators={one.name: one for one in INDICATORS},
        coverage=tuple(Coverage(i.name, PAIRS, START, None, "zero", "") for i in INDICATORS),
        switches=switches,
    )


@cache
def own_priors(rates: str) -> Priors:
    """Return the shipped priors with another intercept of counts, for the truth and the fit."""
    mu, sigma = RATES[rates]
    first, *others = priors().sets
    intercept = first.parameters["intercept_count"].model_copy(update={"mu": mu, "sigma": sigma})
    changed = first.model_copy(
        update={"parameters": {**first.parameters, "intercept_count": intercept}}
    )
    return Priors((changed, *others), {})


@cache
def truths(rates: str) -> tuple[Panel, Draws]:
    """Return the silent panel, and draws of the prior."""
    panel = build_panel(study(Switches(delay=False)), Vintage(AS_OF, (), "silent"))
    data = build_data(panel, own_priors(rates))
    model = build_model(data, own_priors(rates))
    return panel, stack_draws(sample_prior(model, 3 * SETS, SEED), data)


@cache
def delay_scale() -> float:
    """Return the scale of the medians under which 30 % of the last quarter is unreported."""
    lags = np.arange(92.0)

    def unreported(scale: float) -> float:
        known = [
            s
            + (1 - s)
            * np.where(lags > 0, ndtr(np.log(np.maximum(lags, 1) / (scale * m)) / SIGMA), 0)
            for s, m in zip(SAME_DAY, MEDIANS, strict=True)
        ]
        return 1.0 - float(np.mean(known))

    low, high = 0.01, 1000.0
    while high / low > 1.0 + 1e-9:
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if unreported(middle) < UNREPORTED else (low, middle)
    return low


@dataclass(frozen=True)
class Simulated:
    """Records of one truth, those known in time apart, and what is to be recovered."""

    known: tuple[Record, ...]
    all: tuple[Record, ...]
    false: int
    unreported: float
    alignment: np.ndarray
    log_rate: np.ndarray


def simulate(design: Design) -> Iterator[Simulated]:
    """Yield data sets; a truth under which a cell has too many reports is passed over."""
    panel, drawn = truths(design.rates)
    for draw in range(drawn.count):
        values = {name: array[draw : draw + 1] for name, array in drawn.values.items()}
        one = Draws(chains=1, data=drawn.data, values=values)
        rng = np.random.default_rng([SEED, DESIGNS.index(design), draw])
        true, false = draw_reports(one, design, rng)
        if np.max(true + false) <= MOST:
            yield _simulated(panel, one, design, (true, false), rng)


def draw_reports(
    truth: Draws, design: Design, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of true and false events of each cell."""
    terms = truth.data.terms["count"]
    mean = np.exp(np.minimum(predictors(truth, terms)[0], 20.0))
    shape = truth["dispersion"][0, terms.indicator]
    true = rng.poisson(mean * rng.gamma(shape) / shape)
    if design.name == "delay":
        return true, np.zeros_like(true)
    _, credible, _, _ = GRADES.split(priors())
    if design.name == "own":
        return true, rng.negative_binomial(true + 1, credible)
    # As many false reports of an indicator as its share wants, given its mean rate of true ones.
    typical = np.array([mean[terms.indicator == i].mean() for i in range(len(INDICATORS))])
    rate = (typical * (1.0 - credible) / credible)[terms.indicator]
    if design.name == "aimed":
        rate = np.where(terms.pair < AIMED, rate * len(PAIRS) / AIMED, 0.0)
    return true, rng.poisson(rate)


def _simulated(
    panel: Panel,
    truth: Draws,
    design: Design,
    reports: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> Simulated:
    names, _, true_shares, false_shares = GRADES.split(priors())
    records: list[Record] = []
    for row, numbers in zip(panel.signals.itertuples(), zip(*reports, strict=True), strict=True):
        first = panel.study.calendar.start(panel.periods.index(row.first))
        length = (panel.study.calendar.end(panel.periods.index(row.first)) - first).days + 1
        for count, shares in zip(numbers, (true_shares, false_shares), strict=True):
            for _ in range(count):
                day = first + timedelta(days=int(rng.integers(length)))
                grade = "A1"
                known = day
                if design.name == "delay":
                    known = day + timedelta(days=_delay(row.indicator, rng))
                else:
                    grade = names[int(rng.choice(len(names), p=shares))]
                records.append(
                    fact(
                        row.indicator,
                        day.isoformat(),
                        id=f"E{len(records):05}",
                        pair=row.pair,
                        known_at=known.isoformat(),
                        grade=grade,
                    )
                )
    known = tuple(one for one in records if one.known <= AS_OF)
    last = [one for one in records if one.first >= date(2021, 10, 1)]
    data = truth.data
    return Simulated(
        known=known,
        all=tuple(records),
        false=int(reports[1].sum()),
        unreported=float(np.mean([one.known > AS_OF for one in last])) if last else 0.0,
        alignment=truth["alignment"][0, :, 0, -1],
        log_rate=_last(data.terms["count"], predictors(truth, data.terms["count"]))[0],
    )


def _delay(indicator: str, rng: np.random.Generator) -> int:
    place = [one.name for one in INDICATORS].index(indicator)
    if rng.random() < SAME_DAY[place]:
        return 0
    median = MEDIANS[place] * delay_scale()
    return int(np.ceil(median * np.exp(SIGMA * rng.standard_normal())))


def _last(terms: object, values: np.ndarray) -> np.ndarray:
    """Return values of the terms of the last quarter, in the order of indicators and pairs."""
    last = terms.last == PERIODS - 1  # type: ignore[attr-defined]
    order = np.lexsort((terms.pair[last], terms.indicator[last]))  # type: ignore[attr-defined]
    return values[:, last][:, order]


def outcomes(design: Design, number: int) -> list[Outcome]:
    """Fit one data set in every way, or read what an earlier run kept of it."""
    folder = os.environ.get(CACHE)
    name = f"evidence-{design.name}-{design.rates}-{number:02}.json"
    kept = Path(folder) / name if folder else None
    if kept is not None and kept.is_file():
        return [Outcome(**one) for one in json.loads(kept.read_text())]
    simulated = _sets(design)[number]
    results = [_fit(design, number, fit, simulated) for fit in design.fits]
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.with_suffix(".part").write_text(json.dumps([asdict(one) for one in results]))
        kept.with_suffix(".part").rename(kept)
    return results


@cache
def _sets(design: Design) -> tuple[Simulated, ...]:
    found = tuple(one for one, _ in zip(simulate(design), range(SETS), strict=False))
    assert len(found) == SETS, "too many draws of the prior were passed over"
    return found


def _fit(design: Design, number: int, fit: str, simulated: Simulated) -> Outcome:
    started = time.perf_counter()
    records = simulated.all if fit == "all known" else simulated.known
    panel = build_panel(study(SWITCHES[fit]), Vintage(AS_OF, records, f"{number}"))
    own = own_priors(design.rates)
    data = build_data(panel, own)
    padded = pad_data(data)
    posterior = sample_fast(
        build_model(padded.data, own),
        draws=DRAWS,
        tune=TUNE,
        chains=CHAINS,
        seed=SEED + number,
        progress=False,
    )
    draws = stack_draws(padded.trim(posterior.tree), data)
    terms = data.terms["count"]
    alignment = draws["alignment"][:, :, 0, -1]
    log_rate = _last(terms, predictors(draws, terms))
    return Outcome(
        design=design.name,
        rates=design.rates,
        number=number,
        fit=fit,
        seconds=time.perf_counter() - started,
        doubts=distrust(posterior),
        reports=len(records),
        false=simulated.false,
        unreported=simulated.unreported,
        alignment=(alignment.mean(axis=0) - simulated.alignment).tolist(),
        alignment_inside=_inside(alignment, simulated.alignment),
        log_rate=(log_rate.mean(axis=0) - simulated.log_rate).tolist(),
        log_rate_inside=_inside(log_rate, simulated.log_rate),
    )


def _inside(draws: np.ndarray, truth: np.ndarray) -> list[bool]:
    """Say of each truth whether the central 90 % of its draws hold it."""
    low, high = np.quantile(draws, (0.05, 0.95), axis=0)
    return ((low <= truth) & (truth <= high)).tolist()


ABOUT = f"""\
# Delays and doubt on simulated evidence

Made by `python -m tests.slow.evidence`: {{count}} data sets a design, seed {SEED}.
{len(PAIRS)} pairs, {PERIODS} quarters, {len(INDICATORS)} counts, covered throughout; fast engine,
{CHAINS} chains of {DRAWS} draws after {TUNE}. Truths are draws of the prior, with the intercept of
counts moved so that an indicator has about 1.5 events a quarter (*common*) or about one in seven
quarters (*rare*). All figures are of the last quarter: alignment of each pair, and the log rate of
each pair and indicator (what forecasts of counts use). *Bias* is the posterior mean less the truth,
*covered* the share of truths inside the central 90 % of draws; both pooled, with standard errors
from a bootstrap over data sets. A fit is *doubtful* where the engine's own checks do not pass. The
design was fixed before any of these figures was seen.
"""
WORDS = {
    "delay": "Delay: of the last quarter's events, 30 % are expected to be unreported at its end",
    "own": "Doubt: false reports as the program's simulator draws them, above 20 %",
    "even": "Doubt: 20 % false reports, a Poisson process alike for all pairs",
    "aimed": f"Doubt: 20 % false reports, all about {AIMED} of the {len(PAIRS)} pairs",
}


def spread(values: list[float]) -> str:
    """Return a mean over data sets with its standard error, by a bootstrap over them."""
    mean, error = bootstrap(values)
    return f"{mean:+.3f} ± {error:.3f}"


def share(inside: list[list[bool]]) -> tuple[float, float]:
    """Return the pooled share of truths inside their intervals, and its standard error."""
    return bootstrap([float(np.mean(one)) for one in inside])


def summary(results: list[Outcome]) -> dict[str, object]:
    """Return the figures of one design and fit."""
    alignment, alignment_error = share([one.alignment_inside for one in results])
    rate, rate_error = share([one.log_rate_inside for one in results])
    return {
        "alignment_bias": spread([float(np.mean(one.alignment)) for one in results]),
        "alignment_covered": alignment,
        "alignment_error": alignment_error,
        "rate_bias": spread([float(np.mean(one.log_rate)) for one in results]),
        "rate_covered": rate,
        "rate_error": rate_error,
        "doubtful": sum(bool(one.doubts) for one in results),
    }


def table(design: Design, results: list[Outcome]) -> list[str]:
    """Return one design's table, a row for each fit; of ``aimed`` also by who was aimed at."""
    heads = ("fit", "alignment, bias", "covered", "log rate, bias", "covered", "doubtful fits")
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    groups = {"": range(len(PAIRS))}
    if design.name == "aimed":
        groups |= {", aimed at": range(AIMED), ", others": range(AIMED, len(PAIRS))}
    for fit in design.fits:
        for words, members in groups.items():
            own = [_restricted(one, members) for one in results if one.fit == fit]
            f = summary(own)
            rows.append(
                f"| {fit}{words} | {f['alignment_bias']} "
                f"| {f['alignment_covered']:.1%} ± {f['alignment_error']:.1%} | {f['rate_bias']} "
                f"| {f['rate_covered']:.1%} ± {f['rate_error']:.1%} | {f['doubtful']} |"
            )
    return rows


def bias_apart(results: list[Outcome], fit: str, other: str, name: str) -> list[float]:
    """Return how much higher one fit's posterior means are than another's, by data set."""
    means = {(one.fit, one.number): float(np.mean(getattr(one, name))) for one in results}
    return [means[fit, n] - means[other, n] for n in sorted({one.number for one in results})]


def apart(results: list[Outcome], fit: str) -> str:
    """Say how far a fit's posterior means lie from those with all events known, set by set."""
    alignment, log_rate = (
        spread(bias_apart(results, fit, "all known", name)) for name in ("alignment", "log_rate")
    )
    return (
        f"* {fit}, less what the same sets give with all events known: alignment {alignment}, "
        f"log rate {log_rate}."
    )


def _restricted(one: Outcome, members: range) -> Outcome:
    """Return an outcome for some of the pairs."""
    places = [i * len(PAIRS) + p for i in range(len(INDICATORS)) for p in members]
    return replace(
        one,
        alignment=[one.alignment[p] for p in members],
        alignment_inside=[one.alignment_inside[p] for p in members],
        log_rate=[one.log_rate[n] for n in places],
        log_rate_inside=[one.log_rate_inside[n] for n in places],
    )


def document(results: dict[Design, list[Outcome]]) -> str:
    """Return the text of docs/results/evidence.md."""
    count = len(next(iter(results.values()))) // 3
    lines = [ABOUT.format(count=count)]
    for design, own in results.items():
        first = [one for one in own if one.fit == design.fits[0]]
        reports = sum(one.reports for one in first)
        lines += [f"## {WORDS[design.name]} ({design.rates} events)", ""]
        if design.name == "delay":
            late = np.mean([one.unreported for one in first])
            lines += [f"Unreported of the last quarter's events: {late:.1%}.", ""]
        else:
            false = sum(one.false for one in first) / reports
            lines += [f"Reports: {reports}, false {false:.1%}.", ""]
        lines += [*table(design, own), ""]
        if design.name == "delay":
            lines += [*(apart(own, fit) for fit in design.fits[:2]), ""]
    seconds = [one.seconds for own in results.values() for one in own]
    lines.append(f"A fit took {np.median(seconds):.1f} s (median), {max(seconds):.0f} s at most.")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Run all designs and print the document; write it where all sets are done."""
    parser = argparse.ArgumentParser(prog="python -m tests.slow.evidence", description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS, help="only the first so many")
    count = parser.parse_args(arguments).sets
    results = {
        design: [one for number in range(count) for one in outcomes(design, number)]
        for design in DESIGNS
    }
    text = document(results)
    sys.stdout.write(text)
    if count == SETS:
        RESULT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
