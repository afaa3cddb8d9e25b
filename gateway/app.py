"""The one place where the parts are joined: store, ledger, vault, keys, agencies, worker, HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy import Connection

from adapters.base import Adapter
from adapters.manifest import Manifest
from adapters.registry import adapter_for, load_manifests
from auth.access import Access
from auth.identity import IssuerIdentity
from auth.issuer import TokenIssuer
from auth.keyfiles import KeyFiles
from auth.proofs import ProofVerifier
from auth.verifier import Verifier
from gateway import operators, receipts, registry
from gateway.acceptance import Tray
from gateway.api import (
    agencies,
    breaking_glass,
    deliveries,
    erasing,
    fhir,
    fhir_audit,
    fhir_tasks,
    ledger,
    oauth,
    operations,
    referrals,
    refusals,
    sessions,
    soap,
    story,
    taking_back,
    translations,
)
from gateway.api.manners import Manners, random_id
from gateway.api.openapi import document
from gateway.api.scopes import SCOPES
from gateway.api.state import Desk
from gateway.clock import Clock, DatabaseClock, SystemClock
from gateway.connected import database, directory, rate_limits
from gateway.console import site as console
from gateway.console.failing import error_page
from gateway.delivery.operations import release_leases
from gateway.delivery.worker import Worker, WorkerSettings
from gateway.filed import AgencyFiles
from gateway.ledger.checkpoint import Signer
from gateway.ledger.events import Event, EventType
from gateway.ledger.journal import Journal
from gateway.ledger.keys import create_signing_key, load_signer
from gateway.ledger.kinds import Value
from gateway.ledger.signing import sign_ledger
from gateway.logins import Logins, identity_provider, trusted_issuers
from gateway.replays import StoredReplays
from gateway.room import Room
from gateway.settings import Settings
from gateway.standing import StoredStanding
from gateway.steady import periodic
from gateway.store.committer import Limits
from gateway.store.duties import take_turn
from gateway.store.opening import open_store
from gateway.tokenlog import observer
from gateway.vault.vault import Vault
from gateway.vault.wrapping import create_key_file, wrapper_of
from gateway.witnesses import doors_memory, show_witnesses
from mappings.library import library

log = logging.getLogger(__name__)
_NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False)
"""FastAPI's own would export paths, queries and what stands in exceptions; `gateway.spans` are ours."""


@dataclass(frozen=True)
class Gateway:
    """A joined gateway, not yet serving."""

    settings: Settings
    manifests: Mapping[str, Manifest]
    room: Room
    keys: KeyFiles
    sign: Callable[[float | None], None]
    """Sign the ledger as it stands; with a number of seconds, only if nobody has in that time. Blocks."""
    signer: Signer
    """The ledger's key."""

    def close(self) -> None:
        """Finish what waits and give the database back."""
        self.room.store.close()


def _stop_hard(error: BaseException) -> None:
    """End the process when the committer cannot go on: a supervisor starts it afresh."""
    log.critical("committer.stopped", extra={"kind": type(error).__name__})
    os._exit(70)


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def key_file(folder: Path, name: str, create: Callable[[Path], None]) -> Path:
    """Return a key file of the gateway's own, made at the first start.

    It appears whole or not at all, and never in the place of another: several gateways may start at once.
    """
    path = _private(folder) / name
    if not path.exists():
        draft = path.with_name(f".{name}.{random_id()}")
        try:
            create(draft)
            with suppress(FileExistsError):
                path.hardlink_to(draft)
        finally:
            draft.unlink(missing_ok=True)
    return path


def open_gateway(settings: Settings, clock: Clock | None = None, *, upgrade: bool = True) -> Gateway:
    """Open the database, the keys and the configuration.

    Raises:
        ManifestError, MappingMistake, StoreError, KeyFileRefused: the gateway does not start.
    """
    place = database(settings)
    known = DatabaseClock()
    clock = clock or (SystemClock() if isinstance(place, Path) else known)
    manifests = load_manifests(settings.path(settings.gateway.agencies))
    library()
    keys = settings.path(settings.gateway.keys)
    if settings.vault.credential is None:
        key_file(keys, "vault.json", create_key_file)
    vault = Vault(wrapper_of(settings.vault.credential, keys / "vault.json"))
    origin = settings.gateway.base_url.partition("://")[2]
    signer = load_signer(key_file(keys, "ledger.pem", create_signing_key), origin)
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
    store = open_store(
        place,
        upgrade=upgrade,
        on_failure=_stop_hard,
        on_time=known.look,
        limits=Limits(settings.limits.queue),
        readers=settings.database.readers,
    )
    with store.engine.connect() as connection:
        journal = Journal.open(connection, clock.now)
        if store.alone:
            release_leases(connection)
    store.committer.join(journal)
    store.committer.start()
    room = Room(
        store=store,
        journal=journal,
        vault=vault,
        clock=clock,
        directory=directory(manifests),
        routes=settings.routing,
        production=settings.gateway.environment == "production",
        time_scale=settings.delivery.time_scale,
    )
    tokens = KeyFiles(_private(keys / "tokens"), clock.now)
    tokens.prepare()

    witnesses = doors_memory(_private(keys / "witnesses"), manifests, signer.verifier)

    def sign(every: float | None) -> None:
        def work(connection: Connection) -> None:
            if every is None or take_turn(connection, "checkpoint", every, clock.now()):
                sign_ledger(connection, journal, signer, clock.now())

        store.committer.submit(work, last=True).result()
        show_witnesses(room, witnesses)

    _enter_start(room, manifests)
    return Gateway(settings, manifests, room, tokens, sign, signer)


