"""What a receiver was told is read back leaf by leaf, in the form it is sealed now and in the one before."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection

from gateway.delivery import told
from gateway.vault.documents import DocumentKind, put
from tests.gateway.house import House, referral
from tests.gateway.manifests import HEALTH, WELFARE
from tests.recall.post import Post


def seal(house: House, identity: str, body: dict[str, Any]) -> None:
    """Store what a message told, as it might have been sealed at another time."""
    room = house.gateway.room

    def store(connection: Connection) -> None:
        put(
            connection, room.vault, id=room.clock.new_id(), referral=identity, case=identity, kind=DocumentKind.TOLD,
            media_type="application/json", body=json.dumps(body).encode(), now=room.clock.now(),
        )  # fmt: skip

    room.store.committer.run(store)


def test_what_was_told_is_the_leaves_of_the_message_without_bookkeeping_and_what_its_language_drops(
    house: House,
) -> None:
    post = Post.of(house)
    name = house.submit(WELFARE, referral(HEALTH))["id"]
    identity = house.id_of(WELFARE, name)
    post.deliver()
    with house.gateway.room.store.readers.connection() as connection:
        [one] = told.told(house.gateway.room, connection, identity)

    assert one.recipient == HEALTH
    assert ("child.sex", '"FEMALE"') in one.leaves
    assert {"message_id", "ref", "recipients[].agency"} & one.paths == set()
    bundle = post.handed(HEALTH, identity)[0].body.decode()
    texts = [json.loads(value) for path, value in one.leaves if path in {"child.name", "child.name_ur"}]
    assert texts
    assert all(text in bundle for text in texts)


def test_what_an_older_version_sealed_as_leaves_is_read_as_before(house: House) -> None:
    room = house.gateway.room
    post = Post.of(house)
    name = house.submit(WELFARE, referral(HEALTH))["id"]
    identity = house.id_of(WELFARE, name)
    post.deliver()
    with room.store.readers.connection() as connection:
        [now] = told.told(room, connection, identity)
    body = {"delivery": now.delivery, "recipient": HEALTH, "leaves": sorted(now.leaves)}

    seal(house, identity, body)
    with room.store.readers.connection() as connection:
        both = told.told(room, connection, identity)
    assert [each.leaves for each in both] == [now.leaves, now.leaves]
    assert [each.delivery for each in both] == [now.delivery, now.delivery]


def test_a_leaf_that_the_language_knows_no_more_was_told_all_the_same(house: House) -> None:
    room = house.gateway.room
    name = house.submit(WELFARE, referral(HEALTH))["id"]
    identity = house.id_of(WELFARE, name)
    tree = {"type": "referral", "child": {"sex": "FEMALE", "gone": "x", "lost": [{"also": 1}, {"also": 2}]}}
    body = {"delivery": "d-1", "recipient": HEALTH, "tree": tree, "dropped": ["child.lost[1].also"]}

    seal(house, identity, body)
    with room.store.readers.connection() as connection:
        [one] = told.told(room, connection, identity)
    assert one.leaves == {("child.sex", '"FEMALE"'), ("child.gone", '"x"'), ("child.lost[].also", "1")}
