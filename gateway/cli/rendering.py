"""Accounts for people: printed on the terminal, or written as one HTML file that only its owner may read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from gateway.accounts import terminal
from gateway.accounts.page import page
from gateway.accounts.rows import Account
from gateway.cli.telling import err, misused, out
from mappings.engine.findings import Finding


def write_page(file: Path, accounts: Sequence[Account], findings: Iterable[Finding] = (), *, values: bool) -> None:
    """Write accounts as one HTML file, readable by its owner only: the values are a child's."""
    text = page(accounts, findings, values=values)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError:
        misused("the HTML file cannot be written")
    err.print(f"written: {file.name}")


def show(accounts: Iterable[Account], *, values: bool) -> None:
    """Print accounts as tables."""
    for each in accounts:
        terminal.show(each, out, values=values)
