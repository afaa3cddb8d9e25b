"""REF: the referral API."""

from __future__ import annotations

import json
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from conformance import described
from conformance.checking import check
from conformance.checks.answers import as_json, places, refused, status
from conformance.checks.letters import (
    JSON,
    SENDER,
    accepted,
    canonical,
    delivered,
    effects,
    leg,
    post,
    shown,
    story,
)
from conformance.findings import expect
from conformance.target import Target
from conformance.vectors.paths import MISSING, pointed

REQUIRED = (
    "child/identifiers/0/scheme", "child/identifiers/0/value", "persons/0/identifiers/0/scheme", "links/0/kind",
    "links/0/ref",
)  # fmt: skip
"""What the canonical language never does without, once the part around it is there (its published schema)."""


@check("REF-01")
def smallest(target: Target) -> None:
    """The least that a referral may hold is accepted with 202, an id and an address."""
    child = target.children.new()
    document = canonical(target, child, "welfare", persons=None, focal_point=None, requested=None, case_ref=None)
    document["recipients"] = [{"agency": target.ids("police")}]
    document["child"] = {"name": child.name}
    answer = post(target, document, str(document["message_id"]))
    status(answer, 202, of="the smallest referral")
    ref, location = as_json(answer).get("id"), answer.headers.get("location", "")
    expect(ref and location.endswith(f"/v1/referrals/{ref}"), "the answer needs an id and a Location that leads to it")


@check("REF-02")
def fullest(target: Target) -> None:
    """What was sent comes back as it was sent."""
    sent = accepted(
        target, "police", risk={"level": "HIGH", "by_role": "CASE_WORKER"},
        concern={
            "types": ["NEGLECT", "OUT_OF_SCHOOL"], "primary": "NEGLECT", "verification": "SUSPECTED",
            "caregiver_is_accused": False, "narrative": "Invented for a check.",
        },
    )  # fmt: skip
    back = shown(target, sent).get("referral", {})
    for path in (
        "/message_id", "/case_ref", "/priority", "/child/name", "/child/name_ur", "/child/sex", "/child/birth_date",
        "/child/identifiers/0/value", "/persons/0/relation", "/persons/0/name", "/persons/0/identifiers/0/value",
        "/concern/types/1", "/concern/primary", "/concern/narrative", "/consent/basis", "/consent/expires_on",
        "/risk/level", "/focal_point/role", "/requested/enrolment", "/requested/target/school_code",
    ):  # fmt: skip
        wanted, got = pointed(sent.document, path), pointed(back, path)
        expect(got == wanted, f"{path} was sent as {wanted!r} and comes back as {got!r}")


@check("REF-03")
def same_twice(target: Target) -> None:
    """One key and one body, twice and at once: one referral, one delivery for each agency."""
    child = target.children.new()
    document = canonical(target, child, "police", "health")
    key = str(document["message_id"])
    with ThreadPoolExecutor(max_workers=4) as crowd:
        answers = list(crowd.map(lambda _: post(target, document, key), range(4)))
    answers.append(post(target, document, key))
    for answer in answers:
        status(answer, 200, 202, of="the same referral again")
    ids = {str(as_json(answer).get("id")) for answer in answers}
    expect(len(ids) == 1, f"one key and one body made {len(ids)} referrals")
    sent = accepted(target, "police", "health")
    delivered(target, sent, "police", "health")
    for name in ("police", "health"):
        target.until(lambda one=name: _about(target, child.tag, one), f"{name} receives the referral")  # type: ignore[misc]  # a default binds the loop's value
        found = _about(target, child.tag, name)
        expect(found == 1, f"{name} received the referral {found} times")


def _about(target: Target, tag: str, name: str) -> int:
    return len([one for one in target.peers[name].effects() if tag in one.body])


@check("REF-04")
def same_key_other_body(target: Target) -> None:
    """One key with another body is refused, and the first stands."""
    sent = accepted(target, "police")
    answer = post(target, {**sent.document, "priority": "LOW"}, sent.key)
    status(answer, 409, 422, of="the same key with another body")
    kept = shown(target, sent).get("referral", {}).get("priority")
    expect(kept == "HIGH", "the second body under one key replaced the first")


@check("REF-05")
def left_out(target: Target) -> None:
    """Each required field, left out in turn, is missed at its place."""
    for path in REQUIRED:
        document = canonical(target, target.children.new(), "police", links=[{"kind": "SIBLING", "ref": "CONF-1"}])
        *above, name = path.split("/")
        _parent(document, above).pop(name)
        answer = post(target, document, str(document["message_id"]))
        status(answer, 400, 422, of=f"a referral without {path}")
        found = places(answer)
        place = "/" + path
        near = any(each in {place, place.rpartition("/")[0]} for each in found)
        expect(near, f"a referral without {path} is refused without saying where")


def _parent(document: dict[str, Any], steps: list[str]) -> Any:
    value: Any = document
    for step in steps:
        value = value[int(step)] if step.isdigit() else value[step]
    return value


