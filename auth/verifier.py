"""Access tokens (RFC 9068 section 4) are verified: a fixed algorithm list, known issuers, one audience."""

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from auth.claims import audience, jti, not_before, seconds, text
from auth.clients import AGENCY, CLIENT_ID
from auth.clock import SKEW, Clock
from auth.compact import Compact, read
from auth.errors import Reason, ScopeRefused, TokenRefused
from auth.keys import KeyFinder, VerificationKeys
from auth.scopes import Scope, covers, parse_scopes
from auth.tokens import CERTIFICATE, KEY, MAX_LIFETIME, TYPE, Confirmation

ALGORITHMS = frozenset({"ES256", "ES384", "PS256", "EdDSA", "Ed25519"})
"""Algorithms a token may be signed with; ours are ES256, a trusted outside issuer's may be another."""

CACHE_SECONDS = 60
"""The longest a verified token is believed without checking its signature again."""

CACHE_TOKENS = 4096
"""The most verified tokens that are remembered."""

_TYPES = frozenset({TYPE, f"application/{TYPE}"})
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. Times are seconds since 1970."""

    issuer: str
    subject: str
    client_id: str
    agency: str
    audience: str
    scopes: tuple[Scope, ...]
    issued_at: float
    expires_at: float
    jti: str
    bound: Confirmation | None = None

    def allows(self, required: str) -> bool:
        """Tell whether the token's scopes cover every one of `required`; text that is no scope is never covered."""
        try:
            asked = _asked(required)
        except ScopeRefused:
            return False
        return bool(asked) and all(covers(self.scopes, scope) for scope in asked)


_asked = lru_cache(maxsize=256)(parse_scopes)
"""What is required is nearly always what one of our routes requires."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom an outside issuer's subject is here: a client of an agency, and the most it may do."""

    client_id: str
    agency: str
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer other than our own whose tokens are accepted (RFC 9068, by the same rules as ours).

    `claim` names whom a token is for, and `principals` says who that is here; what else the token says of agencies is
    not believed, and of its scopes only those count that the principal has here.
    """

    issuer: str
    audience: str
    keys: KeyFinder
    claim: str
    principals: Mapping[str, Principal]


class Standing(Protocol):
    """Whether a token that is well made still counts."""

    def objection(self, issuer: str, jti: str, agency: str, /) -> Reason | None:
        """Return why the token does not count any more (revoked, suspended), or None; may block on a database."""

    def unquestioned(self, issuer: str, jti: str, agency: str, /) -> bool:
        """Tell whether it is known without asking anything that nobody objects; never blocks."""


class Unquestioned:
    """A standing nobody ever loses."""

    def objection(self, _issuer: str, _jti: str, _agency: str, /) -> Reason | None:
        """Object to nothing."""
        return None

    def unquestioned(self, _issuer: str, _jti: str, _agency: str, /) -> bool:
        """Know that nobody objects."""
        return True


class Verifier:
    """Verifies tokens of our issuer and of trusted ones; safe to share between threads.

    `keys` is a `KeyRing`, `KeyFiles` or `PublicKeySet`. A verified token is remembered by its SHA-256 for at
    most `CACHE_SECONDS` and never past its `exp`; a refusal is not remembered, and `standing` is asked every time.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        keys: VerificationKeys,
        now: Clock,
        *,
        trusted: Iterable[TrustedIssuer] = (),
        standing: Standing | None = None,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._now = now
        self._trusted = {each.issuer: each for each in trusted}
        self._standing = standing or Unquestioned()
        self._seen = _Seen()

    def verify(self, bearer: str) -> Claims:
        """Return the claims of a token given without its scheme; blocks where keys are read or fetched.

        What the token is bound to is for the caller to check: `auth.access` does.

        Raises:
            TokenRefused: with the reason.

        """
        at = self._now()
        digest = _digest(bearer)
        claims = self._seen.get(digest, at)
        if claims is None:
            claims = self._verified(bearer, at)
            self._seen.put(digest, claims, at)
        objection = self._standing.objection(claims.issuer, claims.jti, claims.agency)
        if objection is not None:
            raise TokenRefused(objection)
        return claims

    def recall(self, bearer: str) -> Claims | None:
        """Return the claims of a token that was verified a moment ago and is known to count, or none; never blocks."""
        claims = self._seen.get(_digest(bearer), self._now())
        if claims is None or not self._standing.unquestioned(claims.issuer, claims.jti, claims.agency):
            return None
        return claims

    def _verified(self, bearer: str, at: float) -> Claims:
        compact = read(bearer, TokenRefused)
        if compact.alg not in ALGORITHMS:
            raise TokenRefused(Reason.ALGORITHM)
        if compact.typ is None or compact.typ.lower() not in _TYPES:
            raise TokenRefused(Reason.TYPE)
        outside = self._outside(compact)
        finder: KeyFinder = outside.keys if outside else self._keys.public_keys(at)
        compact.check(finder.find(compact.kid, compact.alg, TokenRefused), TokenRefused)
        if outside is None and compact.claims.get("iss") != self._issuer:
            raise TokenRefused(Reason.ISSUER)
        issued_at, expires_at = _lifetime(compact, at)
        principal = _mapped(compact, outside) if outside else _own(compact)
        return self._claims(compact, principal, outside, (issued_at, expires_at))

    def _outside(self, compact: Compact) -> TrustedIssuer | None:
        """Return the trusted issuer a token says it is of; our own keys answer for everything else."""
        named = compact.claims.get("iss")
        return self._trusted.get(named) if isinstance(named, str) and named != self._issuer else None

    def _claims(
        self, compact: Compact, principal: Principal, outside: TrustedIssuer | None, life: tuple[float, float]
    ) -> Claims:
        accepted = outside.audience if outside else self._audience
        return Claims(
            issuer=outside.issuer if outside else self._issuer,
            subject=_matching(compact.claims.get("sub"), CLIENT_ID, Reason.SUBJECT),
            client_id=principal.client_id,
            agency=principal.agency,
            audience=audience(compact.claims, frozenset({accepted}), TokenRefused),
            scopes=principal.scopes,
            issued_at=life[0],
            expires_at=life[1],
            jti=jti(compact.claims, TokenRefused),
            bound=_bound(compact.claims.get("cnf")),
        )


