"""Read a request's body: bounded while it arrives, never decompressed."""

from __future__ import annotations

from fastapi import Request

from gateway.errors import TooLarge, UnknownLanguage


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body.

    Args:
        request: the request.
        limit: octets.

    Raises:
        TooLarge: it is larger, whether it says so or not.
        UnknownLanguage: it has a Content-Encoding; nothing is ever unpacked here.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnknownLanguage
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)
