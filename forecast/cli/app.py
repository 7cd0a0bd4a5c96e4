"""The ``forecast`` application: its commands, and how an error becomes a message and a code."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from forecast import __version__
from forecast.cli import (
    check,
    doctor,
    evidence,
    explain,
    export,
    init,
    questions,
    replay,
    report,
    run,
    score,
    sign_off,
    update,
    watch,
    what_if,
)
from forecast.cli.caches import move_if_needed
from forecast.cli.codes import INPUT_WRONG, INTERRUPTED, code_of
from forecast.cli.console import complain
from forecast.errors import ForecastError

EPILOG = (
    "Exit codes: 0 done, 1 the input or the study is wrong, 2 usage, "
    "3 the fit is not publishable, 4 another process holds the study, 130 interrupted."
)


class ForecastGroup(TyperGroup):
    """Shows errors that users can do something about as text, never as a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command and translate its errors into messages and exit codes."""
        try:
            return super().invoke(ctx)
        except ForecastError as error:
            complain(str(error))
            raise typer.Exit(code_of(error)) from error
        except BrokenPipeError:
            # The reader of our output has had enough (`| head`): typer ends quietly.
            raise
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            complain(f"{place}{error.strerror or error}")
            raise typer.Exit(INPUT_WRONG) from error
        except KeyboardInterrupt as error:
            complain("interrupted; nothing half-made was kept")
            raise typer.Exit(INTERRUPTED) from error


app = typer.Typer(
    cls=ForecastGroup,
    name="forecast",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"forecast {__version__}")
        raise typer.Exit


@app.callback()
def forecast(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Forecast which states will materially support which others, from sourced public signals.

    STUDY is a directory, or the id of a shipped study (ukraine), which is copied to a directory
    of that name here on first use, its evidence already in the ledger.
    """
    move_if_needed()


app.command(short_help="Make a study directory.")(init.init)
app.command(short_help="List what is wrong with a study.")(check.check)
app.command(short_help="Fit, forecast and report.")(run.run)
app.command(short_help="Let new evidence in, in seconds.")(update.update)
app.command(short_help="Weigh the evidence for a question.")(explain.explain)
app.command("what-if", short_help="Imagine records.")(what_if.what_if)
app.command(short_help="Say what would move a question.")(watch.watch)
app.command(short_help="Go through days, each as it was known.")(replay.replay)
app.command(short_help="Show what a run found.")(report.report)
app.command("sign-off", short_help="Sign a run's forecasts.")(sign_off.sign_off)
app.command(short_help="Score what was answered.")(score.score)
app.command(short_help="Check this machine.")(doctor.doctor)
app.add_typer(evidence.group, name="evidence")
app.add_typer(questions.group, name="questions")
app.add_typer(export.group, name="export")
