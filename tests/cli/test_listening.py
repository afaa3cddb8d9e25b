"""The gateway's own TLS: a caller's certificate is checked by TLS and then known to the application."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.api.presenting import presented
from gateway.cli.listening import listener_options
from gateway.settings import Settings
from gateway.trust import TlsSection


class Authority:
    """An invented authority that writes certificates and keys into a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name.from_rfc4514_string(f"CN={name}")
        self.write(name, self.subject, self.key, authority=True)

    def write(self, name: str, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, authority: bool = False) -> None:
        now = dt.datetime.now(dt.UTC)
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self.subject).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        made = made.not_valid_after(now + dt.timedelta(days=1))
        made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        signed = made.add_extension(place, critical=False).sign(self.key, hashes.SHA256())
        (self.folder / f"{name}.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (self.folder / f"{name}.key").write_bytes(pem)

    def issue(self, name: str) -> None:
        self.write(name, x509.Name.from_rfc4514_string(f"CN={name}"), ec.generate_private_key(ec.SECP256R1()))


async def shown(request: Request) -> PlainTextResponse:
    found = presented(request, TlsSection()).certificate
    return PlainTextResponse(found.native.subject.rfc4514_string() if found else "nobody")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("tls")
    for authority, names in {"ca": ("gateway", "client"), "other-ca": ("stranger",)}.items():
        own = Authority(home, authority)
        for name in names:
            own.issue(name)
    return home


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    section = TlsSection(certificate=Path("gateway.pem"), key_file=Path("gateway.key"), client_ca_file=Path("ca.pem"))
    options = listener_options(Settings(tls=section, folder=folder))
    config = uvicorn.Config(Starlette(routes=[Route("/", shown)]), port=0, log_config=None, **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def ask(folder: Path, address: str, name: str | None) -> str:
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    if name is not None:
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return httpx.get(f"{address}/", verify=context, trust_env=False).text


def test_a_certificate_of_the_authority_is_known_to_the_application(folder: Path, address: str) -> None:
    assert ask(folder, address, "client") == "CN=client"


def test_without_a_certificate_there_is_none(folder: Path, address: str) -> None:
    assert ask(folder, address, None) == "nobody"


def test_a_certificate_of_another_authority_does_not_come_in(folder: Path, address: str) -> None:
    with pytest.raises((httpx.ReadError, httpx.ConnectError, httpx.RemoteProtocolError)):
        ask(folder, address, "stranger")


def test_without_tls_the_listener_is_plain_and_believes_no_forwarded_header() -> None:
    assert listener_options(Settings()) == {"proxy_headers": False, "server_header": False}
