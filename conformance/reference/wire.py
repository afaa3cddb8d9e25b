"""A client whose calls go straight to a function of this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx


class Wire(httpx.Client):
    """Calls a function instead of a server; what a real client does about cookies and redirections is left out."""

    def __init__(self, serve: Callable[[httpx.Request], httpx.Response]) -> None:
        """Call `serve` with every request."""
        super().__init__(transport=httpx.MockTransport(serve), trust_env=False)
        self._serve = serve

    def build_request(self, method: str, url: Any, **options: Any) -> httpx.Request:
        """Build a request with nothing added."""
        return httpx.Request(method, url, **options)

    def send(self, request: httpx.Request, **_options: Any) -> httpx.Response:
        """Let the function answer."""
        answer = self._serve(request)
        answer.request = request
        return answer
