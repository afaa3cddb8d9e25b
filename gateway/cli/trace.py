"""``raabta story``: what happened to one referral."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, out, print_json
from gateway.connected import database
from gateway.ledger.story import Story, story
from gateway.store import referrals
from gateway.store.errors import StoreError
from gateway.store.opening import reading

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("story")(told)


def told(
    referral: Annotated[str, typer.Argument(help="Id or reference of the referral.")],
    config: Config = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell who sent what to whom, when, under which agreement, and how it ended."""
    settings = settings_of(config)
    try:
        with reading(database(settings)) as readers, readers.connection() as connection:
            found = referrals.anywhere(connection, referral)
            whole = story(connection, found) if found else None
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()
    if whole is None:
        err.print("[red]there is no such referral[/red]")
        bad()
    if json:
        print_json(whole.as_json())
    else:
        print_story(whole)


def print_story(whole: Story) -> None:
    """Print a story as a table."""
    table = Table("#", "when (UTC)", "who", "what happened", title=f"Referral {whole.referral}", title_justify="left")
    for line in whole.lines:
        table.add_row(str(line.seq), line.at[11:23], line.actor, line.sentence)
    out.print(table)
    for each in whole.deliveries:
        tries = ", ".join(f"{a.n}: {a.error or a.outcome}" for a in each.attempts)
        out.print(
            f"  {each.kind.lower()} to [bold]{each.recipient}[/bold] ({each.purpose}): {each.state}  [{tries}]",
            markup=True,
        )
