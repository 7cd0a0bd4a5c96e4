"""Checking a study must tell what is wrong with any file, never crash on it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import ProblemsError
from forecast.evidence.importers import check_table
from forecast.study.load import check_study, load_study
from forecast.study.models import Study
from tests.tiny import ARMS, FILES, PATROL, csv_text, write_study

SPLICES = st.text(max_size=4) | st.sampled_from(["\n", ",", '"', "=", "[", "]", "|", "\0", "->"])
# Every example writes a study to disk.
FEW = settings(max_examples=60)


@st.composite
def damaged(draw, text):
    """Draw a text with a stretch of it replaced."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 20)))
    return (text[:start] + draw(SPLICES) + text[end:]).encode("utf-8", errors="replace")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(write_study(tmp_path_factory.mktemp("study")))


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_loads_or_has_every_problem_named_with_a_remedy(name):
    @FEW
    @given(damaged(FILES[name]))
    def check(data):
        with tempfile.TemporaryDirectory() as place:
            directory = write_study(Path(place) / "study")
            (directory / name).write_bytes(data)
            problems = check_study(directory)
            assert all(one.what and one.expected and one.remedy for one in problems)
            if any(one.severity == "error" for one in problems):
                with pytest.raises(ProblemsError):
                    load_study(directory)
            else:
                assert load_study(directory).content_hash

    check()


@FEW
@given(damaged(csv_text([PATROL, ARMS])))
def test_damaged_evidence_is_sound_or_has_every_problem_named_with_a_remedy(study, data):
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "evidence.csv"
        path.write_bytes(data)
        problems = check_table(study, path)
    assert all(one.what and one.expected and one.remedy for one in problems)
    assert all(one.line is None or one.line >= 1 for one in problems)
