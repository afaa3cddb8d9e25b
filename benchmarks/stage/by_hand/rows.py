"""The rows of one referral and of one delivery, as many and as large as the gateway's own."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.clock import SystemClock
from gateway.naming import message_id

_CLOCK = SystemClock()
_WRAPPING = AESGCM(secrets.token_bytes(32))
_DIGEST = "0" * 64
Row = dict[str, Any]


@dataclass(frozen=True)
class Sealed:
    """The key of a referral, and its canonical form under it."""

    cipher: AESGCM
    nonce: bytes
    body: bytes

    def opened(self) -> bytes:
        """Return the canonical form."""
        return self.cipher.decrypt(self.nonce, self.body, b"place")


def sealed(body: bytes) -> tuple[Sealed, bytes]:
    """Seal a document under a new key; returns the wrapped key too."""
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    cipher = AESGCM(key)
    wrapped = secrets.token_bytes(12) + _WRAPPING.encrypt(secrets.token_bytes(12), key, b"case")
    return Sealed(cipher, nonce, cipher.encrypt(nonce, body, b"place")), wrapped


def accepted(name: str, idem: str, body: bytes, recipients: Sequence[str]) -> tuple[str, Sealed, dict[str, list[Row]]]:
    """Return the case, the sealed canonical form and the rows of a referral."""
    now, case = time.time(), hashlib.sha256(name.encode()).hexdigest()[:20]
    seal, wrapped = sealed(body)
    return case, seal, {
        "referral": [{
            "id": name, "sender": "sender", "idem": idem, "fingerprint": hashlib.sha256(body).digest(),
            "case_key": case, "format": "raabta", "mapping_digest": _DIGEST, "state": "SENT", "priority": "HIGH",
            "created": now, "updated": now,
        }],
        "case_key": [{"case_key": name, "wrapped_dek": wrapped, "kek_id": "kek-1", "version": 1, "created": now}],
        "party": [
            {"referral": name, "agency": agency, "role": role, "ref": f"rb-{secrets.token_hex(10)}", "state": "SENT",
             "updated": now}
            for agency, role in (("sender", "SENDER"), *((each, "RECIPIENT") for each in recipients))
        ],
        "document": [
            _document(name, kind, seal.nonce, seal.cipher.encrypt(seal.nonce, body, kind.encode()), now)
            for kind in ("original", "canonical")
        ],
        "delivery": [
            {"id": _CLOCK.new_id(), "message_id": message_id(name, each), "referral": name, "recipient": each,
             "purpose": "CASE_MANAGE", "kind": "REFERRAL", "lane": 0, "state": "OPEN", "created": now, "next_at": now}
            for each in recipients
        ],
        "entry": [_entry(name, None) for _ in range(1 + len(recipients))],
    }  # fmt: skip


def intended(name: str, delivery: str) -> dict[str, list[Row]]:
    """Return the rows that are stored before a message is sent."""
    return {"entry": [_entry(name, delivery) for _ in range(2)]}


def settled(name: str, delivery: str, seal: Sealed, told: bytes) -> dict[str, list[Row]]:
    """Return the rows that are stored when its receipt has come: what was told, receipt, attempt, entries."""
    now = time.time()
    kinds = (f"told-{delivery}", f"receipt-{delivery}")
    return {
        "document": [
            _document(name, kind, seal.nonce, seal.cipher.encrypt(seal.nonce, told, kind.encode()), now)
            for kind in kinds
        ],
        "attempt": [{"delivery": delivery, "n": 1, "at": now, "ms": 1, "status": 200, "outcome": "DELIVERED"}],
        "entry": [_entry(name, delivery) for _ in range(4)],
    }


def _document(name: str, kind: str, nonce: bytes, body: bytes, now: float) -> Row:
    return {
        "id": _CLOCK.new_id(), "referral": name, "kind": kind, "version": 1, "media_type": "application/json",
        "case_key": name, "key_version": 1, "nonce": nonce, "sealed": body, "created": now,
    }  # fmt: skip


def _entry(name: str, delivery: str | None) -> Row:
    """Return an entry of the ledger without its place."""
    fields, salt = orjson.dumps({"recipient": "agency", "digest": _DIGEST, "rule": "none"}), secrets.token_bytes(32)
    return {
        "at": "2026-11-22T09:00:00Z", "type": "referral.accepted", "actor": "gateway", "referral": name,
        "delivery": delivery, "fields": fields.decode(), "commitment": hashlib.sha256(salt + fields).digest(),
        "salt": salt,
    }  # fmt: skip


def new_id() -> str:
    """Return a new name."""
    return _CLOCK.new_id()
