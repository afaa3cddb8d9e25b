"""A request for a resource is admitted: its token verified, and what the token is bound to proved (RFC 8705, 9449)."""

import hmac
import re
from dataclasses import dataclass

from auth.certificates import ClientCertificate
from auth.errors import CertificateRefused, ProofRefused, Reason, TokenRefused
from auth.proofs import ProofVerifier
from auth.requests import Presented
from auth.tokens import KEY
from auth.verifier import Claims, Verifier

BEARER, DPOP = "bearer", "dpop"
"""The schemes an access token may come under, in lower case."""

_HEADER = re.compile(r"(?P<scheme>[A-Za-z]+) +(?P<token>[A-Za-z0-9._~+/-]+=*)")


def access_token(authorization_header: str | None) -> tuple[str, str]:
    """Return scheme and token of an `Authorization` header (RFC 6750 section 2.1, RFC 9449 section 7.1).

    Raises:
        TokenRefused: no header (`MISSING`), another scheme or malformed (`SCHEME`).

    """
    if authorization_header is None:
        raise TokenRefused(Reason.MISSING)
    match = _HEADER.fullmatch(authorization_header)
    scheme = match["scheme"].lower() if match else ""
    if match is None or scheme not in (BEARER, DPOP):
        raise TokenRefused(Reason.SCHEME)
    return scheme, match["token"]


@dataclass(frozen=True, slots=True)
class Access:
    """Admits requests; blocks where `Verifier` and `ProofVerifier` do."""

    tokens: Verifier
    proofs: ProofVerifier

    def recall(self, presented: Presented) -> Claims | None:
        """Return the claims of an unbound token that was admitted a moment ago, or none; never blocks.

        Raises:
            TokenRefused: there is no token, or not under a scheme we know.

        """
        scheme, token = access_token(presented.authorization)
        claims = self.tokens.recall(token)
        return claims if claims is not None and claims.bound is None and scheme == BEARER else None

    def admit(self, presented: Presented, method: str, url: str) -> Claims:
        """Return the claims of the token a request came with; `url` is where it went, as seen from outside.

        Raises:
            TokenRefused, CertificateRefused, ProofRefused: with the reason.

        """
        scheme, token = access_token(presented.authorization)
        claims = self.tokens.verify(token)
        by_key = claims.bound is not None and claims.bound.member == KEY
        if by_key != (scheme == DPOP):
            # A token bound to a key is worth nothing as a bearer token, and an unbound one is not made more of.
            raise TokenRefused(Reason.BINDING)
        if claims.bound is None:
            return claims
        if by_key:
            shown = self.proofs.verify(presented.proofs, method, url, token)
            if not hmac.compare_digest(shown, claims.bound.thumbprint):
                raise ProofRefused(Reason.PROOF_OTHER)
        else:
            _check_certificate(presented.certificate, claims.bound.thumbprint)
        return claims


def _check_certificate(shown: ClientCertificate | None, thumbprint: str) -> None:
    if shown is None:
        raise CertificateRefused(Reason.CERTIFICATE_MISSING)
    if not hmac.compare_digest(shown.thumbprint, thumbprint):
        raise CertificateRefused(Reason.CERTIFICATE_OTHER)
