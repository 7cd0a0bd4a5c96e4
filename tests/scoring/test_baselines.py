"""Base rates are read from a fixed file, or refused with the line that is wrong."""

import pytest

from forecast.errors import ProblemsError
from forecast.scoring.baselines import read_base_rates
from forecast.studies import directory
from forecast.study.load import load_study

HEADER = "question,probability,reason\n"


def test_every_question_of_the_shipped_study_has_a_base_rate():
    rates = read_base_rates(directory("ukraine") / "base_rates.csv")
    assert set(rates) == {one.id for one in load_study(directory("ukraine")).questions}
    assert rates["Q01"] == 0.0114


@pytest.mark.parametrize("text", ["1.2", "-0.1", "nan", "often", ""])
def test_what_is_no_probability_is_refused_with_its_line(tmp_path, text):
    path = tmp_path / "base_rates.csv"
    path.write_text(HEADER + f"Q1,0.5,\nQ2,{text},guess\n", encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"base_rates\.csv:3"):
        read_base_rates(path)


def test_a_file_with_other_columns_is_refused(tmp_path):
    path = tmp_path / "base_rates.csv"
    path.write_text("question,rate\nQ1,0.5\n", encoding="utf-8")
    with pytest.raises(ProblemsError):
        read_base_rates(path)
