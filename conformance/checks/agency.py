"""RCV: what an agency does with what a gateway sends."""

from __future__ import annotations

import httpx

from conformance.checking import check
from conformance.checks.answers import as_json, clean, status
from conformance.checks.parcels import EDITS, parcel, posted, receipt, said_yes
from conformance.findings import BesideTheCaseError, NotMetError, expect
from conformance.profiles.catalogue import profiles
from conformance.sandbox.settings import ASSERTION, BASIC, Login
from conformance.target import Target
from conformance.tokens import client_assertion
from conformance.vectors.marks import DEEP

XML = {"nadra", "police"}


def accepted(target: Target, answer: httpx.Response, of: str) -> None:
    """Demand that a document was accepted."""
    expect(said_yes(target, answer), f"{of}: expected an acceptance with a receipt, got {answer.status_code}")


def refused(target: Target, answer: httpx.Response, of: str) -> None:
    """Demand that a document was refused, in whatever way its kind refuses."""
    expect(not said_yes(target, answer), f"{of} was accepted")
    fault = "xml" in answer.headers.get("content-type", "")
    expect(answer.status_code < 500 or fault, f"{of} was answered with {answer.status_code}")


@check("RCV-01")
def no_token(target: Target) -> None:
    """Without a valid token nothing is taken."""
    sent = parcel(target, target.children.new())
    path = profiles()[target.profile].path
    for authorization in (None, "Bearer conf-not-a-token"):
        headers = {**sent.headers, **({"Authorization": authorization} if authorization else {})}
        answer = target.send("POST", path, content=sent.body, headers=headers)
        status(answer, 401, of="a document without a valid token")
        expect(answer.headers.get("www-authenticate"), "a 401 needs WWW-Authenticate")
    accepted(target, posted(target, sent), "the same document with a token")


@check("RCV-02")
def logins(target: Target) -> None:
    """The agreed login gets a token, a wrong one gets invalid_client."""
    login = target.login("gateway")
    status(target.log_in(login), 200, of="the agreed login")
    wrong = Login(login.gateway, login.client_id, BASIC, secret="conf-wrong")  # noqa: S106 - invented
    answer = target.log_in(wrong)
    status(answer, 400, 401, of="a wrong login")
    expect(as_json(answer).get("error") == "invalid_client", "a wrong login must be invalid_client")


@check("RCV-03")
def assertion_once(target: Target) -> None:
    """A client assertion counts once."""
    login = target.login("gateway")
    if login.method != ASSERTION:
        raise BesideTheCaseError("The agreed login is a secret: there is no assertion.")
    once = client_assertion(login)
    status(target.log_in(login, client_assertion=once), 200, of="a fresh client assertion")
    status(target.log_in(login, client_assertion=once), 400, 401, of="a used client assertion")


@check("RCV-04")
def valid(target: Target) -> None:
    """A valid document is accepted with a receipt."""
    accepted(target, posted(target, parcel(target, target.children.new())), "a valid document")


@check("RCV-05")
def again(target: Target) -> None:
    """The same message again has no second effect."""
    sent = parcel(target, target.children.new())
    first = posted(target, sent)
    accepted(target, first, "a valid document")
    second = posted(target, sent)
    duplicate = second.status_code == 409 and "duplicate" in second.text.lower()
    expect(duplicate or said_yes(target, second), f"the same message again was answered with {second.status_code}")
    if not duplicate:
        expect(receipt(second) == receipt(first), "the same message again got another receipt: it was acted on twice")


@check("RCV-06")
def other_body(target: Target) -> None:
    """One message id, another document: refused."""
    child = target.children.new()
    sent = parcel(target, child)
    accepted(target, posted(target, sent), "a valid document")
    changed = sent.edited(child.name, f"{child.tag} Digar")
    refused(target, posted(target, changed), "another document under a used message id")


@check("RCV-07")
def missing(target: Target) -> None:
    """What lacks something mandatory is refused."""
    pattern, new = EDITS[target.profile]["missing"]
    sent = parcel(target, target.children.new()).edited(pattern, new)
    refused(target, posted(target, sent), "a document that lacks something mandatory")


@check("RCV-08")
def unknown_code(target: Target) -> None:
    """A code nobody knows is refused."""
    pattern, new = EDITS[target.profile]["code"]
    sent = parcel(target, target.children.new()).edited(pattern, new)
    refused(target, posted(target, sent), "a document with a code nobody knows")


@check("RCV-09", hostile=True)
def hostile(target: Target) -> None:
    """A document type, or nesting without end, is refused."""
    child = target.children.new()
    sent = parcel(target, child)
    if target.profile in XML:
        kind = '<!DOCTYPE x [<!ENTITY e SYSTEM "http://conf.invalid/">]><'
        sent = sent.edited(r"<(?=FIRDocument|CIVIL_REG)", kind).edited(child.name, "&e;")
    else:
        sent = sent.edited(r'"name": |"person_name": |"text": ', f'"conf": {DEEP}, "name": ')
    refused(target, posted(target, sent), "a hostile document")


@check("RCV-10")
def wrong_envelope(target: Target) -> None:
    """A media type that is not taken is 415; what is too large is refused."""
    sent = parcel(target, target.children.new())
    answer = posted(target, sent, **{"Content-Type": "text/conf"})
    status(answer, 415, of="a media type nobody takes")
    large = sent.edited(r"\s|>", " " * 3_000_000)
    refused(target, posted(target, large), "a document of three million octets")


@check("RCV-11")
def nothing_repeated(target: Target) -> None:
    """A refusal repeats no value and shows nothing of the inside."""
    child = target.children.new()
    for kind in ("missing", "code"):
        pattern, new = EDITS[target.profile][kind]
        answer = posted(target, parcel(target, child).edited(pattern, new))
        expect(child.tag not in answer.text, "a refusal repeats the child's name")
        clean(answer, "a refusal")


@check("RCV-12")
def every_letter(target: Target) -> None:
    """Urdu, quotes and characters that mean something elsewhere are accepted."""
    for name in ("کانف زہرہ", 'Conf "Bibi" O\'Conf', "Conf & Conf < Conf"):
        answer = posted(target, parcel(target, target.children.new(), name))
        accepted(target, answer, f"a child called {name}")


@check("RCV-13")
def garbage(target: Target) -> None:
    """Whatever comes, no answer is a 5xx but 503 or a SOAP Fault."""
    sent = parcel(target, target.children.new())
    path = profiles()[target.profile].path
    for body in (b"", b"{", b"<", b"\x00\xff", b"[]", b"null", b'{"message_id": 7}', b"<a/>"):
        answer = target.call("gateway", "POST", path, content=body, headers=sent.headers)
        fault = "xml" in answer.headers.get("content-type", "") and "Fault" in answer.text
        if answer.status_code >= 500 and answer.status_code != 503 and not fault:
            raise NotMetError(f"{body[:20]!r} was answered with {answer.status_code}")
