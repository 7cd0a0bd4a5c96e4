"""What a report shows is kept with the run to the last bit, and makes the same report again."""

from __future__ import annotations

import dataclasses
import gzip
import json
import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.errors import RunError
from forecast.report import render_html, render_markdown
from forecast.report.content import FRAME_COLUMNS
from forecast.runs.report_data import FILE, forecasts_hash, load_report_data, save_report_data
from tests.report.factory import report_data
from tests.runs.made_up import write


@pytest.fixture(scope="module")
def made_up():
    """Return a run of nasty text, numbers that JSON cannot write and empty tables."""
    data = report_data(questions=6, pair_count=3, records=48)
    odd = pd.DataFrame(
        {
            "name": ["a", "b", "c", "d"],
            "value": [0.1 + 0.2, math.nan, math.inf, 5e-324],
            "threshold": [None, 1, True, -math.inf],
            "verdict": ["ok", None, "failed", "doubtful"],
            "sentence": ["", "\u202eturned", "two\nlines", "🚀"],
        }
    )
    return dataclasses.replace(
        data, diagnostics=odd, asymmetry=pd.DataFrame(), asymmetry_pair="NA->RUS"
    )


def test_every_table_is_read_back_as_it_was(made_up, tmp_path):
    found = load_report_data(write(made_up, tmp_path), made_up.study)
    for name in FRAME_COLUMNS:
        pd.testing.assert_frame_equal(
            getattr(found, name), getattr(made_up, name), check_exact=True, obj=name
        )
    assert found.asymmetry_pair == "NA->RUS"
    assert found.forecasts == made_up.forecasts
    assert (found.sign_offs, found.sign_off_problem) == ((), "")


def test_types_of_cells_are_kept_apart(made_up, tmp_path):
    found = load_report_data(write(made_up, tmp_path), made_up.study)
    mixed = found.diagnostics["threshold"].tolist()
    assert [type(one) for one in mixed] == [type(None), int, bool, float]
    assert type(found.evidence["first"].iloc[0]) is date


def test_the_tables_of_a_fit_are_read_back_as_they_were(shared):
    found = load_report_data(shared.directory, shared.fit.study)
    draws = shared.fit.draws
    ladder = found.ladder.set_index(["pair", "track", "period", "rung"])
    assert len(ladder) > 100
    path = found.paths.set_index(["pair", "domain", "period"])["mean"]
    expected = draws["alignment"].mean(axis=0).ravel()
    assert path.to_numpy().tolist() == expected.tolist()
    assert found.diagnostics["value"].tolist() == shared.fit.diagnosis.table["value"].tolist()
    assert found.forecasts_hash == forecasts_hash(shared.directory)


def test_a_report_made_again_without_a_sign_off_is_the_same_byte_for_byte(shared):
    found = load_report_data(shared.directory, shared.fit.study)
    assert render_html(found).encode() == (shared.directory / "report.html").read_bytes()
    assert render_markdown(found).encode() == (shared.directory / "report.md").read_bytes()


def test_a_study_that_was_edited_since_does_not_alter_the_report(shared):
    study = shared.fit.study
    edited = dataclasses.replace(
        study, title="Another", domains=("x",), questions=(), resolutions=(), content_hash="0" * 64
    )
    found = load_report_data(shared.directory, edited)
    assert render_markdown(found).encode() == (shared.directory / "report.md").read_bytes()


def test_a_resolution_that_became_known_later_is_not_kept(made_up, tmp_path):
    early = dataclasses.replace(made_up, forecasts={**made_up.forecasts, "as_of": "2025-01-09"})
    assert made_up.study.resolutions
    assert load_report_data(write(early, tmp_path), made_up.study).study.resolutions == ()


def test_the_same_data_give_the_same_bytes(made_up, tmp_path):
    for name in ("a", "b"):
        write(made_up, tmp_path / name)
    assert (tmp_path / "a" / FILE).read_bytes() == (tmp_path / "b" / FILE).read_bytes()


def test_the_file_of_a_study_of_twenty_questions_is_well_below_a_megabyte(tmp_path):
    write(report_data(), tmp_path)
    assert (tmp_path / FILE).stat().st_size < 700_000


def test_the_file_says_its_format(made_up, tmp_path):
    write(made_up, tmp_path)
    document = json.loads(gzip.decompress((tmp_path / FILE).read_bytes()))
    assert document["format"] == "report-data/2"
    assert set(document["tables"]) == set(FRAME_COLUMNS)


def test_changes_of_the_format_before_were_in_points(made_up, tmp_path):
    now = made_up.tripwires
    points = dataclasses.replace(made_up, tripwires=now.assign(change=100.0 * now["change"]))
    write(points, tmp_path)
    document = json.loads(gzip.decompress((tmp_path / FILE).read_bytes()))
    old = json.dumps(document | {"format": "report-data/1"}, ensure_ascii=False)
    (tmp_path / FILE).write_bytes(gzip.compress(old.encode()))
    found = load_report_data(tmp_path, made_up.study)
    assert found.tripwires["change"].to_numpy() == pytest.approx(now["change"].to_numpy())


def test_a_value_without_a_form_is_refused_when_it_is_written(made_up, tmp_path):
    odd = made_up.face_validity.assign(value=np.datetime64("2022-02-04", "s"))
    with pytest.raises(TypeError, match=r"face_validity\.value"):
        save_report_data(dataclasses.replace(made_up, face_validity=odd), tmp_path)


def test_a_run_of_an_earlier_version_says_what_to_do(made_up, tmp_path):
    (write(made_up, tmp_path) / FILE).unlink()
    with pytest.raises(RunError, match="an earlier version made it") as caught:
        load_report_data(tmp_path, made_up.study)
    assert "make the run again" in caught.value.remedy


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[:-9],
        lambda packed: packed[:40] + b"\0\0\0" + packed[43:],
        lambda packed: b"",
        lambda packed: b"not compressed",
        lambda packed: gzip.compress(b"{"),
        lambda packed: gzip.compress(b"[]"),
        lambda packed: gzip.compress(b'{"format": "report-data/2"}'),
        lambda packed: gzip.compress(b'{"format": "report-data/1", "study": {}, "tables": {}}'),
        lambda packed: gzip.compress(b"\xff"),
    ],
)
def test_a_damaged_file_is_refused_with_its_name(made_up, tmp_path, damage):
    path = write(made_up, tmp_path) / FILE
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RunError, match=r"report-data\.json\.gz"):
        load_report_data(tmp_path, made_up.study)
