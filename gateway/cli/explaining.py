"""``raabta explain``: redo a past translation, and show which rule made which value."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adapters.registry import load_manifests
from gateway.cli.looking import enter_look
from gateway.cli.rendering import write_page
from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, out, print_json
from gateway.clock import SystemClock
from gateway.connected import database, directory
from gateway.errors import GatewayError
from gateway.explain import Explanation, explain
from gateway.operators import one
from gateway.room import ReadingRoom
from gateway.settings import Settings
from gateway.store.errors import StoreError
from gateway.store.opening import reading
from gateway.vault.vault import Vault
from gateway.vault.wrapping import wrapper_of


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("explain")(explained)


def reading_room(settings: Settings) -> ReadingRoom:
    """Return what it takes to read a gateway's database beside it."""
    vault = Vault(wrapper_of(settings.vault.credential, settings.path(settings.gateway.keys) / "vault.json"))
    known = directory(load_manifests(settings.path(settings.gateway.agencies)))
    return ReadingRoom(vault, SystemClock(), known, settings.routing)


def explained(
    delivery: Annotated[str, typer.Argument(help="Id of the delivery, as the story shows it.")],
    config: Annotated[Path | None, typer.Option("--config", help="raabta.toml")] = None,
    values: Annotated[bool, typer.Option(help="Show the values too; they are a child's.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write source and target side by side here, as one page.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Redo the translation of a delivery from what is sealed, and show field by field how it was made.

    That it was shown is an entry of the ledger.
    """
    settings = settings_of(config)
    try:
        room = reading_room(settings)
        with reading(database(settings)) as readers, readers.connection() as connection:
            found = explain(room, connection, delivery, values=values)
            referral = one(connection, delivery, sender=None)[0]["referral"]
        enter_look(config, "command.values" if values else "command.explanation", referral, delivery)
    except (GatewayError, StoreError) as error:
        err.print(f"[red]{error}[/red]")
        bad()
    if html is not None:
        write_page(html, [found.account], values=values)
    if json:
        print_json(found.as_json())
    else:
        _show(found, values=values)


def _show(found: Explanation, *, values: bool) -> None:
    table = Table("rule", "ours", "theirs", "converter", "outcome", title=f"{found.format}/{found.document}")
    if values:
        table.add_column("value")
    for field in found.fields:
        cells = [field.rule, field.ours, field.theirs, field.converter, field.outcome]
        table.add_row(*cells, *([field.value or ""] if values else []))
    out.print(table)
    for drop in found.dropped:
        out.print(f"  [yellow]dropped[/yellow] {drop['path']}: {drop['reason']}")
    for held in found.withheld:
        out.print(f"  [magenta]withheld[/magenta] {held['path']} ({held['label']}) by {held['rule']}")
    if found.changed:
        out.print(f"[yellow]changed since it was sent: {', '.join(found.changed)}[/yellow]")
    elif found.same_bytes:
        out.print("[green]the same bytes as were sent[/green]")
