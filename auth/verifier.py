"""Access tokens (RFC 9068 section 4) are verified: a fixed algorithm list, one issuer, one audience."""

import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass

from auth.claims import audience, jti, not_before, seconds, text
from auth.clients import AGENCY, CLIENT_ID
from auth.clock import SKEW, Clock
from auth.compact import Compact, read
from auth.errors import Reason, ScopeRefused, TokenRefused
from auth.keys import VerificationKeys
from auth.scopes import Scope, covers, parse_scope, parse_scopes
from auth.tokens import MAX_LIFETIME, TYPE

ALGORITHMS = frozenset({"ES256", "ES384", "PS256", "EdDSA", "Ed25519"})
"""Algorithms a token may be signed with; ours are ES256, a trusted outside issuer's may be another."""

CACHE_SECONDS = 60
"""The longest a verified token is believed without checking its signature again."""

CACHE_TOKENS = 4096
"""The most verified tokens that are remembered."""

_TYPES = frozenset({TYPE, f"application/{TYPE}"})
_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +(?P<token>[A-Za-z0-9._~+/-]+=*)")


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

    def allows(self, required: str) -> bool:
        """Tell whether the token's scopes cover `required`; text that is no scope is never covered."""
        try:
            return covers(self.scopes, parse_scope(required))
        except ScopeRefused:
            return False


def bearer_token(authorization_header: str | None) -> str:
    """Return the token of an `Authorization: Bearer` header (RFC 6750 section 2.1).

    Raises:
        TokenRefused: no header (`MISSING`), another scheme or malformed (`SCHEME`).

    """
    if authorization_header is None:
        raise TokenRefused(Reason.MISSING)
    match = _BEARER.fullmatch(authorization_header)
    if match is None:
        raise TokenRefused(Reason.SCHEME)
    return match["token"]


class Verifier:
    """Verifies tokens of one issuer for one audience; safe to share between threads.

    `keys` is a `KeyRing`, `KeyFiles` or `PublicKeySet`. A verified token is remembered by its SHA-256 for at
    most `CACHE_SECONDS` and never past its `exp`; a refusal is not remembered.
    """

    def __init__(self, issuer: str, audience: str, keys: VerificationKeys, now: Clock) -> None:
        self._issuer = issuer
        self._audiences = frozenset({audience})
        self._keys = keys
        self._now = now
        self._seen = _Seen()

    def verify(self, bearer: str) -> Claims:
        """Return the claims of a token given without its scheme; blocks only where `keys` reads files.

        Raises:
            TokenRefused: with the reason.

        """
        at = self._now()
        digest = _digest(bearer)
        known = self._seen.get(digest, at)
        if known is not None:
            return known
        claims = self._verified(bearer, at)
        self._seen.put(digest, claims, at)
        return claims

    def recall(self, bearer: str) -> Claims | None:
        """Return the claims of a token that was verified a moment ago, or none; never blocks."""
        return self._seen.get(_digest(bearer), self._now())

    def _verified(self, bearer: str, at: float) -> Claims:
        compact = read(bearer, TokenRefused)
        if compact.alg not in ALGORITHMS:
            raise TokenRefused(Reason.ALGORITHM)
        if compact.typ is None or compact.typ.lower() not in _TYPES:
            raise TokenRefused(Reason.TYPE)
        compact.check(self._keys.public_keys(at).find(compact.kid, compact.alg, TokenRefused), TokenRefused)
        if compact.claims.get("iss") != self._issuer:
            raise TokenRefused(Reason.ISSUER)
        issued_at, expires_at = _lifetime(compact, at)
        return self._claims(compact, issued_at, expires_at)

    def _claims(self, compact: Compact, issued_at: float, expires_at: float) -> Claims:
        claims = compact.claims
        client_id = _matching(claims.get("client_id"), CLIENT_ID, Reason.CLIENT_ID)
        return Claims(
            issuer=self._issuer,
            subject=_matching(claims.get("sub"), CLIENT_ID, Reason.SUBJECT),
            client_id=client_id,
            agency=_matching(claims.get("agency"), AGENCY, Reason.AGENCY),
            audience=audience(claims, self._audiences, TokenRefused),
            scopes=_scopes(compact),
            issued_at=issued_at,
            expires_at=expires_at,
            jti=jti(claims, TokenRefused),
        )


def _digest(bearer: str) -> bytes:
    return hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).digest()


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
