"""What one size of study costs, in a process of its own: ``python -m tests.benchmarks.size 50 25``.

Prints one JSON object: pairs, periods, unknowns, seconds of compiling and of a gradient, and
the largest memory the process had.
"""

import json
import resource
import sys
from dataclasses import replace

from forecast.inference.fast import sample_fast
from forecast.model import build_data, build_model, pad_data
from tests.slow.studies import Shape, placeholders, shaped_study
from tests.toys import priors, seen

END = 2026
DRAWS, TUNE, CHAINS = 100, 50, 2


def measure(pairs: int, years: int) -> dict[str, float]:
    """Fit a study of so many pairs over so many years of quarters, for a few draws."""
    shape = replace(Shape(pairs // 2, END - years, years), per_year=2)
    study = shaped_study(shape)
    panel = seen(study, *placeholders(shape, study), as_of=study.questions[0].opens)
    model = build_model(pad_data(build_data(panel, priors())).data, priors())
    before = _peak()
    posterior = sample_fast(model, draws=DRAWS, tune=TUNE, chains=CHAINS, seed=1, progress=False)
    gradients = posterior.gradients + (posterior.tuning_gradients or 0)
    assert posterior.start is not None
    kept = sum(one.nbytes for one in posterior.tree["posterior"].to_dataset().values())
    return {
        "pairs": pairs,
        "periods": 4 * years,
        "unknowns": posterior.start.labels.size,
        "likelihood terms": len(panel.signals),
        "compiling s": posterior.seconds["compile"],
        # Two chains share two cores.
        "ms a gradient": 1e3 * posterior.seconds["sample"] / gradients,
        "MB before sampling": before,
        "MB at most": _peak(),
        "MB for 1,000 draws": kept / (DRAWS * CHAINS) * 1000 / 1e6,
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))) + "\n")
