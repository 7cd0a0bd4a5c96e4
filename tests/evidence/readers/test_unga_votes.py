"""Roll calls: agreement by session, blank codes by name, the file of sessions beside."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.errors import EvidenceError
from forecast.evidence.readers import read_public
from tests.evidence.readers.support import (
    cells,
    read_sound,
    rounded,
    shared,
    study_of,
    values,
    write_rda,
)

NAME = "unga-votes"
AGREEMENT = "unga_vote_agreement"


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    cast = [
        (1, "China", "CN", "yes"),
        (1, "Russia", "RU", "yes"),
        (2, "China", "CN", "yes"),
        (2, "Russia", "RU", "no"),
        (3, "China", "CN", "yes"),
        (3, "Russia", "RU", "abstain"),
        (4, "China", "CN", "yes"),
        (5, "China", "CN", "no"),
        (5, "Federal Republic of Germany", None, "no"),
        (5, "United States", "US", "no"),
    ]
    names = ("rcid", "country", "country_code", "vote")
    columns = {name: [row[index] for row in cast] for index, name in enumerate(names)}
    write_rda(
        tmp_path / "un_roll_calls.rda",
        {"rcid": [1, 2, 3, 4, 5], "session": [60.0, 60.0, 60.0, 60.0, 40.0]},
    )
    return write_rda(tmp_path / "un_votes.rda", columns)


def test_agreement_is_the_mean_over_votes_that_both_cast(votes: Path) -> None:
    reading = read_sound(NAME, votes, study_of(NAME, "CHN", "RUS", "DEU"))
    # Alike 1, opposed 0, beside an abstention one half; the fourth was cast by one alone.
    assert values(reading, AGREEMENT, "CHN", "RUS") == {"2005": 0.5}
    assert values(reading, AGREEMENT, "CHN", "DEU") == {"1985": 1}
    assert ("session 60, 3 votes",) in cells(reading, "note")
    assert reading.notes[0] == "known fault: votes without a code, found by name: 1"
    assert reading.skipped == {"state outside the study": 1}


def test_the_sessions_must_lie_beside_the_votes(votes: Path) -> None:
    votes.with_name("un_roll_calls.rda").unlink()
    with pytest.raises(EvidenceError, match="does not exist") as caught:
        read_public(NAME, votes, study_of(NAME, "CHN", "RUS"))
    assert caught.value.where.endswith("un_roll_calls.rda")


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    reading = read_sound(NAME, shared("unga/un_votes.rda"), study_of(NAME, "CHN", "RUS", "SUN"))
    agreement = values(reading, AGREEMENT, "CHN", "RUS")
    years = [str(1945 + session) for session in (60, 65, 70, 72, 74)]
    assert rounded(agreement, *years, digits=2) == [0.85, 0.85, 0.83, 0.87, 0.87]
    assert max(agreement) == "2019"
    assert max(values(reading, AGREEMENT, "CHN", "SUN")) == "1991"
    assert reading.skipped["blank row"] == 2
