"""A register's record turns out to be another child's (formats/case-management.md 6.5 case 15)."""

from __future__ import annotations

import json

import httpx
from sqlalchemy import update

from adapters.base import Delivered, Envelope, Outcome, Unavailable
from gateway.store.tables import lane
from mappings.library import library
from mappings.samples import golden_samples
from tests.gateway.house import House, child, referral
from tests.gateway.manifests import NADRA, WELFARE
from tests.recall.post import Post

FOUND = dict(golden_samples(library()["nadra_crms"]))["registration.xml"]
ADDED = "3999900000134"
"""The number the register gives the child, and nobody else."""
SCHOOL = "school-pb-cms"
KNOWN = child(identifiers=[{"scheme": "pk-crms", "value": "B999901-16-00017"}])


def registered(envelope: Envelope) -> Outcome:
    """Answer as a register that knows the child, under a transaction of its own."""
    own = str(int(envelope.message_id[:8], 16)).zfill(12).encode()
    body = FOUND.replace(b"9901003999900000172", b"9901003" + own)
    return Delivered(200, "receipt-1", body, "application/vnd.raabta.crms+xml")


def busy(_: Envelope) -> Outcome:
    return Unavailable(503, "BUSY")


def completed(house: House, post: Post) -> tuple[str, str]:
    """Send a referral that the register completes before the school is told; returns its name and our id."""
    post.doors[NADRA].judge, post.doors[SCHOOL].judge = registered, busy
    name = house.submit(WELFARE, referral(NADRA, SCHOOL, child=KNOWN))["id"]
    post.deliver()
    post.doors[SCHOOL] = type(post.doors[SCHOOL])()
    house.write(lambda connection: connection.execute(update(lane).values(next_at=0.0)))
    post.deliver()
    return name, house.id_of(WELFARE, name)


def reject(house: House, name: str, agency: str = WELFARE) -> httpx.Response:
    return house.call(agency, "POST", f"/v1/referrals/{name}/identity/rejection")


def test_what_the_record_added_is_corrected_wherever_it_went(house: House) -> None:
    post = Post.of(house)
    name, identity = completed(house, post)
    (first,) = post.handed(SCHOOL, identity)
    assert ADDED.encode() in first.body
    answer = reject(house, name)
    post.deliver()
    _, corrected = post.handed(SCHOOL, identity)

    assert answer.status_code == 202
    recalled = {each["recipient"]: each for each in answer.json()["recalled"]}
    assert recalled[SCHOOL]["notice"] == "CORRECTION"
    assert "child.identifiers[].value" in recalled[SCHOOL]["fields"]
    assert ADDED not in answer.text
    assert ADDED.encode() not in corrected.body
    assert json.loads(corrected.body)["child"]["name"] == "Farzi Bachi"


def test_the_sender_sees_its_own_words_again_and_a_repeat_changes_nothing(house: House) -> None:
    name, _ = completed(house, Post.of(house))
    assert ADDED in house.view(WELFARE, name).text
    reject(house, name)

    assert ADDED not in house.view(WELFARE, name).text
    assert reject(house, name).json()["repeated"] is True


def test_the_register_completes_the_child_no_more(house: House) -> None:
    post = Post.of(house)
    name, identity = completed(house, post)
    reject(house, name)
    body = FOUND.replace(b"9901003999900000172", b"9901003999900000173")
    headers = {"Content-Type": "application/vnd.raabta.crms+xml"}
    ref = house.ref_of(NADRA, WELFARE, name)
    house.call(NADRA, "POST", f"/v1/referrals/{ref}/replies", content=body, headers=headers)

    assert ADDED not in house.view(WELFARE, name).text
    assert [kind for kind, _ in house.entries(identity)].count("identity.completed") == 1


def test_only_the_sender_may_say_so(house: House) -> None:
    name, _ = completed(house, Post.of(house))

    assert reject(house, house.ref_of(SCHOOL, WELFARE, name), SCHOOL).status_code == 404
