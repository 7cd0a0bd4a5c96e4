"""Checks that no raw record is lost and none is made up."""

from tools.ukraine.files import Row
from tools.ukraine.indicators import INDICATORS

#: Raw record id -> why it is not in the study. Empty: every record is.
NOT_IMPORTED: dict[str, str] = {}


def account(raw: list[Row], evidence: list[Row]) -> None:
    """Refuse a study that loses a raw record, invents one or names an indicator never used.

    Raises
    ------
    ValueError
        Naming the records or indicators.
    """
    wanted = [row["id"] for row in raw if row["id"] not in NOT_IMPORTED]
    got = [row["id"] for row in evidence]
    if len(set(got)) < len(got) or sorted(wanted) != sorted(got):
        raise ValueError(f"records differ from the raw ones: {sorted({*wanted} ^ {*got})}")
    unused = {one.indicator for one in INDICATORS} - {row["indicator"] for row in evidence}
    if unused:
        raise ValueError(f"indicators without a record: {sorted(unused)}")
