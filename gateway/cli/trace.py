"""``raabta story``: what happened to one referral, how it stands, and what happens next by when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from gateway.cli.explaining import reading_room
from gateway.cli.looking import enter_look
from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, misused, out, print_json
from gateway.connected import database
from gateway.errors import GatewayError
from gateway.ledger.story import Story, story
from gateway.store import referrals
from gateway.store.errors import StoreError
from gateway.store.opening import reading
from gateway.trace.audit_events import audit_bundle
from gateway.trace.page import story_page
from gateway.trace.standing import Receiver, Standing, standing
from gateway.trace.urdu import told as words_of

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("story")(told)


def told(
    referral: Annotated[str, typer.Argument(help="Id or reference of the referral.")],
    config: Config = None,
    urdu: Annotated[bool, typer.Option("--urdu", help="Tell it in Urdu.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write it here, as one page with a diagram.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    fhir: Annotated[bool, typer.Option("--fhir", help="Print a FHIR Bundle of AuditEvents (IHE BALP).")] = False,
) -> None:
    """Tell who sent what to whom, when, under which agreement, how it stands, and what happens next by when.

    That it was told is an entry of the ledger.
    """
    settings = settings_of(config)
    base = settings.gateway.base_url
    try:
        with reading(database(settings)) as readers:
            with readers.connection() as connection:
                found = referrals.anywhere(connection, referral)
            if found is not None:
                enter_look(config, "command.story", found)
            with readers.connection() as connection:
                whole = story(connection, found) if found else None
                stands = standing(reading_room(settings), connection, found) if found else None
    except (GatewayError, StoreError) as error:
        err.print(f"[red]{error}[/red]")
        bad()
    if whole is None or stands is None:
        err.print("[red]there is no such referral[/red]")
        bad()
    if html is not None:
        _write(html, story_page(whole, base.partition("://")[2]))
    if fhir:
        print_json(audit_bundle(whole, whole.referral, base))
    elif json:
        print_json({**whole.as_json(), "standing": stands.as_json()})
    else:
        print_standing(stands, urdu=urdu)
        print_story(whole, urdu=urdu)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError:
        misused("the HTML file cannot be written")
    err.print(f"written: {file.name}")


def print_standing(stands: Standing, *, urdu: bool = False) -> None:
    """Print how a referral stands at each receiver."""
    for each in stands.receivers:
        out.print(Text(each.has.urdu if urdu else each.has.english, "bold"))
        for line in _details(each, urdu=urdu):
            out.print(Text(f"  {line}"))


def _details(each: Receiver, *, urdu: bool) -> list[str]:
    lines = [line.urdu if urdu else line.english for line in each.coming]
    count = "{} × {} ({})"
    held = "، " if urdu else ", "
    if each.agreement:
        lines.append(f"معاہدہ: {each.agreement}" if urdu else f"Under agreement {each.agreement}")
    if each.withheld:
        rules = held.join(count.format(one.count, one.label, one.rule) for one in each.withheld)
        lines.append(f"روکا گیا: {rules}" if urdu else f"Withheld: {rules}")
    if each.unknown:
        lines.append(
            f"معلوم نہیں کیا روکا گیا: {each.unknown}" if urdu else f"What was withheld is not known: {each.unknown}"
        )
    return lines


def print_story(whole: Story, *, urdu: bool = False) -> None:
    """Print a story as a table."""
    heads = ("#", "وقت (UTC)", "کون", "کیا ہوا") if urdu else ("#", "when (UTC)", "who", "what happened")
    table = Table(*heads, title=f"Referral {whole.referral}", title_justify="left")
    for line in whole.lines:
        said = words_of(line.type, line.fields)
        table.add_row(str(line.seq), line.at[11:23], line.actor, said.urdu if urdu else said.english)
    out.print(table)
    for each in whole.deliveries:
        tries = ", ".join(f"{a.n}: {a.error or a.outcome}" for a in each.attempts)
        out.print(
            f"  {each.kind.lower()} to [bold]{each.recipient}[/bold] ({each.purpose}): {each.state}  [{tries}]",
            markup=True,
        )
