"""What lies between two vintages, cause by cause: time, revisions, retractions, new evidence."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from forecast.evidence.record import Record, canonical_json, sha256
from forecast.evidence.vintage import Vintage

TIME, REVISIONS, RETRACTIONS, EVIDENCE = "time", "revisions", "retractions", "evidence"
#: The causes in the order in which they are let in.
CAUSES = (TIME, REVISIONS, RETRACTIONS, EVIDENCE)


@dataclass(frozen=True)
class Step:
    """One cause of a change.

    Attributes
    ----------
    cause
        One of ``CAUSES``.
    vintage
        What is known once this cause and those before it are let in.
    records
        Ids of the records that it is about.
    """

    cause: str
    vintage: Vintage
    records: tuple[str, ...] = ()


def steps_between(before: Vintage, after: Vintage) -> list[Step]:
    """Cut the way from one vintage to another into its causes; a cause without effect is left out.

    First the date moves on with nothing new in (silence, exposures, the shrinking window), then
    corrections come in, then withdrawals, then records that were not there before. Each step is a
    counterfactual: what would be known had only the causes up to it happened.
    """
    old = {record.id: record for record in before.records}
    new = {record.id: record for record in after.records}
    revised = tuple(name for name in old if name in new and _differ(old[name], new[name]))
    corrected = frozenset(revised)
    withdrawn = tuple(name for name in old if name not in new)
    added = tuple(name for name in new if name not in old)
    steps: list[Step] = []
    known = before
    if after.as_of != before.as_of:
        known = replace(known, as_of=after.as_of)
        steps.append(Step(TIME, known))
    if revised:
        records = (new[one.id] if one.id in corrected else one for one in known.records)
        known = _with(known, records, replaced=after.replaced)
        steps.append(Step(REVISIONS, known, revised))
    if withdrawn:
        records = (one for one in known.records if one.id in new)
        known = _with(known, records, withdrawn=after.withdrawn, found_false=after.found_false)
        steps.append(Step(RETRACTIONS, known, withdrawn))
    if added:
        steps.append(Step(EVIDENCE, after, added))
    elif steps:
        # What is left of a vintage beside its records, such as what was withdrawn and came back.
        steps[-1] = replace(steps[-1], vintage=after)
    elif after.hash != before.hash:
        steps.append(Step(REVISIONS, after))
    return steps


def _differ(one: Record, other: Record) -> bool:
    return one.content_hash != other.content_hash


def _with(vintage: Vintage, records: Iterable[Record], **changes: object) -> Vintage:
    chosen = tuple(records)
    digest = sha256(canonical_json([(one.id, one.content_hash) for one in chosen]))
    return replace(vintage, records=chosen, hash=digest, **changes)  # type: ignore[arg-type]


def vintage_with(vintage: Vintage, records: Iterable[Record]) -> Vintage:
    """Return a vintage with other records; what it remembers of earlier versions stays."""
    return _with(vintage, sorted(records, key=lambda one: one.id))
