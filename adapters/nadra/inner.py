"""The inner document, CIVIL_REGISTRATION: what the door adds to a request and reads of an answer.

Everything else in it is words, and the mapping's business.
"""

import re
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from adapters.hardened_xml import XmlError, parse
from adapters.peers import reference

ROOT = "CIVIL_REGISTRATION"
_ANSWERS = frozenset({ROOT, "VERIFICATION"})
_ASKED_AGAIN = ("TRANSACTION_ID", "SESSION_ID", "AREA_NAME", "PURPOSE_CODE", "LEGAL_BASIS", "CHILD_NUMBER")


@dataclass(frozen=True, slots=True)
class Credentials:
    """USER_VERIFICATION of every request."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class InnerAnswer:
    """An answer: its CODE ("" if none), the transaction it names, a notification number, its plain bytes."""

    code: str
    transaction: str | None
    notification: str | None
    document: bytes = field(repr=False)


class Request:
    """A request of ours, ready to be signed with credentials.

    Raises:
        XmlError: not a CIVIL_REGISTRATION with REQUEST_DATA and a TRANSACTION_ID of 19 digits.

    """

    def __init__(self, body: bytes) -> None:
        root = parse(body)
        data = root.find("REQUEST_DATA")
        transaction = (root.findtext("REQUEST_DATA/TRANSACTION_ID") or "").strip()
        if root.tag != ROOT or data is None or not re.fullmatch(r"[0-9]{19}", transaction):
            raise XmlError("The document is no request to the civil registry.")
        self.transaction = transaction
        self._root = root
        self._data = data

    def signed(self, credentials: Credentials) -> str:
        """Return the document with USER_VERIFICATION as its first element."""
        root = deepcopy(self._root)
        for old in root.findall("USER_VERIFICATION"):
            root.remove(old)
        user = etree.Element("USER_VERIFICATION")
        etree.SubElement(user, "USERNAME").text = credentials.username
        etree.SubElement(user, "PASSWORD").text = credentials.password
        root.insert(0, user)
        return etree.tostring(root, encoding="unicode")

    def without_session(self) -> "Request":
        """Return the same request with an empty SESSION_ID: the registry opens a new session for it."""
        again = deepcopy(self._root)
        for session in again.iterfind("REQUEST_DATA/SESSION_ID"):
            session.text = None
        return Request(etree.tostring(again))

    def last_result(self) -> "Request":
        """Return the GetLastResult that asks for this transaction's stored answer."""
        root = etree.Element(ROOT)
        data = etree.SubElement(root, "REQUEST_DATA")
        for name in _ASKED_AGAIN:
            found = self._data.find(name)
            if found is not None:
                etree.SubElement(data, name).text = found.text
        return Request(etree.tostring(root))


def read_answer(document: bytes | str) -> InnerAnswer | None:
    """Read an answer; None if it is not one."""
    try:
        root = parse(document)
    except XmlError:
        return None
    data = root.find("RESPONSE_DATA")
    if root.tag not in _ANSWERS or data is None:
        return None
    return InnerAnswer(
        code=(data.findtext("RESPONSE_STATUS/CODE") or "").strip(),
        transaction=(data.findtext("TRANSACTION_ID") or "").strip() or None,
        notification=reference((root.findtext(".//NOTIFICATION_NUMBER") or "").strip()),
        document=etree.tostring(root, encoding="UTF-8"),
    )
