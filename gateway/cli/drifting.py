"""``raabta drift``: what agencies' documents hold that their mappings do not know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, out, print_json
from gateway.connected import database
from gateway.drift import Place, places
from gateway.store.errors import StoreError
from gateway.store.opening import reading


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("drift")(drifted)


def drifted(
    agency: Annotated[str | None, typer.Option(help="Only this agency's documents.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="raabta.toml")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show unknown codes, missing fields and new fields in agencies' documents, the newest first."""
    settings = settings_of(config)
    try:
        with reading(database(settings)) as readers, readers.connection() as connection:
            found = places(connection, agency)
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()
    if json:
        print_json([place.as_json() for place in found])
    elif found:
        out.print(_table(found), soft_wrap=False)
    else:
        out.print("[green]every document so far was as its mapping knows it[/green]")


def _table(found: list[Place]) -> Table:
    table = Table()
    for name in ("agency", "format", "what", "place", "first seen", "last seen", "documents"):
        table.add_column(name, overflow="fold")
    for each in found:
        what = each.kind.replace("_", " ")
        table.add_row(
            each.agency, each.format, what, Text(each.path), each.first_seen[:19], each.last_seen[:19], str(each.count)
        )
    return table
