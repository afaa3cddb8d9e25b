"""Remembers every exchange of a run, numbered, with what must stay secret taken out before it is kept."""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

HIDDEN = "[taken out]"
LONGEST = 4_000
"""Characters of a body that are kept."""
_HEADERS = {"authorization", "cookie", "set-cookie", "dpop", "proxy-authorization"}
_MEMBERS = {"access_token", "client_secret", "client_assertion", "refresh_token", "token", "password"}
_TOKENS = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_PASSWORD = re.compile(r"(<(?:\w+:)?PASSWORD>)[^<]*(</)")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer as they may be shown; `status` 0: there was no answer."""

    n: int
    method: str
    url: str
    request_headers: Mapping[str, str]
    request: str
    status: int
    answer_headers: Mapping[str, str]
    answer: str

    def as_json(self) -> dict[str, object]:
        """Give the members of results.json."""
        return {
            "n": self.n,
            "method": self.method,
            "url": self.url,
            "request_headers": dict(self.request_headers),
            "request": self.request,
            "status": self.status,
            "answer_headers": dict(self.answer_headers),
            "answer": self.answer,
        }


@dataclass
class Transcript:
    """The exchanges of a run; safe to write to from several threads."""

    exchanges: list[Exchange] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, request: httpx.Request, answer: httpx.Response | None) -> Exchange:
        """Keep one exchange, redacted; `answer` is None when the line broke."""
        sent = shown(request.content, request.headers.get("content-type", ""))
        got = "" if answer is None else shown(answer.content, answer.headers.get("content-type", ""))
        with self._lock:
            exchange = Exchange(
                len(self.exchanges) + 1,
                request.method,
                bare_url(str(request.url)),
                headers(request.headers),
                sent,
                0 if answer is None else answer.status_code,
                {} if answer is None else headers(answer.headers),
                got,
            )
            self.exchanges.append(exchange)
        return exchange

    def position(self) -> int:
        """Count what is kept so far."""
        return len(self.exchanges)

    def since(self, position: int) -> tuple[Exchange, ...]:
        """Give what was added after a position."""
        return tuple(self.exchanges[position:])


def headers(sent: Mapping[str, str]) -> dict[str, str]:
    """Copy headers, without the values of those that hold credentials."""
    return {name: HIDDEN if name.lower() in _HEADERS else value for name, value in sent.items()}


def bare_url(url: str) -> str:
    """Take the values of secret parameters out of a URL."""
    parts = urlsplit(url)
    pairs = [(name, HIDDEN if name in _MEMBERS else value) for name, value in parse_qsl(parts.query)]
    return urlunsplit(parts._replace(query=urlencode(pairs)))


def shown(body: bytes, content_type: str) -> str:
    """Write a body for a report: text only, without secrets, shortened."""
    if "zip" in content_type:
        return f"(an archive of {len(body)} octets)"
    text = body[: 4 * LONGEST].decode("utf-8", "replace")
    if "x-www-form-urlencoded" in content_type:
        pairs = [(name, HIDDEN if name in _MEMBERS else value) for name, value in parse_qsl(text)]
        text = urlencode(pairs)
    elif "json" in content_type:
        text = _json(text)
    text = _PASSWORD.sub(rf"\g<1>{HIDDEN}\g<2>", _TOKENS.sub(HIDDEN, text))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(body)} octets)"


def _json(text: str) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(value, dict) or not _MEMBERS & value.keys():
        return text
    return json.dumps({name: HIDDEN if name in _MEMBERS else inner for name, inner in value.items()})
