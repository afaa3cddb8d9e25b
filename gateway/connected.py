"""What the configuration names becomes what the rooms know: the database, the directory, who may log in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from adapters.manifest import InboundClient, Manifest
from adapters.secret_refs import SecretRef
from auth.client_secrets import SecretHash, hash_secret
from auth.clients import AuthMethod, Client, FixedClients
from auth.keys import PublicKeySet
from auth.scopes import parse_scopes
from gateway.policy import Agreement
from gateway.routing import Agency, Directory
from gateway.settings import Settings
from gateway.store.postgres import Address


def database(settings: Settings) -> Path | Address:
    """Return where everything is kept: a file of SQLite, or the address of a PostgreSQL server with its password.

    Raises:
        ValueError: the password is given inline.
        SecretError: its reference holds nothing.
    """
    server = settings.database
    if server.url is None:
        return settings.path(settings.gateway.database)
    password = SecretRef.parse(server.password, settings.folder).read() if server.password else None
    return Address(server.url, password)


def directory(manifests: Mapping[str, Manifest]) -> Directory:
    """Return the directory of all agencies."""
    return Directory(_agency(manifest) for manifest in manifests.values())


def _agency(manifest: Manifest) -> Agency:
    return Agency(
        id=manifest.id,
        kind=manifest.kind.value,
        name=manifest.name,
        format=manifest.format,
        reply_format=manifest.format_of_replies,
        agreements=tuple(_agreements(manifest)),
    )


def _agreements(manifest: Manifest) -> Iterable[Agreement]:
    for agreement in manifest.agreements:
        yield Agreement(
            id=agreement.id.lower(),
            agency=manifest.id,
            purpose=agreement.purpose.value,
            labels=frozenset(agreement.labels),
            legal_basis=agreement.legal_basis,
            owner=agreement.owner,
            valid_from=agreement.valid_from,
            valid_until=agreement.valid_until or date.max,
            statute_id=agreement.statute_id,
        )


def clients(manifests: Mapping[str, Manifest], *others: Client) -> FixedClients:
    """Return the clients that may ask for tokens: one for each agency, and others; blocks on the disk.

    Raises:
        SecretError, KeyRefused, OSError: a reference does not hold; ``check`` finds it first.
    """
    own = (_client(m, m.client) for m in manifests.values() if m.client is not None)
    return FixedClients((*own, *others))


def _client(manifest: Manifest, inbound: InboundClient) -> Client:
    scopes = parse_scopes(" ".join(inbound.scopes))
    if inbound.method is AuthMethod.PRIVATE_KEY_JWT and inbound.jwks_file is not None:
        keys = PublicKeySet.parse(json.loads(inbound.jwks_file.read_bytes()))
        return Client(inbound.client_id, manifest.id, inbound.method, scopes, jwks=keys)
    secret = inbound.secret.read() if inbound.secret else ""
    known = SecretHash.parse(secret) if secret.startswith("scrypt") else hash_secret(secret)
    return Client(inbound.client_id, manifest.id, inbound.method, scopes, secret_hash=known)
