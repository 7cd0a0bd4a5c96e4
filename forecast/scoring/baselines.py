"""Baselines to score beside: base rates from a file fixed before any score was seen."""

from pathlib import Path

from forecast.errors import ProblemsError
from forecast.study.csvfile import read_csv
from forecast.study.problems import Collector

COLUMNS = ("question", "probability", "reason")


def read_base_rates(path: Path) -> dict[str, float]:
    """Return the base rate of each question from a file ``question,probability,reason``.

    Raises
    ------
    ProblemsError
        If the file cannot be read, or a probability is not a number in [0, 1].
    """
    out = Collector(path.name)
    rates: dict[str, float] = {}
    for row in read_csv(path, COLUMNS, out=out).rows:
        rate = _number(row["probability"])
        if rate is None:
            out.add(
                "probability",
                f"{row['probability']!r} is not a probability",
                line=row.line,
                field="probability",
                expected="a number from 0 to 1",
                remedy="correct the number",
            )
        else:
            rates[row["question"]] = rate
    if out.problems:
        raise ProblemsError(tuple(out.problems))
    return rates


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0.0 <= number <= 1.0 else None
