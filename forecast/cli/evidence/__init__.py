"""``forecast evidence``: take records in, look at them, correct them."""

from __future__ import annotations

import typer

from forecast.cli.evidence import change, look, take_in

group = typer.Typer(no_args_is_help=True, help="The records of a study's ledger.")


@group.callback()
def evidence() -> None:
    """Take records into a study's append-only ledger, look at them, correct them, verify it."""


group.command("import")(take_in.import_evidence)
group.command("add")(take_in.add_evidence)
group.command("list")(look.list_evidence)
group.command("show")(look.show_evidence)
group.command("diff")(look.diff_evidence)
group.command("export")(look.export_evidence)
group.command("supersede")(change.supersede_evidence)
group.command("retract")(change.retract_evidence)
group.command("review")(change.review_evidence)
group.command("cluster")(change.cluster_evidence)
group.command("verify")(look.verify_evidence)
