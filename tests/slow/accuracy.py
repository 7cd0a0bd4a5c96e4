"""Hold an engine to the long NUTS runs of seven studies.

``python -m tests.slow.accuracy`` runs the fast engine as the program does, with the settings of a
default run, and with steps far too coarse, which its own checks must refuse. It prints the table
and, where all studies were run, writes it to ``docs/results/accuracy.md``. ``--keep FOLDER`` keeps
what is done there, so that a later call need not do it again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import forecast
from forecast.forecasts.draws import Draws, stack_draws
from forecast.inference.diagnostics import diagnose
from forecast.inference.engines import distrust
from forecast.inference.fast import BOUND, STEP, sample_fast
from forecast.model import build_model, pad_data
from forecast.runs.fit import RunSettings, per_draw
from tests.slow.posteriors import Reference, load, probabilities, quality
from tests.slow.studies import NAMES, Target, target

COARSE, UNBOUND = 0.6, float("inf")
TABLE = Path(__file__).parents[2] / "docs" / "results" / "accuracy.md"
SEED = 31
# Bars of the comparison.
BARS = {
    "path mean rms": 0.1,
    "path mean max": 0.3,
    "globals rms": 0.15,
    "logit rms": 0.1,
    "logit max": 0.3,
    "rare max": 0.005,
}


@dataclass(frozen=True)
class Compared:
    """One fit against its reference; means in posterior sds, probabilities in logits."""

    study: str
    step: float
    numbers: dict[str, float]
    status: str
    refused: str

    @property
    def misses(self) -> list[str]:
        """Name the bars that the fit misses."""
        numbers = self.numbers
        # A number that is not finite meets no bar.
        missed = [name for name, bar in BARS.items() if not numbers[name] <= bar]
        if not numbers["sd within 10 %"] >= 0.95:
            missed.append("sd within 10 %")
        if not (numbers["sd least"] >= 0.8 and numbers["sd most"] <= 1.25):
            missed.append("sd range")
        if not numbers["path ESS"] >= 400:
            missed.append("path ESS")
        return missed


def compare(chosen: Target, *, step: float = STEP, bound: float = BOUND) -> Compared:
    """Fit a study with the fast engine and compare with its reference."""
    settings, reference = RunSettings(), load(chosen.name)
    padded = pad_data(chosen.data)
    posterior = sample_fast(
        build_model(padded.data, chosen.priors),
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        seed=SEED,
        progress=False,
        step=step,
        bound=bound,
    )
    draws = stack_draws(padded.trim(posterior.tree), chosen.data)
    asked = chosen.forecast(draws, paths=settings.paths)
    diagnosis = diagnose(posterior.tree, per_draw(asked))
    numbers = {
        **_moments(draws, reference),
        **_questions(probabilities(chosen, draws), reference),
        **_sizes(posterior.tree),
        "gradients": float(posterior.gradients + (posterior.tuning_gradients or 0)),
        "seconds": posterior.seconds["sample"],
        "bias found": float(diagnosis.as_dict()["sampler_bias"]),
    }
    return Compared(chosen.name, step, numbers, diagnosis.status, distrust(posterior))


def _moments(draws: Draws, reference: Reference) -> dict[str, float]:
    gaps: dict[str, np.ndarray] = {}
    ratios: dict[str, np.ndarray] = {}
    for name, sd in reference.sd.items():
        moves = sd > 0.0
        gaps[name] = (draws[name].mean(axis=0) - reference.mean[name])[moves] / sd[moves]
        ratios[name] = draws[name].std(axis=0)[moves] / sd[moves]
    path, ratio = gaps.pop("alignment"), ratios["alignment"]
    others = np.concatenate(list(gaps.values()))
    return {
        "path mean rms": _rms(path),
        "path mean max": float(np.abs(path).max()),
        "sd within 10 %": float(np.mean((ratio > 0.9) & (ratio < 1.1))),
        "sd least": float(ratio.min()),
        "sd most": float(ratio.max()),
        "globals rms": _rms(others),
    }


def _questions(found: dict[str, dict[str, float]], reference: Reference) -> dict[str, float]:
    logits, rare = [0.0], [0.0]
    for name, one in reference.questions.items():
        true, mine = one["probability"], found[name]["probability"]
        if 0.02 <= true <= 0.98:
            logits.append(np.log(mine / (1.0 - mine)) - np.log(true / (1.0 - true)))
        else:
            rare.append(mine - true)
    return {
        "events": float(len(reference.questions)),
        "logit rms": _rms(np.array(logits[1:] or [0.0])),
        "logit max": float(np.abs(logits).max()),
        "rare max": float(np.abs(rare).max()),
    }


def _sizes(tree: object) -> dict[str, float]:
    posterior = tree["posterior"].to_dataset()  # type: ignore[index]
    arrays = {
        str(name): np.asarray(array.transpose("chain", "draw", ...))
        for name, array in posterior.data_vars.items()
    }
    found = quality(arrays)
    path = found.pop("alignment")["ess"]
    slowest = min(found, key=lambda name: found[name]["ess"])
    return {"path ESS": path, f"slowest ({slowest}) ESS": found[slowest]["ess"]}


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def table(results: list[Compared]) -> pd.DataFrame:
    """Return one row for each fit."""
    rows = []
    for one in results:
        numbers = dict(one.numbers)
        slowest = next(name for name in numbers if name.startswith("slowest"))
        label = slowest.removeprefix("slowest (").removesuffix(") ESS")
        worst = f"{label} {numbers.pop(slowest):.0f}"
        row: dict[str, object] = {"study": one.study, "step": one.step}
        row |= {
            name: round(value, 3)
            if name != "rare max" and abs(value) < 10
            else round(value, 4 if name == "rare max" else 0)
            for name, value in numbers.items()
        }
        row |= {"slowest ESS": worst, "status": one.status}
        row |= {"misses": ", ".join(one.misses) or "none", "own verdict": one.refused or "trusted"}
        rows.append(row)
    return pd.DataFrame(rows)


def references() -> pd.DataFrame:
    """Return how good the long runs themselves are."""
    rows = []
    for name in NAMES:
        about = load(name).about
        worst: dict[str, dict[str, float]] = about["quality"]  # type: ignore[assignment]
        ess = min(one["ess"] for one in worst.values())
        rows.append(
            {
                "study": name,
                "chains": about["chains"],
                "draws": about["draws"],
                "divergent": about["divergent"],
                "largest R-hat": round(max(one["rhat"] for one in worst.values()), 4),
                "smallest ESS": round(ess),
                "path ESS": round(worst["alignment"]["ess"]),
                "error of a mean, sd": round(1.0 / np.sqrt(ess), 3),
                "million gradients": round(about["gradients"] / 1e6, 2),  # type: ignore[operator]
            }
        )
    return pd.DataFrame(rows)


def _turned(results: list[Compared]) -> pd.DataFrame:
    """Return the table with one column for each study."""
    turned = table(results).set_index("study").T
    return turned.reset_index(names="number")


def _markdown(frame: pd.DataFrame) -> str:
    rows = [list(map(str, frame.columns)), ["---"] * len(frame.columns)]
    rows += [[str(value) for value in row] for row in frame.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


PREFACE = """\
# Accuracy of the fast engine

