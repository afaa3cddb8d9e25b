"""How the gateway listens: plain behind a proxy, or ending TLS itself and asking callers for their certificates."""

# uvicorn is Any to mypy; everything of ours in this file is typed in full.
# mypy: allow-subclassing-any

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.settings import Settings


class CertifiedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also tells the application the certificate TLS has checked (RFC 8705)."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Note the caller's certificate in the state every request of this connection begins with."""
        super().connection_made(transport)
        channel: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        der = channel.getpeercert(binary_form=True) if channel is not None else None
        if der is not None:
            state: dict[str, Any] = self.app_state
            self.app_state: dict[str, Any] = {**state, "peer_certificate": der}


def listener_options(settings: Settings) -> dict[str, Any]:
    """Return uvicorn's options for a listener.

    Forwarded headers are not believed: who the peer is decides whether a certificate in a header is.
    """
    options: dict[str, Any] = {"proxy_headers": False, "server_header": False}
    tls = settings.tls
    if tls.certificate is not None and tls.key_file is not None:
        options |= {"ssl_certfile": settings.path(tls.certificate), "ssl_keyfile": settings.path(tls.key_file)}
    if tls.client_ca_file is not None:
        options |= {
            "ssl_ca_certs": str(settings.path(tls.client_ca_file)),
            "ssl_cert_reqs": ssl.CERT_OPTIONAL,
            "http": CertifiedProtocol,
        }
    return options
