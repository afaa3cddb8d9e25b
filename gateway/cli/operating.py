"""``raabta dead-letters``: an operator's verbs, spoken to the running gateway of this machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import Progress, TextColumn
from rich.table import Table

from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, out, print_json
from gateway.operators import CLIENT_ID, SCOPES, SECRET_FILE

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option(help="Why, in words; sealed with the referral.")]
dead_letters = typer.Typer(no_args_is_help=True, help="Messages that could not be delivered.")
deliveries = typer.Typer(no_args_is_help=True, help="What is on its way.")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(dead_letters, name="dead-letters")
    app.add_typer(deliveries, name="deliveries")


class Gateway:
    """The running gateway, called as the operator of this machine."""

    def __init__(self, config: Path | None) -> None:
        settings = settings_of(config)
        self._secret = settings.path(settings.gateway.keys) / SECRET_FILE
        self._http = httpx.Client(base_url=settings.gateway.base_url, timeout=30, trust_env=False)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Call the gateway and return its answer; says what went wrong and ends with status 1."""
        try:
            token = self._token()
            headers = {**options.pop("headers", {}), "Authorization": f"Bearer {token}"}
            answer = self._http.request(method, path, headers=headers, **options)
        except (OSError, httpx.HTTPError):
            err.print("[red]the gateway does not answer, or its operator's secret cannot be read here[/red]")
            bad()
        if answer.status_code >= 400:
            err.print(f"[red]{answer.json().get('title', 'refused')}[/red]")
            bad()
        return answer.json()

    def _token(self) -> str:
        form = {"grant_type": "client_credentials", "scope": SCOPES}
        secret = self._secret.read_text("utf-8").strip()
        answer = self._http.post("/oauth/token", data=form, auth=(CLIENT_ID, secret))
        return str(answer.json().get("access_token", ""))


@dead_letters.command("list")
def listed(config: Config = None, json: Json = False) -> None:
    """List every message that waits for a person."""
    found = Gateway(config).call("GET", "/v1/deliveries", params={"state": "DEAD", "limit": 100})
    if json:
        print_json(found)
        return
    table = Table("delivery", "recipient", "kind", "attempts", "error", "since (UTC)")
    for each in found["items"]:
        since = each.get("settled_at", "")[:19]
        table.add_row(
            each["id"], each["recipient"], each["kind"], str(each["attempts"]), each.get("last_error", ""), since
        )
    out.print(table)
    for name, code in found["paused"].items():
        out.print(f"[yellow]paused[/yellow] {name}: {code}")


@dead_letters.command("show")
def shown(delivery: str, config: Config = None) -> None:
    """Show one delivery with its attempts."""
    print_json(Gateway(config).call("GET", f"/v1/deliveries/{delivery}"))


@dead_letters.command("redeliver")
@dead_letters.command("replay")
def redelivered(delivery: str, reason: Reason, config: Config = None) -> None:
    """Send it again, under the same message id."""
    Gateway(config).call("POST", f"/v1/deliveries/{delivery}/redelivery", json={"note": reason})
    out.print("it will be sent again")


@dead_letters.command("discard")
@dead_letters.command("skip")
def discarded(delivery: str, reason: Reason, config: Config = None) -> None:
    """Decide that it is never sent; later messages of the case go on."""
    Gateway(config).call("POST", f"/v1/deliveries/{delivery}/discard", json={"note": reason})
    out.print("it will not be sent")


@dead_letters.command("redirect")
def redirected(
    delivery: str,
    to: Annotated[str, typer.Option(help="Id of the agency that is asked instead.")],
    reason: Reason,
    config: Config = None,
) -> None:
    """Give it up and send its referral to another agency, as that agency's agreement permits."""
    body = {"note": reason, "to": to}
    made = Gateway(config).call("POST", f"/v1/deliveries/{delivery}/redirection", json=body)
    out.print(f"{to} is asked instead: {made['redirected']}")


@deliveries.command("status")
def status(config: Config = None, json: Json = False) -> None:
    """Show what waits for each agency, how long, and what holds it."""
    found = Gateway(config).call("GET", "/v1/deliveries/backlog")
    if json:
        print_json(found)
        return
    table = Table("agency", "open", "oldest (s)", "dead", "held behind", "breaker", "paused")
    for each in found["items"]:
        table.add_row(
            each["recipient"], str(each["open"]), str(each["oldest_seconds"]), str(each["dead"]),
            str(each["held_behind"]), each["breaker"], each["paused_reason"] or "",
        )  # fmt: skip
    out.print(table)


@deliveries.command("drain")
def drain(
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds after which to give up.")] = 3_600.0,
    config: Config = None,
) -> None:
    """Wait until nothing that can be sent waits any more; shows how many are left and how long it will take."""
    gateway, began = Gateway(config), time.monotonic()
    most = left = _left(gateway, agency)
    with Progress(*Progress.get_default_columns(), TextColumn("{task.fields[left]} left"), console=err) as shown:
        task = shown.add_task("delivering", total=most, left=left)
        while left and time.monotonic() - began < timeout:
            time.sleep(min(1.0, timeout))
            left = _left(gateway, agency)
            most = max(most, left)
            shown.update(task, total=most, completed=most - left, left=left)
    if left:
        err.print(f"[red]{left} still wait[/red]")
        bad()
    out.print("nothing waits")


def _left(gateway: Gateway, agency: str | None) -> int:
    """Return how many deliveries wait that nothing but their turn holds back."""
    lines = gateway.call("GET", "/v1/deliveries/backlog")["items"]
    return sum(
        each["open"] - each["held_behind"]
        for each in lines
        if not each["paused"] and agency in {None, each["recipient"]}
    )
