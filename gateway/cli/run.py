"""``raabta serve | work | migrate | check``: run the gateway, and find what is wrong before it runs."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from gateway.cli.logs import configure_logs
from gateway.cli.telling import bad, err, out, print_json
from gateway.settings import Mistake, Settings, SettingsRefused, read_settings
from gateway.store.errors import StoreError

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml; by default the one in this folder.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("serve")(serve)
    app.command("work")(work)
    app.command("migrate")(migrate)
    app.command("check")(check)


def settings_of(config: Path | None) -> Settings:
    """Return the settings, or say what is wrong with them and end with status 1."""
    path = config or (Path("raabta.toml") if Path("raabta.toml").is_file() else None)
    try:
        return read_settings(path)
    except SettingsRefused as refused:
        for mistake in refused.mistakes:
            err.print(f"[red]{mistake}[/red]")
        bad()


def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    no_deliver: Annotated[bool, typer.Option("--no-deliver", help="Do not run the delivery worker.")] = False,
) -> None:
    """Run the gateway's API, with SQLite also the delivery worker."""
    from gateway.app import make_app, open_gateway

    settings = settings_of(config)
    refuse_mistakes(settings)
    configure_logs()
    try:
        gateway = open_gateway(settings)
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()
    app = make_app(gateway, deliver=not no_deliver)
    section = settings.gateway
    uvicorn.run(
        app, host=host or section.host, port=section.port if port is None else port, log_config=None, access_log=False,
        server_header=False, timeout_graceful_shutdown=20,
    )  # fmt: skip


def work(
    config: Config = None,
    concurrency: Annotated[int | None, typer.Option(min=1, max=512, help="Deliveries at once.")] = None,
) -> None:
    """Run a delivery worker only. With SQLite the database has one writer, so not beside ``serve``."""
    settings = settings_of(config)
    refuse_mistakes(settings)
    configure_logs()
    if concurrency is not None:
        delivery = settings.delivery.model_copy(update={"concurrency": concurrency})
        settings = settings.model_copy(update={"delivery": delivery})
    try:
        asyncio.run(_work(settings))
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()


async def _work(settings: Settings) -> None:
    from adapters.registry import adapter_for
    from gateway.app import make_worker, open_gateway

    gateway = open_gateway(settings)
    adapters = {name: adapter_for(m, gateway.room.clock.now) for name, m in gateway.manifests.items()}
    worker = make_worker(gateway, adapters)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, worker.stop)
    err.print("delivering; Ctrl-C finishes what is under way")
    await worker.run()
    for adapter in adapters.values():
        await adapter.close()
    gateway.close()


def migrate(config: Config = None) -> None:
    """Create the database, or bring it up to date."""
    from gateway.store.opening import open_sqlite

    settings = settings_of(config)
    path = settings.path(settings.gateway.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        open_sqlite(path, upgrade=True).close(drain=False)
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()
    out.print("the database is up to date")


def check(config: Config = None, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Read the whole configuration, mappings, agreements and keys, and say everything that is wrong."""
    path = config or (Path("raabta.toml") if Path("raabta.toml").is_file() else None)
    try:
        settings = read_settings(path)
        mistakes = everything_wrong(settings)
    except SettingsRefused as refused:
        mistakes = list(refused.mistakes)
    if json:
        found = [{"file": m.file, "line": m.line, "message": m.message} for m in mistakes]
        print_json({"valid": not mistakes, "mistakes": found})
    else:
        for mistake in mistakes:
            out.print(f"[red]{mistake}[/red]")
        if not mistakes:
            out.print("[green]the configuration is in order[/green]")
    if mistakes:
        bad()


def refuse_mistakes(settings: Settings) -> None:
    """Refuse to start on what ``check`` would find."""
    mistakes = everything_wrong(settings)
    for mistake in mistakes:
        err.print(f"[red]{mistake}[/red]")
    if mistakes:
        bad()


def everything_wrong(settings: Settings) -> list[Mistake]:
    """Return every mistake in agencies, mappings, the matrix, routes and keys."""
    from gateway.checking import mistakes

    with suppress(SettingsRefused):
        return mistakes(settings)
    return []
