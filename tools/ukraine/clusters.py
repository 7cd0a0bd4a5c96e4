"""Cuts raw clusters into acts: one indicator, one pair, one quarter, one value, one attribution."""

from collections import defaultdict
from dataclasses import dataclass

from tools.ukraine.days import quarter_label, quarters
from tools.ukraine.records import DISSOLVED, EXCEPTIONS


@dataclass(frozen=True, kw_only=True)
class Dated:
    """What decides whether two records of a raw cluster tell of one act."""

    id: str
    indicator: str
    pair: tuple[str, ...]
    date: str
    precision: str
    value: str
    attribution: str

    @property
    def span(self) -> tuple[int, int]:
        """First and last quarter."""
        return quarters(self.date, self.precision)

    @property
    def kin(self) -> tuple[object, ...]:
        """What the records of one act share, the quarter apart."""
        return (self.indicator, self.pair, self.value, self.attribution)


def cluster_names(records: list[Dated], links: dict[str, str]) -> dict[str, str]:
    """Return the cluster of each record that shares its act with another.

    A cluster that stays whole keeps its name; a part of one gets the indicator and the quarter
    appended. A record dated to an interval joins the earliest act of its cluster inside it.
    """
    by_cluster: dict[str, list[Dated]] = defaultdict(list)
    for record in records:
        cluster = links.get(record.id)
        decision = EXCEPTIONS.get(record.id)
        if cluster and cluster not in DISSOLVED and not (decision and decision.alone):
            by_cluster[cluster].append(record)
    names: dict[str, str] = {}
    for cluster, members in sorted(by_cluster.items()):
        size = sum(link == cluster for link in links.values())
        for (kin, quarter), act in sorted(_acts(members).items(), key=lambda one: str(one[0])):
            if len(act) > 1:
                part = f"{cluster}-{kin[0]}-{quarter_label(quarter)}"
                names |= {record.id: cluster if len(act) == size else part for record in act}
    return names


def _acts(members: list[Dated]) -> dict[tuple[tuple[object, ...], int], list[Dated]]:
    acts: dict[tuple[tuple[object, ...], int], list[Dated]] = defaultdict(list)
    for record in members:
        if record.span[0] == record.span[1]:
            acts[record.kin, record.span[0]].append(record)
    dated = sorted(acts, key=lambda key: key[1])
    for record in members:
        first, last = record.span
        if first < last:
            hosts = [key for key in dated if key[0] == record.kin and first <= key[1] <= last]
            acts[hosts[0] if hosts else (record.kin, first)].append(record)
    return acts
