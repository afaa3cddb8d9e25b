"""Whose certificate a request shows: our own TLS's, a named proxy's, or nobody's."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request

from gateway.api.presenting import presented
from gateway.trust import TlsSection
from tests.api.forgery import HEADER, certificate, client_cert

SHOWN = certificate("nadra")
PROXIED = TlsSection(client_certificate_header=HEADER, trusted_proxies=("10.0.0.7",))


def request(peer: str, *values: str, own: bytes | None = None) -> Request:
    headers = [(HEADER.lower().encode(), value.encode()) for value in values]
    state = {} if own is None else {"peer_certificate": own}
    return Request({"type": "http", "headers": headers, "client": (peer, 1), "state": state})


def test_a_header_from_a_named_proxy_is_a_certificate() -> None:
    found = presented(request("10.0.0.7", client_cert(SHOWN)), PROXIED).certificate

    assert found is not None
    assert found.native == SHOWN


@pytest.mark.parametrize("tls", [PROXIED, TlsSection()])
@pytest.mark.parametrize("peer", ["10.0.0.8", "127.0.0.1", "::ffff:10.0.0.7"])
def test_a_header_from_an_address_nobody_named_is_no_certificate(tls: TlsSection, peer: str) -> None:
    assert presented(request(peer, client_cert(SHOWN)), tls).certificate is None


def test_the_certificate_of_our_own_tls_counts_whatever_a_header_says() -> None:
    own = certificate("own")
    shown = request("10.0.0.7", client_cert(SHOWN), own=own.public_bytes(Encoding.DER))

    found = presented(shown, PROXIED).certificate

    assert found is not None
    assert found.native == own
