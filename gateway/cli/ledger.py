"""``raabta ledger`` and ``raabta evidence``: prove that nobody changed the record, and take the proof away."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.looking import enter_look
from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, misused, out, print_json
from gateway.connected import database
from gateway.evidence import evidence
from gateway.ledger.bundle import NotSigned
from gateway.ledger.checkpoint import CheckpointRefused, Signer, VerifierKey, read_checkpoint
from gateway.ledger.keys import SigningKeyRefused, load_signer
from gateway.ledger.verifier.verify import Finding
from gateway.ledger.verifier.verify import verify as verify_bundle
from gateway.ledger.verify import verify
from gateway.ledger.witness import HistoryRefused, Witness
from gateway.settings import Settings
from gateway.store import referrals
from gateway.store.errors import StoreError
from gateway.store.opening import reading

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Key = Annotated[str | None, typer.Option(help="The log's public key, or a file that holds it.")]
Out = Annotated[Path, typer.Option("--out", help="File to write; it must not exist yet.")]
ledger = typer.Typer(no_args_is_help=True, help="The tamper-evident trace.")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(ledger, name="ledger")
    app.command("evidence")(taken)


def signer_of(settings: Settings) -> Signer:
    """Return the ledger's key of a configured gateway; ends with status 1 if it cannot be read."""
    key = settings.path(settings.gateway.keys) / "ledger.pem"
    try:
        return load_signer(key, settings.gateway.base_url.partition("://")[2])
    except (OSError, SigningKeyRefused):
        err.print("[red]the gateway's key cannot be read[/red]")
        bad()


def _key(text: str | None) -> VerifierKey:
    if text is None:
        misused("--key is needed: the log's public key, got by another way than the bundle")
    try:
        return VerifierKey.parse(text if text.count("+") >= 2 else Path(text).read_text("utf-8"))
    except (OSError, ValueError):
        misused("this is no public key of a log, nor a file that holds one")


@ledger.command("key")
def key_shown(config: Config = None) -> None:
    """Print the public key checkpoints are signed with; hand it to auditors by another way than the evidence."""
    out.print(signer_of(settings_of(config)).verifier.text, markup=False)


@ledger.command("verify")
def verified(
    config: Config = None,
    bundle: Annotated[Path | None, typer.Option(help="An exported bundle instead of this gateway's database.")] = None,
    key: Key = None,
    seen: Annotated[list[Path] | None, typer.Option(help="A checkpoint you have kept from earlier.")] = None,
    json: Json = False,
) -> None:
    """Recompute the whole ledger, or a bundle, and name every entry that was changed."""
    try:
        kept = [each.read_text("utf-8") for each in seen or ()]
        found = verify_bundle(bundle, _key(key).text, kept) if bundle else None
    except (OSError, UnicodeDecodeError):
        misused("a file cannot be read")
    if found is not None:
        findings, size = found
        _told(findings, {"entries": size}, f"{size} entries are in the ledger, as they were signed", json=json)
    else:
        _database(settings_of(config), kept, json=json)


def _database(settings: Settings, kept: list[str], *, json: bool) -> None:
    trusted = [signer_of(settings).verifier]
    try:
        earlier = [read_checkpoint(note, trusted) for note in kept]
        with reading(database(settings)) as readers, readers.connection() as connection:
            verdict = verify(connection, trusted, earlier)
    except CheckpointRefused:
        misused("a checkpoint is not signed by this log")
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()
    size = {"entries": verdict.size, "checkpoints": verdict.checkpoints, "root": verdict.root.hex()}
    whole = f"the ledger is whole: {verdict.size} entries, {verdict.checkpoints} signed checkpoints"
    _told(verdict.findings, size, whole, json=json)


def _told(findings: list[Finding], size: dict[str, object], whole: str, *, json: bool) -> None:
    if json:
        faults = [{"fault": each.fault.name, "at": each.where, "says": each.fault.value} for each in findings]
        print_json({"whole": not findings, **size, "findings": faults})
    elif not findings:
        out.print(f"[green]{whole}[/green]")
    for each in () if json else findings:
        out.print(f"[red]{each.fault.name} at {each.where}[/red]: {each.fault.value}")
    if findings:
        bad()


@ledger.command("export")
def exported(
    out_file: Out, referral: Annotated[str | None, typer.Option(help="Only this one's.")] = None, config: Config = None
) -> None:
    """Write an evidence bundle: entries, proofs, signed checkpoint, a readable page, and how to verify it.

    That it was taken is an entry of the ledger.
    """
    settings = settings_of(config)
    signer = signer_of(settings)
    try:
        with reading(database(settings)) as readers:
            with readers.connection() as connection:
                real = referrals.anywhere(connection, referral) if referral else None
            if referral and real is None:
                err.print("[red]there is no such referral[/red]")
                bad()
            enter_look(config, "command.evidence", real)
            with readers.connection() as connection:
                body = evidence(connection, signer, real)
    except (StoreError, NotSigned) as error:
        err.print(f"[red]{error}[/red]")
        bad()
    try:
        with os.fdopen(os.open(out_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(body)
    except OSError:
        misused("the file cannot be written, or is there already")
    err.print(f"written: {out_file.name}")


def taken(
    referral: Annotated[str, typer.Argument(help="Id or reference of the referral.")],
    out_file: Out,
    config: Config = None,
) -> None:
    """Write the evidence of one referral: what happened, and the proof that nobody changed the record."""
    exported(out_file, referral, config)


@ledger.command("witness")
def witnessed(
    state: Annotated[Path, typer.Option(help="File that keeps the last checkpoint seen.")], key: Key = None
) -> None:
    """Read what `GET /v1/ledger/consistency?from=SIZE` answered from standard input; refuse a rewritten history."""
    witness = Witness(state, [_key(key)])
    try:
        if sys.stdin.isatty():
            out.print(f"seen: {witness.seen().size}")
            return
        shown = witness.show(sys.stdin.read())
    except (HistoryRefused, CheckpointRefused) as error:
        err.print(f"[red]{error}[/red]")
        bad()
    out.print(f"seen: {shown.size}")
