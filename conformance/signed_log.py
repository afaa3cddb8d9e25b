"""Checks a signed log from outside: its head is signed (C2SP tlog-checkpoint), and its leaves recompute to it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class BadHeadError(Exception):
    """The head is of another form, or nobody signed it whose key was published."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the operator of a log has signed: how many leaves it has, and the root above them."""

    size: int
    root: bytes

    def __bool__(self) -> bool:
        """Tell whether there is anything under it."""
        return self.size > 0


def read_head(note: str, key: str) -> Head:
    """Read a checkpoint (https://c2sp.org/tlog-checkpoint) signed with a published key; raises `BadHeadError`.

    `key` is `name+hash+base64`, as https://c2sp.org/signed-note writes an Ed25519 verifier key.
    """
    text, _, signatures = note.partition("\n\n")
    try:
        raw = base64.b64decode(key.strip().split("+", 2)[2], validate=True)
        public = Ed25519PublicKey.from_public_bytes(raw[1:])
        _, size, root, *_ = text.split("\n")
        head = Head(int(size), base64.b64decode(root, validate=True))
    except (ValueError, IndexError, binascii.Error):
        raise BadHeadError from None
    if not any(_signed(public, f"{text}\n".encode(), line) for line in signatures.splitlines()):
        raise BadHeadError
    return head


def _signed(public: Ed25519PublicKey, text: bytes, line: str) -> bool:
    try:
        public.verify(base64.b64decode(line.rpartition(" ")[2])[4:], text)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Compute the root above leaf hashes (RFC 9162 section 2.1.1)."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        paired = [sha256(b"\x01" + level[n] + level[n + 1]).digest() for n in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) & ~1 :]
    return level[0]
