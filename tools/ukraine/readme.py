"""Writes the README of the study."""

from tools.ukraine.files import Row


def readme(raw: list[Row], evidence: list[Row]) -> str:
    """Return the text of the README."""
    return f"# Who backs Russia over Ukraine?\n\n{len(raw)} raw rows, {len(evidence)} records.\n"
