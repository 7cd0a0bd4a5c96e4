"""Build the panel: what the model is conditioned on, as of one date, in tidy form."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import pandas as pd

from forecast.errors import ModelError
from forecast.evidence.memory import without_collecting
from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage
from forecast.panel.acts import Act, acts_of
from forecast.panel.cells import count_cells
from forecast.panel.corroboration import Tally, tally_reports
from forecast.panel.delays import Delays, estimate_delays
from forecast.panel.history import History, history_of
from forecast.priors import Priors, load_priors
from forecast.study.models import AtStake, Driver, Study

SIGNAL_COLUMNS = [
    "indicator",
    "kind",
    "domain",
    "pair",
    "partner",
    "first",
    "last",
    "exposure",
    "value",
    "lag",
    "grades",
    "counts",
    "records",
]
REPORT_COLUMNS = [
    "indicator",
    "rung",
    "pair",
    "attribution",
    "nothing",
    "first",
    "last",
    "sources",
    "records",
]


@dataclass(frozen=True)
class Panel:
    """Everything that a fit may see as of one date.

    Attributes
    ----------
    study
        The study.
    as_of
        The date: nothing known later is in here, and no period after it.
    periods
        Labels of the study's periods up to the one that holds the as-of date.
    signals
        One row per likelihood term: acts, and cells of event counts inside coverage (zeros
        included). ``first`` and ``last`` are labels; ``partner`` is the pair itself, or the
        reverse pair where the indicator is mutual; ``grades`` has for each act the grades of its
        sources and ``counts`` its number; ``lag`` is the last value before of a lagged series (NaN
        where there is none).
    reports
        One row per act on the outcome ladder with the names and grades of its sources; ``nothing``
        marks a finding of nothing.
    unused
        Records that are in the vintage but not in the panel, each with the reason.
    at_stake
        Spans of the outcome model as known on the date.
    drivers
        Covariates of the outcome model as known on the date.
    acts
        The acts behind signals and reports.
    notes
        The note of each record of the vintage, to find an opportunity by its name.
    vintage_hash
        Hash of the vintage that the panel was made from.
    delays
        How long events took to become known, by what is known on the date; None where the study
        reads its evidence without delay.
    corroboration
        By grade, how many reports were confirmed and withdrawn by the date; empty unless the study
        learns credibility.
    """

    study: Study
    as_of: date
    periods: tuple[str, ...]
    signals: pd.DataFrame
    reports: pd.DataFrame
    unused: pd.DataFrame
    at_stake: tuple[AtStake, ...]
    drivers: tuple[Driver, ...]
    acts: tuple[Act, ...]
    notes: Mapping[str, str]
    vintage_hash: str
    delays: Delays | None = None
    corroboration: Mapping[str, Tally] = MappingProxyType({})

    @property
    def coords(self) -> dict[str, list[str]]:
        """Coordinates of the panel as plain strings."""
        return {
            "pair": [pair.label for pair in self.study.pairs],
            "domain": list(self.study.domains),
            "period": list(self.periods),
            "rung": list(self.study.ladder.rungs),
            "indicator": sorted(self.signals["indicator"].unique()),
        }

    @property
    def content_hash(self) -> str:
        """SHA-256 over the rows: equal panels have equal hashes whatever the order of arrival."""
        digest = hashlib.sha256()
        for frame in (self.signals, self.reports, self.unused):
            digest.update(frame.to_json(orient="split", double_precision=15).encode())
        digest.update("|".join((*self.periods, self.as_of.isoformat())).encode())
        return digest.hexdigest()


@without_collecting()
def build_panel(
    study: Study,
    vintage: Vintage,
    *,
    priors: Priors | None = None,
    history: History | None = None,
    delays: Delays | None = None,
) -> Panel:
    """Turn a vintage into the panel of a study.

    Parameters
    ----------
    study : Study
    vintage : Vintage
        From the as-of reader, which holds nothing known after its date.
    priors : Priors, optional
        Of reporting delays; by default the study's own prior sets are read.
    history : History, optional
        What was withdrawn and corrected by the date; by default what the vintage remembers.
    delays : Delays, optional
        Of reporting; by default those that the vintage teaches, where the study wants any.

    Raises
    ------
    ModelError
        If the as-of date is before the study's first period.
    """
    last_period = study.calendar.index(vintage.as_of)
    if last_period < 0:
        raise ModelError(
            f"as-of date {vintage.as_of} is before the study begins",
            where=f"study {study.id}",
            expected=f"a date from {study.calendar.start(0)}",
            remedy="choose a later --as-of, or an earlier start in study.toml",
        )
    at_stake = tuple(
        span
        for span in study.at_stake
        if span.known_at <= vintage.as_of and span.start <= vintage.as_of
    )
    unused: list[tuple[str, str]] = []
    usable = list(usable_records(study, vintage, at_stake, unused))
    acts = acts_of(study, usable, last_period)
    history = history or history_of(study, vintage)
    if not study.switches.delay:
        delays = None
    elif delays is None:
        priors = priors or load_priors(study.prior_sets, study.directory)
        delays = estimate_delays(study, vintage, priors, history.first_known)
    signals = signal_rows(study, acts, vintage.as_of, unused, delays)
    reports = [report_row(study, act) for act in acts if _measures(study, act) == "outcome"]
    return Panel(
        study=study,
        as_of=vintage.as_of,
        periods=tuple(study.calendar.labels(last_period + 1)),
        signals=_frame(signals, SIGNAL_COLUMNS),
        reports=_frame(reports, REPORT_COLUMNS),
        unused=pd.DataFrame(sorted(unused), columns=["record", "why"]),
        at_stake=at_stake,
        drivers=tuple(d for d in study.drivers if d.known_at <= vintage.as_of),
        acts=tuple(acts),
        notes={record.id: record.note for record in vintage.records},
        vintage_hash=vintage.hash,
        delays=delays,
        corroboration=(
            tally_reports(study, usable, history.withdrawn)
            if study.switches.credibility == "learnt"
            else MappingProxyType({})
        ),
    )


def _measures(study: Study, act: Act) -> str:
    return study.indicators[act.indicator].measures


def _frame(rows: list[dict[str, object]], columns: list[str]) -> pd.DataFrame:
    rows = sorted(rows, key=lambda r: (str(r["indicator"]), str(r["pair"]), str(r["first"])))
    return pd.DataFrame(rows, columns=columns)


def usable_records(
    study: Study, vintage: Vintage, at_stake: tuple[AtStake, ...], unused: list[tuple[str, str]]
) -> Iterable[Record]:
    """Yield the records that can enter, and note why the others cannot."""
    pairs = frozenset(study.pairs)
    for record in vintage.records:
        indicator = study.indicators.get(record.indicator)
        if indicator is None or record.pair not in pairs:
            unused.append((record.id, "its indicator or pair is no longer part of the study"))
        elif indicator.measures == "none":
            unused.append((record.id, f"kept out of the likelihood: {indicator.definition}"))
        elif record.first > vintage.as_of:
            unused.append((record.id, "announced: the event lies after the as-of date"))
        elif record.last < study.calendar.start(0):
            unused.append((record.id, "before the study begins"))
        elif indicator.measures == "outcome" and not _staked(study, record, at_stake):
            unused.append((record.id, "support to the recipient was not at stake at the time"))
        else:
            yield record


def _staked(study: Study, record: Record, at_stake: tuple[AtStake, ...]) -> bool:
    index = study.calendar.index
    return any(
        span.recipient == record.recipient
        and index(record.last) >= index(span.start)
        and (span.end is None or index(record.first) <= index(span.end))
        for span in at_stake
    )


def signal_rows(
    study: Study,
    acts: list[Act],
    as_of: date,
    unused: list[tuple[str, str]],
    delays: Delays | None,
) -> list[dict[str, object]]:
    """Return one row for each likelihood term of the signals, acts and covered zeros."""
    rows: list[dict[str, object]] = []
    for indicator in study.indicators.values():
        if indicator.measures != "alignment":
            continue
        own = [act for act in acts if act.indicator == indicator.name]
        if indicator.kind == "count":
            rows.extend(count_cells(study, indicator, own, as_of, unused, delays))
        else:
            rows.extend(act_row(study, act, own) for act in own)
    return rows


def act_row(study: Study, act: Act, own: list[Act]) -> dict[str, object]:
    """Return the row of one act among the acts of its indicator."""
    indicator = study.indicators[act.indicator]
    lag = float("nan")
    if indicator.lagged:
        before = [one for one in own if one.pair == act.pair and one.last < act.first]
        if before:
            lag = max(before, key=lambda one: (one.last, one.first)).value
    label = study.calendar.label
    return {
        "indicator": act.indicator,
        "kind": indicator.kind,
        "domain": indicator.domain,
        "pair": act.pair.label,
        "partner": act.pair.reverse.label if indicator.mutual else act.pair.label,
        "first": label(act.first),
        "last": label(act.last),
        "exposure": 1.0,
        "value": act.value,
        "lag": lag,
        "grades": (act.grades,),
        "counts": (act.value,),
        "records": act.records,
    }


def report_row(study: Study, act: Act) -> dict[str, object]:
    """Return the row of one act on the ladder."""
    label = study.calendar.label
    return {
        "indicator": act.indicator,
        "rung": study.indicators[act.indicator].rung,
        "pair": act.pair.label,
        "attribution": act.attribution,
        "nothing": act.value <= 0,
        "first": label(act.first),
        "last": label(act.last),
        "sources": act.sources,
        "records": act.records,
    }
