"""An agency that costs almost nothing: raw ASGI, a receipt for everything, and a count of message ids.

It speaks for a case management system, a police record system and a school at once, each under its own path, and
counts an effect only once for each message id, as a real one must.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
_TOKEN = b'{"access_token": "token-of-a-benchmark", "token_type": "Bearer", "expires_in": 3600}'
_TIME = "2026-11-22T09:00:00+05:00"
SEEN: Counter[tuple[str, str]] = Counter()


def receipt(path: str, message_id: str) -> bytes:
    """Return the receipt the agency of a path gives for a message."""
    if path.startswith("/police"):
        inner = {"ResultCode": "ACCEPTED", "RefMessageID": message_id, "ReceiptID": f"RC-{len(SEEN)}", "Issue": []}
        return json.dumps({"status": True, "data": {"e_tag": f"ET-{len(SEEN)}", "receipt": inner}}).encode()
    if path.startswith("/sis"):
        answer = {"request_id": message_id, "receipt_id": f"rcp-{len(SEEN)}", "state": "RECEIVED"}
        return json.dumps({**answer, "received_at": _TIME}).encode()
    answer = {"receipt_id": f"CP-{len(SEEN)}", "message_id": message_id, "received_at": _TIME, "state": "RECEIVED"}
    return json.dumps(answer).encode()


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve one request."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    path = scope["path"]
    if path == "/oauth/token":
        body = _TOKEN
    elif path == "/count":
        body = json.dumps({"effects": len(SEEN), "sent": SEEN.total()}).encode()
    else:
        message_id = dict(scope["headers"]).get(b"idempotency-key", b"").decode()
        SEEN[path, message_id] += 1
        body = receipt(path, message_id)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serve(port: int) -> None:
    """Serve until killed."""
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, lifespan="off")
