"""What a file of `agencies/` says about one connected system, frozen and checked.

The dataclasses are their own schema: pydantic validates a TOML table straight into them, refusing unknown
keys. `adapters.manifest_file` does that and turns every finding into a file and a line.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.types import StrictBool, StrictInt

from adapters.manifest_values import (
    CLOSED,
    AgencyId,
    Basis,
    ClientId,
    Code,
    Day,
    Destination,
    FilePath,
    KeySetUrl,
    PerSecond,
    Scopes,
    Seconds,
    Secret,
    Text,
    TokenUrl,
)
from auth.clients import AuthMethod, Binding
from mappings.labels import Label
from mappings.vocabulary import AgencyKind, Purpose


@dataclass(frozen=True, slots=True)
class Limits:
    """How much time and room a destination gets.

    `connect_seconds` and `total_seconds` bound one exchange, `attempt_seconds` a whole attempt with its token
    and its resolving question (keep it under the lease of a lane, 60 s); `connections` are at most 8.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    connect_seconds: Seconds = 5.0
    total_seconds: Seconds = 20.0
    attempt_seconds: Seconds = 50.0
    connections: Annotated[StrictInt, Field(ge=1, le=8)] = 8
    answer_bytes: Annotated[StrictInt, Field(ge=1024, le=16 * 1024 * 1024)] = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Tls:
    """`[tls]`: an authority of the agency's own, and our certificate where it asks for one (PEM files)."""

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    ca_file: FilePath | None = None
    certificate: FilePath | None = None
    key_file: FilePath | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key_file is None):
            raise ValueError("A certificate comes with its key_file.")


@dataclass(frozen=True, slots=True)
class OutboundAuth:
    """`[auth]`: how we log in at the agency (RFC 6749 section 4.4).

    With `private_key_jwt`: `key_file` (PEM), `kid`, `alg`, and `audience` if it is not the token URL. With
    `client_secret_basic`: `secret`.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    token_url: TokenUrl
    method: AuthMethod
    client_id: ClientId
    secret: Secret | None = None
    key_file: FilePath | None = None
    kid: Text | None = None
    alg: Literal["ES256", "ES384", "RS384", "EdDSA"] | None = None
    audience: Text | None = None
    scope: Scopes | None = None

    def __post_init__(self) -> None:
        if self.method is AuthMethod.TLS_CLIENT_AUTH:
            raise ValueError("The gateway logs in with private_key_jwt or client_secret_basic.")
        by_key = (self.key_file, self.kid, self.alg)
        if self.method is AuthMethod.PRIVATE_KEY_JWT and (None in by_key or self.secret is not None):
            raise ValueError("private_key_jwt needs key_file, kid and alg, and no secret.")
        unused = (*by_key, self.audience)
        if self.method is AuthMethod.CLIENT_SECRET_BASIC and (self.secret is None or any(unused)):
            raise ValueError("client_secret_basic needs secret, and no key_file, kid, alg or audience.")


@dataclass(frozen=True, slots=True)
class InboundClient:
    """`[client]`: how this agency logs in at the gateway; only read here, used by the gateway.

    With `private_key_jwt`: `jwks_file` or `jwks_url`, the public keys. With `tls_client_auth`: the one name its
    certificate carries, `subject_dn` (RFC 4514), `san_dns` or `san_uri`. With `client_secret_basic`, which an
    agreement must allow: `secret`, a reference to the secret or to its scrypt hash as `auth.client_secrets` writes
    it. `binding` is what its tokens must be bound to: `none`, `dpop` (RFC 9449) or `tls` (RFC 8705). `rate`: calls
    a second it may make in the long run, `burst`: at once after a pause; without them the gateway's usual limit holds.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    client_id: ClientId
    method: AuthMethod
    scopes: tuple[Scopes, ...]
    jwks_file: FilePath | None = None
    jwks_url: KeySetUrl | None = None
    secret: Secret | None = None
    subject_dn: Text | None = None
    san_dns: Text | None = None
    san_uri: Text | None = None
    binding: Binding = Binding.NONE
    rate: PerSecond | None = None
    burst: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = None

    def __post_init__(self) -> None:
        keys, names = (self.jwks_file, self.jwks_url), (self.subject_dn, self.san_dns, self.san_uri)
        given = tuple(sum(one is not None for one in group) for group in (keys, names, (self.secret,)))
        wanted = {
            AuthMethod.PRIVATE_KEY_JWT: (1, 0, 0),
            AuthMethod.TLS_CLIENT_AUTH: (0, 1, 0),
            AuthMethod.CLIENT_SECRET_BASIC: (0, 0, 1),
        }
        if given != wanted[self.method]:
            raise ValueError(
                "private_key_jwt needs jwks_file or jwks_url alone, tls_client_auth one of subject_dn, san_dns and "
                "san_uri alone, client_secret_basic secret alone."
            )
        if self.method is AuthMethod.TLS_CLIENT_AUTH and self.binding is Binding.DPOP:
            raise ValueError("The tokens of tls_client_auth are bound to the certificate.")


@dataclass(frozen=True, slots=True)
class Agreement:
    """`[[agreement]]`: what this agency may learn for one purpose, on what basis, from when until when.

    `legal_basis` is the sentence a lawyer wrote. `basis` and `statute_id`, where given, stand in for a
    consent the referral lacks. Both days are inclusive; without `valid_until` it is open-ended. `client_secret`
    allows this agency to log in with a shared secret instead of a key, for as long as the agreement is in force.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    purpose: Purpose
    labels: tuple[Label, ...]
    legal_basis: Text
    owner: Text
    valid_from: Day
    valid_until: Day | None = None
    basis: Basis | None = None
    statute_id: Text | None = None
    client_secret: StrictBool = False

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise ValueError("An agreement names at least one label, and each once.")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("An agreement ends on or after the day it begins.")
        if self.statute_id is None if self.basis == "STATUTE" else (self.statute_id and not self.basis):
            raise ValueError("The basis STATUTE has a statute_id, and a statute_id has a basis.")

    def in_force(self, day: date) -> bool:
        """Tell whether the agreement holds on `day`."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the agreement's canonical JSON: how the ledger names what was in force."""
        canonical = json.dumps(asdict(self), default=str, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """One connected system. `options` belong to its adapter, which has checked them when this was loaded.

    `effect` is what the agency promises: `once` when it drops a repeated message id, else `at-least-once`.
    `file` is where this was read; `file_digest` the SHA-256 (hex) of that file.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    id: AgencyId
    kind: AgencyKind
    name: Text
    adapter: Code
    format: Code
    base_url: Destination
    auth: OutboundAuth
    file: FilePath
    file_digest: str
    name_ur: Text | None = None
    allow_private: StrictBool = False
    accepts_replies: StrictBool = False
    reply_format: Code | None = None
    effect: Literal["once", "at-least-once"] = "once"
    limits: Limits = field(default_factory=Limits)
    tls: Tls | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    client: InboundClient | None = None
    agreements: Annotated[tuple[Agreement, ...], Field(alias="agreement")] = ()

    def __post_init__(self) -> None:
        if self.reply_format is not None and not self.accepts_replies:
            raise ValueError("An agency that takes no replies has no reply_format.")

    @property
    def format_of_replies(self) -> str | None:
        """The format this agency takes replies in; None when it takes none."""
        return (self.reply_format or self.format) if self.accepts_replies else None
