"""Values that may stand in a header (reliability page 6.1, threat 23; RFC 9110 section 5.5)."""

import re
from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20\x21-\x7e]*[\x21-\x7e])?")
_MAX = 16 * 1024


class HeaderError(ValueError):
    """A header of ours would hold a line break, NUL, or anything but printable ASCII; the text never shows it."""


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers, each name a plain token and each value printable ASCII.

    Raises:
        HeaderError: one is not, so nothing is sent.

    """
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or len(value) > _MAX or not _VALUE.fullmatch(value):
            raise HeaderError("A header's name or value holds a character that must not be sent.")
    return dict(headers)
