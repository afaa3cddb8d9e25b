"""The ``raabta`` command: one file for each family of verbs.

Exit status: 0 well, 1 the thing asked about is bad, 2 wrong usage. With ``--json`` only JSON goes to standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module

import typer

FAMILIES = {
    "demo": "demo",
    "serve": "run",
    "work": "run",
    "migrate": "run",
    "check": "run",
    "erase": "erasing",
    "vault": "erasing",
    "break-glass": "reviewing",
    "formats": "words",
    "translate": "words",
    "validate": "words",
    "story": "trace",
    "ledger": "ledger",
    "evidence": "ledger",
    "explain": "explaining",
    "dead-letters": "operating",
    "deliveries": "operating",
    "agency": "agencies",
    "keys": "keys",
    "mappings": "mappings",
    "drift": "drifting",
}
"""The module that has each verb: a call imports the family it needs, for all of them together cost seconds."""


def program(verbs: Iterable[str] = FAMILIES) -> typer.Typer:
    """Return the command with the families of some verbs, of all unless told."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_raabta)  # a command of a single verb would lose the verb's name without it
    for family in dict.fromkeys(FAMILIES[verb] for verb in verbs):
        import_module(f"gateway.cli.{family}").register(app)
    return app


def _raabta() -> None:
    """Raabta: the gateway child-protection agencies connect through."""


def main() -> None:
    """Run the command."""
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    program([verb] if verb in FAMILIES else FAMILIES)()


__all__ = ["FAMILIES", "main", "program"]
