"""Look for canaries among bytes, however they are written there."""

import base64
import json
from collections.abc import Iterable

from tests.walk.canaries import Canary


def betrayed(data: bytes, sown: Iterable[Canary]) -> list[str]:
    """Return the paths of canaries that stand in some bytes: plainly, or written in another way."""
    folded = data.lower()
    return [
        each.path
        for each in sown
        if any(way in folded for way in plainly(each)) or any(way in data for way in coded(each))
    ]


def plainly(canary: Canary) -> set[bytes]:
    """Return a canary as UTF-8 in every form, as JSON escapes it, and in hexadecimal; all in small letters."""
    forms = canary.whole()
    other = {
        way for form in forms[:1] for way in (json.dumps(form)[1:-1].lower().encode(), form.encode().hex().encode())
    }
    return {form.lower().encode() for form in forms} | other


def coded(canary: Canary) -> set[bytes]:
    """Return a canary in UTF-16 and, at each of the three places where it can begin, in base64."""
    ways: set[bytes] = set()
    for form in canary.whole()[:1]:
        ways |= {form.encode("utf-16-le"), form.encode("utf-16-be")}
        for shift in range(3):
            text = b"\0" * shift + form.encode()
            inside = base64.b64encode(text)[(0, 2, 3)[shift] : -4 if len(text) % 3 else None]
            ways |= {inside, inside.translate(bytes.maketrans(b"+/", b"-_"))}
    return {way for way in ways if len(way) >= 7}
