"""The system under test, as checks see it: calls, logins, the simulated agencies behind it, and patience."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from conformance.children import Children
from conformance.evidence import Verifier
from conformance.findings import UnusableError, expect
from conformance.listening import Listener
from conformance.peers import Peer
from conformance.sandbox.gateway_login import basic_header
from conformance.sandbox.settings import BASIC, Login
from conformance.sandbox.tokens import ASSERTION_TYPE
from conformance.tokens import Issuer, client_assertion
from conformance.transcript import Transcript

T = TypeVar("T")
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Means:
    """What an operator lets this run do beside calling: each absent one is a missing capability."""

    operator: Login | None = None
    issuer: Issuer | None = None
    key_requests: Callable[[], int] | None = None
    """How often the issuer's keys were fetched so far."""
    kill: Callable[[], None] | None = None
    """Ends the target's process without warning, and sees that it is started again."""
    logs: Callable[[], str] | None = None
    """Everything the target has logged."""
    lapsed: str = ""
    """Id of an agency whose data-sharing agreement has ended."""
    verify: Verifier | None = None
    """The target's own way of verifying the evidence it hands out."""

    def capabilities(self) -> Iterable[str]:
        """Name what there is."""
        held = {
            "operator": self.operator,
            "issuer": self.issuer,
            "key-requests": self.key_requests,
            "restart": self.kill,
            "logs": self.logs,
            "lapsed-agreement": self.lapsed,
            "verify": self.verify,
        }
        return (name for name, value in held.items() if value)


@dataclass
class Target:
    """One system under test.

    `http` reaches it; `logins` are our clients there, by the name of the agency we speak for. `peers` are the
    agencies it delivers to. `wait` passes time: it is given seconds, and a simulated target turns them into none.
    """

    url: str
    profile: str
    http: httpx.Client
    logins: dict[str, Login] = field(default_factory=dict)
    peers: dict[str, Peer] = field(default_factory=dict)
    means: Means = field(default_factory=Means)
    hostile: bool = False
    patience: float = 60.0
    wait: Callable[[float], None] = time.sleep
    clock: Clock = time.time
    user: tuple[str, str] = ("", "")
    """Name and password that a civil registry wants inside its requests."""
    transcript: Transcript = field(default_factory=Transcript)
    children: Children = field(default_factory=Children)
    ear: Listener | None = None
    """The gateway we pretend to be, where the target is watched as a sender."""
    trigger: Callable[[], None] = lambda: None
    """Makes the target send us a new referral, or asks a person to."""
    _tokens: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)

    @property
    def listening(self) -> bool:
        """Tell whether the target is watched as a sender."""
        return self.ear is not None

    @property
    def capabilities(self) -> frozenset[str]:
        """What the operator lets us do."""
        return frozenset(self.means.capabilities()) | ({"listen"} if self.listening else set())

    def ids(self, name: str) -> str:
        """Name an agency as the target knows it."""
        return self.peers[name].agency_id

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the target with nothing added; the exchange is kept. Raises `UnusableError` for a broken line."""
        url = path if path.startswith("http") else f"{self.url}{path}"
        request = self.http.build_request(method, url, **options)
        try:
            answer = self.http.send(request)
            answer.read()
        except httpx.HTTPError as error:
            self.transcript.add(request, None)
            raise UnusableError(f"no answer to {method} {request.url.path} ({type(error).__name__})") from None
        self.transcript.add(request, answer)
        return answer

    def call(self, who: str, method: str, path: str, scope: str = "", **options: Any) -> httpx.Response:
        """Call the target as one of our clients, with a token of the scope the call needs."""
        headers = {"Authorization": f"Bearer {self.token(who, scope)}", **options.pop("headers", {})}
        return self.send(method, path, headers=headers, **options)

    def token(self, who: str, scope: str = "") -> str:
        """Give an access token, a kept one while it lives; raises `UnusableError` when the login is refused."""
        kept, until = self._tokens.get((who, scope), ("", 0.0))
        if time.monotonic() < until:
            return kept
        answer = self.log_in(self.login(who), scope)
        if answer.status_code != 200:
            raise UnusableError(f"the login of {who} for {scope or 'its usual scope'} is refused: {answer.status_code}")
        grant = answer.json()
        return self.keep(who, scope, str(grant["access_token"]), int(grant.get("expires_in", 60)))

    def keep(self, who: str, scope: str, token: str, life: float) -> str:
        """Keep an access token for half of its life, in seconds; gives it."""
        self._tokens[who, scope] = (token, time.monotonic() + life / 2)
        return token

    def login(self, who: str) -> Login:
        """Find the credentials of one of our clients; raises `UnusableError`."""
        if who == "operator" and self.means.operator is not None:
            return self.means.operator
        if who not in self.logins:
            raise UnusableError(f"there are no credentials for {who}")
        return self.logins[who]

    def log_in(self, login: Login, scope: str = "", **changed: Any) -> httpx.Response:
        """Ask the target's token endpoint for a token; `changed` replaces members of the form."""
        form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        headers = {}
        if login.method == BASIC:
            headers["Authorization"] = basic_header(login.client_id, login.secret)
        else:
            form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": client_assertion(login)}
        return self.send("POST", f"{login.gateway}/oauth/token", data=form | changed, headers=headers)

    def until(self, seen: Callable[[], T], what: str, seconds: float | None = None) -> T:
        """Look again until something is seen, and give it; raises `NotMetError` when patience ends."""
        left = self.patience if seconds is None else seconds
        pause = 0.1
        while not (found := seen()) and left > 0:
            self.wait(pause)
            left -= pause
            pause = min(1.0, pause * 1.5)
        expect(found, f"not seen within {self.patience if seconds is None else seconds:g} seconds: {what}")
        return found

    def fresh_id(self) -> str:
        """Make a message id nobody has used."""
        return str(uuid.uuid4())
