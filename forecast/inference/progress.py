"""A progress bar on standard error for sampling."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[int, str], None]]:
    """Show a bar over the draws of all chains; yields a function of draws made and a note."""
    bar = Progress(
        TextColumn("Sampling"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} draws, {task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    task = bar.add_task("sampling", total=total, note="starting")
    with bar:
        yield lambda done, note: bar.update(task, completed=done, note=note)


@contextmanager
def nuts_bar(total: int) -> Iterator[Callable[[Any], None]]:
    """Show the same bar for nutpie; yields the callback that it calls with its chains."""
    with progress_bar(total) as update:

        def report(chains: Any) -> None:
            divergences = sum(chain.divergences for chain in chains)
            phase = "tuning" if any(chain.tuning for chain in chains) else "drawing"
            done = sum(chain.finished_draws for chain in chains)
            update(done, f"{phase}, {divergences} divergences")

        yield report
