import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from adapter_peer import DROP, HANG, Peer, Step, answer
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.headers import HeaderError
from adapters.manifest import Limits, Tls
from adapters.transport import Answer, Call, Fault, Transport, tls_context

pytestmark = pytest.mark.anyio
PATIENT = Limits(connect_seconds=5, total_seconds=10, answer_bytes=2048)
"""For what must not end in a time-out, however busy the machine is."""
QUICK = Limits(connect_seconds=0.3, total_seconds=0.5, answer_bytes=2048)


def transport(url: str, limits: Limits = QUICK, *, allow_private: bool = True) -> Transport:
    return Transport(url, limits, allow_private=allow_private)


async def exchanged(url: str, call: Call | None = None, limits: Limits = QUICK) -> Answer | Fault:
    client = transport(url, limits)
    try:
        return await client.exchange(call or Call("POST", "/x", {"Content-Type": "text/plain"}, b"hello"))
    finally:
        await client.close()


async def with_step(step: Step) -> Answer | Fault:
    async with Peer(step) as peer:
        return await exchanged(peer.url)


async def test_an_answer_comes_with_status_headers_and_body():
    found = await with_step(answer(202, {"status": True}, X_Thing="1"))
    assert (found.status, found.body, found.media_type) == (202, b'{"status": true}', "application/json")
    assert found.headers["x-thing"] == "1"


