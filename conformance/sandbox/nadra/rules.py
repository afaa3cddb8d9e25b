"""Checks a civil registry request in the order in which the registry answers: its codes, then the schema."""

import hmac
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from conformance.sandbox.documents import schema_paths
from conformance.sandbox.nadra.register import BadDateError, digits, read_date

XSD = etree.XMLSchema(etree.parse(str(Path(__file__).parent / "civil_registration.xsd")))
MESSAGES = {
    "100": "successful",
    "104": "invalid session id",
    "106": "invalid franchisee id",
    "107": "invalid citizen number",
    "108": "service down",
    "109": "exception",
    "115": "invalid transaction id",
    "142": "cnic does not exist",
    "151": "no request found for citizen or transaction",
    "175": "transaction id already exist",
    "184": "invalid area name",
    "201": "session expired",
    "300": "not allowed after office hours and on holidays",
    "317": "total quota exhausted",
    "318": "daily quota exhausted",
    "901": "no registration found",
    "902": "too many candidates",
    "903": "registration cancelled",
    "904": "purpose or authority missing",
    "905": "mismatch",
    "906": "date of birth not usable",
    "908": "identifier type not supported",
    "910": "document invalid",
}
"""Codes of nadra.md 2.2 and 7.4 with their messages."""
AREAS = frozenset({"kpk", "fata", "punjab", "sindh", "islamabad", "gilgit_baltistan", "baluchistan", "azad_kashmir"})
DATES = ("DATE_OF_BIRTH", "DOB_FROM", "DOB_TO", "BIRTH_REGISTRATION/CHILD/DATE_OF_BIRTH")
NUMBERS = ("CHILD_NUMBER", "BIRTH_REGISTRATION/CHILD/CHILD_NUMBER")
CNIC_LIKE = frozenset({"CNIC", "NICOP", "POC", "CRC"})
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "GetBirthRegistration": (("CRMS_NUMBER", "CHILD_NUMBER"),),
    "SearchBirthRegistration": (
        ("CHILD_NAME",), ("DOB_FROM",), ("DOB_TO",), ("FATHER_ID", "MOTHER_ID", "MOTHER_NAME", "DISTRICT"),
    ),
    "VerifyChildRegistration": (("CHILD_NUMBER",), ("CHILD_NAME",), ("DATE_OF_BIRTH",)),
    "SubmitBirthNotification": (("BIRTH_REGISTRATION",),),
    "GetLastResult": (),
}  # fmt: skip
"""For each operation, what must stand in REQUEST_DATA: one of every group (nadra.md 7.2)."""
COUNTS: dict[str, dict[str, tuple[int, int]]] = {
    "CHILD": {
        "NAME": (1, 3), "GENDER": (1, 1), "DATE_OF_BIRTH": (1, 1), "CHILD_NUMBER": (0, 1),
        "PLACE_OF_BIRTH": (0, 1), "TWINS": (0, 1), "VACCINATED": (0, 1), "RELATION": (0, 2),
        "DISTRICT_OF_BIRTH": (0, 2), "RELIGION": (0, 2), "DISABILITY": (0, 2),
    },
    "FATHER": {"NAME": (0, 2), "ID": (0, 1), "NATIONALITY": (0, 1)},
    "MOTHER": {"NAME": (0, 2), "ID": (0, 1), "NATIONALITY": (0, 1)},
    "GRANDFATHER": {"NAME": (0, 2), "ID": (0, 1)},
    "GUARDIAN": {"NAME": (0, 2), "ID": (0, 1), "AUTHORITY": (0, 1), "ORDER_REF": (0, 1),
                 "ORDER_DATE": (0, 1)},
    "APPLICANT": {"NAME": (1, 2), "ID": (0, 1), "RELATION": (1, 1)},
    "OFFICE": {"UNION_COUNCIL": (1, 2), "UC_NUMBER": (0, 1), "TEHSIL": (0, 2), "DISTRICT": (1, 2),
               "AREA_NAME": (1, 1)},
    "BIRTH_REGISTRATION": {
        "CHILD": (1, 1), "FATHER": (1, 1), "MOTHER": (1, 1), "OFFICE": (0, 1), "APPLICANT": (0, 1),
        "GRANDFATHER": (0, 1), "GUARDIAN": (0, 1), "ADDRESS": (0, 1), "CRC": (0, 1),
        "REGISTRATION_DATE": (0, 1),
        "CRMS_NUMBER": (0, 1), "APPLICATION_DATE": (0, 1), "ISSUANCE_DATE": (0, 1), "REMARKS": (0, 1),
    },
}  # fmt: skip
"""How often an element may stand in its container: what the schema's free order cannot say."""