Against long NUTS runs of five simulated studies and of `ukraine` as of two dates. Made by
`python -m tests.slow.accuracy`; the long runs by `python -m tests.slow.posteriors`. Means are
compared in posterior standard deviations, sds as ratios over all cells of the paths, probabilities
in logits where they lie between .02 and .98 and absolutely elsewhere.

Bars: path means within .1 rms and .3 at most, sd ratios within 10 % in 95 % of cells and .8 to
1.25 in all, globals within .15 rms, probabilities within .1 logit rms and .3 at most, rare ones
within .005, smallest ESS of the paths 400.

## The long runs

"""


def _kept(folder: Path | None, name: str, step: float, bound: float) -> Compared:
    """Return a comparison from a folder, or make it and put it there."""
    if folder is None:
        return compare(target(name), step=step, bound=bound)
    code = hashlib.sha256()
    for path in sorted(Path(forecast.__file__).parent.rglob("*.py")):
        code.update(path.read_bytes())
    file = folder / f"{name}-{step}-{bound}-{SEED}-{code.hexdigest()[:8]}.json"
    if not file.is_file():
        found = compare(target(name), step=step, bound=bound)
        file.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return Compared(**json.loads(file.read_text(encoding="utf-8")))


def main(arguments: list[str]) -> int:
    """Compare the studies that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.slow.accuracy", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--keep", type=Path, help="a folder for what is done")
    given = parser.parse_args(arguments)
    names = tuple(given.names) or NAMES
    good, coarse = [], []
    for name in names:
        good.append(_kept(given.keep, name, STEP, BOUND))
        coarse.append(_kept(given.keep, name, COARSE, UNBOUND))
        sys.stdout.write(table([good[-1], coarse[-1]]).T.to_string() + "\n")
        sys.stdout.flush()
    if names == NAMES:
        text = PREFACE + _markdown(references())
        text += "\n\n## A default run\n\n" + _markdown(_turned(good))
        text += f"\n\n## Steps of {COARSE}, never divided: what must be refused\n\n"
        text += _markdown(_turned(coarse)) + "\n"
        TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
