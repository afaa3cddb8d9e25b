"""What the configuration says of TLS towards callers, and of issuers other than our own (contract.md section 5)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

URL = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"


class TlsSection(BaseModel):
    """``[tls]``: where the certificates of callers come from.

    Either the gateway ends TLS itself (``certificate``, ``key_file``, and ``client_ca_file`` to ask callers for
    theirs), or a proxy does and hands the caller's certificate on in ``client_certificate_header``, which is believed
    from the addresses in ``trusted_proxies`` alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    certificate: Path | None = None
    key_file: Path | None = None
    client_ca_file: Path | None = None
    client_certificate_header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,63}$")] | None = None
    """RFC 9440's ``Client-Cert``, or whatever the proxy calls it; PEM percent-encoded is read too."""
    trusted_proxies: tuple[Annotated[str, Field(pattern=r"^[0-9a-fA-F.:]{2,45}$")], ...] = ()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.certificate is None) != (self.key_file is None):
            raise ValueError("a certificate comes with its key_file")
        if self.client_ca_file is not None and self.certificate is None:
            raise ValueError("client_ca_file needs the gateway's own certificate and key_file")
        if (self.client_certificate_header is None) != (not self.trusted_proxies):
            raise ValueError("client_certificate_header comes with trusted_proxies")
        if self.client_ca_file is not None and self.client_certificate_header is not None:
            raise ValueError("certificates come from TLS or from a proxy, never from both")
        return self


class TrustedIssuerSection(BaseModel):
    """``[[trusted_issuer]]``: an outside issuer whose RFC 9068 tokens are accepted beside our own.

    ``clients`` says whom its tokens are for: the value of ``claim`` on the left, the agency's id here on the right.
    Such a token has the scopes it names as far as that agency's ``[client]`` has them; nothing else is believed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[str, Field(pattern=URL, max_length=300)]
    jwks_url: Annotated[str, Field(pattern=URL, max_length=300)] | None = None
    jwks_file: Path | None = None
    audience: Annotated[str, Field(pattern=r"^[!-~]+$", max_length=300)] | None = None
    """By default the gateway's own base URL."""
    claim: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = "client_id"
    clients: Annotated[dict[str, str], Field(min_length=1)]
    allow_private: bool = False
    """Let ``jwks_url`` lead to a private address, and be plain http."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("an issuer's keys come from jwks_url or from jwks_file")
        return self


class ConsoleSection(BaseModel):
    """``[console]``: where the people who look at the consoles log in, an OpenID provider.

    ``auditors``, ``operators`` and ``administrators`` say which values of the provider's ``claim`` make somebody one.
    Who has none of them is not let in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[str, Field(pattern=URL, max_length=300)]
    client_id: Annotated[str, Field(pattern=r"^[!-~]+$", max_length=200)]
    secret: Annotated[str, Field(pattern=r"^(env|file):.")] | None = None
    """Where the client's secret is; without one the gateway proves itself by PKCE alone (RFC 7636)."""
    claim: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_:/.-]{0,127}$")] = "roles"
    auditors: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    administrators: tuple[str, ...] = ()
    minutes: Annotated[int, Field(ge=5, le=720)] = 60
    """How long a session lasts; then the person logs in again."""
    allow_private: bool = False
    """Let the provider be at a private address, and speak plain http."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.auditors or self.operators or self.administrators):
            raise ValueError("nobody could log in: name auditors, operators or administrators")
        return self