async def test_what_is_sent_is_what_was_asked_and_nothing_of_the_environment(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with Peer(answer(200)) as peer:
        await exchanged(f"{peer.url}/api", Call("POST", "/x?y=1", {"X-A": "b"}, b"hello"))
    request = peer.requests[0]
    assert (request.method, request.path, request.body) == ("POST", "/api/x?y=1", b"hello")
    assert request.headers["x-a"] == "b"
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(status):
    async with Peer() as other, Peer(answer(status, Location=f"{other.url}/stolen")) as peer:
        found = await exchanged(peer.url)
    assert found.status == status
    assert other.connections == 0


async def test_cookies_are_not_kept():
    async with Peer(answer(200, Set_Cookie="case=1; Path=/"), answer(200)) as peer:
        # A name, because no cookie jar keeps cookies of bare addresses anyway.
        client = transport(f"http://localhost:{peer.port}")
        await client.exchange(Call("GET", "/a", {}))
        await client.exchange(Call("GET", "/b", {}))
        await client.close()
    assert "cookie" not in peer.requests[1].headers


async def test_a_refused_connection_means_that_nothing_was_sent():
    async with Peer() as peer:
        url = peer.url
    assert await exchanged(url, limits=PATIENT) == Fault("CONNECT", sent=False)


async def test_a_name_that_does_not_resolve_means_that_nothing_was_sent():
    assert await exchanged("http://no-such-host.invalid:9", limits=PATIENT) == Fault("DNS", sent=False)


async def test_a_name_that_leads_home_is_refused_before_connecting():
    async with Peer() as peer:
        client = transport(f"https://localhost:{peer.port}", PATIENT, allow_private=False)
        found = await client.exchange(Call("GET", "/x", {}))
        await client.close()
    assert found == Fault("ADDRESS_REFUSED", sent=False)
    assert peer.connections == 0


async def test_a_line_cut_before_the_answer_is_ambiguous():
    assert await with_step(DROP) == Fault("DISCONNECTED", sent=True)


async def test_a_line_cut_on_a_kept_connection_is_ambiguous_too():
    async with Peer(answer(200), DROP) as peer:
        client = transport(peer.url)
        await client.exchange(Call("POST", "/x", {}, b"one"))
        found = await client.exchange(Call("POST", "/x", {}, b"two"))
        await client.close()
    assert found == Fault("DISCONNECTED", sent=True)
    assert peer.connections == 1
    assert [request.body for request in peer.requests] == [b"one", b"two"]


async def test_silence_after_sending_is_ambiguous():
    assert await with_step(HANG) == Fault("TIMEOUT", sent=True)


async def test_an_answer_that_is_not_http_is_ambiguous():
    assert await with_step(Step(raw=b"SSH-2.0-OpenSSH\r\n\r\n")) == Fault("PEER_PROTOCOL", sent=True)


async def test_no_handshake_means_that_nothing_was_sent():
    async with Peer() as peer:
        found = await exchanged(f"https://127.0.0.1:{peer.port}")
    assert isinstance(found, Fault)
    assert not found.sent
    assert peer.requests == []


@pytest.mark.parametrize(
    ("step", "flaw"),
    [
        (answer(503, b"x" * 4096), "ANSWER_TOO_LARGE"),
        (answer(503, b"x", Content_Encoding="gzip"), "ANSWER_ENCODED"),
        (Step(503, b"half", cut=True), "ANSWER_CUT"),
        (Step(raw=b"HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + b"x" * 4096), "ANSWER_TOO_LARGE"),
    ],
)
async def test_a_body_that_cannot_be_taken_leaves_the_status(step, flaw):
    found = await with_step(step)
    assert (found.status, found.body, found.flaw) == (503, b"", flaw)


async def test_an_answer_as_large_as_allowed_is_taken():
    assert len((await with_step(answer(200, b"x" * 2048))).body) == 2048


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "ا", "a\x7f", "", " a", "a\tb"])
async def test_a_header_that_could_split_the_request_is_not_sent(value):
    async with Peer() as peer:
        with pytest.raises(HeaderError):
            await exchanged(peer.url, Call("GET", "/x", {"X-Correlation-Id": value}))
    assert peer.connections == 0


@pytest.mark.parametrize("name", ["X Evil", "X:Evil", "X\r\nY", ""])
async def test_a_header_name_is_a_plain_token(name):
    with pytest.raises(HeaderError):
        await exchanged("http://127.0.0.1:9", Call("GET", "/x", {name: "1"}))


@pytest.mark.parametrize(
    "path",
    ["x", "//evil.example/x", "http://evil.example", "/../x", "/a/../../x", "/a b", "/a\r\n", "/a#b", "/a\\b", "@evil"],
)
async def test_a_path_stays_under_the_base_url(path):
    with pytest.raises(ValueError, match="path"):
        await exchanged("http://127.0.0.1:9", Call("GET", path, {}))


async def test_at_most_as_many_connections_as_configured_are_open():
    async def slowly(_request) -> Step:
        await asyncio.sleep(0.02)
        return answer(200)

    async with Peer(rest=slowly) as peer:
        client = transport(peer.url, Limits(connections=3))
        await asyncio.gather(*(client.exchange(Call("POST", "/x", {}, b"x")) for _ in range(20)))
        await client.close()
    assert peer.open_most == 3
    assert len(peer.requests) == 20


async def test_a_shorter_budget_wins_over_the_total():
    async with Peer(HANG) as peer:
        client = transport(peer.url, Limits(total_seconds=60))
        found = await client.exchange(Call("GET", "/x", {}), seconds=0.1)
        await client.close()
    assert found == Fault("TIMEOUT", sent=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for localhost that is its own authority."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder


async def _tls_exchange(authority: Path, tls: Tls | None) -> Answer | Fault:
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(authority / "cert.pem", authority / "key.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_side)
    port = server.sockets[0].getsockname()[1]
    client = Transport(f"https://localhost:{port}", QUICK, allow_private=True, tls=tls_context(tls))
    try:
        return await client.exchange(Call("GET", "/x", {}))
    finally:
        await client.close()
        server.close()


async def test_an_unknown_authority_is_refused_before_anything_is_sent(authority):
    assert await _tls_exchange(authority, None) == Fault("TLS", sent=False)


async def test_an_authority_the_manifest_names_is_believed(authority):
    found = await _tls_exchange(authority, Tls(ca_file=authority / "cert.pem"))
    assert isinstance(found, Answer)
    assert found.status == 204
