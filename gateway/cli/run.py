"""``raabta serve | work | migrate | check``: run the gateway, and find what is wrong before it runs."""

from __future__ import annotations

import asyncio
import gc
import signal
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from adapters.registry import adapter_for
from gateway.checking import mistakes
from gateway.cli.listening import listener_options
from gateway.cli.logs import configure_logs
from gateway.cli.telling import bad, err, misused, out, print_json, tell_mistakes
from gateway.connected import database
from gateway.settings import Settings, SettingsRefused, read_settings
from gateway.store.errors import StoreError
from gateway.store.opening import open_store

YOUNG_OBJECTS = 10_000
"""New objects after which the garbage collector looks through them: what a few referrals make, not a part of one."""

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml; by default the one in this folder.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("serve")(serve)
    app.command("work")(work)
    app.command("migrate")(migrate)
    app.command("check")(check)


def settings_of(config: Path | None) -> Settings:
    """Return the settings, or say what is wrong with them and end with status 1."""
    try:
        return read_settings(_file(config))
    except SettingsRefused as refused:
        tell_mistakes(refused.mistakes, err)
        bad()


def _file(config: Path | None) -> Path | None:
    """Return the configuration's file, ``None`` for the defaults; ends with status 2 if the one named is missing."""
    if config is not None and not config.is_file():
        misused("the configuration file cannot be read")
    usual = Path("raabta.toml")
    return config or (usual if usual.is_file() else None)


def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    no_deliver: Annotated[bool, typer.Option("--no-deliver", help="Do not run the delivery worker.")] = False,
) -> None:
    """Run the gateway's API, and the delivery worker in the same process."""
    from gateway.app import make_app, open_gateway  # noqa: PLC0415 - FastAPI costs a second other verbs can spare

    settings = settings_of(config)
    refuse_mistakes(settings)
    configure_logs()
    try:
        gateway = open_gateway(settings)
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()
    app = make_app(gateway, deliver=not no_deliver)
    _keep_what_is_loaded()
    section = settings.gateway
    uvicorn.run(
        app, host=host or section.host, port=section.port if port is None else port, log_config=None, access_log=False,
        timeout_graceful_shutdown=20, **listener_options(settings),
    )  # fmt: skip


def work(
    config: Config = None,
    concurrency: Annotated[int | None, typer.Option(min=1, max=512, help="Deliveries at once.")] = None,
    metrics_port: Annotated[int | None, typer.Option(help="Port of this machine for the worker's metrics.")] = None,
) -> None:
    """Run a delivery worker without the API, beside any others; with SQLite, which has one writer, beside nothing."""
    settings = settings_of(config)
    refuse_mistakes(settings)
    configure_logs()
    if concurrency is not None:
        delivery = settings.delivery.model_copy(update={"concurrency": concurrency})
        settings = settings.model_copy(update={"delivery": delivery})
    try:
        if metrics_port is not None:
            _give_metrics(metrics_port)
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # the loop that serves the API, too
            runner.run(_work(settings))
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()


def _give_metrics(port: int) -> None:
    """Answer Prometheus on a thread of its own, to this machine alone."""
    from prometheus_client import start_http_server  # noqa: PLC0415 - as above

    from gateway.delivery.measures import REGISTRY  # noqa: PLC0415 - as above

    start_http_server(port, "127.0.0.1", REGISTRY)


async def _work(settings: Settings) -> None:
    from gateway.app import make_worker, open_gateway  # noqa: PLC0415 - as above
    from gateway.steady import periodic  # noqa: PLC0415 - as above

    gateway = open_gateway(settings)
    adapters = {name: adapter_for(m, gateway.room.clock.now) for name, m in gateway.manifests.items()}
    worker = make_worker(gateway, adapters)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, worker.stop)
    err.print("delivering; Ctrl-C finishes what is under way")
    _keep_what_is_loaded()
    async with periodic(gateway.room, gateway.sign, settings.retention.model_dump()):
        await worker.run()
    for adapter in adapters.values():
        await adapter.close()
    gateway.close()


def _keep_what_is_loaded() -> None:
    """Let the garbage collector leave out what was made so far: models, mappings and routes stay until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def migrate(config: Config = None) -> None:
    """Create the database, or bring it up to date."""
    settings = settings_of(config)
    try:
        place = database(settings)
        if isinstance(place, Path):
            place.parent.mkdir(parents=True, exist_ok=True)
        open_store(place, upgrade=True).close(drain=False)
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()
    out.print("the database is up to date")


def check(config: Config = None, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Read the whole configuration, mappings, agreements and keys, and say everything that is wrong."""
    try:
        settings = read_settings(_file(config))
        found = mistakes(settings)
    except SettingsRefused as refused:
        found = list(refused.mistakes)
    if json:
        told = [{"file": m.file, "line": m.line, "message": m.message} for m in found]
        print_json({"valid": not found, "mistakes": told})
    else:
        tell_mistakes(found, out)
        if not found:
            out.print("[green]the configuration is in order[/green]")
    if found:
        bad()


def refuse_mistakes(settings: Settings) -> None:
    """Refuse to start on what ``check`` would find."""
    found = mistakes(settings)
    tell_mistakes(found, err)
    if found:
        bad()