@check("REF-06")
def unknown_fields(target: Target) -> None:
    """A field nobody knows is refused, never ignored."""
    for place in ((), ("child",), ("persons", "0"), ("consent",)):
        document = canonical(target, target.children.new(), "police")
        _parent(document, list(place))["conf_shoe_size"] = "31"
        refused(post(target, document, str(document["message_id"])), f"an unknown field in {'/'.join(place) or 'all'}")


@check("REF-07")
def too_much(target: Target) -> None:
    """A body that is too long or nested too deeply is refused, and quickly."""
    document = canonical(target, target.children.new(), "police")
    long = json.dumps({**document, "child": {"name": "Conf " + "x" * 1_200_000}}).encode()
    deep = json.dumps(document)[:-1].encode() + b', "links": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    for name, body in (("a body of 1.2 MB", long), ("a body nested 5000 deep", deep)):
        begun = time.monotonic()
        answer = post(target, body, target.fresh_id())
        took = time.monotonic() - begun
        status(answer, 400, 413, 422, of=name)
        expect(took < 10, f"{name}: the refusal took {took:.0f} seconds")


@check("REF-08")
def urdu(target: Target) -> None:
    """Urdu comes back letter by letter, in composed form, with its joiners and direction marks."""
    for text in ("زَہرہ بی‌بی", "مُحمّد\u200f علی", "ا\u0653ئشہ", "نُور\u200dالعین"):
        child = target.children.new()
        about = {"name": child.name, "name_ur": text, "sex": "FEMALE"}
        sent = accepted(target, "police", child=child, about=about)
        got = shown(target, sent).get("referral", {}).get("child", {}).get("name_ur")
        expect(got == unicodedata.normalize("NFC", text), f"a name in Urdu was changed: {text!r} became {got!r}")


@check("REF-09")
def births(target: Target) -> None:
    """A birth in the future or on no day is refused; a leap day and a bare year are kept as they are."""
    for date, good in (
        ("2016-02-29", True),
        ("2016", True),
        ("2016-03", True),
        ("2015-02-29", False),
        ("2093-01-01", False),
    ):
        child = target.children.new()
        document = canonical(target, child, "police")
        document["child"]["birth_date"] = date
        answer = post(target, document, str(document["message_id"]))
        if not good:
            refused(answer, f"a birth on {date}", "birth_date")
            continue
        status(answer, 202, of=f"a birth on {date}")
        path = f"/v1/referrals/{as_json(answer).get('id')}"
        back = as_json(target.call(SENDER, "GET", path, "referral.read", headers={"Accept": JSON}))
        got = pointed(back, "/referral/child/birth_date")
        expect(got == date, f"a birth on {date} comes back as {got!r}")


@check("REF-10")
def numbers(target: Target) -> None:
    """Thirteen digits, with dashes or without: one number, written in one way."""
    child = target.children.new()
    dashed = f"{child.bform[:5]}-{child.bform[5:12]}-{child.bform[12]}"
    written = set()
    for value in (child.bform, dashed):
        about = {"name": child.name, "identifiers": [{"scheme": "pk-bform", "value": value}]}
        sent = accepted(target, "police", child=child, about=about)
        written.add(pointed(shown(target, sent), "/referral/child/identifiers/0/value"))
    expect(len(written) == 1 and MISSING not in written, f"one number was written in {len(written)} ways")
    document = canonical(target, child, "police")
    document["child"]["identifiers"][0]["value"] = "39999-123"
    refused(post(target, document, str(document["message_id"])), "a number of eight digits", "identifiers")


@check("REF-11")
def withdrawal(target: Target) -> None:
    """What is withdrawn stops where it was not sent, and is not deleted where it was."""
    target.peers["health"].down(is_down=True)
    try:
        sent = accepted(target, "police", "health")
        target.until(lambda: effects(target, sent, "police"), "the police receive the referral")
        body = json.dumps({"reason": "SENT_IN_ERROR"}).encode()
        path = f"/v1/referrals/{sent.id}/withdrawal"
        answer = target.call(SENDER, "POST", path, "referral.write", content=body, headers={"Content-Type": JSON})
        status(answer, 200, 202, of="a withdrawal")
    finally:
        target.peers["health"].down(is_down=False)
    later = accepted(target, "health", child=sent.child)
    target.until(lambda: leg(target, later, "health").get("delivery") == "DONE", "a later referral is delivered")
    expect(len(effects(target, sent, "health")) == 1, "a referral was delivered after it was withdrawn")
    kinds = [str(line.get("type")) for line in story(target, sent)]
    expect("referral.withdrawn" in kinds, "the story does not tell that the referral was withdrawn")
    expect(leg(target, sent, "police"), "a withdrawn referral was deleted where it had been sent")


@check("REF-12", last=True)
def documented(target: Target) -> None:
    """Every answer seen in this run is one that the published OpenAPI document names."""
    answer = target.send("GET", "/openapi.json")
    status(answer, 200, of="the published OpenAPI document")
    spec = as_json(answer)
    seen = [one for one in target.transcript.exchanges if one.url.startswith(target.url) and one.status]
    strange = sorted({found for one in seen if (found := described.undocumented(spec, target.url, one))})
    expect(not strange, f"{len(strange)} answers are not documented: {'; '.join(strange[:5])}")
