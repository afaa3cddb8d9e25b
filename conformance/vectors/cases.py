"""Reads the vectors of one format: `vectors/<format>/cases.toml` and the documents beside it.

media_type = "application/vnd.raabta.sis+json"   # of this format
sender = "school"                                # whose token a document of this format comes with
[[case]]
requirement = "R-03"
why = "an unknown sex is not a sex"
document = "enrolment.json"                      # a document of this format, or a folder to be packed: it is read
replace = [['"sex": "F"', '"sex": "Q"']]         # edits of the document, each must be found
refused = "/sex"                                 # refused, and the refusal names a place that ends so
[[case]]
requirement = "W-03"
why = "every sex has its letter"
write = "referral.json"                          # a canonical document: it is written in this format
put = ['"sex": "MALE"', '"sex": "{}"']           # one case for each pair of codes
codes = { MALE = "M", FEMALE = "F" }
at = "/student/sex"                              # where the second of a pair must stand
expected = { "/priority" = "HIGH" }              # path to value, see `conformance.vectors.paths`
absent = ["/student/name_ur"]                    # paths that must not be there
without = ["CONF-NARRATIVE"]                     # texts that must stand nowhere
"""

import io
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DEEP = 80
"""Levels of the nesting that `{deep}` in an edit stands for."""
FORMATS = ("nadra_crms", "police_fir", "police_psrms", "health_fhir", "school_sis")
_BETWEEN = b"\x00"
OTHERS = ("school_oneroster", "crvs_dci")
"""Formats with vectors of their own requirements only."""


class VectorError(Exception):
    """A vector cannot be used; the text names it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One vector, ready to be sent: `body` goes in as `sent_as`, and comes back as `wanted_as`."""

    requirement: str
    format: str
    why: str
    body: bytes
    sent_as: str
    wanted_as: str
    sender: str
    writes: bool
    expected: dict[str, Any] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    refused: str | None = None
    """Where a refusal must point to ("" anywhere); None: it must be accepted."""
    warned: str | None = None
    """A place that the account of the translation must name as not carried."""
    hostile: bool = False


@cache
def cases(name: str) -> tuple[Case, ...]:
    """Read all vectors of a format."""
    folder = HERE / name
    whole = tomllib.loads((folder / "cases.toml").read_text(encoding="utf-8"))
    found: list[Case] = []
    for row in whole["case"]:
        found += _expanded(_case(name, folder, whole, row), row)
    return tuple(found)


def of(requirement: str, name: str) -> list[Case]:
    """Pick the vectors of one requirement in one format; raises `VectorError` when there are none."""
    found = [each for each in cases(name) if each.requirement == requirement]
    if not found:
        raise VectorError(f"there is no vector of {requirement} in {name}")
    return found


def _case(name: str, folder: Path, whole: dict[str, Any], row: dict[str, Any]) -> Case:
    writes = "write" in row
    media_type = row.get("media_type", whole["media_type"])
    file = folder / row["document"] if not writes else HERE / "canonical" / row["write"]
    body = _package(file, row) if file.is_dir() else _edited(file.read_bytes(), row)
    body = body.replace(b"{deep}", b"[" * DEEP + b"]" * DEEP)
    body = _recoded(body, row.get("encoding", "utf-8"))
    return Case(
        requirement=row["requirement"],
        format=name,
        why=row["why"],
        body=body,
        sent_as="application/json" if writes else media_type,
        wanted_as=media_type if writes else "application/json",
        sender="welfare" if writes else whole["sender"],
        writes=writes,
        expected=dict(row.get("expected", {})),
        absent=tuple(row.get("absent", ())),
        without=tuple(row.get("without", ())),
        refused=row.get("refused"),
        warned=row.get("warned"),
        hostile=row.get("hostile", False),
    )


def _edited(body: bytes, row: dict[str, Any]) -> bytes:
    for old, new in row.get("replace", []):
        if old.encode() not in body:
            raise VectorError(f"{row['requirement']}, {row['why']}: {old!r} is not in the document")
        body = body.replace(old.encode(), new.encode())
    return body


def _package(folder: Path, row: dict[str, Any]) -> bytes:
    """Pack the files of a folder; each edit must be found in one of them."""
    names = sorted(one.name for one in folder.iterdir())
    whole = _edited(_BETWEEN.join((folder / name).read_bytes() for name in names), row)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in zip(names, whole.split(_BETWEEN), strict=True):
            made.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _recoded(body: bytes, encoding: str) -> bytes:
    if encoding == "broken":
        return body.replace(b"Conf", b"Co\xff\xfe", 1)
    return body if encoding == "utf-8" else body.decode("utf-8").encode(encoding)


def _expanded(case: Case, row: dict[str, Any]) -> Iterator[Case]:
    """Make one case for each pair of codes, or the case itself."""
    if "codes" not in row:
        yield case
        return
    old, new = row["put"]
    if old.encode() not in case.body:
        raise VectorError(f"{case.format}, {case.requirement}: {old!r} is not in the document")
    for given, wanted in row["codes"].items():
        body = case.body.replace(old.encode(), new.replace("{}", given).encode())
        yield replace(case, body=body, expected={**case.expected, row["at"]: wanted}, why=f"{case.why} ({given})")
