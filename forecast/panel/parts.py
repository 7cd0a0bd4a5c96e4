"""The rows of a panel that some records are behind, made anew without them or with others."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pandas as pd

from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage
from forecast.panel.acts import Act, acts_of, canonical_pair
from forecast.panel.build import (
    REPORT_COLUMNS,
    SIGNAL_COLUMNS,
    Panel,
    act_row,
    report_row,
    usable_records,
)
from forecast.panel.cells import pair_cells
from forecast.panel.rows import rows
from forecast.study.models import Pair

# An indicator and a pair (a mutual indicator's dyad in its canonical direction).
Key = tuple[str, Pair]


@dataclass(frozen=True)
class Difference:
    """Rows that a panel loses and gains where its records are others.

    Attributes
    ----------
    lost, gained : DataFrame
        In the columns of the panel's signals.
    reports : mapping of str to DataFrame
        By pair whose reports change, all its reports then, in the columns of the panel's.
    acts : mapping of key to list of Act
        The acts of every indicator and pair concerned.
    """

    lost: pd.DataFrame
    gained: pd.DataFrame
    reports: dict[str, pd.DataFrame]
    acts: dict[Key, list[Act]]

    @property
    def keys(self) -> frozenset[Key]:
        """The indicators and pairs concerned."""
        return frozenset(self.acts)

    def apply(self, panel: Panel) -> Panel:
        """Return the panel with the acts and reports that it then has.

        For forecasts, which read acts and reports; the signals are left as they were.
        """
        kept = [act for act in panel.acts if (act.indicator, act.pair) not in self.acts]
        made = [act for group in self.acts.values() for act in group]
        acts = sorted((*kept, *made), key=lambda a: (a.indicator, a.pair, a.first, a.records))
        reports = panel.reports
        if self.reports:
            others = reports[~reports["pair"].isin(list(self.reports))]
            parts = [part for part in (others, *self.reports.values()) if len(part)]
            reports = pd.concat(parts, ignore_index=True) if parts else others
        return replace(panel, acts=tuple(acts), reports=reports)


@dataclass
class Parts:
    """The usable records of a panel by indicator and pair.

    Rows of one indicator and pair depend on the records of both alone, so that a panel without
    some records need not be built whole. Reporting delays stay as the panel has them.
    """

    panel: Panel
    records: dict[Key, list[Record]]
    _rows: dict[Key, list[dict[str, object]]] = field(default_factory=dict)
    _keys: dict[str, Key] = field(default_factory=dict)

    @classmethod
    def of(cls, panel: Panel, vintage: Vintage) -> "Parts":
        """Sort the records of a panel."""
        found: dict[Key, list[Record]] = defaultdict(list)
        for record in usable_records(panel.study, vintage, panel.at_stake, []):
            indicator = panel.study.indicators[record.indicator]
            found[record.indicator, canonical_pair(indicator, record.pair)].append(record)
        return cls(panel, dict(found))

    @property
    def used(self) -> dict[str, Record]:
        """The records that the likelihood reads, by id."""
        unused = set(self.panel.unused["record"])
        return {
            record.id: record
            for group in self.records.values()
            for record in group
            if record.id not in unused
        }

    def without(self, left_out: Collection[str]) -> Difference:
        """Return what the panel loses and gains without some records."""
        out = frozenset(left_out)
        if not self._keys:
            self._keys.update((one.id, key) for key, group in self.records.items() for one in group)
        keys = dict.fromkeys(self._keys[name] for name in sorted(out) if name in self._keys)
        return self._difference(
            {key: [one for one in self.records[key] if one.id not in out] for key in keys}
        )

    def _difference(self, changed: dict[Key, list[Record]]) -> Difference:
        study = self.panel.study
        last = len(self.panel.periods) - 1
        acts = {key: acts_of(study, records, last) for key, records in changed.items()}
        lost, gained = [], []
        reports: dict[str, pd.DataFrame] = {}
        touched: dict[str, dict[Key, list[Act]]] = defaultdict(dict)
        for key in changed:
            indicator = study.indicators[key[0]]
            if indicator.measures == "outcome":
                touched[key[1].label][key] = acts[key]
                continue
            before = self._own_rows(key)
            after = self._signals(key, acts[key])
            old, new = Counter(map(_content, before)), Counter(map(_content, after))
            lost += _only(before, old - new)
            gained += _only(after, new - old)
        for label, own in touched.items():
            reports[label] = self._reports(label, own)
        return Difference(
            lost=pd.DataFrame(lost, columns=SIGNAL_COLUMNS),
            gained=pd.DataFrame(gained, columns=SIGNAL_COLUMNS),
            reports=reports,
            acts=acts,
        )

    def _own_rows(self, key: Key) -> list[dict[str, object]]:
        if key not in self._rows:
            last = len(self.panel.periods) - 1
            acts = acts_of(self.panel.study, self.records.get(key, []), last)
            self._rows[key] = self._signals(key, acts)
        return self._rows[key]

    def _signals(self, key: Key, acts: list[Act]) -> list[dict[str, object]]:
        panel, study = self.panel, self.panel.study
        indicator = study.indicators[key[0]]
        if indicator.kind == "count":
            return pair_cells(study, indicator, key[1], acts, panel.as_of, [], panel.delays)
        return [act_row(study, act, acts) for act in acts]

    def _reports(self, label: str, changed: dict[Key, list[Act]]) -> pd.DataFrame:
        """Return all reports of a pair where those of some indicators are others."""
        study = self.panel.study
        kept = self.panel.reports
        others = kept[(kept["pair"] == label) & ~kept["indicator"].isin([k[0] for k in changed])]
        acts = [act for group in changed.values() for act in group]
        made = [{name: getattr(row, name) for name in REPORT_COLUMNS} for row in rows(others)]
        made += [report_row(study, act) for act in acts]
        return pd.DataFrame(made, columns=REPORT_COLUMNS)


def _content(row: dict[str, object]) -> tuple[object, ...]:
    """Return what the likelihood reads of a row; a missing lag equals another."""
    return tuple(
        None if value != value else value for name, value in row.items() if name != "records"
    )


def _only(
    made: list[dict[str, object]], wanted: Counter[tuple[object, ...]]
) -> list[dict[str, object]]:
    """Return as many of the rows of each content as are wanted."""
    left, chosen = Counter(wanted), []
    for row in made:
        content = _content(row)
        if left[content] > 0:
            left[content] -= 1
            chosen.append(row)
    return chosen
