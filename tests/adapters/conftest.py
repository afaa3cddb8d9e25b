"""Manifests written for a test, the adapter they ask for, and envelopes of invented documents."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from adapter_peer import Peer
from adapter_samples import KINDS, MESSAGE_ID, NADRA_OPTIONS, NOON, SECRET
from joserfc.jwk import ECKey

from adapters.base import Adapter, Envelope
from adapters.registry import adapter_for, load_manifests


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def envelope() -> Callable[..., Envelope]:
    def build(body: bytes = b"{}", **changes: object) -> Envelope:
        fields = {
            "message_id": MESSAGE_ID,
            "referral": "019a0000-0000-7000-8000-000000000001",
            "ref": "RAABTA-TEST-000321",
            "sender": "health-pb-farzi",
            "recipient": "police-pb-namuna",
            "purpose": "INVESTIGATE",
            "kind": "referral",
            "format": "police_psrms",
            "document": "referral",
            "digest": "0" * 64,
            "media_type": "application/json",
            "body": body,
            "body_digest": hashlib.sha256(body).hexdigest(),
            "correlation": "019a0000-0000-7000-8000-0000000000aa",
            "attempt": 1,
        }
        return Envelope(**(fields | changes))

    return build


@pytest.fixture
def manifest_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Write a valid manifest for an adapter at a base URL; key and secrets are there."""
    monkeypatch.setenv("RAABTA_TEST_SECRET", SECRET)
    key = ECKey.generate_key("P-256")
    (tmp_path / "client.pem").write_bytes(key.as_pem(private=True))

    def write(adapter: str, url: str, *, top: str = "", auth: str = "", options: str = "", end: str = "") -> str:
        kind, format_id = KINDS[adapter]
        login = auth or (
            'method = "private_key_jwt"\nkey_file = "client.pem"\nkid = "k1"\nalg = "ES256"\n'
            if adapter in ("police", "health", "welfare")
            else 'method = "client_secret_basic"\nsecret = "env:RAABTA_TEST_SECRET"\n'
        )
        return (
            f'id = "{adapter}-pb-namuna"\nkind = "{kind}"\nname = "Namuna {adapter}"\n'
            f'adapter = "{adapter}"\nformat = "{format_id}"\nbase_url = "{url}"\nallow_private = true\n{top}'
            f'[auth]\ntoken_url = "{url}/oauth/token"\nclient_id = "raabta"\n{login}'
            f"{options or (NADRA_OPTIONS if adapter == 'nadra' else '')}{end}"
        )

    return write


Make = Callable[..., Adapter]


@pytest.fixture
async def make(manifest_text: Callable[..., str], tmp_path: Path) -> AsyncIterator[Make]:
    """Make the adapter to a peer, from a manifest on disk; closed at the end."""
    async with AsyncExitStack() as closing:

        def build(adapter: str, peer: Peer, **changes: str) -> Adapter:
            folder = tmp_path / "agencies"
            folder.mkdir(exist_ok=True)
            (folder / "client.pem").write_bytes((tmp_path / "client.pem").read_bytes())
            (folder / "one.toml").write_text(manifest_text(adapter, peer.url, **changes))
            manifest = next(iter(load_manifests(folder).values()))
            door = adapter_for(manifest, lambda: NOON)
            closing.push_async_callback(door.close)
            return door

        yield build
