import pytest

from forecast.errors import StudyError
from forecast.studies import directory, shipped


def test_the_default_study_is_shipped_with_all_its_files():
    names = {path.name for path in directory("ukraine").iterdir()}
    assert "ukraine" in shipped()
    assert names >= {
        "study.toml",
        "indicators.csv",
        "coverage.csv",
        "evidence.csv",
        "questions.csv",
        "resolutions.csv",
        "judgements.csv",
        "outcomes.csv",
        "base_rates.csv",
        "README.md",
    }


def test_an_unknown_study_is_refused_with_the_ids_that_exist():
    with pytest.raises(StudyError, match=r"no shipped study is called 'ukrain'.*ukraine"):
        directory("ukrain")
