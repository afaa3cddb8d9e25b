"""``raabta erase`` and ``raabta vault``: destroy a referral's key; renew the key that wraps them all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.operating import Gateway
from gateway.cli.telling import out

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]
vault = typer.Typer(no_args_is_help=True, help="The keys of sealed bodies.")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("erase")(erase)
    app.add_typer(vault, name="vault")


def erase(
    referral: Annotated[str, typer.Argument(help="The referral, by any reference.")],
    reason: Annotated[str, typer.Option(help="Why, in words; only their digest is kept.")],
    config: Config = None,
) -> None:
    """Destroy the key of a referral's sealed bodies for ever; the ledger still verifies."""
    done = Gateway(config).call("POST", f"/v1/referrals/{referral}/erasure", json={"note": reason})
    out.print("erased; its trace remains")
    if not done["log_cleared"]:
        out.print("[yellow]the database's log could not be emptied yet; say it again in a moment[/yellow]")


@vault.command("rotate")
def rotated(config: Config = None) -> None:
    """Make a new key-encryption key and wrap every referral's key under it."""
    done = Gateway(config).call("POST", "/v1/vault/rotation")
    out.print(f"{done['after']} replaces {done['before']}; {done['keys']} keys wrapped anew")


@vault.command("rewrap")
def rewrapped(config: Config = None) -> None:
    """Wrap every referral's key under the current key-encryption key, after it was replaced outside."""
    done = Gateway(config).call("POST", "/v1/vault/rewrapping")
    out.print(f"{done['keys']} keys wrapped under {done['after']}")
