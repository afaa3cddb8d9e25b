"""A corpus of destinations that lead inside, in every spelling known: none is taken, none is connected to."""

import asyncio
import itertools
import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.addresses import AddressError, GuardedResolver, check_base_url
from adapters.manifest import Limits
from adapters.transport import Call, Fault, Transport

INSIDE = ("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1")  # noqa: S104


def spellings(address: str) -> list[str]:
    """Return an IPv4 address in the spellings that some parser or other takes for it."""
    a, b, c, d = (int(part) for part in address.split("."))
    number = (a << 24) | (b << 16) | (c << 8) | d
    mapped = f"{a:02x}{b:02x}:{c:02x}{d:02x}"
    return [
        address, f"{address}.", str(number), hex(number), f"0{number:o}", f"0x{a:02x}.0x{b:02x}.0x{c:02x}.0x{d:02x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a}.{(b << 16) | (c << 8) | d}", f"{a}.{b}.{(c << 8) | d}",
        f"0{a}.{b}.{c}.{d}", f"{a:03d}.{b:03d}.{c:03d}.{d:03d}", f"{a}.{b}.{c}.0x{d:x}",
        f"[::ffff:{address}]", f"[::ffff:{mapped}]", f"[::{address}]", f"[64:ff9b::{mapped}]", f"[2002:{mapped}::1]",
    ]  # fmt: skip


ODD = [
    "https://[::1]", "https://[::]", "https://[0:0:0:0:0:0:0:1]", "https://[fe80::1]", "https://[fe80::1%25eth0]",
    "https://[fd00:ec2::254]", "https://[fc00::1]", "https://[ff02::1]", "https://100.100.100.200",
    "https://192.0.0.192", "https://168.63.129.16", "https://user@agency.example.pk", "https://agency.example.pk@10.0.0.1",
    "https://a:b@agency.example.pk", "https://agency.example.pk#@10.0.0.1", "https://agency.example.pk?@10.0.0.1",
    "https://agency.example.pk\\@10.0.0.1", "https://agency.example.pk /x", "https://agency.example.pk\t/x",
    "https://agency.example.pk/a/../b", "https://agency.example.pk//10.0.0.1", "https://agency.example.pk/%2e%2e",
    "https://①②⑦.⓪.⓪.①", "https://127。0。0。1", "https://xn--\x00.example.pk", "https://agency.example.pk:0",
    "https://agency.example.pk:99999", "http://agency.example.pk", "ftp://agency.example.pk", "file:///etc/passwd",
    "gopher://10.0.0.1:25", "dict://10.0.0.1", "https://", "https:///x", "//10.0.0.1", "https:10.0.0.1",
    "javascript:1", "https://-agency.example.pk", "https://agency..example.pk", "https://224.0.0.1",
    "https://255.255.255.255", "https://240.0.0.1",
]  # fmt: skip
CORPUS = [*(f"https://{host}" for host in itertools.chain.from_iterable(map(spellings, INSIDE))), *ODD]


def test_the_corpus_is_a_hundred_and_more() -> None:
    assert len(set(CORPUS)) >= 100


@pytest.mark.parametrize("url", sorted(set(CORPUS)))
def test_no_destination_of_the_corpus_is_taken(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - urlsplit's own refusals count as well
        check_base_url(url, allow_private=False)


class Fickle(AbstractResolver):
    """Answers with one list of addresses after the other, as a rebinding name server does."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
            for each in addresses
        ]

    async def close(self) -> None:
        """Hold nothing."""


@pytest.mark.anyio
async def test_a_name_that_changes_its_mind_is_refused_when_it_does() -> None:
    guarded = GuardedResolver(allow_private=False, encrypted=True, inner=Fickle(["93.184.215.14"], ["127.0.0.1"]))

    assert [each["host"] for each in await guarded.resolve("agency.example.pk", 443)] == ["93.184.215.14"]
    with pytest.raises(AddressError):
        await guarded.resolve("agency.example.pk", 443)


@pytest.mark.parametrize("inside", [*INSIDE, "::1", "::ffff:10.0.0.1", "fe80::1", "fd00:ec2::254", "not-an-address"])
@pytest.mark.anyio
async def test_one_address_inside_spoils_the_whole_answer(inside: str) -> None:
    guarded = GuardedResolver(allow_private=False, encrypted=True, inner=Fickle(["93.184.215.14", inside]))

    with pytest.raises(AddressError):
        await guarded.resolve("agency.example.pk", 443)


@pytest.mark.parametrize("metadata", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0"])  # noqa: S104
@pytest.mark.anyio
async def test_a_manifest_that_allows_private_networks_still_reaches_no_metadata(metadata: str) -> None:
    guarded = GuardedResolver(allow_private=True, encrypted=True, inner=Fickle([metadata]))

    with pytest.raises(AddressError):
        await guarded.resolve("agency.example.pk", 443)


@pytest.mark.anyio
async def test_the_environments_proxy_is_not_asked_and_a_name_inside_is_not_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached: list[str] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("a connection")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    transport = Transport(f"https://localhost:{port}", Limits())
    try:
        answer = await transport.exchange(Call("GET", "/x", {}))
    finally:
        await transport.close()
        server.close()

    assert answer == Fault("ADDRESS_REFUSED", sent=False)
    assert reached == []