def _digest(bearer: str) -> bytes:
    return hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).digest()


def _own(compact: Compact) -> Principal:
    claims = compact.claims
    client_id = _matching(claims.get("client_id"), CLIENT_ID, Reason.CLIENT_ID)
    return Principal(client_id, _matching(claims.get("agency"), AGENCY, Reason.AGENCY), _scopes(compact))


def _mapped(compact: Compact, outside: TrustedIssuer) -> Principal:
    """Return who a stranger's token is for, with as much of its scopes as that client has here."""
    named = compact.claims.get(outside.claim)
    known = outside.principals.get(named) if isinstance(named, str) else None
    if known is None:
        raise TokenRefused(Reason.CLIENT_UNKNOWN)
    held = tuple(scope for scope in _scopes(compact) if covers(known.scopes, scope))
    if not held:
        raise TokenRefused(Reason.SCOPE)
    return Principal(known.client_id, known.agency, held)


def _bound(cnf: object) -> Confirmation | None:
    """Return what a token is bound to; a `cnf` we cannot check is refused, for passing it over would unbind it."""
    if cnf is None:
        return None
    if not isinstance(cnf, dict) or len(cnf) != 1:
        raise TokenRefused(Reason.BINDING)
    ((member, thumbprint),) = cnf.items()
    if member not in (CERTIFICATE, KEY):
        raise TokenRefused(Reason.BINDING)
    return Confirmation(member, _matching(thumbprint, _THUMBPRINT, Reason.BINDING))


def _lifetime(compact: Compact, at: float) -> tuple[float, float]:
    """Return `iat` and `exp`: both required, at most 300 seconds apart, `at` between them within the skew."""
    issued_at = seconds(compact.claims, "iat", Reason.ISSUED_AT, TokenRefused)
    expires_at = seconds(compact.claims, "exp", Reason.EXPIRY, TokenRefused)
    if expires_at <= at - SKEW:
        raise TokenRefused(Reason.EXPIRED)
    if not 0 < expires_at - issued_at <= MAX_LIFETIME:
        raise TokenRefused(Reason.TOO_LONG_LIVED)
    not_before(compact.claims, at + SKEW, TokenRefused)
    return issued_at, expires_at


def _matching(value: object, form: re.Pattern[str], reason: Reason) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise TokenRefused(reason)
    return value


def _scopes(compact: Compact) -> tuple[Scope, ...]:
    try:
        scopes = parse_scopes(text(compact.claims, "scope", Reason.SCOPE, TokenRefused))
    except ScopeRefused as error:
        raise TokenRefused(Reason.SCOPE) from error
    if not scopes:
        raise TokenRefused(Reason.SCOPE)
    return scopes


class _Seen:
    """Verified claims by the SHA-256 of their token, the least recently verified forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, tuple[float, Claims]] = OrderedDict()

    def get(self, digest: bytes, at: float) -> Claims | None:
        with self._lock:
            verified_at, claims = self._entries.get(digest, (0.0, None))
        # A clock set back must not stretch the memory, so the time of verification bounds it from below.
        if claims is None or not verified_at <= at < min(verified_at + CACHE_SECONDS, claims.expires_at):
            return None
        return claims

    def put(self, digest: bytes, claims: Claims, at: float) -> None:
        with self._lock:
            self._entries[digest] = (at, claims)
            self._entries.move_to_end(digest)
            while len(self._entries) > CACHE_TOKENS:
                self._entries.popitem(last=False)
