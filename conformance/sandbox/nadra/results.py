"""Writes the inner answers of the civil registry: results of the five operations, and the officer's news."""

import copy

from lxml import etree

from conformance.sandbox.agency import CannotAnswerError, Decision
from conformance.sandbox.nadra import register as birth_register
from conformance.sandbox.nadra.register import Register
from conformance.sandbox.nadra.rules import MESSAGES, BusinessError

MOST = 10
"""Records a search may return; more is code 902."""
REASONS = {
    "IDENTITY_NOT_FOUND": "901",
    "IDENTITY_MISMATCH": "905",
    "DUPLICATE": "175",
    "NOT_ELIGIBLE": "904",
    "INCOMPLETE": "910",
}
"""The officer's reasons and the codes that carry them; any other reason is 910."""


def document(code: str, transaction: str, *parts: etree._Element) -> str:
    """Write a CIVIL_REGISTRATION with RESPONSE_DATA, indented, without a declaration."""
    root = etree.Element("CIVIL_REGISTRATION", version="1.0")
    data = etree.SubElement(root, "RESPONSE_DATA")
    status = etree.SubElement(data, "RESPONSE_STATUS")
    etree.SubElement(status, "CODE").text = code
    etree.SubElement(status, "MESSAGE").text = MESSAGES.get(code, "unknown")
    etree.SubElement(data, "TRANSACTION_ID").text = transaction
    data.extend(parts)
    etree.indent(root, " ")
    return etree.tostring(root, encoding="unicode")


def result(register: Register, operation: str, data: etree._Element, n: int) -> str:
    """Answer one valid request; `n` counts the accepted documents. Raises `BusinessError`."""
    transaction = (data.findtext("TRANSACTION_ID") or "").strip()
    parts = {
        "GetBirthRegistration": lambda: _get(register, data),
        "SearchBirthRegistration": lambda: _search(register, data),
        "VerifyChildRegistration": lambda: _verify(register, data),
        "SubmitBirthNotification": lambda: [_notification(n)],
    }[operation]()
    return document("100", transaction, *parts)


def news(request: etree._Element, receipt: str, decision: Decision, reference: str, n: int) -> str:
    """Write the officer's answer to a notification.

    ACKNOWLEDGE gives the number again, ACCEPT the notified entry, COMPLETE the registered one with its
    certificate number, REJECT a code; raises `CannotAnswerError` for what a registry never says.
    """
    data = request.find("REQUEST_DATA")
    birth = None if data is None else data.find("BIRTH_REGISTRATION")
    if data is None or birth is None or decision.kind not in {"ACKNOWLEDGE", "ACCEPT", "COMPLETE", "REJECT"}:
        raise CannotAnswerError("a civil registry cannot give this answer")
    transaction = (data.findtext("TRANSACTION_ID") or "").strip()
    named = _element("REFERRAL_REF", reference)
    if decision.kind == "REJECT":
        return document(REASONS.get(decision.reason, "910"), transaction, named)
    number = etree.fromstring(receipt).findtext(".//NOTIFICATION_NUMBER") or ""
    parts = [named, _element("NOTIFICATION_NUMBER", number)]
    if decision.kind == "ACCEPT":
        parts.append(copy.deepcopy(birth))
    if decision.kind == "COMPLETE":
        parts.append(_registered(birth, data.findtext("AREA_NAME") or "punjab", decision.at, n))
    return document("100", transaction, *parts)


def _get(register: Register, data: etree._Element) -> list[etree._Element]:
    crms, child = (data.findtext(name) or "" for name in ("CRMS_NUMBER", "CHILD_NUMBER"))
    birth = register.by_number(crms.strip(), child)
    if birth is None:
        raise BusinessError("901")
    if birth.get("status") == "CANCELLED":
        raise BusinessError("903")
    return [birth]


def _search(register: Register, data: etree._Element) -> list[etree._Element]:
    first, last = (birth_register.read_date(data.findtext(name) or "") for name in ("DOB_FROM", "DOB_TO"))
    names = ("FATHER_ID", "MOTHER_ID", "MOTHER_NAME", "DISTRICT")
    keys = {name: data.findtext(name) or "" for name in names if data.find(name) is not None}
    births = register.search(data.findtext("CHILD_NAME") or "", first, last, keys)
    if not births:
        raise BusinessError("901")
    if len(births) > MOST:
        raise BusinessError("902")
    return births


def _verify(register: Register, data: etree._Element) -> list[etree._Element]:
    birth = register.by_number("", data.findtext("CHILD_NUMBER") or "")
    if birth is None:
        raise BusinessError("901")
    wanted = birth_register.read_date(data.findtext("DATE_OF_BIRTH") or "")
    match = etree.Element("MATCH")
    match.append(_element("CHILD_NUMBER", "YES"))
    match.append(_element("CHILD_NAME", birth_register.compare_names(birth, data.findtext("CHILD_NAME") or "")))
    match.append(_element("DATE_OF_BIRTH", birth_register.compare_dates(birth, wanted)))
    return [match]


def _notification(n: int) -> etree._Element:
    return _element("NOTIFICATION_NUMBER", f"BN-{99990000 + n:08d}")


def _registered(notified: etree._Element, area: str, at: str, n: int) -> etree._Element:
    birth = copy.deepcopy(notified)
    birth.set("status", "REGISTERED")
    for name in ("CRMS_NUMBER", "REGISTRATION_DATE"):
        for element in birth.findall(name):
            birth.remove(element)
    birth.insert(0, _element("CRMS_NUMBER", f"B999901-{at[2:4]}-{n:05d}"))
    if birth.find("OFFICE") is None:
        office = etree.SubElement(birth, "OFFICE")
        office.extend([_element("UNION_COUNCIL", "UC Farzi", "en"), _element("DISTRICT", "Farziabad", "en")])
        office.append(_element("AREA_NAME", area.upper()))
    if birth.find("APPLICANT") is None:
        applicant = etree.SubElement(birth, "APPLICANT")
        applicant.extend([_element("NAME", "Namuna Officer", "en"), _element("RELATION", "OTHER")])
    birth.append(_element("REGISTRATION_DATE", at[:10]))
    return birth


def _element(name: str, text: str, lang: str = "") -> etree._Element:
    element = etree.Element(name)
    element.text = text
    if lang:
        element.set("{http://www.w3.org/XML/1998/namespace}lang", lang)
    return element
