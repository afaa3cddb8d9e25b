"""``raabta agency``: the registry of connected systems and their agreements."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from adapters.manifest_file import ManifestError
from adapters.registry import load_manifests
from gateway.cli.operating import Gateway
from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, misused, out, print_json, tell_mistakes
from gateway.settings import Mistake

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]
Name = Annotated[str, typer.Argument(help="Id of the agency.")]
agency = typer.Typer(no_args_is_help=True, help="Connected agencies and their agreements.")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(agency, name="agency")


@agency.command("list")
def listed(config: Config = None, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List connected agencies, their agreements, and whether each may take part now."""
    found = Gateway(config).call("GET", "/v1/agencies")
    if json:
        print_json(found)
        return
    table = Table("agency", "kind", "logs in with", "standing", "agreement", "purpose", "labels", "until", "owner")
    for each in found["items"]:
        first = (escape(each["id"]), each["kind"], each.get("login", {}).get("method", "-"), _standing(each))
        for row in each["agreements"] or [{}]:
            table.add_row(*first, *_agreement(row))
            first = ("", "", "", "")
    out.print(table)


def _standing(each: dict[str, Any]) -> str:
    if each["suspended"]:
        return "[red]suspended[/red]"
    return f"[yellow]paused: {each['paused']}[/yellow]" if "paused" in each else "[green]connected[/green]"


def _agreement(row: dict[str, Any]) -> tuple[str, ...]:
    if not row:
        return ("none", "", "", "", "")
    until = row["valid_until"] or "open-ended"
    ends = until if row["in_force"] else f"[red]{until}: not in force[/red]"
    return (escape(row["id"]), row["purpose"], " ".join(row["labels"]), ends, escape(row["owner"]))


@agency.command("add")
def added(
    file: Annotated[Path, typer.Argument(help="The agency's TOML file; what it refers to is found beside it.")],
    config: Config = None,
) -> None:
    """Check an agency's file together with those that are there, and put it among them.

    The gateway takes it at its next start, and enters it in the ledger then.
    """
    if not file.is_file():
        misused("the agency's file cannot be read")
    settings = settings_of(config)
    folder = settings.path(settings.gateway.agencies)
    there = folder / file.name
    if file.suffix != ".toml" or there.exists():
        misused("the file ends in .toml, and no agency has a file of that name yet")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, there)
    try:
        load_manifests(folder)
    except ManifestError as refused:
        there.unlink()
        tell_mistakes([Mistake(f"{folder.name}/{m.file.name}", m.line, m.message) for m in refused.mistakes], err)
        bad()
    out.print(f"{file.name} was added; restart the gateway to connect the agency")


@agency.command("rotate-key")
def rotated(
    name: Name,
    jwks: Annotated[Path | None, typer.Option(help="The agency's new public keys, a JWK Set.")] = None,
    secret: Annotated[bool, typer.Option("--secret", help="Make a new secret and print it, once.")] = False,
    config: Config = None,
) -> None:
    """Replace what an agency logs in with; the old keys or secret are refused from then on."""
    if (jwks is None) != secret:
        misused("give --jwks FILE or --secret")
    if jwks is None:
        out.print(Gateway(config).call("POST", f"/v1/agencies/{name}/secret", json={})["secret"])
        return
    if not jwks.is_file():
        misused("the JWK Set cannot be read")
    headers = {"Content-Type": "application/jwk-set+json"}
    Gateway(config).call("POST", f"/v1/agencies/{name}/keys", content=jwks.read_bytes(), headers=headers)
    out.print(f"{name} logs in with the new keys")


@agency.command("suspend")
def suspended(
    name: Name,
    reason: Annotated[str, typer.Option(help="A code for the ledger, such as INCIDENT.")] = "OPERATOR",
    config: Config = None,
) -> None:
    """Let an agency neither call nor be sent to; what waits for it waits."""
    Gateway(config).call("POST", f"/v1/agencies/{name}/suspension", json={"reason": reason})
    out.print(f"{name} is suspended")


@agency.command("resume")
def resumed(
    name: Name,
    rate: Annotated[str | None, typer.Option(help="Catch up at so many messages a second, such as 5/s.")] = None,
    config: Config = None,
) -> None:
    """Let a suspended agency take part again, or send to it again after it refused our login or was gone."""
    try:
        body = {} if rate is None else {"rate": float(rate.removesuffix("/s"))}
    except ValueError:
        misused("a rate is a number of messages a second, such as 5/s")
    Gateway(config).call("POST", f"/v1/agencies/{name}/resume", json=body)
    out.print(f"{name} takes part again")
