"""The civil registry's one address: five operations, business outcomes as codes in HTTP 200."""

import uuid
from pathlib import Path

from fastapi import APIRouter
from lxml import etree

from conformance.sandbox.agency import Answer, Decision, Letter, RefusedError, Visit, phrase
from conformance.sandbox.documents import MalformedError, read_xml
from conformance.sandbox.endpoint import accept, endpoint
from conformance.sandbox.nadra import results, soap
from conformance.sandbox.nadra.register import Register, digits
from conformance.sandbox.nadra.rules import BusinessError, User, check
from conformance.sandbox.nadra.soap import SOAP_TYPES, Call, SoapFaultError
from conformance.sandbox.seeded import population
from conformance.sandbox.settings import AgencySettings
from conformance.sandbox.store import Document, Effect, Store

MEDIA_TYPE = "application/vnd.raabta.crms+xml"
PLAIN_TYPES = frozenset({"application/xml", MEDIA_TYPE})


def make(settings: AgencySettings, store: Store) -> "Nadra":
    """Make the agency over its store."""
    return Nadra(settings, store)


class Nadra:
    """A civil registry."""

    scope = "crms.read crms.notify"
    limit = 256 * 1024
    open_paths: frozenset[str] = frozenset()
    answerable = frozenset({"SubmitBirthNotification"})

    def __init__(self, settings: AgencySettings, store: Store) -> None:
        """Receive into `store`; births come from the folder `births` and from the seed."""
        self.name = settings.name
        self._store = store
        self._user = User(settings.username, settings.password)
        self._register = Register(Path(__file__).parent, population(settings.seed).children)

    def router(self) -> APIRouter:
        """Make the one route."""
        routes = APIRouter()
        routes.add_api_route("/nadra/crms/v1/soap", endpoint(self, self.call), methods=["POST"])
        return routes

    def call(self, visit: Visit) -> Answer:
        """Serve one call in either style; SOAP Faults only for what nadra.md 7.1 names."""
        if visit.content_type not in SOAP_TYPES | PLAIN_TYPES:
            raise RefusedError(self.refusal(415))
        try:
            call = soap.read_call(visit.body, visit.content_type, visit.headers.get("soapaction", ""))
            return self._serve(visit, call)
        except SoapFaultError as error:
            raise RefusedError(soap.fault("CALL", str(error), side=error.side)) from None

    def refusal(self, status: int) -> Answer:
        """Write a refusal as a SOAP Fault; a body that is too large is one with HTTP 500 (nadra.md 7.1)."""
        side = "Server" if status >= 500 else "Client"
        return soap.fault(f"HTTP_{status}", phrase(status), 500 if status == 413 else status, side)

    def read_letter(self, body: bytes, media_type: str) -> Letter:
        """Find the TRANSACTION_ID of a record to submit."""
        try:
            known = (read_xml(body).findtext(".//TRANSACTION_ID") or "").strip()
        except MalformedError:
            known = ""
        return Letter(known or str(uuid.uuid4()), media_type, body)

    def reply(self, effect: Effect, decision: Decision) -> Letter:
        """Write the news about a notification as the registry's own answer document."""
        call = soap.read_call(effect.body, effect.content_type, f"{soap.NS}/{effect.operation}")
        text = results.news(read_xml(call.inner), effect.receipt, decision, effect.reference, effect.n)
        return Letter(decision.message_id, MEDIA_TYPE, text.encode(), effect.reference)

    def media_type(self, sample: Path) -> str:
        """Everything is CIVIL_REGISTRATION XML."""
        return MEDIA_TYPE

    def _serve(self, visit: Visit, call: Call) -> Answer:
        transaction = ""
        try:
            root = _inner(call)
            transaction = (root.findtext("REQUEST_DATA/TRANSACTION_ID") or "").strip()
            _raise_planned(visit)
            data = check(root, call.operation, self._user)
            visit.message_id = transaction
            if call.operation == "GetLastResult":
                return soap.answer(call, self._last(transaction, data))
            return soap.answer(call, self._accept(visit, call, root, data))
        except BusinessError as business:
            outcome = f"fault:{visit.fault}" if visit.fault.kind == "code" else "invalid"
            refusal = soap.answer(call, results.document(business.code, transaction))
            raise RefusedError(refusal, "read" if business.code in {"151", "901", "902", "903"} else outcome) from None

    def _accept(self, visit: Visit, call: Call, root: etree._Element, data: etree._Element) -> str:
        reference = (data.findtext("REFERRAL_REF") or "").strip() or visit.headers.get("x-correlation-id", "")
        document = Document(
            visit.message_id, call.operation, visit.content_type, visit.body, reference,
            compared=call.operation.encode() + etree.tostring(root, method="c14n"),
        )  # fmt: skip
        effect, _ = accept(
            self._store,
            visit,
            document,
            lambda n, _at: results.result(self._register, call.operation, data, n),
            soap.answer(call, results.document("175", visit.message_id)),
        )
        return effect.receipt

    def _last(self, transaction: str, data: etree._Element) -> str:
        effect = self._store.effect(transaction)
        child = digits(data.findtext("CHILD_NUMBER") or "")
        if effect is None or child not in digits(effect.body.decode("utf-8", "replace")):
            raise BusinessError("151")
        return effect.receipt


def _raise_planned(visit: Visit) -> None:
    """Answer with the planned code, as a registry does after office hours or out of quota."""
    if visit.fault.kind == "code":
        raise BusinessError(f"{int(visit.fault.number or 0):03d}")


def _inner(call: Call) -> etree._Element:
    """Parse the inner document: broken is code 910, a DTD is a Fault (nadra.md test 20)."""
    if b"<!DOCTYPE" in call.inner or b"<!ENTITY" in call.inner:
        raise SoapFaultError("a document type declaration is not allowed")
    try:
        return read_xml(call.inner)
    except MalformedError as error:
        if not call.legacy:
            raise SoapFaultError(str(error)) from None
        raise BusinessError("910") from None
