"""`raabta-conformance agencies`: the simulated agencies, kept running for whoever builds against them."""

import json
import signal
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from conformance.sandbox.credentials import FIRST_PORT, IDENTITIES, initialise
from conformance.sandbox.launch import NotStartedError, Running, agencies
from conformance.sandbox.seeded import USUAL, dashed, population
from conformance.sandbox.settings import AGENCIES, SettingsError, read_file

GATEWAY = "http://127.0.0.1:8080"


def start_agencies(
    ports: Annotated[
        str, typer.Option(help=f"Five ports, comma separated: {', '.join(AGENCIES)}; or the first of five.")
    ] = "",
    config: Annotated[Path | None, typer.Option(help="sandbox.toml; without it, a fresh one is made.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for what the agencies remember.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="One folder for all of that, made at the first start and used again later.")
    ] = None,
    init: Annotated[Path | None, typer.Option(help="Only write fresh keys, secrets and sandbox.toml here.")] = None,
    gateway: Annotated[str, typer.Option(help="Base URL of the gateway, for a fresh sandbox.toml.")] = GATEWAY,
    seed: Annotated[int, typer.Option(min=0, help="Of the invented children, for a fresh sandbox.toml.")] = USUAL,
) -> None:
    """Start the five simulated agencies and keep them running until Ctrl-C."""
    console = Console(stderr=True)
    try:
        chosen = _ports(ports)
        if init is not None:
            console.print(f"written: {initialise(init, gateway, chosen, seed)}")
            return
        home = folder or Path(tempfile.mkdtemp(prefix="raabta-sandbox-") if config is None or data is None else "")
        kept = folder / "sandbox.toml" if folder and (folder / "sandbox.toml").exists() else None
        file = config or kept or initialise(home, gateway, chosen, seed)
        _serve(file, data or home / "data", chosen, console)
    except (FileExistsError, SettingsError) as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from None
    except NotStartedError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None


def _serve(config: Path, data: Path, ports: dict[str, int] | None, console: Console) -> None:
    whole = read_file(config)
    listening = ports or {name: whole.table(name).port for name in AGENCIES}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with agencies(listening, data, config) as running:
            console.print(_addresses(running))
            console.print(f"gateway: {whole.gateway}   memory: {data}   Ctrl-C stops everything")
            for agency in running:
                agency.process.join()
    except KeyboardInterrupt:
        console.print("stopped")


def show_children(
    seed: Annotated[int, typer.Option(min=0, help="The seed of a sandbox.")] = USUAL,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every value.")] = False,
) -> None:
    """List the invented children and schools of a seed, as all agencies of its sandbox know them."""
    console, known = Console(), population(seed)
    if as_json:
        typer.echo(json.dumps(asdict(known), default=str, ensure_ascii=False, indent=1))
        return
    children = Table("n", "name", "name in Urdu", "sex", "born", "B-Form", "certificate", "pupil", title=f"Seed {seed}")
    for one in known.children:
        children.add_row(
            str(one.n), one.name, one.name_ur, one.sex, str(one.born), dashed(one.bform), one.crms, one.student
        )
    schools = Table("scheme", "code", "name", "for", "district")
    for school in known.schools:
        schools.add_row(school.scheme, school.code, school.name, school.gender, school.admin2_pcode)
    console.print(children, schools)


def _addresses(running: list[Running]) -> Table:
    table = Table(title="Simulated agencies")
    for heading in ("agency", "address", "at the gateway", "client"):
        table.add_column(heading, no_wrap=True)
    for agency in running:
        identity = IDENTITIES[agency.name]
        table.add_row(agency.name, agency.url, identity.agency_id, identity.client_id)
    return table


def _ports(text: str) -> dict[str, int] | None:
    if not text:
        return None
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise typer.BadParameter("ports are numbers, separated by commas") from None
    if len(numbers) == 1:
        numbers = list(range(numbers[0], numbers[0] + len(AGENCIES)))
    if len(numbers) != len(AGENCIES) or not all(0 < port < 65536 for port in numbers):
        raise typer.BadParameter(f"give one port or five, for example {FIRST_PORT}")
    return dict(zip(AGENCIES, numbers, strict=True))
