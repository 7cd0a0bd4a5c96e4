"""Long NUTS runs of the seven studies, kept small, as the truth that engines are held to.

``python -m tests.slow.posteriors`` samples the studies that have no file yet; ``--again NAME``
replaces one. A run consists of chunks of two chains with seeds of their own; it ends when every
reported quantity has an R-hat below 1.01 and an effective sample above 1,000. What is done is
kept in the folder that FORECAST_REFERENCE_CACHE names, so that a run that was cut short goes on.

A file holds, for every reported quantity, its mean, sd and the Monte Carlo error of its mean; the
probability of every question; and a hundred thinned draws.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forecast.forecasts.draws import Draws
from tests.slow.studies import NAMES, Target, target

FOLDER = Path(__file__).parent / "posteriors"
CACHE = "FORECAST_REFERENCE_CACHE"
RHAT, ESS = 1.01, 1000.0
TUNE, DRAWS, CHUNKS, SEED = 600, 2500, 12, 70_000
FORWARD_DRAWS, PATHS = 4000, 200
THINNED = 100


@dataclass(frozen=True)
class Reference:
    """A long run in short.

    Attributes
    ----------
    about : dict
        Chunks, draws, gradients, divergences, smallest ESS and largest R-hat by variable.
    mean, sd, error : dicts of arrays
        Of every reported variable, over all draws; ``error`` is that of the mean.
    questions : dict
        ``probability`` and ``error`` by the name of the event.
    thinned : dict of arrays
        Draws of the variables, shape (draw, ...); of alignment only its last period.
    """

    about: dict[str, object]
    mean: dict[str, np.ndarray]
    sd: dict[str, np.ndarray]
    error: dict[str, np.ndarray]
    questions: dict[str, dict[str, float]]
    thinned: dict[str, np.ndarray]


def reported(values: dict[str, np.ndarray]) -> list[str]:
    """Return the variables that reports and notebooks show: not the raw innovations."""
    return sorted(
        name for name in values if not name.endswith("_raw") and np.ptp(values[name], axis=0).any()
    )


def probabilities(chosen: Target, draws: Draws, seed: int = 1) -> dict[str, dict[str, float]]:
    """Return the probability of every question and of every rung of its track."""
    found = {}
    for one in chosen.forecast(draws, paths=PATHS, seed=seed):
        if one.probability is None:
            continue
        found[one.id] = {"probability": one.probability, "error": float(one.mc_error or 0.0)}
        for track, table in one.rungs.items():
            above = 1.0
            for number, (rung, chance) in enumerate(table.items()):
                if number:  # the lowest rung is reached for sure
                    found[f"{one.id}: {track} >= {rung}"] = {"probability": above, "error": 0.0}
                above -= chance
    return found


def sample(chosen: Target, number: int) -> dict[str, np.ndarray]:
    """Return chunk ``number`` of a study's long run, single precision, shape (chain, draw, ...)."""
    folder = Path(os.environ.get(CACHE) or "/nonexistent")
    kept = folder / f"{chosen.name}-{number:02}.npz"
    if kept.is_file():
        with np.load(kept) as file:
            return dict(file)
    from forecast.inference.nuts import sample_nuts

    started = time.perf_counter()
    posterior = sample_nuts(
        chosen.model(), draws=DRAWS, tune=TUNE, chains=2, seed=SEED + number, progress=False
    )
    tree = posterior.tree
    arrays = {
        str(name): np.asarray(array.transpose("chain", "draw", ...), dtype=np.float32)
        for name, array in tree["posterior"].to_dataset().data_vars.items()
    }
    stats = tree["sample_stats"].to_dataset()
    arrays["_diverging"] = stats["diverging"].to_numpy()
    arrays["_gradients"] = np.array(posterior.gradients)
    arrays["_seconds"] = np.array(time.perf_counter() - started)
    if folder.is_dir():
        part = kept.with_suffix(".part.npz")
        np.savez(part, **arrays)
        part.rename(kept)
    return arrays


def build(chosen: Target) -> Reference:
    """Sample until every reported quantity is known well enough."""
    chunks: list[dict[str, np.ndarray]] = []
    while True:
        chunks.append(sample(chosen, len(chunks)))
        worst = quality({n: _joined(chunks, n) for n in chunks[0] if not n.startswith("_")})
        rhat = max(one["rhat"] for one in worst.values())
        ess = min(one["ess"] for one in worst.values())
        sys.stderr.write(f"{chosen.name}: {len(chunks)} chunks, R-hat {rhat:.4f}, ESS {ess:.0f}\n")
        if (rhat < RHAT and ess > ESS) or len(chunks) == CHUNKS:
            return _summary(chosen, chunks, worst)


