import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver

from adapters.addresses import AddressError, GuardedResolver, check_base_url, may_reach

NEVER = [
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "169.254.169.254", "169.254.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "fe80::1", "ff02::1", "fd00:ec2::254",
    "::ffff:169.254.169.254", "::ffff:0.0.0.0", "2002:a9fe:a9fe::1", "64:ff9b::a9fe:a9fe",
]  # fmt: skip
PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "::1", "fd12:3456::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
]  # fmt: skip
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:93.184.215.14"]


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_reached(address):
    assert not may_reach(ip_address(address), allow_private=True, encrypted=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_reached_only_where_the_manifest_says_so(address):
    assert not may_reach(ip_address(address), allow_private=False, encrypted=True)
    assert may_reach(ip_address(address), allow_private=True, encrypted=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached_only_over_tls(address):
    assert may_reach(ip_address(address), allow_private=False, encrypted=True)
    assert not may_reach(ip_address(address), allow_private=True, encrypted=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://2130706433/x", "https://0x7f000001", "https://0177.0.0.1", "https://127.1", "https://0",
        "https://0x7f.0.0.1", "https://127.0.0.1", "https://[::1]", "https://[::ffff:127.0.0.1]",
        "https://[::ffff:a9fe:a9fe]", "https://169.254.169.254/latest", "https://0.0.0.0", "https://10.1.2.3",
        "https://user:pass@agency.example.pk", "https://agency.example.pk@127.0.0.1", "https://a.example.pk\\@b",
        "http://agency.example.pk", "ftp://agency.example.pk", "file:///etc/passwd", "gopher://agency.example.pk",
        "//agency.example.pk", "agency.example.pk", "", "https://", "https://:443", "https://a b.example.pk",
        "https://agency.example.pk?x=1", "https://agency.example.pk#x", "https://agency.example.pk/../x",
        "https://agency.example.pk/%2e%2e/x", "https://agency.example.pk//x", "https://agency.example.pk/",
        "https://agency.example.pk:0", "https://agency.example.pk:99999", "https://agency.example.pk:x",
        "https://ag\u00adency.example.pk", "https://ⓔxample.pk", "https://١٢٧.٠.٠.١", "https://127。0。0。1",
        "https://agency.example.pk\r\nHost: x", "https://agency.example.pk\0", "https://-a.example.pk",
        "https://a..example.pk", "https://" + "a" * 64 + ".pk", "https://[fe80::1%25eth0]", "https://[::1", "https://1.2.3",
    ],
)  # fmt: skip
def test_a_destination_that_is_not_a_plain_public_url_is_refused(url):
    with pytest.raises(ValueError, match=r"."):
        check_base_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url", ["https://2130706433", "https://0177.0.0.1", "http://169.254.169.254", "http://0.0.0.0", "http://[::]"]
)
def test_private_destinations_do_not_open_the_rest(url):
    with pytest.raises(ValueError, match=r"."):
        check_base_url(url, allow_private=True)


@pytest.mark.parametrize("url", ["https://agency.example.pk", "https://agency.example.pk:8443/api/v1"])
def test_a_plain_public_url_is_a_destination(url):
    check_base_url(url, allow_private=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9101", "http://localhost:9101", "http://[::1]:9101"])
def test_the_demo_may_talk_to_loopback(url):
    check_base_url(url, allow_private=True)


class Scripted(AbstractResolver):
    """Answers from a list, one for each question: a name server that changes its mind."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        found = self.answers.pop(0)
        return [
            {"hostname": host, "host": one, "port": port, "family": family, "proto": 0, "flags": 0} for one in found
        ]

    async def close(self):
        self.answers = []


def guarded(*answers: list[str], allow_private: bool = False) -> GuardedResolver:
    return GuardedResolver(allow_private=allow_private, encrypted=True, inner=Scripted(*answers))


@pytest.mark.anyio
async def test_one_bad_address_among_good_ones_refuses_the_name():
    with pytest.raises(AddressError):
        await guarded(["93.184.215.14", "127.0.0.1"]).resolve("agency.example.pk", 443)


@pytest.mark.anyio
async def test_every_answer_is_checked_so_a_name_cannot_change_its_mind():
    resolver = guarded(["93.184.215.14"], ["169.254.169.254"])
    assert (await resolver.resolve("agency.example.pk", 443))[0]["host"] == "93.184.215.14"
    with pytest.raises(AddressError):
        await resolver.resolve("agency.example.pk", 443)


@pytest.mark.anyio
@pytest.mark.parametrize("found", [[], ["not-an-address"], ["fe80::1%eth0"]])
async def test_what_is_no_reachable_address_is_refused(found):
    with pytest.raises(AddressError):
        await guarded(found, allow_private=True).resolve("agency.example.pk", 443)
