"""Compact JWS (RFC 7515 section 7.1): read strictly, checked and made with one named algorithm at a time.

joserfc does the cryptography. What it leaves open is closed here: member names are unique (RFC 7519 section
4), numbers are finite, nesting is bounded, and a header cannot bring its own key (`jku`, `jwk`, `x5u`,
`x5c`) or its own rules (`crit`, `b64`); a DPoP proof alone brings a `jwk`. Other unknown header parameters are ignored
(RFC 7515 section 4).
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import Key

from auth.errors import KeyRefused, Reason
from auth.keys import ALGORITHMS, PrivateKey, Refuse, fits, read_public_jwk
from auth.strict_json import RepeatedMemberError, read_object

MAX_CHARACTERS = 8192
"""The longest assertion or token that is read."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_FORBIDDEN = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64"})


@dataclass(frozen=True, slots=True)
class Compact:
    """A JWS that was read but not yet believed: nothing in it is true before `check` returns."""

    text: str
    alg: str
    kid: str
    typ: str | None
    claims: Mapping[str, object]

    def check(self, key: Key, refuse: Refuse) -> None:
        """Check the signature with exactly this key and the algorithm the header names.

        Raises:
            CredentialRefused: as made by `refuse`: the signature is not of this key.

        """
        try:
            jws.deserialize_compact(self.text, key, registry=_REGISTRIES[self.alg])
        except (JoseError, ValueError) as error:
            raise refuse(Reason.SIGNATURE) from error


class _OneAlgorithm(jws.JWSRegistry):
    """A joserfc registry that knows one algorithm.

    joserfc's own look-up warns that the name `EdDSA` is deprecated (RFC 9864) each time it is used; SMART
    clients still send that name, and `keys.fits` already pins its curve.
    """

    max_header_length = MAX_CHARACTERS

    def __init__(self, name: str) -> None:
        super().__init__(algorithms=[name], strict_check_header=False)
        self.name = name

    def get_alg(self, name: str) -> JWSAlgModel:
        if name != self.name:
            raise UnsupportedAlgorithmError("The algorithm is not the one expected.")
        return self.algorithms[name]


_REGISTRIES = {name: _OneAlgorithm(name) for name in ALGORITHMS}


def read(text: str, refuse: Refuse) -> Compact:
    """Read a compact JWS without checking its signature.

    Raises:
        CredentialRefused: as made by `refuse`, with the reason: too long, not compact, not base64url,
            not JSON, a repeated member, a forbidden header parameter, an algorithm not on the list, no `kid`.

    """
    header, claims = _parts(text, refuse)
    alg, typ = _algorithm_and_type(header, _FORBIDDEN, refuse)
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise refuse(Reason.KID_MISSING)
    if typ is not None and not isinstance(typ, str):
        raise refuse(Reason.TYPE)
    return Compact(text, alg, kid, typ, claims)


def read_proof(text: str, refuse: Refuse) -> tuple[Compact, Key]:
    """Read a compact JWS that brings its own public key (`jwk`), as a DPoP proof does and nothing else may.

    Raises:
        CredentialRefused: as `read`, and when the key is private, symmetric, malformed or unfit for `alg`.

    """
    header, claims = _parts(text, refuse)
    alg, typ = _algorithm_and_type(header, _FORBIDDEN - {"jwk"}, refuse)
    if typ is not None and not isinstance(typ, str):
        raise refuse(Reason.TYPE)
    try:
        key = read_public_jwk(header.get("jwk"))
    except KeyRefused as error:
        raise refuse(Reason.PROOF_KEY) from error
    if not fits(key, alg):
        raise refuse(Reason.KEY_UNFIT)
    return Compact(text, alg, "", typ, claims), key


def _parts(text: str, refuse: Refuse) -> tuple[dict[str, object], dict[str, object]]:
    if len(text) > MAX_CHARACTERS:
        raise refuse(Reason.TOO_LONG)
    if not _COMPACT.fullmatch(text):
        raise refuse(Reason.NOT_COMPACT)
    header, claims, _ = text.split(".")
    return _members(header, refuse), _members(claims, refuse)


def _algorithm_and_type(header: Mapping[str, object], forbidden: frozenset[str], refuse: Refuse) -> tuple[str, object]:
    if forbidden & header.keys():
        raise refuse(Reason.HEADER_PARAMETER)
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise refuse(Reason.ALGORITHM)
    return alg, header.get("typ")


def sign(header: Mapping[str, str], claims: Mapping[str, object], key: PrivateKey, alg: str) -> str:
    """Sign claims as a compact JWS; `alg` is put into the header.

    Raises:
        KeyRefused: the key is not private or does not fit `alg`.

    """
    if not fits(key, alg) or not key.is_private:
        raise KeyRefused("The key cannot sign with this algorithm.")
    payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return jws.serialize_compact({"alg": alg, **header}, payload, key, registry=_REGISTRIES[alg])


def _members(segment: str, refuse: Refuse) -> dict[str, object]:
    try:
        raw = base64.b64decode(segment + "=" * (-len(segment) % 4), b"-_", validate=True)
    except binascii.Error as error:
        raise refuse(Reason.ENCODING) from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != segment.encode("ascii"):
        # Stray bits in the last character would let one token be written in several ways.
        raise refuse(Reason.ENCODING)
    try:
        return read_object(raw)
    except RepeatedMemberError as error:
        raise refuse(Reason.DUPLICATE_MEMBER) from error
    except ValueError as error:
        raise refuse(Reason.JSON) from error