def _joined(chunks: list[dict[str, np.ndarray]], name: str) -> np.ndarray:
    return np.concatenate([one[name] for one in chunks])


def quality(values: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Return the largest R-hat and smallest ESS of each reported variable, (chain, draw, ...)."""
    import arviz as az

    found = {}
    for name, array in values.items():
        flat = array.reshape(*array.shape[:2], -1).astype(float)
        flat = flat[:, :, np.ptp(flat, axis=(0, 1)) > 0.0]
        if not flat.shape[2] or name.endswith("_raw"):
            continue
        # Cells of a path are many and alike: every fifth tells enough of their mixing.
        flat = flat[:, :, :: 5 if flat.shape[2] > 1000 else 1]
        axes = {"chain_axis": 0, "draw_axis": 1}
        found[name] = {
            "rhat": max(float(az.rhat(flat[:, :, i], **axes)) for i in range(flat.shape[2])),
            "ess": min(float(az.ess(flat[:, :, i], **axes)) for i in range(flat.shape[2])),
        }
    return found


def _summary(
    chosen: Target, chunks: list[dict[str, np.ndarray]], worst: dict[str, dict[str, float]]
) -> Reference:
    mean, sd, error, thinned, stacked = {}, {}, {}, {}, {}
    for name in [n for n in chunks[0] if not n.startswith("_")]:
        array = _joined(chunks, name)
        flat = array.reshape(-1, *array.shape[2:])
        stacked[name] = flat[:: max(1, len(flat) // FORWARD_DRAWS)].astype(float)
        if name not in worst:
            continue
        # Over chains, which are independent: no autocorrelation enters the error of the mean.
        own = array.mean(axis=1, dtype=float)
        mean[name] = own.mean(axis=0).astype(np.float32)
        sd[name] = flat.std(axis=0, dtype=float).astype(np.float32)
        error[name] = (sd[name] / np.sqrt(worst[name]["ess"])).astype(np.float32)
        short = flat[:: max(1, len(flat) // THINNED)][:THINNED]
        thinned[name] = short[..., -1] if name == "alignment" else short
    chains = 2 * len(chunks)
    draws = Draws(chains=1, data=chosen.data, values=stacked)
    about = {
        "study": chosen.name,
        "chains": chains,
        "draws": chains * DRAWS,
        "tune": TUNE,
        "divergent": int(sum(one["_diverging"].sum() for one in chunks)),
        "gradients": int(sum(one["_gradients"] for one in chunks)),
        "seconds": round(float(sum(one["_seconds"] for one in chunks))),
        "quality": worst,
    }
    return Reference(about, mean, sd, error, probabilities(chosen, draws), thinned)


def save(reference: Reference, name: str) -> None:
    """Write a reference to its two files."""
    FOLDER.mkdir(exist_ok=True)
    arrays = {
        f"{kind}/{key}": value
        for kind in ("mean", "sd", "error", "thinned")
        for key, value in getattr(reference, kind).items()
    }
    np.savez_compressed(FOLDER / f"{name}.npz", **arrays)
    document = {"about": reference.about, "questions": reference.questions}
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


def load(name: str) -> Reference:
    """Read a reference."""
    document = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    kinds: dict[str, dict[str, np.ndarray]] = {k: {} for k in ("mean", "sd", "error", "thinned")}
    with np.load(FOLDER / f"{name}.npz") as file:
        for key in file.files:
            kind, variable = key.split("/", 1)
            kinds[kind][variable] = file[key]
    return Reference(document["about"], questions=document["questions"], **kinds)


def main(arguments: list[str]) -> int:
    """Sample the studies that are asked for, and say how good the runs are."""
    parser = argparse.ArgumentParser(prog="python -m tests.slow.posteriors", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--again", action="store_true", help="replace what is there")
    options = parser.parse_args(arguments)
    for name in options.names or NAMES:
        if name not in NAMES:
            parser.error(f"no study {name}; there are {', '.join(NAMES)}")
        if options.again or not (FOLDER / f"{name}.npz").is_file():
            save(build(target(name)), name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
