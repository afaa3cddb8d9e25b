"""``raabta story`` and ``raabta ledger verify``: what happened, and proof that nobody changed the record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, out, print_json
from gateway.connected import database
from gateway.ledger.keys import SigningKeyRefused, load_signer
from gateway.ledger.story import Story, story
from gateway.ledger.verify import Verdict, verify
from gateway.settings import Settings
from gateway.store import referrals
from gateway.store.errors import StoreError
from gateway.store.opening import reading

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]
ledger = typer.Typer(no_args_is_help=True, help="The tamper-evident trace.")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("story")(told)
    app.add_typer(ledger, name="ledger")


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


@ledger.command("verify")
def verified(config: Config = None, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Recompute the whole ledger and say which entry was changed, if one was."""
    verdict = _verdict(settings_of(config))
    if json:
        faults = [{"fault": finding.fault.value, "entry": finding.index} for finding in verdict.findings]
        size = {"entries": verdict.size, "checkpoints": verdict.checkpoints, "root": verdict.root.hex()}
        print_json({"whole": verdict.whole, **size, "findings": faults})
    else:
        for finding in verdict.findings:
            out.print(f"[red]{finding.fault.value} at entry {finding.index}[/red]")
        if verdict.whole:
            signed = f"{verdict.size} entries, {verdict.checkpoints} signed checkpoints"
            out.print(f"[green]the ledger is whole: {signed}[/green]")
    if not verdict.whole:
        bad()


def _verdict(settings: Settings) -> Verdict:
    """Verify the ledger of a configured gateway; ends with status 1 if there is none to verify."""
    key = settings.path(settings.gateway.keys) / "ledger.pem"
    try:
        trusted = [load_signer(key, settings.gateway.base_url.partition("://")[2]).verifier]
        with reading(database(settings)) as readers, readers.connection() as connection:
            return verify(connection, trusted)
    except (OSError, SigningKeyRefused):
        err.print("[red]the gateway's key cannot be read[/red]")
        bad()
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()
