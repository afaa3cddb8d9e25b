"""The civil register page's documents (formats/nadra.md 9), and canonical values to write. All people are invented."""

from __future__ import annotations

from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from mappings.engine.errors import Refusal
from mappings.engine.lineage import Translation
from mappings.engine.load import load
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.referral import Record, Referral

ROOT = "/CIVIL_REGISTRATION"
BIRTH = f"{ROOT}/RESPONSE_DATA[1]/BIRTH_REGISTRATION[1]"
NOTIFIED = f"{ROOT}/REQUEST_DATA[1]/BIRTH_REGISTRATION[1]"
MESSAGE_ID = "00000000-0000-4000-8000-0000000000c1"

D1_INNER = """<CIVIL_REGISTRATION>
  <USER_VERIFICATION><USERNAME>gateway_test</USERNAME><PASSWORD>not-a-password</PASSWORD></USER_VERIFICATION>
  <REQUEST_DATA>
   <TRANSACTION_ID>9901003999900000172</TRANSACTION_ID><SESSION_ID></SESSION_ID>
   <CRMS_NUMBER>B999901-16-00017</CRMS_NUMBER><AREA_NAME>punjab</AREA_NAME>
   <PURPOSE_CODE>CHILD_PROTECTION_REFERRAL</PURPOSE_CODE><LEGAL_BASIS>TEST-ORDER-0001</LEGAL_BASIS>
  </REQUEST_DATA>
</CIVIL_REGISTRATION>"""
D1 = f"""<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:raabta:nadra-crms:1">
 <soapenv:Body><c:GetBirthRegistration><c:franchizeID>9901</c:franchizeID>\
<c:xml_request_data><![CDATA[{D1_INNER}]]></c:xml_request_data></c:GetBirthRegistration></soapenv:Body>
</soapenv:Envelope>"""

CHILD = (
    '<CHILD><CHILD_NUMBER>3999900000134</CHILD_NUMBER><NAME xml:lang="ur">زرمینہ آزمائشی</NAME>'
    '<NAME xml:lang="en">Zarmina Azmaishi</NAME><GENDER>FEMALE</GENDER>'
    '<DATE_OF_BIRTH precision="DAY">7-3-2016</DATE_OF_BIRTH>'
    '<PLACE_OF_BIRTH name="Farzi Test Hospital">HOSPITAL</PLACE_OF_BIRTH>'
    '<DISTRICT_OF_BIRTH xml:lang="ur">فرضی آباد</DISTRICT_OF_BIRTH><TWINS>NO</TWINS></CHILD>'
)
FATHER = (
    '<FATHER status="DECLARED"><NAME xml:lang="ur">گلریز آزمائشی</NAME><NAME xml:lang="en">Gulrez Azmaishi</NAME>'
    '<ID type="CNIC">3999900000111</ID><NATIONALITY>PAK</NATIONALITY></FATHER>'
)
MOTHER = (
    '<MOTHER status="DECLARED"><NAME xml:lang="ur">نازو آزمائشی</NAME><ID type="CNIC">3999900000122</ID>'
    "<NATIONALITY>PAK</NATIONALITY></MOTHER>"
)
OFFICE = (
    '<OFFICE><UNION_COUNCIL xml:lang="ur">یونین کونسل فرضی</UNION_COUNCIL><UNION_COUNCIL xml:lang="en">UC Farzi'
    '</UNION_COUNCIL><UC_NUMBER>99</UC_NUMBER><DISTRICT xml:lang="ur">فرضی آباد</DISTRICT>'
    '<DISTRICT xml:lang="en">Farziabad</DISTRICT><AREA_NAME>PUNJAB</AREA_NAME></OFFICE>'
)
APPLICANT = (
    '<APPLICANT><NAME xml:lang="ur">گلریز آزمائشی</NAME><ID type="CNIC">3999900000111</ID>'
    "<RELATION>FATHER</RELATION></APPLICANT>"
)
DATES = (
    "<REGISTRATION_DATE>2016-04-11</REGISTRATION_DATE><ISSUANCE_DATE>2024-02-05</ISSUANCE_DATE>"
    '<CRC stage="UNDER_10"><ISSUE_DATE>2024-02-12</ISSUE_DATE><EXPIRY_DATE>2026-03-07</EXPIRY_DATE></CRC>'
)
NUMBERS = "<CRMS_NUMBER>B999901-16-00017</CRMS_NUMBER><BARCODE_NUMBER>0000000017</BARCODE_NUMBER>"
STATUS = "<RESPONSE_STATUS><CODE>100</CODE><MESSAGE>successful</MESSAGE></RESPONSE_STATUS>"
IDS = "<SESSION_ID>9901000000000000555</SESSION_ID><TRANSACTION_ID>9901003999900000172</TRANSACTION_ID>"
REGISTRATION = NUMBERS + OFFICE + APPLICANT + CHILD + FATHER + MOTHER + DATES

