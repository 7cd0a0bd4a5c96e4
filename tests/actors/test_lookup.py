"""Names and codes of states: exact, dated where a code was passed on, never guessed."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from forecast.actors import registry
from forecast.actors.lookup import Registry
from forecast.actors.table import Actor, read_actors
from forecast.errors import StudyError


@pytest.mark.parametrize(
    ("text", "system", "code"),
    [
        ("China", "name", "CHN"),
        ("  united   STATES of america ", "name", "USA"),
        ("Türkiye", "name", "TUR"),
        ("Tu\u0308rkiye", "name", "TUR"),
        ("Turkey", "name", "TUR"),
        ("Korea, Democratic People's Republic Of", "name", "PRK"),
        ("Cote D'ivoire", "name", "CIV"),
        ("NA", "iso2", "NAM"),
        ("GB", "iso2", "GBR"),
        ("UK", "iso2", "GBR"),
        ("EL", "iso2", "GRC"),
        ("RUS", "iso3", "RUS"),
        ("731", "cow", "PRK"),
        ("817", "cow", "RVN"),
        ("255", "cow", "DEU"),
        ("260", "cow", "DEU"),
        ("265", "cow", "DDR"),
        ("678", "cow", "YEM"),
        ("679", "cow", "YEM"),
        ("678", "gw", "YEM"),
        ("680", "cow", "YMD"),
        ("680", "gw", "YMD"),
        ("316", "gw", "CZE"),
        ("816", "gw", "VNM"),
        ("340", "gw", "SRB"),
        ("970", "cow", "NRU"),
        ("970", "gw", "KIR"),
    ],
)
def test_a_text_means_one_state(text: str, system: str, code: str) -> None:
    found = registry().find(text, system)  # type: ignore[arg-type]
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(1980, 1, 1), "SUN"), (date(1991, 12, 25), "SUN"), (date(1991, 12, 26), "RUS")],
)
def test_the_day_decides_who_365_is(day: date, code: str) -> None:
    found = registry().find("365", "cow", on=day)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("text", "system", "day", "code"),
    [
        ("YU", "iso2", date(2000, 1, 1), "YUG"),
        ("RU", "iso2", date(1985, 1, 1), "SUN"),
        ("RUS", "iso3", date(1985, 1, 1), "SUN"),
        ("YU", "iso2", date(2019, 1, 1), "SRB"),
        ("Russia (Soviet Union)", "name", date(1985, 1, 1), "SUN"),
        ("Serbia (Yugoslavia)", "name", date(1998, 1, 1), "YUG"),
        ("CHN", "iso3", date(1700, 1, 1), "CHN"),
    ],
)
def test_a_day_decides_only_between_states_that_share_a_text(
    text: str, system: str, day: date, code: str
) -> None:
    found = registry().find(text, system, on=day)  # type: ignore[arg-type]
    assert found is not None
    assert found.code == code


def test_without_a_day_the_living_state_is_meant() -> None:
    found = registry().find("365", "cow")
    assert found is not None
    assert found.code == "RUS"


@pytest.mark.parametrize("text", ["Rusia", "Chin", "", "Republic of", "Korea"])
def test_nothing_is_found_by_likeness(text: str) -> None:
    assert registry().find(text) is None


def test_the_three_nearest_names_are_suggested() -> None:
    assert registry().suggest("Rusia")[0] == "Russia"
    assert registry().suggest("Untied States")[0] == "United States"
    assert len(set(registry().suggest("Vietnan"))) == 3
    assert registry().suggest("366x", system="cow")[0] == "366 (Estonia)"


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(StudyError, match="'fips' is not a system of codes"):
        registry().find("CH", "fips")  # type: ignore[arg-type]


def test_codes_and_names_are_distinct() -> None:
    actors = read_actors()
    assert len({actor.code for actor in actors}) == len(actors)
    assert len({actor.name for actor in actors}) == len(actors)
    assert {"SUN", "DDR", "RVN", "YEM", "YMD", "YUG", "CSK"} <= {actor.code for actor in actors}


def test_codes_have_the_length_of_their_system() -> None:
    for actor in registry():
        assert {len(code) for code in actor.iso2} <= {2}, actor.code
        assert {len(code) for code in actor.iso3} <= {3}, actor.code


def test_only_successors_share_a_text() -> None:
    shared = {
        (system, actor.code)
        for system in ("name", "iso2", "iso3", "cow", "gw")
        for actor in registry()
        for text in (
            (actor.name, *actor.aliases) if system == "name" else map(str, getattr(actor, system))
        )
        if len(registry().candidates(text, system)) > 1  # type: ignore[arg-type]
    }
    assert {code for _, code in shared} == {"RUS", "SUN", "SRB", "YUG"}


def test_lives_begin_before_they_end() -> None:
    for actor in registry():
        if actor.start and actor.end:
            assert actor.start < actor.end, actor.code


def test_the_first_of_equally_near_states_is_taken() -> None:
    small = Registry([Actor(code="A", name="A", cow=(1,)), Actor(code="B", name="B", cow=(1,))])
    found = small.find("1", "cow")
    assert found is not None
    assert found.code == "A"
    assert len(small) == 2


def test_the_registry_loads_neither_pandas_nor_the_converter() -> None:
    script = (
        "import sys; from forecast.actors import registry; registry();"
        "print(*sorted({'pandas', 'country_converter'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
