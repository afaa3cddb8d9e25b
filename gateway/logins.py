"""Who may log in here: a client for each agency's ``[client]``, the operator, and whom trusted issuers speak for.

Keys and secrets stand in files beside the manifests. A file that changes is read again at the next login, so that
replaced keys count at once in every process that shares the folder, and old ones no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from adapters.key_sets import fetch_key_set
from adapters.manifest import InboundClient, Manifest
from adapters.manifest_values import check_key_set_url
from adapters.openid import OpenId, Provider
from adapters.secret_refs import SecretRef
from auth.certificates import CertificateName
from auth.client_secrets import SecretHash, hash_secret
from auth.clients import AuthMethod, Client
from auth.clock import Clock
from auth.errors import RegistrationRefused
from auth.keys import KeyFinder
from auth.remote_keys import RemoteKeySet, parse_key_set
from auth.scopes import Scope, parse_scopes
from auth.verifier import Principal, TrustedIssuer
from gateway.settings import Settings
from gateway.trust import TrustedIssuerSection

_Signature = tuple[int, int, int] | None


@dataclass(frozen=True)
class _Held:
    client: Client
    signature: _Signature


class Logins:
    """The clients there are (:class:`auth.clients.ClientDirectory`); safe to share between threads.

    Raises:
        SecretError, AuthError, OSError: a reference does not hold; ``check`` finds it first.
        RegistrationRefused: an agency or a client has the operator's id.
    """

    def __init__(
        self,
        manifests: Mapping[str, Manifest],
        operator: Client,
        suspended: Callable[[str], bool],
        today: Callable[[], date],
        now: Clock,
    ) -> None:
        self._operator = operator
        self._suspended = suspended
        self._today = today
        self._now = now
        self._lock = threading.Lock()
        self._manifests = {m.client.client_id: m for m in manifests.values() if m.client is not None}
        self._held = {name: self._read(m, m.client) for name, m in self._manifests.items() if m.client is not None}
        if operator.client_id in self._held or operator.agency in manifests:
            raise RegistrationRefused("The operator's id is taken.")

    def find(self, client_id: str) -> Client | None:
        """Return a client as it stands now, or none; blocks on the disk and, once a second, on the database."""
        if client_id == self._operator.client_id:
            return self._operator
        manifest = self._manifests.get(client_id)
        if manifest is None or manifest.client is None:
            return None
        held = self._held[client_id]
        if held.signature != _signature(manifest.client):
            held = self._read(manifest, manifest.client)
            with self._lock:
                self._held[client_id] = held
        barred = self._suspended(manifest.id) or not self._agreed(manifest)
        return replace(held.client, suspended=True) if barred else held.client

    def method_of(self, client_id: str) -> str:
        """Return how a client logs in, for the ledger."""
        found = self._held.get(client_id)
        return (found.client if found else self._operator).method.value

    def _agreed(self, manifest: Manifest) -> bool:
        """Tell whether a shared secret is (still) allowed, where that is how the client logs in."""
        if manifest.client is None or manifest.client.method is not AuthMethod.CLIENT_SECRET_BASIC:
            return True
        return any(each.client_secret and each.in_force(self._today()) for each in manifest.agreements)

    def _read(self, manifest: Manifest, inbound: InboundClient) -> _Held:
        return _Held(client_of(manifest, inbound, self._now), _signature(inbound))


def client_of(manifest: Manifest, inbound: InboundClient, now: Clock) -> Client:
    """Return an agency's client; blocks on the disk.

    Raises:
        SecretError, AuthError, OSError: a reference does not hold.
    """
    return Client(
        inbound.client_id,
        manifest.id,
        inbound.method,
        parse_scopes(" ".join(inbound.scopes)),
        jwks=_keys(inbound.jwks_file, inbound.jwks_url, now, allow_private=manifest.allow_private),
        secret_hash=_secret(inbound),
        certificate=_name(inbound) if inbound.method is AuthMethod.TLS_CLIENT_AUTH else None,
        binding=inbound.binding,
    )


def _keys(file: Path | None, url: str | None, now: Clock, *, allow_private: bool) -> KeyFinder | None:
    if url is not None:
        return RemoteKeySet(partial(fetch_key_set, url, allow_private=allow_private), now)
    return parse_key_set(file.read_bytes()) if file is not None else None


def _secret(inbound: InboundClient) -> SecretHash | None:
    if inbound.secret is None:
        return None
    secret = inbound.secret.read()
    return SecretHash.parse(secret) if secret.startswith("scrypt") else hash_secret(secret)


def _name(inbound: InboundClient) -> CertificateName:
    return CertificateName(inbound.subject_dn, inbound.san_dns, inbound.san_uri)


def credential_file(inbound: InboundClient) -> Path | None:
    """Return the file a client's keys or secret stand in; none where they stand elsewhere."""
    if inbound.secret is not None and inbound.secret.scheme == "file":
        return Path(inbound.secret.place)
    return inbound.jwks_file


def _signature(inbound: InboundClient) -> _Signature:
    file = credential_file(inbound)
    if file is None:
        return None
    found = file.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def trusted_issuers(settings: Settings, manifests: Mapping[str, Manifest], now: Clock) -> Iterable[TrustedIssuer]:
    """Yield the outside issuers whose tokens are accepted; blocks on the disk.

    Raises:
        AuthError, OSError: a key set cannot be used.
        KeyError: an agency is not registered, or has no ``[client]``.
    """
    for section in settings.trusted_issuer:
        file = settings.path(section.jwks_file) if section.jwks_file else None
        keys = _keys(file, section.jwks_url, now, allow_private=section.allow_private)
        if keys is None:
            raise KeyError(section.issuer)
        audience = section.audience or settings.gateway.base_url
        principals = {name: _principal(manifests, agency) for name, agency in section.clients.items()}
        yield TrustedIssuer(section.issuer, audience, keys, section.claim, principals)


def _principal(manifests: Mapping[str, Manifest], agency: str) -> Principal:
    inbound = manifests[agency].client
    if inbound is None:
        raise KeyError(agency)
    return Principal(inbound.client_id, agency, scopes_of(inbound))


def scopes_of(inbound: InboundClient) -> tuple[Scope, ...]:
    """Return the most a client may do."""
    return parse_scopes(" ".join(inbound.scopes))


def unreachable(section: TrustedIssuerSection) -> str | None:
    """Return why a trusted issuer's ``jwks_url`` is never asked, or none."""
    if section.jwks_url is None:
        return None
    try:
        check_key_set_url(section.jwks_url, allow_private=section.allow_private)
    except ValueError as error:
        return str(error)
    return None


def identity_provider(settings: Settings, now: Clock) -> OpenId | None:
    """Return where the people at the consoles log in, if the configuration says so."""
    section = settings.console
    if section is None:
        return None
    secret = SecretRef.parse(section.secret, settings.folder) if section.secret else None
    return OpenId(Provider(section.issuer, section.client_id, secret, section.allow_private), now)
