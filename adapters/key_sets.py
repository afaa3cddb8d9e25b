"""Key sets are fetched from where the configuration says they are, through the guarded resolver of every door."""

import asyncio
from urllib.parse import urlsplit

from adapters.manifest import Limits
from adapters.transport import Answer, Call, Transport
from auth.remote_keys import MAX_BYTES, KeysUnavailableError

LIMITS = Limits(connect_seconds=3, total_seconds=5, attempt_seconds=5, connections=1, answer_bytes=MAX_BYTES)
"""How long and how much: a login waits for it."""

_MEDIA_TYPES = frozenset({"application/json", "application/jwk-set+json"})


def fetch_key_set(url: str, *, allow_private: bool) -> bytes:
    """Return the body of a key set (RFC 7517); blocks for up to five seconds, so call it in a thread.

    No redirect is followed, nothing is unpacked, and only the configured URL is asked.

    Raises:
        KeysUnavailableError: it may not be asked, or does not answer with 200 and JSON in time.

    """
    try:
        answer = asyncio.run(_asked(url, allow_private=allow_private))
    except ValueError:  # an address that leads inside, or no https
        raise KeysUnavailableError from None
    if answer is None or answer.status != 200 or answer.flaw is not None or answer.media_type not in _MEDIA_TYPES:
        raise KeysUnavailableError
    return answer.body


async def _asked(url: str, *, allow_private: bool) -> Answer | None:
    parts = urlsplit(url)
    transport = Transport(f"{parts.scheme}://{parts.netloc}", LIMITS, allow_private=allow_private)
    try:
        answer = await transport.exchange(
            Call("GET", parts.path, {"Accept": "application/jwk-set+json, application/json"})
        )
    finally:
        await transport.close()
    return answer if isinstance(answer, Answer) else None
