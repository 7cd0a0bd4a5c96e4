"""What one size of study costs, in a process of its own: ``python -m tests.benchmarks.size 50 25``.

Prints one JSON object: pairs, periods, unknowns, likelihood terms, seconds of compiling,
milliseconds of a gradient while two chains share the machine, and the largest memory.
"""

import json
import math
import sys
from dataclasses import replace
from pathlib import Path

from forecast.inference.fast import sample_fast
from forecast.model import build_data, build_model, pad_data
from tests.slow.studies import Shape, placeholders, shaped_study
from tests.toys import priors, seen

END = 2026
DRAWS, CHAINS = 100, 2
TIME = "ms a gradient, two chains at once"


def measure(pairs: int, years: int) -> dict[str, float]:
    """Fit a study of so many pairs over so many years of quarters, for a few draws."""
    shape = replace(Shape(pairs // 2, END - years, years), per_year=2)
    study = shaped_study(shape)
    panel = seen(study, *placeholders(shape, study), as_of=study.questions[0].opens)
    data = build_data(panel, priors())
    model = build_model(pad_data(data).data, priors())
    before = _peak()
    # Steps are not divided: untuned as they are, most would be, and only their cost is wanted.
    settings = {"tune": 2, "chains": CHAINS, "seed": 1, "progress": False, "bound": math.inf}
    # The first fit compiles.
    first = sample_fast(model, draws=2, **settings)
    posterior = sample_fast(model, draws=DRAWS, **settings)
    gradients = posterior.gradients + (posterior.tuning_gradients or 0)
    assert posterior.start is not None
    kept = sum(one.nbytes for one in posterior.tree["posterior"].to_dataset().values())
    return {
        "pairs": pairs,
        "periods": 4 * years,
        "unknowns": posterior.start.labels.size,
        "likelihood terms": sum(terms.n for terms in data.terms.values()),
        "compiling s": sum(first.seconds.values()),
        TIME: CHAINS * 1e3 * posterior.seconds["sample"] / gradients,
        "MB before sampling": before,
        "MB at most": _peak(),
        "MB for 1,000 draws": kept / (DRAWS * CHAINS) * 1000 / 1e6,
    }


def _peak() -> float:
    """Return the most memory of this process; ``ru_maxrss`` would count its parent's too."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))) + "\n")
