"""What a caller presents beside its request: token, DPoP proofs, and its certificate where one can be believed."""

from __future__ import annotations

from fastapi import Request

from auth.certificates import ClientCertificate, from_der, from_header
from auth.requests import Presented
from gateway.trust import TlsSection


def presented(request: Request, tls: TlsSection) -> Presented:
    """Return what came with a request; a repeated ``Authorization`` header counts as a malformed one."""
    authorization = request.headers.getlist("authorization")
    return Presented(
        authorization="\0".join(authorization) if authorization else None,
        proofs=tuple(request.headers.getlist("dpop")),
        certificate=_certificate(request, tls),
    )


def _certificate(request: Request, tls: TlsSection) -> ClientCertificate | None:
    """Return the caller's certificate: from our own TLS, or from a proxy the configuration names, else none."""
    own: bytes | None = getattr(request.state, "peer_certificate", None)
    if own is not None:
        return from_der(own)
    if tls.client_certificate_header is None or request.client is None:
        return None
    values = request.headers.getlist(tls.client_certificate_header)
    # Two headers are a client's own beside the proxy's: which is whose cannot be told.
    if request.client.host not in tls.trusted_proxies or len(values) != 1:
        return None
    return from_header(values[0])
