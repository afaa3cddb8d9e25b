"""The kinds of values a manifest holds: references, destinations, names, bounds; pydantic reads each."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, PlainValidator, StringConstraints, ValidationInfo
from pydantic.types import StrictFloat, StrictInt

from adapters.addresses import check_base_url
from adapters.secret_refs import SecretRef
from auth.clients import AGENCY, CLIENT_ID

CLOSED = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _home(info: ValidationInfo) -> Path:
    """Return the folder that relative references start from."""
    return Path(info.context["home"]) if info.context else Path()


def _path(value: object, info: ValidationInfo) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("A file is named by its path.")
    return _home(info) / value


def _secret(value: object, info: ValidationInfo) -> SecretRef:
    if isinstance(value, SecretRef):
        return value
    return SecretRef.parse(value if isinstance(value, str) else "", _home(info))


def _destination(url: str, info: ValidationInfo) -> str:
    # The neighbour's `allow_private` decides, also for the token URL, which lies in a table of its own.
    check_base_url(url, allow_private=bool(info.context and info.context["allow_private"]))
    return url


def _with_path(url: str) -> str:
    if not urlsplit(url).path:
        raise ValueError("A token_url names the path of the token endpoint.")
    return url


def check_key_set_url(url: str, *, allow_private: bool) -> None:
    """Check where a key set is: an origin that may be reached, and a path whose segments may begin with a dot.

    Raises:
        ValueError: as `adapters.addresses.check_base_url`, or a path we do not go to.

    """
    parts = urlsplit(url)
    check_base_url(f"{parts.scheme}://{parts.netloc}", allow_private=allow_private)
    if parts.query or parts.fragment or not _KEY_SET_PATH.fullmatch(parts.path) or "/.." in parts.path:
        raise ValueError("A jwks_url names the path of a key set, without query and fragment.")


def _key_set(url: str, info: ValidationInfo) -> str:
    check_key_set_url(url, allow_private=bool(info.context and info.context["allow_private"]))
    return url


_KEY_SET_PATH = re.compile(r"(/[A-Za-z0-9._~$-]+)+")

FilePath = Annotated[Path, PlainValidator(_path)]
"""A file named in a manifest, relative to the manifest's folder."""

Secret = Annotated[SecretRef, PlainValidator(_secret)]
"""A secret named in a manifest."""

Destination = Annotated[str, AfterValidator(_destination)]
"""A URL that we call; see `adapters.addresses.check_base_url`."""

TokenUrl = Annotated[Destination, AfterValidator(_with_path)]
"""Where tokens are fetched."""

KeySetUrl = Annotated[str, AfterValidator(_key_set)]
"""Where a client publishes its public keys."""

Basis = Literal[
    "STATUTE",
    "CONSENT",
    "ASSENT_PLUS_CONSENT",
    "BEST_INTEREST",
    "MANDATORY_REPORT",
    "COURT_ORDER",
    "VITAL_INTEREST",
]
"""What an agreement may rest on: a statute, or one of the canonical `ConsentBasis` codes."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
ClientId = Annotated[str, StringConstraints(pattern=f"^{CLIENT_ID.pattern}$")]
AgencyId = Annotated[str, StringConstraints(pattern=f"^{AGENCY.pattern}$")]
Scopes = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]+( [!#-\[\]-~]+)*$", max_length=2048)]
UrlPath = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9_$-][A-Za-z0-9._$-]*)+$", max_length=200)]
Day = Annotated[date, Field(strict=True)]
Seconds = Annotated[StrictFloat | StrictInt, Field(gt=0, le=300)]
PerSecond = Annotated[StrictFloat | StrictInt, Field(gt=0, le=1_000_000)]
