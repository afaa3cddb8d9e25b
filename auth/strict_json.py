"""One strict reading of a JSON object (RFC 8259, RFC 7493): members are unique, numbers are finite, text is UTF-8.

The door's documents are read by `mappings`, which this package does not know; credentials and key sets are read here.
"""

import json


class RepeatedMemberError(ValueError):
    """A JSON object names a member twice."""


def read_object(raw: bytes) -> dict[str, object]:
    """Return the object that `raw` is.

    Raises:
        RepeatedMemberError: a member is named twice, at any depth.
        ValueError: not UTF-8, not JSON, no object, `NaN` or `Infinity`, or nested beyond Python's limit.

    """
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("The JSON is nested too deeply.") from error
    if not isinstance(value, dict):
        raise ValueError("The JSON is no object.")  # noqa: TRY004 - the text is wrong, not a type of ours
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RepeatedMemberError
    return members


def _no_constant(_: str) -> object:
    raise ValueError("NaN and Infinity are not JSON.")
