"""``raabta break-glass``: emergencies in which a withholding was overridden, and what is made of each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.cli.operating import Gateway
from gateway.cli.telling import out, print_json

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
glass = typer.Typer(no_args_is_help=True, help="Emergencies in which a withholding was overridden.")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(glass, name="break-glass")


@glass.command("list")
def listed(
    every: Annotated[bool, typer.Option("--all", help="Those that were judged too.")] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """List every override nobody has judged yet."""
    asked = {"open": "false" if every else "true", "limit": 100}
    found = Gateway(config).call("GET", "/v1/break-glass", params=asked)
    if json:
        print_json(found)
        return
    table = Table("id", "agency", "officer", "reason", "at (UTC)", "until (UTC)", "verdict")
    for each in found["items"]:
        times = (each["at"][:19], each["until"][:19])
        table.add_row(each["id"], each["agency"], each["officer"], each["reason"], *times, each.get("verdict", ""))
    out.print(table)


@glass.command("review")
def reviewed(
    override: Annotated[str, typer.Argument(help="Id, as the list shows it.")],
    justified: Annotated[bool, typer.Option("--justified/--unjustified", help="What you make of it.")],
    reason: Annotated[str, typer.Option(help="Why, in words; sealed with the referral.")] = "",
    config: Config = None,
) -> None:
    """Judge an override; it leaves the list."""
    verdict = "JUSTIFIED" if justified else "UNJUSTIFIED"
    body = {"verdict": verdict, "note": reason}
    Gateway(config).call("POST", f"/v1/break-glass/{override}/review", json=body)
    out.print(verdict.lower())
