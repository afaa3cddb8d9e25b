"""The ``raabta`` command: one file for each family of verbs.

Exit status: 0 well, 1 the thing asked about is bad, 2 wrong usage. With ``--json`` only JSON goes to standard output.
"""

from __future__ import annotations

import typer

from gateway.cli import (
    agencies,
    demo,
    drifting,
    erasing,
    explaining,
    keys,
    ledger,
    mappings,
    operating,
    reviewing,
    run,
    trace,
    words,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Raabta: the gateway child-protection agencies connect through.",
)
for module in (
    demo, run, erasing, reviewing, words, trace, ledger, explaining, operating, agencies, keys, mappings, drifting,
):  # fmt: skip
    module.register(app)


def main() -> None:
    """Run the command."""
    app()


__all__ = ["app", "main"]
