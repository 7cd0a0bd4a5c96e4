"""Every command is documented, and the documents are those of this program."""

from pathlib import Path

import pytest

from forecast.cli.document import commands, document

ROOT = Path(__file__).parents[2]
COMMANDS = dict(commands())


def test_the_reference_is_what_the_program_prints():
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert text == document(), "run: python -m forecast.cli.document > docs/commands.md"


def test_the_commands_of_this_release_are_there():
    assert set(COMMANDS) == {
        "forecast init",
        "forecast check",
        "forecast run",
        "forecast update",
        "forecast explain",
        "forecast what-if",
        "forecast watch",
        "forecast replay",
        "forecast report",
        "forecast sign-off",
        "forecast score",
        "forecast doctor",
        "forecast evidence import",
        "forecast evidence add",
        "forecast evidence list",
        "forecast evidence show",
        "forecast evidence diff",
        "forecast evidence export",
        "forecast evidence supersede",
        "forecast evidence retract",
        "forecast evidence review",
        "forecast evidence cluster",
        "forecast evidence verify",
        "forecast export evidence",
        "forecast questions list",
        "forecast export posterior",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command(command):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples_of_the_very_command(command, program):
    outcome = program(*command.split()[1:], "--help")
    assert outcome.code == 0
    assert f"Examples:\n    {command}" in outcome.out


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"forecast init", "forecast check"}))
def test_what_shows_or_makes_something_can_say_it_in_json(command):
    assert "--json" in COMMANDS[command]
