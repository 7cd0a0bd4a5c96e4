"""External support by actor-year: supporters from a list, types only where they can be told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from forecast.evidence.readers.ucdp_esd_actor import TYPES
from tests.evidence.readers.support import read_sound, shared, study_of, values

NAME = "ucdp-esd-actor"
ANY = "external_support"


def row(actor: str, supporters: str | None, opponent: str = "Rebels", **flags: int) -> dict:
    """Return an invented actor-year of 2001."""
    return {
        "id": 1,
        "year": 2001,
        "actor_name": actor,
        "actor_nonstate": 0,
        "dyad_name": f"{actor} - {opponent}",
        "ext_name": supporters,
        "ext_bothsides": 0,
        "ext_coalition": 0,
        "ext_u": 0,
        **{f"ext_{letter}": 0 for letter in TYPES},
        **flags,
    }


def read(tmp_path: Path, *rows: dict):
    file = tmp_path / "esd.xlsx"
    pd.DataFrame(rows).to_excel(file, index=False)
    return read_sound(NAME, file, study_of(NAME, "CHN", "PAK", "IRN", "RUS", "SUN"))


def test_a_single_supporter_gets_the_types_of_the_row(tmp_path: Path) -> None:
    reading = read(tmp_path, row("Government of Pakistan", "Government of China", ext_w=1))
    assert values(reading, ANY, "CHN", "PAK") == {"2001": 1}
    assert values(reading, "external_support_weapons", "CHN", "PAK") == {"2001": 1}
    assert values(reading, "external_support_troops", "CHN", "PAK") == {"2001": 0}
    assert len(reading.rows) == 1 + len(TYPES)


def test_several_supporters_get_no_types(tmp_path: Path) -> None:
    both = "Government of China,Government of Iran,Some militia"
    reading = read(tmp_path, row("Government of Pakistan", both, ext_w=1))
    assert [r["indicator"] for r in reading.rows] == [ANY, ANY]
    assert reading.skipped == {
        "known fault: types of a row with several supporters not assigned": 1,
        "supporter not a state": 1,
    }


def test_a_supporter_of_both_sides_gets_no_types(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("Government of Pakistan", "Government of China", ext_w=1, ext_bothsides=1),
    )
    (only,) = reading.rows
    assert only["indicator"] == ANY
    assert "supports both sides" in only["note"]
    assert reading.skipped == {"known fault: supporter of both sides, types not assigned": 1}


def test_support_of_unknown_type_leaves_the_others_open(tmp_path: Path) -> None:
    reading = read(tmp_path, row("Government of Pakistan", "Government of China", ext_u=1, ext_f=1))
    assert [r["indicator"] for r in reading.rows] == [
        "external_support_funding",
        "external_support",
    ]


def test_rows_of_one_year_are_joined_and_doubtful_zeros_left_out(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("Government of Pakistan", "Government of China", "One", ext_w=1),
        row("Government of Pakistan", "Government of China,Government of Iran", "Two", ext_t=1),
    )
    china = [r for r in reading.rows if r["supporter"] == "CHN"]
    assert [r["indicator"] for r in china] == ["external_support", "external_support_weapons"]
    assert china[0]["note"] == "Government of Pakistan - One; Government of Pakistan - Two"


def test_rows_that_concern_no_government_are_counted(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("Rebels", "Government of China", actor_nonstate=1),
        row("Government of Pakistan, Government of Iran", "Government of China"),
        row("Government of Pakistan", None),
        row("Government of India", "Government of China", ext_w=1),
    )
    assert reading.rows == ()
    assert reading.skipped == {
        "actor-year without support": 1,
        "pair outside the study": 1 + len(TYPES),
        "recipient not a state": 1,
        "several governments as one recipient": 1,
    }


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    codes = ("CHN", "PAK", "IND", "SUN", "RUS", "SYR", "IRN", "UKR", "USA", "MMR", "MLI")
    reading = read_sound(NAME, shared("ucdp_esd/ucdp-esd-ay-181.xlsx"), study_of(NAME, *codes))
    weapons = values(reading, "external_support_weapons", "CHN", "PAK")
    assert len(weapons) == 14
    assert (min(weapons), max(weapons)) == ("1984", "2003")
    assert set(weapons.values()) == {1}
    assert set(values(reading, "external_support_training", "CHN", "PAK").values()) == {1}
    assert values(reading, ANY, "CHN", "RUS") == {}
    assert values(reading, ANY, "IRN", "SYR")["2013"] == 1
    assert reading.skipped["recipient not a state"] == 2371
    assert reading.skipped["known fault: supporter of both sides, types not assigned"] == 60