D3 = """<CIVIL_REGISTRATION version="1.0"><RESPONSE_DATA>
 <RESPONSE_STATUS><CODE>100</CODE><MESSAGE>successful</MESSAGE></RESPONSE_STATUS>
 <TRANSACTION_ID>9901000000000000031</TRANSACTION_ID>
 <BIRTH_REGISTRATION status="REGISTERED" kind="ABANDONED">
  <CRMS_NUMBER>B499902-21-00003</CRMS_NUMBER><OLD_REGISTRATION_NUMBER>TEST/77</OLD_REGISTRATION_NUMBER>
  <OFFICE><UNION_COUNCIL xml:lang="en">UC Namuna</UNION_COUNCIL><DISTRICT xml:lang="en">Namunapur</DISTRICT>
  <AREA_NAME>SINDH</AREA_NAME></OFFICE>
  <APPLICANT><NAME xml:lang="en">Head, Example Children's Home</NAME><ID type="CNIC">4999900000411</ID>
  <RELATION>INSTITUTION_HEAD</RELATION></APPLICANT>
  <CHILD><NAME xml:lang="ur">نمونہ خان</NAME><NAME xml:lang="en">Namoona Khan</NAME><GENDER>MALE</GENDER>
  <DATE_OF_BIRTH precision="YEAR">2017</DATE_OF_BIRTH><PLACE_OF_BIRTH>OTHER</PLACE_OF_BIRTH></CHILD>
  <FATHER status="ASSIGNED"><NAME xml:lang="ur">فرضی نام</NAME></FATHER>
  <MOTHER status="UNKNOWN"/>
  <GUARDIAN><NAME xml:lang="en">Head, Example Children's Home</NAME><ID type="CNIC">4999900000411</ID>
  <AUTHORITY>ORPHANAGE_HEAD</AUTHORITY><ORDER_REF>TEST-AFFIDAVIT-9</ORDER_REF>
  <ORDER_DATE>2021-05-20</ORDER_DATE></GUARDIAN>
  <REGISTRATION_DATE>2021-06-02</REGISTRATION_DATE>
  <REMARKS>Found child; no parental particulars (synthetic record)</REMARKS>
 </BIRTH_REGISTRATION>
</RESPONSE_DATA></CIVIL_REGISTRATION>"""


@cache
def crms() -> Mapping:
    """Return the mapping under test."""
    return load("mappings.nadra_crms")


def birth(content: str = REGISTRATION, *, status: str = "REGISTERED", kind: str = "NORMAL") -> str:
    """Return a BIRTH_REGISTRATION."""
    return f'<BIRTH_REGISTRATION status="{status}" kind="{kind}">{content}</BIRTH_REGISTRATION>'


def response(*parts: str) -> str:
    """Return an answer of the register with these parts of RESPONSE_DATA."""
    return f'<CIVIL_REGISTRATION version="1.0"><RESPONSE_DATA>{"".join(parts)}</RESPONSE_DATA></CIVIL_REGISTRATION>'


