"""Signed checkpoints of the ledger: C2SP tlog-checkpoint in a C2SP signed-note, with Ed25519.

    raabta.example.pk/ledger
    41508
    mVR9Qnd4…=

    — raabta.example.pk/ledger Az3grl…=

The first line is the log's origin, which is also the key's name; then the size; then the root in base64. The
signature covers everything up to and including the line feed before the empty line. A signature line holds,
in base64, 4 bytes that identify the key and the 64 bytes of the signature (https://c2sp.org/signed-note).
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_SIGNATURE = re.compile("— (\\S+) ([A-Za-z0-9+/]+={0,2})")


class CheckpointRefused(Exception):
    """The note is no checkpoint of this log, or no key that is trusted has signed it."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True)
class Checkpoint:
    """What a signed note says: the log, its size and its root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the part of the note that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name; `text` is the form that is published."""

    name: str
    key: bytes

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read `name+hash+base64`; raises ValueError when it is not of that form or its hash is wrong."""
        name, hexadecimal, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        verifier = cls(name, raw[1:])
        if raw[:1] != _ED25519 or len(raw) != 33 or verifier.hash.hex() != hexadecimal:
            raise ValueError("This is no verifier key of the kind Ed25519.")
        return verifier

    @property
    def hash(self) -> bytes:
        """The 4 bytes by which a signature names this key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:4]

    @property
    def text(self) -> str:
        """The published form, `name+hash+base64`."""
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(_ED25519 + self.key).decode()}"

    @property
    def id(self) -> str:
        """The key's label in ledger entries."""
        return f"key-{self.hash.hex()}"

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made this signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signer:
    """The log's private key, under the log's origin as its name."""

    def __init__(self, origin: str, key: Ed25519PrivateKey) -> None:
        if not origin or re.search(r"[\s+]", origin):
            raise ValueError("An origin holds neither white space nor a plus sign.")
        self._key = key
        self.verifier = VerifierKey(origin, key.public_key().public_bytes_raw())

    def sign(self, size: int, root: bytes) -> str:
        """Return the signed note for a tree of this size and root."""
        return self.sign_text(Checkpoint(self.verifier.name, size, root).text())

    def sign_text(self, text: str) -> str:
        """Return a text, which ends with a line feed and has no empty line, as a note signed by this key."""
        signature = self.verifier.hash + self._key.sign(text.encode())
        return f"{text}\n— {self.verifier.name} {base64.b64encode(signature).decode()}\n"


def read_checkpoint(note: str, trusted: Sequence[VerifierKey]) -> Checkpoint:
    """Read a signed note; raises `CheckpointRefused` unless a trusted key of the log's name signed it."""
    text, lines = _split(note)
    checkpoint = _parse(text)
    for line in lines:
        match = _SIGNATURE.fullmatch(line)
        if match is None:
            raise CheckpointRefused
        blob = _decode(match[2])
        for key in trusted:
            ours = key.name == match[1] == checkpoint.origin and key.hash == blob[:4]
            if ours and key.signed(text.encode(), blob[4:]):
                return checkpoint
    raise CheckpointRefused


def _split(note: str) -> tuple[str, list[str]]:
    text, separator, signatures = note.partition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise CheckpointRefused
    return text + "\n", signatures[:-1].split("\n")


def _parse(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 4 or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]):
        raise CheckpointRefused
    root = _decode(lines[2])
    if len(root) != 32:
        raise CheckpointRefused
    return Checkpoint(lines[0], int(lines[1]), root)


def _decode(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise CheckpointRefused from None
    # The unused bits of the last character could be anything; one note must have one spelling.
    if base64.b64encode(decoded).decode() != text:
        raise CheckpointRefused
    return decoded
