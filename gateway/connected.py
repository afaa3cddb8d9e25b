"""What the configuration names becomes what the rooms know: the database, the directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from adapters.manifest import Manifest
from adapters.secret_refs import SecretRef
from gateway.api.limits import Rate, RateLimits
from gateway.policy import Agreement
from gateway.routing import Agency, Directory
from gateway.settings import LimitsSection, Settings
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


def rate_limits(manifests: Mapping[str, Manifest], usual: LimitsSection) -> RateLimits:
    """Return how often each client may call: as its agency's file says, or as is usual."""
    own = {
        client.client_id: Rate(client.rate or usual.rate, client.burst or usual.burst)
        for client in (manifest.client for manifest in manifests.values())
        if client is not None
    }
    return RateLimits(Rate(usual.rate, usual.burst), own)
