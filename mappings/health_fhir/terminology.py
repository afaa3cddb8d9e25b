"""Clinical codes under the URI they are sent with (formats/health.md 3).

The same letters mean different things in different editions: T76 is "unspecified effects" for WHO and "child abuse,
suspected" in the US edition. A code is judged by its system alone; a US code under WHO's URI is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding, Severity
from mappings.fhir_r4.walk import Place, codings
from mappings.health_fhir import systems

_WHO = re.compile(r"^[A-Z]\d{2}(\.\d{1,2})?$")
_WHO_MALTREATMENT = re.compile(r"^(T74(\.[012389])?|Y0[67](\.\d)?|Z04(\.[0-689])?)$")
"""The categories of WHO's ICD-10 that a US code is most easily mistaken for, as far as WHO's edition has them."""
_CM = re.compile(r"^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$")
_SNOMED = re.compile(r"^[1-9]\d{5,17}$")

_D5 = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_P8 = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def verhoeff(number: str) -> bool:
    """Tell whether the last digit of a SNOMED CT identifier is its check digit (Verhoeff's dihedral scheme)."""
    check = 0
    for position, digit in enumerate(reversed(number)):
        check = int(_D5[check][int(_P8[position % 8][int(digit)])])
    return check == 0


def says_suspected(coding: dict[str, Any]) -> bool:
    """Tell whether a foreign coding itself says that maltreatment is suspected only: ICD-10-CM T76."""
    return coding.get("system") == systems.ICD_10_CM and str(coding.get("code", "")).startswith("T76")


def check_codes(walk: list[Place]) -> Iterator[Finding]:
    """Yield codings that their system does not know or that mean something else in it."""
    for place in walk:
        for index, coding in enumerate(codings(place.value)):
            yield from _judge(
                str(coding.get("system", "")), str(coding.get("code", "")), f"{place.pointer}/coding/{index}"
            )


def _judge(system: str, code: str, pointer: str) -> Iterator[Finding]:
    if system == systems.ICD_10:
        if code.startswith("T76"):
            yield Finding("FHIR_NOT_MALTREATMENT", f"{pointer}/code")
        elif not _WHO.match(code) or (_look_alike(code) and not _WHO_MALTREATMENT.match(code)):
            yield Finding("FHIR_WRONG_EDITION", f"{pointer}/code")
    elif system == systems.ICD_10_CM and not _CM.match(code):
        yield Finding("FHIR_WRONG_EDITION", f"{pointer}/code")
    elif system == systems.SNOMED and not (_SNOMED.match(code) and verhoeff(code)):
        yield Finding("FHIR_CHECK_DIGIT", f"{pointer}/code", Severity.WARNING)


def _look_alike(code: str) -> bool:
    return code[:3] in ("T74", "Y06", "Y07", "Z04")
