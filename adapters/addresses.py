"""Which network addresses a door may lead to (reliability page 6.1, threat 22).

A destination is configured, never taken from a document. Its name is resolved once for each connection, every
address is checked, and the connection goes to the checked address while TLS still asks for the name, so that
a name that changes its mind between check and use (DNS rebinding) gains nothing.
"""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

Address = IPv4Address | IPv6Address

_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_PATH = re.compile(r"(/[A-Za-z0-9_~$-][A-Za-z0-9._~$-]*)*")
_NAT64 = IPv6Network("64:ff9b::/96")
_METADATA = frozenset(
    map(ip_address, ("169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"))
)
"""Where clouds answer questions about the machine itself, credentials included."""


class AddressError(OSError):
    """The destination's name leads to an address that must not be reached."""

    def __init__(self) -> None:
        super().__init__("The destination's address is not one that may be reached.")


def may_reach(address: Address, *, allow_private: bool, encrypted: bool) -> bool:
    """Tell whether a connection to `address` may be made.

    Public addresses: over TLS only. Loopback and private networks: where the manifest says so. Link-local,
    unspecified, multicast, reserved and cloud metadata addresses: never.
    """
    plain = _embedded(address)
    if plain in _METADATA or plain.is_link_local or plain.is_unspecified or plain.is_multicast:
        return False
    # ::1 lies in a reserved block, so loopback is asked first.
    if plain.is_loopback:
        return allow_private
    if plain.is_reserved:
        return False
    return encrypted if plain.is_global else allow_private


def _embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address carries (mapped, 6to4, Teredo, NAT64), else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def check_base_url(url: str, *, allow_private: bool) -> None:
    """Check the form of a configured destination, and its address where that is written out.

    Raises:
        ValueError: not `https://host[:port][/path]` (`http` only with `allow_private`); user information,
            query or fragment; a path with empty segments or dots; a host that is neither a plain name nor a
            canonical address (decimal, octal and shortened forms are refused); or an address that may not be
            reached.

    """
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not allow_private):
        raise ValueError("A destination is an https URL; http only where allow_private is true.")
    if not url.isascii() or re.search(r"[\x00-\x20\x7f\\?#]", url) or "@" in parts.netloc:
        raise ValueError("A destination has no user information, query, fragment, space or backslash.")
    if not _PATH.fullmatch(parts.path):
        raise ValueError("A destination's path is plain segments: no empty ones, no dots, no slash at the end.")
    _check_host(parts.hostname or "", allow_private=allow_private, encrypted=parts.scheme == "https")
    if parts.port == 0:
        raise ValueError("A destination's port is 1 to 65535.")


def _check_host(host: str, *, allow_private: bool, encrypted: bool) -> None:
    address = literal(host)
    if address is not None:
        if not may_reach(address, allow_private=allow_private, encrypted=encrypted):
            raise ValueError("The destination's address is not one that may be reached.")
        return
    labels = host.rstrip(".").split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("A destination's host is a plain name or a canonical address.")
    # `2130706433`, `0x7f.1` and `0177.0.0.1` are addresses to the operating system.
    if re.fullmatch(r"\d+|0[xX][0-9a-fA-F]*", labels[-1]):
        raise ValueError("A destination's address is written in its canonical form.")


def literal(host: str) -> Address | None:
    """Return the address that `host` is, in canonical form; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


class GuardedResolver(AbstractResolver):
    """Resolves a destination's name, and refuses all of it when one address may not be reached."""

    def __init__(self, *, allow_private: bool, encrypted: bool, inner: AbstractResolver | None = None) -> None:
        self._allow_private = allow_private
        self._encrypted = encrypted
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the checked addresses of `host`.

        Raises:
            AddressError: an address may not be reached, or there is none.

        """
        found = await self._inner.resolve(host, port, family)
        if not found or not all(self._reachable(result) for result in found):
            raise AddressError
        return found

    async def close(self) -> None:
        """Release the resolver inside."""
        await self._inner.close()

    def _reachable(self, result: ResolveResult) -> bool:
        address = literal(result["host"].partition("%")[0])
        return address is not None and may_reach(address, allow_private=self._allow_private, encrypted=self._encrypted)
