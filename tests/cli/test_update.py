"""The command that lets new evidence in, as it is typed; then a whole session."""

import json

import numpy as np
import pandas as pd
import pytest

from forecast.api import Study
from forecast.cli.update import changes_table, told
from forecast.errors import FitError
from forecast.runs import update as update_module
from forecast.runs.update import Answer
from tests.cli.conftest import held_elsewhere
from tests.plugins import fits
from tests.plugins.fits import AS_OF

PATROL = fits.BASE | {"id": "N1", "event_date": "2023-04-20", "known_at": "2023-06-15"}


def add(workplace, *rows):
    fits.add_records(Study.load(workplace / "tiny"), list(rows), workplace / "rows")


def test_nothing_new_is_said_and_nothing_is_written(program, fitted):
    outcome = program("update", "tiny")
    assert outcome.code == 0
    assert "as of 2023-06-30: unchanged, nothing is new since this run" in outcome.out
    assert f"{fitted.name}/report.html" in outcome.out
    assert [one.name for one in fitted.parent.iterdir()] == [fitted.name]


def test_a_dry_run_tells_the_change_and_writes_nothing(program, fitted, workplace):
    add(workplace, PATROL)
    outcome = program("update", "tiny", "--dry-run")
    assert outcome.code == 0
    assert f"tiny: since {fitted.name}, as of 2023-06-30: reweighted" in outcome.out
    assert "New evidence: N1" in outcome.out
    assert "weights worth" in outcome.out
    assert "Letting in evidence: 1 record" in outcome.err
    assert [one.name for one in fitted.parent.iterdir()] == [fitted.name]


def test_json_is_forecasts_json_and_nothing_else(program, fitted):
    shown = program("update", "tiny", "--json").json
    assert shown == json.loads((fitted / "forecasts.json").read_text())


def test_an_unknown_run_lists_those_there_are(program, fitted):
    outcome = program("update", "tiny", "--run", "nope")
    assert (outcome.code, outcome.out) == (1, "")
    assert "there is no run 'nope'" in outcome.err
    assert fitted.name in outcome.err


def test_a_study_without_a_run_says_how_to_make_one(program, blank_study):
    outcome = program("update", "mine")
    assert outcome.code == 1
    assert "forecast run mine" in outcome.err


def test_a_date_before_the_run_is_refused(program, fitted):
    outcome = program("update", "tiny", "--as-of", "2023-06-29")
    assert (outcome.code, outcome.out) == (1, "")
    assert "is before the run that is to be updated" in outcome.err


def test_a_date_that_is_none_is_a_usage_error(program, fitted):
    assert program("update", "tiny", "--as-of", "tomorrow").code == 2


def test_a_study_that_is_held_exits_4(program, fitted, workplace):
    with held_elsewhere(workplace / "tiny"):
        assert program("update", "tiny").code == 4


@pytest.fixture
def refitting(fitted, workplace, monkeypatch):
    """Let no weights pass; a refit ends as the test says."""
    from forecast.explain import update as reweighing

    monkeypatch.setattr(reweighing, "too_noisy", lambda basis, made: "they are too noisy")
    add(workplace, PATROL)

    def end(result):
        def make(*arguments, **options):
            if isinstance(result, BaseException):
                raise result
            return result

        monkeypatch.setattr(update_module, "make_run", make)

    return end


def made_by_refit(fitted, **changes):
    """Return a run beside the fit: its forecasts with the probability of Q1 at one half."""
    made = fitted.parent / "2023-06-30-refitted"
    made.mkdir()
    document = json.loads((fitted / "forecasts.json").read_text()) | changes
    document["questions"][0]["probability"] = 0.5
    (made / "forecasts.json").write_text(json.dumps(document))
    return made


def test_a_refit_is_announced_and_has_its_column(program, fitted, refitting):
    refitting(made_by_refit(fitted))
    outcome = program("update", "tiny", "--run", fitted.name)
    assert outcome.code == 0
    assert "Refitting, since they are too noisy" in outcome.err
    assert ": refitted, they are too noisy" in outcome.out
    lines = outcome.out.splitlines()
    assert "refit" in next(one for one in lines if one.startswith("id "))
    assert "50.0 %" in next(one for one in lines if one.startswith("Q1 "))


