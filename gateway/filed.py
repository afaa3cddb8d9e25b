"""The files of agencies as this gateway holds them: shown to an operator, and the credentials in them replaced."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from adapters.manifest import InboundClient, Manifest
from auth.client_secrets import hash_secret, new_secret
from auth.clients import AuthMethod
from auth.errors import KeyRefused
from auth.remote_keys import parse_key_set
from gateway.errors import IllegalMove, NotFound, NotUnderstood
from mappings.engine.findings import Finding


@dataclass(frozen=True)
class AgencyFiles:
    """The manifests this gateway started with."""

    manifests: Mapping[str, Manifest]

    def shown(self, today: date) -> list[dict[str, Any]]:
        """Return every agency with its agreements, for an operator; no secret and no key."""
        return [_shown(manifest, today) for _, manifest in sorted(self.manifests.items())]

    def replace_keys(self, name: str, raw: bytes) -> str:
        """Put another JWK Set where an agency's keys are read from, and return its digest; blocks on the disk.

        Raises:
            NotFound: nobody is registered under that id.
            IllegalMove: the agency does not log in with keys that stand in a file here.
            NotUnderstood: it is no set of usable public keys.
        """
        inbound = self._client(name)
        if inbound.jwks_file is None:
            raise IllegalMove("NO_KEY_FILE")
        try:
            keys = parse_key_set(raw)
        except KeyRefused:
            raise NotUnderstood(findings=[Finding("INVALID_VALUE", "/keys")]) from None
        text = json.dumps(keys.document(), indent=1)
        _put(inbound.jwks_file, text)
        return hashlib.sha256(text.encode()).hexdigest()

    def new_secret(self, name: str) -> tuple[str, str]:
        """Make an agency a new secret, keep its hash, and return the secret and the digest of what is kept; blocks.

        Raises:
            NotFound: nobody is registered under that id.
            IllegalMove: the agency does not log in with a secret of its own that stands in a file here.
        """
        inbound = self._client(name)
        if inbound.method is not AuthMethod.CLIENT_SECRET_BASIC or not self._own_file(name, inbound):
            raise IllegalMove("NO_SECRET_FILE")
        secret = new_secret()
        kept = str(hash_secret(secret))
        _put(Path(inbound.secret.place) if inbound.secret else Path(), kept)
        return secret, hashlib.sha256(kept.encode()).hexdigest()

    def _client(self, name: str) -> InboundClient:
        manifest = self.manifests.get(name)
        if manifest is None or manifest.client is None:
            raise NotFound
        return manifest.client

    def _own_file(self, name: str, inbound: InboundClient) -> bool:
        """Tell whether the secret stands in a file that nothing else refers to, so that only this login changes."""
        if inbound.secret is None or inbound.secret.scheme != "file":
            return False
        others = [m.auth.secret for m in self.manifests.values()]
        others += [m.client.secret for m in self.manifests.values() if m.client is not None and m.id != name]
        return inbound.secret not in others


def _put(path: Path, text: str) -> None:
    """Replace a file whole, so that a reader sees the old or the new and nothing between."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _shown(manifest: Manifest, today: date) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": manifest.id,
        "kind": manifest.kind.value,
        "name": manifest.name,
        "format": manifest.format,
        "reply_format": manifest.format_of_replies,
        "agreements": [
            {
                "id": each.id,
                "purpose": each.purpose.value,
                "labels": [label.value for label in each.labels],
                "legal_basis": each.legal_basis,
                "owner": each.owner,
                "valid_from": each.valid_from.isoformat(),
                "valid_until": each.valid_until.isoformat() if each.valid_until else None,
                "in_force": each.in_force(today),
                "client_secret": each.client_secret,
                "digest": each.digest,
            }
            for each in manifest.agreements
        ],
    }
    if manifest.client is not None:
        told["login"] = {
            "client_id": manifest.client.client_id,
            "method": manifest.client.method.value,
            "binding": manifest.client.binding.value,
            "scopes": list(manifest.client.scopes),
        }
    return told
