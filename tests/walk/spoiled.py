"""Documents spoiled on purpose: one valid document for each door and language, and every way it can be wrong.

Each spoiled document plants a word that stands nowhere else; no answer may ever repeat it.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.walk import letters

PLANT = "Qandeel-Planted-7391"
"""The word that no answer may repeat, planted as a name, a code, a date or an unknown field's value."""
NAME = "zartasha"
"""The name of an unknown field: a pointer may hold it, nothing else."""
OPEN = frozenset({(letters.FIR_JSON, False), (letters.FIR_JSON, True), (letters.CRMS, False), (letters.CRMS, True)})
"""Languages whose pages tolerate unknown fields (formats/nadra.md 7.1, PSRMS): taken with a warning that names each."""
SAMPLES = Path(__file__).parents[2] / "mappings"
LIMIT = {letters.FIR_XML: 2_097_152, letters.FIR_JSON: 2_097_152, letters.CRMS: 262_144}
"""Octets by media type (design/decisions.md 3); 1 MiB where nothing else is said."""


@dataclass(frozen=True)
class Case:
    """A spoiled document, the statuses that refuse it clearly, and whether a place in it must be named."""

    name: str
    body: bytes
    statuses: frozenset[int]
    placed: bool = False


def valid(media_type: str, *, reply: bool) -> bytes:
    """Return a valid referral or answer in a language."""
    folder, name = {
        (letters.FIR_XML, True): ("police_fir", "status_update.xml"),
        (letters.FIR_JSON, True): ("police_psrms", "status_update.json"),
        (letters.CRMS, True): ("nadra_crms", "receipt.xml"),
        (letters.CRMS, False): ("nadra_crms", "notification.xml"),
        (letters.SIS, True): ("school_sis", "decision.json"),
        (letters.SIS, False): ("school_sis", "reenrolment_request.json"),
        (letters.FHIR, True): ("health_fhir", "status.json"),
    }.get((media_type, reply), ("", ""))
    if folder:
        return (SAMPLES / folder / "samples" / name).read_bytes()
    if media_type == letters.JSON and reply:
        answer = {"type": "reply", "message_id": str(uuid.uuid4()), "kind": "ACKNOWLEDGE", "state": "ACKNOWLEDGED"}
        return json.dumps({**answer, "ref": "rb-none", "at": "2026-11-21T05:00:00Z"}).encode()
    if media_type == letters.JSON:
        return json.dumps(letters.canonical("police-pb-psrms")).encode()
    if media_type == letters.FHIR:
        return letters.bundle(str(uuid.uuid4())).encode()
    if media_type == letters.FIR_XML:
        return letters.fir(str(uuid.uuid4())).encode()
    return letters.sample("police", "psrms-missing-girl.json").encode()


WRONG_TYPE: dict[tuple[str, bool], tuple[str | int, ...]] = {
    (letters.JSON, False): ("child", "name"),
    (letters.JSON, True): ("at",),
    (letters.FHIR, False): ("entry", 2, "resource", "name", 0, "text"),
    (letters.FHIR, True): ("entry", 1, "resource", "status"),
    (letters.FIR_JSON, False): ("mutasra_ashkhas", 0, "person_name"),
    (letters.FIR_JSON, True): ("at",),
    (letters.SIS, False): ("student", "name"),
    (letters.SIS, True): ("start_on",),
}
"""A text of each JSON document, to be replaced by a list."""
CODED: dict[tuple[str, bool], tuple[str | int, ...]] = {
    (letters.JSON, False): ("priority",),
    (letters.JSON, True): ("state",),
    (letters.FHIR, False): ("entry", 2, "resource", "gender"),
    (letters.FHIR, True): ("entry", 1, "resource", "status"),
    (letters.FIR_JSON, False): ("child_protection", "urgency"),
    (letters.FIR_JSON, True): ("state",),
    (letters.SIS, False): ("request_type",),
    (letters.SIS, True): ("state",),
}
"""A code of each JSON document, to be replaced by one that is in no list."""
XML_TYPED = {
    (letters.FIR_XML, False): ("<PersonBirthDate>2016-11-02", "<PersonBirthDate>"),
    (letters.FIR_XML, True): ("<UpdatedDateTime>2025-03-16T10:00:00+05:00", "<UpdatedDateTime>"),
    (letters.CRMS, False): ("02-11-2019", ""),
    (letters.CRMS, True): ("<CODE>100", "<CODE>"),
}
"""A date or number of each XML document, and what stands before it."""
XML_CODED = {
    (letters.FIR_XML, False): ("<UrgencyCode>IMMEDIATE", "<UrgencyCode>"),
    (letters.FIR_XML, True): ("<State>REJECTED", "<State>"),
    (letters.CRMS, False): ("<GENDER>MALE", "<GENDER>"),
}


def spoiled(media_type: str, *, reply: bool) -> list[Case]:
    """Return every spoiled document for one door and one language."""
    good = valid(media_type, reply=reply)
    common = [
        Case("nothing", b"", frozenset({400})),
        Case("white space", b" \n ", frozenset({400})),
        Case("cut short", good[:-9], frozenset({400})),
        Case("not UTF-8", good[:-4] + b"\xff" + good[-4:], frozenset({400})),
        Case("UTF-16", good.decode().encode("utf-16"), frozenset({400})),
    ]
    own = _xml if media_type.endswith("xml") else _json
    return [*common, *own(good.decode(), media_type, reply=reply)]