def _enter_start(room: Room, manifests: Mapping[str, Manifest]) -> None:

    config = hashlib.sha256("".join(m.file_digest for m in manifests.values()).encode()).hexdigest()
    words = hashlib.sha256("".join(m.digest for m in library().values()).encode()).hexdigest()
    fields: dict[str, Value] = {
        "config": config,
        "version": f"v{version('raabta')}",
        "agencies": len(manifests),
        "mappings": words,
    }
    filed = {m.id: registry.Filed(m.file_digest, len(m.agreements)) for m in manifests.values()}

    def enter(connection: Any) -> None:
        room.journal.append(Event(EventType.CONFIG_LOADED, "gateway", fields=fields))
        registry.note_files(room, connection, filed)

    room.store.committer.run(enter)


def make_worker(gateway: Gateway, adapters: Mapping[str, Adapter]) -> Worker:
    """Return the delivery worker of this process."""
    delivery = gateway.settings.delivery
    room = gateway.room
    settings = WorkerSettings(
        f"worker-{room.clock.new_id()}", delivery.concurrency, delivery.per_destination, delivery.poll, delivery.lease
    )
    return Worker(room, adapters, settings, partial(receipts.read_answer, room), partial(receipts.take, room))


@dataclass(frozen=True)
class Keys:
    """What decides who may call."""

    access: Access
    issuer: TokenIssuer
    identity: IssuerIdentity
    standing: StoredStanding


def hang_keys(gateway: Gateway) -> Keys:
    """Join the authorization server: clients, replays, revocations, trusted issuers; blocks on the disk."""
    settings, room, now = gateway.settings, gateway.room, gateway.room.clock.now
    base = settings.gateway.base_url
    identity = IssuerIdentity(
        base, f"{base}/oauth/token", f"{base}/oauth/jwks", base, tuple(SCOPES), overseer=operators.OPERATOR.id
    )
    secret = key_file(settings.path(settings.gateway.keys), operators.SECRET_FILE, operators.create_secret)
    operator = operators.operator_client(secret.read_text("utf-8").strip())
    standing = StoredStanding(room.store, room.clock)
    logins = Logins(gateway.manifests, operator, standing.suspended, room.today, now)
    replays = StoredReplays(room.store, room.clock)
    trusted = trusted_issuers(settings, gateway.manifests, now)
    verifier = Verifier(base, base, gateway.keys, now, trusted=trusted, standing=standing)
    observe = observer(room, logins.method_of)
    issuer = TokenIssuer(identity, logins, gateway.keys, replays, standing, verifier, now, observe)
    return Keys(Access(verifier, ProofVerifier(replays, now)), issuer, identity, standing)


def make_app(gateway: Gateway, *, deliver: bool = True) -> FastAPI:
    """Return the HTTP application; with ``deliver`` it runs the delivery worker too."""
    settings, room = gateway.settings, gateway.room
    keys = hang_keys(gateway)
    adapters = {name: adapter_for(m, room.clock.now) for name, m in gateway.manifests.items()} if deliver else {}
    worker = make_worker(gateway, adapters)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with periodic(room, gateway.sign, settings.retention.model_dump()):
            working = asyncio.create_task(worker.run()) if deliver else None
            yield
            worker.stop()
            if working is not None:
                await asyncio.gather(working, return_exceptions=True)
        for adapter in adapters.values():
            await adapter.close()
        await asyncio.to_thread(gateway.sign, None)
        await asyncio.to_thread(gateway.close)

    app = FastAPI(title="Raabta", version=version("raabta"), lifespan=life, redoc_url=None, telemetry=_NO_TELEMETRY)
    app.state.desk = Desk(
        room, settings, keys.access, keys.issuer, keys.identity, gateway.keys,
        Tray(room, settings.limits.queue), rate_limits(gateway.manifests, settings.limits), keys.standing,
        AgencyFiles(gateway.manifests), identity_provider(settings, room.clock.now), worker.wake, gateway.signer,
    )  # fmt: skip
    for module in (
        referrals, taking_back, erasing, breaking_glass, deliveries, story, ledger, translations, fhir, fhir_tasks,
        fhir_audit, soap, agencies, oauth, operations, sessions,
    ):  # fmt: skip
        # Not `include_router`: FastAPI then matches every request through a copy of each router, as dear as a commit.
        app.router.routes.extend(module.router.routes)
    app.include_router(console.router)
    refusals.install(app, error_page)
    app.add_middleware(Manners, environment=settings.gateway.environment)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app
