"""DPoP (RFC 9449): a client proves, with each request, that it holds the key its token is bound to.

No nonce is asked for: a proof is believed for `MAX_AGE` seconds and its `jti` is spent in the same store as those of
assertions, so that a copied proof is refused by every process and after every restart.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from auth.claims import jti, seconds, text
from auth.clock import SKEW, Clock
from auth.compact import read_proof
from auth.errors import ProofRefused, Reason
from auth.replay import ReplayGuard

TYPE = "dpop+jwt"
"""The `typ` of a proof (RFC 9449 section 4.2)."""

MAX_AGE = 60
"""Seconds a proof is believed after `iat`."""

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class ProofVerifier:
    """Checks proofs; may block on the replay guard."""

    replays: ReplayGuard
    now: Clock

    def verify(self, proofs: tuple[str, ...], method: str, url: str, token: str | None = None) -> str:
        """Return the thumbprint (RFC 7638) of the key that made the one proof of a request.

        `url` is where the request went, as seen from outside; with `token`, the proof must be made for that token.

        Raises:
            ProofRefused: with the reason.

        """
        if len(proofs) != 1:
            raise ProofRefused(Reason.PROOF_REPEATED if proofs else Reason.PROOF_MISSING)
        proof, key = read_proof(proofs[0], ProofRefused)
        if proof.typ != TYPE:
            raise ProofRefused(Reason.TYPE)
        proof.check(key, ProofRefused)
        if text(proof.claims, "htm", Reason.PROOF_METHOD, ProofRefused) != method:
            raise ProofRefused(Reason.PROOF_METHOD)
        if _place(text(proof.claims, "htu", Reason.PROOF_URL, ProofRefused)) != _place(url):
            raise ProofRefused(Reason.PROOF_URL)
        if token is not None and not _made_for(proof.claims.get("ath"), token):
            raise ProofRefused(Reason.PROOF_TOKEN)
        thumbprint = key.thumbprint()
        self._spend(thumbprint, jti(proof.claims, ProofRefused), _age(proof.claims.get("iat"), self.now()))
        return thumbprint

    def _spend(self, thumbprint: str, used: str, issued_at: float) -> None:
        if not self.replays.use(f"dpop:{thumbprint}", used, issued_at + MAX_AGE + SKEW):
            raise ProofRefused(Reason.REPLAYED)


def _age(issued_at: object, at: float) -> float:
    when = seconds({"iat": issued_at}, "iat", Reason.ISSUED_AT, ProofRefused)
    if when > at + SKEW:
        raise ProofRefused(Reason.ISSUED_AHEAD)
    if when <= at - MAX_AGE:
        raise ProofRefused(Reason.EXPIRED)
    return when


def _made_for(given: object, token: str) -> bool:
    digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
    wanted = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return isinstance(given, str) and given.isascii() and hmac.compare_digest(given, wanted)


def _place(url: str) -> tuple[str, str, int | None, str]:
    """Return what counts of a URL: no query, no fragment, the default port left out (RFC 9449 section 4.3)."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        raise ProofRefused(Reason.PROOF_URL) from None
    return parts.scheme.lower(), (parts.hostname or "").lower(), port, parts.path or "/"
