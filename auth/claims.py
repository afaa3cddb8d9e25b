"""Reading single claims (RFC 7519 section 4.1) out of claims that are not believed yet."""

import re
from collections.abc import Mapping

from auth.errors import Reason
from auth.keys import Refuse

JTI = re.compile(r"[\x21-\x7e]{1,255}")
"""A `jti` we keep: printable ASCII without space, short enough for a column and safe in a log."""


def text(claims: Mapping[str, object], name: str, reason: Reason, refuse: Refuse) -> str:
    """Return a claim that must be a non-empty string."""
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise refuse(reason)
    return value


def audience(claims: Mapping[str, object], accepted: frozenset[str], refuse: Refuse) -> str:
    """Return `aud`, which must be one of `accepted` as a single string, never an array (rfc7523bis)."""
    value = claims.get("aud")
    if isinstance(value, list):
        raise refuse(Reason.AUDIENCE_ARRAY)
    if not isinstance(value, str) or value not in accepted:
        raise refuse(Reason.AUDIENCE)
    return value


def seconds(claims: Mapping[str, object], name: str, reason: Reason, refuse: Refuse) -> float:
    """Return a NumericDate (seconds since 1970) that must be a finite, positive number."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(reason)
    # An integer of hundreds of digits is JSON, and so is 1e999, which reads as infinity: neither is a moment.
    if not 0 < value < 1e12:
        raise refuse(reason)
    return float(value)


def jti(claims: Mapping[str, object], refuse: Refuse) -> str:
    """Return `jti`, which must match `JTI`."""
    value = claims.get("jti")
    if not isinstance(value, str) or not JTI.fullmatch(value):
        raise refuse(Reason.JTI)
    return value


def not_before(claims: Mapping[str, object], latest: float, refuse: Refuse) -> None:
    """Refuse when `nbf` or `iat`, where present, is malformed or after `latest` (seconds since 1970)."""
    if "nbf" in claims and seconds(claims, "nbf", Reason.NOT_YET_VALID, refuse) > latest:
        raise refuse(Reason.NOT_YET_VALID)
    if "iat" in claims and seconds(claims, "iat", Reason.ISSUED_AT, refuse) > latest:
        raise refuse(Reason.ISSUED_AHEAD)
