"""Secrets by reference: configuration names where a secret is, never what it is."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_MAX_BYTES = 64 * 1024


class SecretError(Exception):
    """The place a reference names holds nothing that can be read. The text never names the place."""


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is: an environment variable, or a file (absolute once parsed). Read when it is used.

    The representation shows the reference only; the secret is never kept.
    """

    scheme: Literal["env", "file"]
    place: str

    @classmethod
    def parse(cls, text: str, home: Path) -> "SecretRef":
        """Read `env:NAME` or `file:PATH`; a relative path is relative to `home`.

        Raises:
            ValueError: anything else, above all a secret written inline.

        """
        scheme, _, place = text.partition(":")
        if scheme == "env" and _ENV_NAME.fullmatch(place):
            return cls("env", place)
        if scheme == "file" and place and "\0" not in place:
            return cls("file", str(home / place))
        raise ValueError("A secret is given by reference, env:NAME or file:PATH, never inline.")

    def exists(self) -> bool:
        """Tell whether there is something to read; may block on the disk."""
        try:
            self.read()
        except SecretError:
            return False
        return True

    def read(self) -> str:
        """Return the secret without white space around it; may block on the disk.

        Raises:
            SecretError: no such variable or file, empty, too large, not UTF-8, or with control characters.

        """
        secret = (os.environ.get(self.place, "") if self.scheme == "env" else self._content()).strip()
        if not secret or not secret.isprintable():
            raise SecretError("The place a secret reference names is empty or cannot be read.")
        return secret

    def _content(self) -> str:
        try:
            with Path(self.place).open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
            return content.decode() if len(content) <= _MAX_BYTES else ""
        except (OSError, UnicodeDecodeError):
            return ""
