"""Prints the reference of all commands: ``python -m forecast.cli.document > docs/commands.md``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from forecast.cli.app import app

WIDTH = 96

INTRODUCTION = """\
# Commands

Made from the program's own help by `python -m forecast.cli.document`; do not edit by hand.
Results go to standard output, progress and complaints to standard error.
"""


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command, groups left out, with its help as ``--help`` prints it."""
    yield from _walk(typer.main.get_command(app), "forecast", None)


def document() -> str:
    """Return the reference as Markdown, one section a command."""
    sections = [INTRODUCTION]
    sections += [f"## {path}\n\n```text\n{text}\n```\n" for path, text in commands()]
    return "\n".join(sections)


def _walk(command: Any, path: str, parent: Any) -> Iterator[tuple[str, str]]:
    # Typer brings its own copy of click, whose types are private: hence Any.
    context = command.context_class(
        command,
        info_name=path.rsplit(" ", 1)[-1],
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    children = getattr(command, "commands", {})
    if not children:
        text = command.get_help(context)
        yield path, "\n".join(line.rstrip() for line in text.splitlines())
    for name, child in children.items():
        yield from _walk(child, f"{path} {name}", context)


if __name__ == "__main__":
    typer.echo(document(), nl=False)