def d2(*changes: tuple[str, str]) -> str:
    """Return the plain document D2 with texts replaced; each must stand in it."""
    text = response(STATUS, IDS, birth())
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def legacy(inner: str, operation: str = "GetBirthRegistration", *, soap: str = "soap/envelope/") -> str:
    """Return an answer as the real service wraps it: escaped, utf-16 declared, lines ended by ``&#xD;``."""
    lines = f'<?xml version="1.0" encoding="utf-16"?>\n{inner}'.replace("><", ">\n<")
    namespace = "http://www.w3.org/2003/05/soap-envelope" if soap == "1.2" else f"http://schemas.xmlsoap.org/{soap}"
    body = escape(lines).replace("\n", "&#xD;\n")
    return (
        f'<s:Envelope xmlns:s="{namespace}"><s:Body><{operation}Response xmlns="urn:raabta:nadra-crms:1">'
        f"<{operation}Result>{body}</{operation}Result></{operation}Response></s:Body></s:Envelope>"
    )


def answer(code: str, *parts: str) -> str:
    """Return an answer without an entry."""
    status = f"<RESPONSE_STATUS><CODE>{code}</CODE><MESSAGE>as the register says</MESSAGE></RESPONSE_STATUS>"
    return response(status, "<TRANSACTION_ID>9901000000000000099</TRANSACTION_ID>", *parts)


def read(text: str | bytes) -> Translation[Value]:
    """Return the one translation of a document."""
    (translation,) = crms().read(text if isinstance(text, bytes) else text.encode())
    return translation


def tree(text: str | bytes) -> dict[str, Any]:
    """Return a document's canonical tree."""
    return canonical(read(text).value)


def refused(text: str | bytes) -> set[tuple[str, str]]:
    """Return the code and path of every finding of a document that is refused."""
    try:
        crms().read(text if isinstance(text, bytes) else text.encode())
    except Refusal as refusal:
        return {(f.code, f.path) for f in refusal.findings}
    raise AssertionError("the document was read")


def warnings(text: str | bytes) -> list[tuple[str, str]]:
    """Return the code and path of every warning about a document."""
    return [(f.code, f.path) for f in read(text).warnings]


def written(value: Value) -> str:
    """Return a value as the register's document."""
    return crms().write(value).value.decode()


def not_written(value: Value) -> set[tuple[str, str, str]]:
    """Return the code, path and leaf of every reason why a value cannot be written."""
    try:
        crms().write(value)
    except Refusal as refusal:
        return {(f.code, f.path, f.ours) for f in refusal.findings}
    raise AssertionError("the value was written")


def referral(**changes: Any) -> Referral:
    """Return a referral to the register for an unregistered boy, with sections replaced (None takes one out)."""
    sections: dict[str, Any] = {
        "message_id": MESSAGE_ID,
        "ref": "R-2026-0001",
        "requested": {"service": "CIVIL_REGISTRATION", "action": "REGISTER"},
        "child": {
            "name": "Bilal Namuna",
            "sex": "MALE",
            "birth_date": "2019-11-02",
            "location": {"province": "SD"},
        },
        "persons": [
            {"relation": "FATHER", "status": "UNKNOWN"},
            {"relation": "MOTHER", "status": "DECLARED", "name": "Shirin Namuna"},
        ],
        "consent": {"basis": "BEST_INTEREST"},
    }
    merged = {**sections, **changes}
    return Referral.model_validate({key: value for key, value in merged.items() if value is not None})


def lookup(identifiers: list[dict[str, str]], **changes: Any) -> Referral:
    """Return a referral that asks the register for an entry."""
    return referral(
        requested={"service": "CIVIL_REGISTRATION", "action": "LOOK_UP"},
        child={"identifiers": identifiers, "location": {"province": "PB"}},
        persons=None,
        **changes,
    )


def record(**changes: Any) -> Record:
    """Return the record of D2 with top-level sections replaced."""
    return Record.model_validate({**tree(d2()), **changes})