class BusinessError(Exception):
    """A business outcome other than success; `code` is one of `MESSAGES`."""

    def __init__(self, code: str) -> None:
        """Carry a code; the text is its fixed message."""
        super().__init__(MESSAGES.get(code, "unknown"))
        self.code = code


@dataclass(frozen=True, slots=True)
class User:
    """The credentials every request must hold in USER_VERIFICATION."""

    name: str
    password: str


def check(root: etree._Element, operation: str, user: User) -> etree._Element:
    """Check a whole request and give its REQUEST_DATA; raises `BusinessError` with its first fault."""
    data = root.find("REQUEST_DATA")
    if root.tag != "CIVIL_REGISTRATION" or data is None:
        raise BusinessError("910")
    _check_user(root, user)
    if not _is_transaction(data.findtext("TRANSACTION_ID")):
        raise BusinessError("115")
    if operation != "GetLastResult":
        _check_purpose(data)
    _check_numbers(data)
    _check_dates(data)
    if schema_paths(XSD, root) or not _complete(data, operation):
        raise BusinessError("910")
    return data


def _check_user(root: etree._Element, user: User) -> None:
    name = root.findtext("USER_VERIFICATION/USERNAME") or ""
    password = root.findtext("USER_VERIFICATION/PASSWORD") or ""
    right = hmac.compare_digest(name.encode(), user.name.encode())
    if not (hmac.compare_digest(password.encode(), user.password.encode()) and right):
        raise BusinessError("106")


def _is_transaction(text: str | None) -> bool:
    number = (text or "").strip()
    return len(number) == 19 and number.isascii() and number.isdigit()


def _check_purpose(data: etree._Element) -> None:
    if (data.findtext("AREA_NAME") or "").strip().lower() not in AREAS:
        raise BusinessError("184")
    if not (data.findtext("PURPOSE_CODE") or "").strip() or not (data.findtext("LEGAL_BASIS") or "").strip():
        raise BusinessError("904")


def _check_numbers(data: etree._Element) -> None:
    """Refuse numbers that cannot be citizens': 13 digits, the first 1 to 8, the last not 0 (nadra.md 7.6)."""
    numbers = [element.text or "" for path in NUMBERS for element in data.findall(path)]
    identifiers = [*data.iter("ID"), *data.iter("FATHER_ID"), *data.iter("MOTHER_ID")]
    numbers += [one.text or "" for one in identifiers if one.get("type", "CNIC") in CNIC_LIKE]
    for number in map(digits, numbers):
        if len(number) != 13 or not number.isdigit() or number[0] in "09" or number[-1] == "0":
            raise BusinessError("107")


def _check_dates(data: etree._Element) -> None:
    for path in DATES:
        for element in data.findall(path):
            try:
                read_date(element.text or "")
            except BadDateError:
                raise BusinessError("906") from None


def _complete(data: etree._Element, operation: str) -> bool:
    if not all(any(data.find(name) is not None for name in group) for group in NEEDS[operation]):
        return False
    birth = data.find("BIRTH_REGISTRATION")
    if birth is None:
        return True
    if operation != "SubmitBirthNotification" or birth.get("status") != "NOTIFIED":
        return False
    containers = [birth, *(element for element in birth if element.tag in COUNTS)]
    return all(_counted(container) for container in containers)


def _counted(container: etree._Element) -> bool:
    limits = COUNTS[str(container.tag)]
    return all(least <= len(container.findall(name)) <= most for name, (least, most) in limits.items())
