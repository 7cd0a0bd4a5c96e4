"""The mappings: each shipped one is whole, and a user's own is checked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from forecast.actors import registry
from forecast.errors import EvidenceError
from forecast.evidence import readers
from forecast.evidence.readers import FORMATS, indicator_rows, read_public, show_mapping
from forecast.evidence.readers.mapping import load_mapping
from forecast.studies import directory as shipped
from forecast.study.load import load_study
from tests.evidence.readers.support import REPOSITORY, cells, study_of
from tests.evidence.readers.test_sipri_register import HEADER, order
from tests.tiny import write_study

NAME = "sipri-register"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ships_a_whole_mapping(name: str) -> None:
    mapping = load_mapping(name)
    assert mapping.reader == name
    assert mapping.variables
    assert all(one.columns.get("definition") for one in mapping.variables.values())
    assert {mapping.licence, mapping.citation, mapping.coverage, mapping.grade.reason} - {""}
    assert set(mapping.names.values()) <= set(registry().by_code)
    assert not [text for text in mapping.not_states if registry().candidates(text)]
    assert show_mapping(name).startswith('format = "mapping/1"\n')


@pytest.mark.parametrize("name", FORMATS)
def test_the_indicators_of_a_mapping_can_be_pasted_into_a_study(name: str, tmp_path: Path) -> None:
    directory = write_study(tmp_path / "study")
    file = directory / "indicators.csv"
    header, *own = indicator_rows(name).splitlines()
    kept = file.read_text(encoding="utf-8").splitlines()[1:]
    lines = [line + "," for line in kept]
    used = {line.split(",")[0] for line in kept}
    own = ["own_" + line if line.split(",")[0] in used else line for line in own]
    file.write_text("\n".join([header, *lines, *own]) + "\n", encoding="utf-8")
    names = {one.indicator for one in load_mapping(name).variables.values()}
    assert names <= used | set(load_study(directory).indicators)


@pytest.mark.parametrize("name", FORMATS)
def test_ukraine_names_are_used_with_the_same_direction(name: str) -> None:
    study = load_study(shipped("ukraine"))
    for variable in load_mapping(name).variables.values():
        indicator = study.indicators.get(variable.indicator)
        if indicator is not None:
            assert indicator.mutual == variable.mutual
            assert indicator.kind == variable.columns["kind"]


def own_mapping(tmp_path: Path, old: str, new: str) -> Path:
    text = show_mapping(NAME)
    assert old in text
    file = tmp_path / "own.toml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


@pytest.fixture
def register(tmp_path: Path) -> Path:
    file = tmp_path / "register.csv"
    file.write_text(HEADER + order("Soviet Union", "Iran", "1980", "4"), encoding="utf-8")
    return file


def test_an_own_mapping_can_fold_a_state_into_its_successor(register: Path, tmp_path: Path) -> None:
    own = own_mapping(tmp_path, "[grade]", '[actors]\nSUN = "RUS"\n\n[grade]')
    study = study_of(NAME, "IRN", "RUS")
    assert read_public(NAME, register, study).rows == ()
    reading = read_public(NAME, register, study, mapping=own)
    assert cells(reading, "supporter", "recipient") == [("IRN", "RUS")]


def test_an_own_mapping_can_name_what_the_registry_lacks(tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text(
        HEADER + order("Rusia", "Iran", "2020", "4") + order("Atlantis", "Iran", "2020", "4"),
        encoding="utf-8",
    )
    own = own_mapping(tmp_path, "not_states = [", 'not_states = [\n    "Atlantis",')
    own.write_text(own.read_text().replace("[grade]", '[names]\nRusia = "RUS"\n\n[grade]'))
    study = study_of(NAME, "IRN", "RUS")
    assert len(read_public(NAME, file, study).problems) == 2
    reading = read_public(NAME, file, study, mapping=own)
    assert reading.problems == ()
    assert cells(reading, "recipient") == [("RUS",)]
    assert reading.skipped == {"not a state": 1}


def test_an_own_mapping_can_send_a_variable_elsewhere(register: Path, tmp_path: Path) -> None:
    own = own_mapping(tmp_path, 'indicator = "arms_deliveries_tiv"', 'indicator = "arms"')
    reading = read_public(NAME, register, study_of(NAME, "IRN", "SUN"), mapping=own)
    assert reading.skipped == {"indicator not in the study: arms": 1}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('reader = "sipri-register"', 'reader = "atop"', "the mapping is for 'atop'"),
        ("[variables.tiv]", "[variables.volume]", "the format has no variable 'volume'"),
        ('value = "positive"', 'value = "log"', "variables.tiv.value"),
        ('reliability = "B"', 'reliability = "Z"', "grade.reliability"),
        ("known_at = 2025-03-31", 'known_at = "spring"', "known_at"),
        ("[grade]", "[grade", "is not TOML"),
        ("[grade]", '[names]\nSoviets = "USSR"\n\n[grade]', "'USSR' is not a code of the registry"),
        ("[grade]", '[actors]\nRUX = "RUS"\n\n[grade]', "'RUX' is not a code of the registry"),
        ("licence =", "license =", "licence"),
    ],
)
def test_a_wrong_mapping_is_refused(
    old: str, new: str, message: str, register: Path, tmp_path: Path
) -> None:
    own = own_mapping(tmp_path, old, new)
    if new.startswith("[variables.volume]"):
        own.write_text(own.read_text().replace("[variables.tiv.", "[variables.volume."))
    with pytest.raises(EvidenceError, match=message):
        read_public(NAME, register, study_of(NAME, "IRN", "SUN"), mapping=own)


def test_a_missing_mapping_is_refused(register: Path, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="the mapping cannot be read"):
        read_public(NAME, register, study_of(NAME, "IRN"), mapping=tmp_path / "none.toml")


def test_mappings_and_formats_load_no_reader() -> None:
    script = (
        "import sys; from forecast.evidence.readers import FORMATS, show_mapping;"
        "[show_mapping(one) for one in FORMATS];"
        "print(*sorted({'pandas', 'pyreadr', 'openpyxl'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_every_mapping_file_belongs_to_a_format() -> None:
    folder = Path(readers.__file__).with_name("mappings")
    assert {file.stem for file in folder.iterdir()} == set(FORMATS)


def test_every_format_is_in_the_documentation() -> None:
    text = (REPOSITORY / "docs" / "readers.md").read_text(encoding="utf-8")
    assert [name for name in FORMATS if f"`{name}`" not in text] == []
