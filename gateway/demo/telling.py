"""How the demonstration speaks: steps, expectations, one story, and the addresses to look at."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.demo.callers import Agency
from gateway.demo.processes import Stage


class Account:
    """The running account of a performance."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._step = 0
        self._failed: list[str] = []

    def step(self, *lines: str) -> None:
        """Begin a step."""
        self._step += 1
        self._console.print(f"\n[bold cyan]{self._step}.[/bold cyan] [bold]{lines[0]}[/bold]")
        for line in lines[1:]:
            self._console.print(f"   {line}")

    def expected(self, what: str, *, met: bool) -> bool:
        """Tell whether an expectation was met, and remember if not."""
        sign = "[green]✓[/green]" if met else "[red]✗[/red]"
        self._console.print(f"   {sign} {what}")
        if not met:
            self._failed.append(what)
        return met

    def note(self, text: str) -> None:
        """Say something more."""
        self._console.print(f"   {text}", markup=False)

    def problem(self, body: str) -> None:
        """Show a problem document in one line."""
        try:
            problem = json.loads(body)
        except ValueError:
            self.note(body[:200])
            return
        whole = {"pointer": "", "code": problem.get("code"), "message": problem.get("title")}
        for error in problem.get("errors", [whole]):
            place = error["pointer"] or "(document)"
            self.note(f"  {problem['status']} {error['code']} at {place}: {error['message']}")

    def story(self, sender: Agency, referral: str) -> None:
        """Tell the story of one referral, as its sender may hear it."""
        if not referral:
            return
        told: dict[str, Any] = sender.call("GET", f"/v1/referrals/{referral}/story").json()
        table = Table("#", "when (UTC)", "who", "what happened", title=f"The story of {referral}", title_justify="left")
        for line in told["lines"]:
            table.add_row(str(line["seq"]), line["at"][11:23], line["actor"], line["sentence"])
        self._console.print()
        self._console.print(table)

    def verdict(self) -> bool:
        """Say how it ended; returns whether every expectation was met."""
        if self._failed:
            self._console.print(f"\n[red]{len(self._failed)} expectation(s) were not met.[/red]")
        else:
            self._console.print("\n[green]Everything ended as the scenario says.[/green]")
        return not self._failed


def addresses(stage: Stage, console: Console) -> None:
    """Print where to look."""
    console.print("\n[bold]Look around[/bold]")
    token = f"curl '{stage.agencies['police']}/_sandbox/token?scope=referral.write'"
    places = {
        "Console": f"{stage.gateway}/console/ (log in as Sitara, auditor; Umar, operator; Hina, administrator)",
        "API documentation": f"{stage.gateway}/docs",
        "OpenAPI document": f"{stage.gateway}/openapi.json",
        "Metrics": f"{stage.gateway}/metrics",
        "A token to try things with": token,
        **{f"What {name} received": f"{url}/_sandbox/received" for name, url in stage.agencies.items()},
        "The story on the command line": f"raabta story REFERENCE --config {stage.config}",
        "Inspect it": f"raabta-conformance run --target {stage.gateway} --profile gateway --hostile --operator NAME "
        f"--credentials {stage.folder / 'conformance.toml'} --out DIR",
        "Configuration, database, logs": str(stage.folder),
    }
    for what, where in places.items():
        console.print(f"  {what:32}{where}", soft_wrap=True, markup=False)