def _json(good: str, media_type: str, *, reply: bool) -> Iterator[Case]:
    place = (media_type, reply)
    inside = good.lstrip().removeprefix("{")
    malformed, wrong = frozenset({400}), frozenset({400, 422})
    yield Case("another kind of document", f'["{PLANT}"]'.encode(), wrong)
    yield Case("a word", f'"{PLANT}"'.encode(), wrong)
    yield Case("NaN", f'{{"{NAME}": NaN, {inside}'.encode(), malformed)
    yield Case("infinity", f'{{"{NAME}": -Infinity, {inside}'.encode(), malformed)
    yield Case("a number beyond all bounds", f'{{"{NAME}": 1e999, {inside}'.encode(), wrong)
    yield Case("a number of ten thousand digits", f'{{"{NAME}": {"9" * 10_000}, {inside}'.encode(), wrong)
    yield Case("a key twice", f'{{"{NAME}": "{PLANT}", "{NAME}": 2, {inside}'.encode(), malformed)
    yield Case("a key without end", f'{{"{"k" * 100_000}": "\\ud800", {inside}'.encode(), wrong)
    yield Case("nested too deeply", (f'{{"{NAME}": ' + "[" * 70 + "]" * 70 + f", {inside}").encode(), wrong)
    yield Case("nested without end", b'{"a":' * 100_000, frozenset({400, 413, 422}))
    padding = " " * LIMIT.get(media_type, 1_048_576)
    yield Case("too large", f'{{"{NAME}": "{PLANT}{padding}", {inside}'.encode(), frozenset({413}))
    text, code = WRONG_TYPE[place], CODED[place]
    yield Case("a lone surrogate", _with(good, text, "@@").replace(b"@@", b"\\ud800"), wrong)
    yield Case("a NUL", _with(good, text, f"{PLANT}\0"), wrong, placed=True)
    yield Case("a list for a text", _with(good, text, [PLANT]), frozenset({422}), placed=True)
    yield Case("an object for a text", _with(good, text, {NAME: PLANT}), frozenset({422}), placed=True)
    yield Case("an unknown code", _with(good, code, PLANT), frozenset({422}), placed=True)
    if place != (letters.FIR_JSON, False):  # "nulls of a report say nothing" (mappings/police_psrms/README.md)
        yield Case("a null for a text", _with(good, text, None), frozenset({422}), placed=True)


def _with(text: str, path: tuple[str | int, ...], value: Any) -> bytes:
    document = json.loads(text)
    node = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return json.dumps(document, ensure_ascii=False).encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
DECLARATIONS = {
    "a DOCTYPE": "<!DOCTYPE x>",
    "an entity": f'<!DOCTYPE x [<!ENTITY e "{PLANT}">]>',
    "an outside entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
    "an outside DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]>',
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "{PLANT}">{LAUGHS}]>',
    "a quadratic blow-up": f'<!DOCTYPE x [<!ENTITY e "{"a" * 20_000}">]>',
}


def _xml(good: str, media_type: str, *, reply: bool) -> Iterator[Case]:
    place = (media_type, reply)
    declaration, _, body = good.partition("?>")
    head = f"{declaration}?>"
    last = body.rindex("</")
    first = body.index(">", body.index("<", body.rindex("-->") if "-->" in body else 0)) + 1

    def before_the_end(text: str) -> bytes:
        return f"{head}{body[:last]}{text}{body[last:]}".encode()

    malformed, wrong = frozenset({400}), frozenset({400, 422})
    for name, text in DECLARATIONS.items():
        entity = {"a billion laughs": "&l11;", "a quadratic blow-up": "&e;" * 20}.get(
            name, "&e;" * ("ENTITY e" in text)
        )
        yield Case(name, f"{head}{text}{body[:first]}{entity}{body[first:]}".encode(), malformed)
    yield Case("an undeclared entity", before_the_end("&planted;"), malformed)
    yield Case("a word", PLANT.encode(), malformed)
    yield Case("another root", f"<{NAME}>{PLANT}</{NAME}>".encode(), wrong)
    yield Case("two roots", f"{good}<{NAME}/>".encode(), malformed)
    yield Case("a NUL", before_the_end("\x00"), malformed)
    yield Case("nested too deeply", before_the_end("<a>" * 70 + "</a>" * 70), wrong)
    yield Case("nested without end", f"{head}{'<a>' * 60_000}".encode(), frozenset({400, 413, 422}))
    padding = " " * LIMIT.get(media_type, 1_048_576)
    yield Case("too large", before_the_end(f"<!-- {PLANT}{padding} -->"), frozenset({413}))
    old, start = XML_TYPED[place]
    yield Case(
        "a word for a date or number", good.replace(old, f"{start}{PLANT}", 1).encode(), frozenset({422}), placed=True
    )
    if place in XML_CODED:
        old, start = XML_CODED[place]
        yield Case("an unknown code", good.replace(old, f"{start}{PLANT}", 1).encode(), frozenset({422}), placed=True)


def with_unknown(media_type: str, *, reply: bool) -> list[bytes]:
    """Return valid documents with something more in them than their language knows."""
    good = valid(media_type, reply=reply).decode()
    if not media_type.endswith("xml"):
        return [f'{{"{NAME}": "{PLANT}", {good.lstrip().removeprefix("{")}'.encode()]
    include = '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/>'
    last = good.rindex("</")
    more = (f"<{NAME}>{PLANT}</{NAME}>", include)
    return [f"{good[:last]}{text}{good[last:]}".encode() for text in more]
