"""A progress bar on standard error for sampling."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[Any], None]]:
    """Show a bar over the draws of all chains; yields the callback that the sampler calls."""
    bar = Progress(
        TextColumn("Sampling"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} draws, {task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    task = bar.add_task("sampling", total=total, note="starting")

    def update(chains: Any) -> None:
        finished = sum(chain.finished_draws for chain in chains)
        divergences = sum(chain.divergences for chain in chains)
        tuning = any(chain.tuning for chain in chains)
        note = f"{'tuning' if tuning else 'drawing'}, {divergences} divergences"
        bar.update(task, completed=finished, note=note)

    with bar:
        yield update