def test_a_dry_run_refits_nothing(program, refitting):
    refitting(AssertionError("refitted"))
    outcome = program("update", "tiny", "--dry-run")
    assert outcome.code == 0
    assert ": a refit is needed, they are too noisy" in outcome.out
    assert program("update", "tiny", "--dry-run", "--json").json["path"] == "a refit is needed"


def test_a_refit_that_fails_exits_3(program, refitting):
    refitting(FitError("every chain got stuck"))
    assert program("update", "tiny").code == 3


def test_an_interrupt_exits_130_and_frees_the_study(program, fitted, refitting, workplace):
    refitting(KeyboardInterrupt())
    assert program("update", "tiny").code == 130
    assert [one.name for one in fitted.parent.iterdir()] == [fitted.name]
    with held_elsewhere(workplace / "tiny"):
        pass


def test_a_refit_with_failed_diagnostics_exits_3(program, fitted, refitting):
    refitting(made_by_refit(fitted, status="failed"))
    outcome = program("update", "tiny", "--json")
    assert outcome.code == 3
    assert outcome.json["status"] == "failed"
    assert "not fit to publish" in outcome.err


# The lines of an answer

ROW = {"question": "Q1", "before": 0.2, "time": 0.0, "revisions": 0.0, "retractions": 0.0}
ROW |= {"evidence": 0.1, "after": 0.3}


def test_a_cause_that_moved_nothing_has_no_column():
    text = changes_table(pd.DataFrame([ROW]), {"Q1": "A question?"})
    assert text.splitlines()[0].split("  ")[0] == "id"
    assert "new evidence" in text
    assert "revisions" not in text
    assert "+10.0" in text
    assert text.endswith("A question?")


def test_what_is_not_known_is_blank():
    rows = [ROW | {"before": None, "evidence": np.nan}, ROW | {"after": None}]
    text = changes_table(pd.DataFrame(rows), {})
    assert "nan" not in text.lower()
    assert "none" not in text.lower()


def test_many_records_are_counted(tiny_study):
    gates = pd.DataFrame([{"cause": "evidence", "k_hat": -np.inf, "ess": 300.0}])
    answer = Answer(
        path="reweighted",
        why="the weights passed the gate",
        since="r1",
        as_of=AS_OF,
        changes=pd.DataFrame([ROW]),
        gates=gates,
        records={"evidence": tuple(f"E{number}" for number in range(9))},
    )
    text = told(answer, tiny_study)
    assert "New evidence: E0, E1, E2, E3, E4, E5 and 3 more" in text
    assert "k-hat n/a" in text


# A session


def test_a_session_from_new_evidence_to_a_signature(program, fitted, workplace, head):
    add(workplace, PATROL)
    entered = head()
    updated = program("update", "tiny")
    assert updated.code == 0, updated.err
    (made,) = [one.name for one in fitted.parent.iterdir() if one != fitted]
    assert f"{made}/report.html" in updated.out
    explained = program("explain", "tiny", "Q4", "--refit", "none", "--json").json
    history = [one["run"] for one in explained["history"]]
    assert sorted(history) == sorted([fitted.name, made])
    record = "CHN->RUS military_training=1 2023-06-30 grade=B2"
    imagined = program("what-if", "tiny", "Q4", "--record", record, "--no-refit", "--json").json
    assert imagined["run"] == made
    watched = program("watch", "tiny", "Q4", "--json").json
    assert watched["run"] == made
    assert imagined["now"] == explained["probability"] == pytest.approx(watched["probability"])
    assert program("sign-off", "tiny", "--by", "A. Analyst").code == 0
    reported = program("report", "tiny")
    assert reported.code == 0
    assert "A. Analyst" in reported.out + (fitted.parent / made / "report.md").read_text()
    assert program("update", "tiny", "--dry-run").out.count("unchanged") == 1
    assert head() == entered
