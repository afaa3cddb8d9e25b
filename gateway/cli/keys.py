"""``raabta keys``: the keys the gateway signs access tokens with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.operating import Gateway
from gateway.cli.telling import out, print_json

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]
keys = typer.Typer(no_args_is_help=True, help="The keys access tokens are signed with.")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(keys, name="keys")


@keys.command("rotate")
def rotated(config: Config = None, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Make a new signing key: published now, in force in ten minutes, the old one published for an hour after that."""
    made = Gateway(config).call("POST", "/v1/keys/rotation", json={})
    if json:
        print_json(made)
    else:
        out.print(f"key {made['kid']} signs from {made['active_from']} on")
