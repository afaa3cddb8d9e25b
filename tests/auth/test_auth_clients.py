import hashlib
import re

import pytest
from auth_parties import SECRET, hospital, hospital_keys, school, school_hash

from auth.client_secrets import NOBODY, SecretHash, hash_secret, new_secret
from auth.clients import AuthMethod, FixedClients
from auth.errors import RegistrationRefused
from tests.conftest import SHIPPED


def test_a_secret_matches_its_own_hash_alone():
    stored = SecretHash.parse(str(school_hash()))
    assert stored.matches(SECRET)
    for wrong in ("", SECRET[:-1], SECRET + "x", SECRET.upper(), SECRET + "\x00", "\ud800"):
        assert not stored.matches(wrong)


def test_the_same_secret_is_never_hashed_alike():
    assert str(hash_secret(SECRET)) != str(school_hash())


def test_an_endless_secret_does_not_match_though_its_beginning_does():
    long = "x" * 512
    assert hash_secret(long).matches(long)
    assert not hash_secret(long).matches(long + "y")


def test_nobody_has_the_secret_of_nobody():
    assert not NOBODY.matches("")
    assert (NOBODY.log_n, NOBODY.r, NOBODY.p) == (school_hash().log_n, school_hash().r, school_hash().p)


def test_outside_of_tests_a_hash_costs_sixteen_mebibytes():
    assert (2**SHIPPED.log_n, SHIPPED.r, SHIPPED.p) == (16_384, 8, 1)


def test_a_malformed_secret_matches_not_even_the_hash_of_nothing():
    salt = bytes(16)
    empty = SecretHash(10, 8, 1, salt, hashlib.scrypt(b"", salt=salt, n=1024, r=8, p=1, dklen=32))
    assert empty.matches("")
    assert not empty.matches("\x00")


def test_a_new_secret_is_long_and_new():
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(new_secret()) == 43


@pytest.mark.parametrize("secret", ["", "short", "x" * 31, "x" * 513, "x" * 40 + "\x00", "چ" * 40])
def test_a_weak_secret_is_not_hashed(secret):
    with pytest.raises(RegistrationRefused):
        hash_secret(secret)


@pytest.mark.parametrize(
    "text",
    [
        "",
        SECRET,
        "scrypt$14$8$1$AAAA$AAAA",
        str(school_hash()).replace("scrypt", "bcrypt"),
        re.sub(r"\$\d+", "$30", str(school_hash()), count=1),
        re.sub(r"\$\d+", "$1", str(school_hash()), count=1),
        str(school_hash()) + "\n",
    ],
    ids=["empty", "secret", "short", "other-scheme", "too-costly", "too-cheap", "line-feed"],
)
def test_text_that_is_no_hash_is_refused(text):
    with pytest.raises(RegistrationRefused):
        SecretHash.parse(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"client_id": ""},
        {"client_id": "a b"},
        {"client_id": "a\n"},
        {"client_id": "چ"},
        {"client_id": "x" * 256},
        {"agency": ""},
        {"agency": "a/b"},
        {"jwks": None},
        {"secret_hash": NOBODY},
        {"method": AuthMethod.CLIENT_SECRET_BASIC},
    ],
)
def test_a_client_whose_fields_contradict_each_other_is_refused(fields):
    with pytest.raises(RegistrationRefused):
        hospital(**fields)


def test_a_client_with_a_secret_has_no_keys():
    with pytest.raises(RegistrationRefused):
        school(jwks=hospital_keys())


def test_two_clients_do_not_share_an_id():
    with pytest.raises(RegistrationRefused):
        FixedClients([hospital(), hospital(agency="other")])


def test_a_client_shows_neither_keys_nor_hash():
    shown = repr(school()) + repr(hospital()) + repr(school_hash())
    assert "scrypt" not in shown
    assert school_hash().digest.hex() not in shown
    assert "Key" not in shown
