"""``raabta demo``: see it work, with simulated agencies on this machine."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.telling import bad, err, out
from gateway.demo.processes import NotStarted, keep, prepare, running
from gateway.demo.scenario import play
from gateway.demo.telling import addresses


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("demo")(demo)


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End when every delivery has ended; 0 only if all is as told.")
    ] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port of the gateway.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Keep keys, database and logs here.")] = None,
) -> None:
    """Run a gateway and five simulated agencies, send a handful of referrals, and tell what happens."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    home = folder or Path(tempfile.mkdtemp(prefix="raabta-demo-"))
    stage = prepare(home, port)
    try:
        with running(stage) as process:
            well = play(stage, out)
            addresses(stage, out)
            if not once:
                keep(stage, process)
    except KeyboardInterrupt:
        err.print("stopped")
        return
    except NotStarted as failed:
        err.print(f"[red]{failed} did not start; see the logs in {home}[/red]")
        bad()
    if not well:
        bad()
