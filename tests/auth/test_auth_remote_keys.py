import json

import pytest
from auth_parties import AT, SetClock, private_key, public_jwk

from auth.errors import AssertionRefused, Reason
from auth.remote_keys import FLOOR, MAX_AGE, MAX_BYTES, MAX_STALE, KeysUnavailableError, RemoteKeySet


def key_set(*names: str) -> bytes:
    return json.dumps({"keys": [public_jwk(private_key("ES256", name), kid=name) for name in names]}).encode()


class Place:
    """Where a key set is published; counts how often it is asked."""

    def __init__(self) -> None:
        self.body: bytes | None = key_set("one")
        self.asked = 0

    def __call__(self) -> bytes:
        self.asked += 1
        if self.body is None:
            raise KeysUnavailableError
        return self.body


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(AT)


@pytest.fixture
def keys(place, clock) -> RemoteKeySet:
    return RemoteKeySet(place, clock)


def reason(keys: RemoteKeySet, kid: str) -> Reason:
    with pytest.raises(AssertionRefused) as caught:
        keys.find(kid, "ES256", AssertionRefused)
    return caught.value.reason


def test_a_set_is_asked_for_once_while_it_is_fresh(keys, place, clock):
    for _ in range(5):
        assert keys.find("one", "ES256", AssertionRefused).kid == "one"
    assert place.asked == 1
    clock.at += MAX_AGE
    keys.find("one", "ES256", AssertionRefused)
    assert place.asked == 2


def test_made_up_kids_make_us_ask_no_oftener_than_the_floor(keys, place, clock):
    for number in range(100):
        assert reason(keys, f"nobody-{number}") is Reason.KID_UNKNOWN
    assert place.asked == 1
    clock.at += FLOOR
    assert reason(keys, "nobody") is Reason.KID_UNKNOWN
    assert place.asked == 2


def test_a_rotated_key_is_found_before_the_set_is_old(keys, place, clock):
    keys.find("one", "ES256", AssertionRefused)
    place.body = key_set("one", "two")
    clock.at += FLOOR
    assert keys.find("two", "ES256", AssertionRefused).kid == "two"


def test_a_removed_key_is_refused_when_the_set_is_old(keys, place, clock):
    keys.find("one", "ES256", AssertionRefused)
    place.body = key_set("two")
    clock.at += MAX_AGE
    assert reason(keys, "one") is Reason.KID_UNKNOWN


def test_a_silent_place_is_borne_for_an_hour(keys, place, clock):
    keys.find("one", "ES256", AssertionRefused)
    place.body = None
    clock.at += MAX_STALE - 1
    assert keys.find("one", "ES256", AssertionRefused).kid == "one"
    clock.at += FLOOR
    assert reason(keys, "one") is Reason.KEYS_UNAVAILABLE


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"keys":[]}', b'{"keys":[],"keys":[]}', b"x" * (MAX_BYTES + 1), None]
)
def test_what_is_no_key_set_is_none_and_is_not_asked_for_again_at_once(keys, place, body):
    place.body = body
    for _ in range(3):
        assert reason(keys, "one") is Reason.KEYS_UNAVAILABLE
    assert place.asked == 1
