import base64
import hashlib
import hmac
import json

import pytest
from auth_parties import (
    ABSENT,
    AT,
    AUDIENCE,
    HOSPITAL,
    ISSUER,
    TOKEN_URL,
    assertion,
    encoded,
    private_key,
    public_jwk,
    signed,
)

from auth.access import access_token
from auth.errors import Reason, TokenRefused
from auth.keyring import SigningKey
from auth.keys import PublicKeySet
from auth.scopes import parse_scopes
from auth.verifier import CACHE_TOKENS, Claims, Verifier


def refusal(verifier, text):
    with pytest.raises(TokenRefused) as caught:
        verifier.verify(text)
    return caught.value.reason


def test_a_good_token_says_who_may_do_what(bench):
    assert bench.verifier().verify(bench.token()) == Claims(
        issuer=ISSUER,
        subject=HOSPITAL,
        client_id=HOSPITAL,
        agency="health-misali",
        audience=AUDIENCE,
        scopes=parse_scopes("referral.write"),
        issued_at=AT,
        expires_at=AT + 300,
        jti="token-1",
    )


def test_what_the_issuer_gives_the_verifier_believes(bench):
    token = bench.ask_by_assertion(assertion()).body["access_token"]
    assert bench.verifier().verify(token).agency == "health-misali"


def test_a_token_allows_what_its_scopes_cover(bench):
    claims = bench.verifier().verify(bench.token(scope="referral.write system/Task.cu"))
    asked = ["referral.write", "system/Task.c", "system/Task.r", "referral.read", "", "no scope"]
    assert [claims.allows(each) for each in asked] == [True, True, False, False, False, False]


@pytest.mark.parametrize("alg", ["ES256", "ES384", "PS256", "EdDSA", "Ed25519"])
def test_an_outside_issuer_may_sign_with_any_algorithm_on_the_list(bench, clock, alg):
    keys = PublicKeySet.parse({"keys": [public_jwk(private_key(alg))]})
    header = bench.token_header(alg=alg, kid=f"{alg}-first")
    token = signed(header, bench.token_claims(), private_key(alg), alg)
    assert Verifier(ISSUER, AUDIENCE, keys, clock).verify(token).client_id == HOSPITAL


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_the_type_of_an_access_token_is_believed_as_rfc_9068_writes_it(bench, typ):
    token = signed(bench.token_header(typ=typ), bench.token_claims(), bench.ring.keys[0].private, "ES256")
    assert bench.verifier().verify(token)


BAD_CLAIMS = {
    "the issuer is another": ({"iss": "https://other.example"}, Reason.ISSUER),
    "the issuer is missing": ({"iss": ABSENT}, Reason.ISSUER),
    "the issuer is a list": ({"iss": [ISSUER]}, Reason.ISSUER),
    "the audience is another": ({"aud": "https://other.example/v1"}, Reason.AUDIENCE),
    "the audience is the token endpoint": ({"aud": TOKEN_URL}, Reason.AUDIENCE),
    "the audience is missing": ({"aud": ABSENT}, Reason.AUDIENCE),
    "the audience is an array": ({"aud": [AUDIENCE]}, Reason.AUDIENCE_ARRAY),
    "it expired": ({"exp": int(AT) - 10, "iat": int(AT) - 300}, Reason.EXPIRED),
    "it never expires": ({"exp": ABSENT}, Reason.EXPIRY),
    "its expiry is text": ({"exp": "later"}, Reason.EXPIRY),
    "its expiry is false": ({"exp": False}, Reason.EXPIRY),
    "it lives an hour": ({"exp": int(AT) + 3600}, Reason.TOO_LONG_LIVED),
    "it lives one second too long": ({"exp": int(AT) + 301}, Reason.TOO_LONG_LIVED),
    "it ends before it begins": ({"iat": int(AT) + 5, "exp": int(AT) + 4}, Reason.TOO_LONG_LIVED),
    "its issue is missing": ({"iat": ABSENT}, Reason.ISSUED_AT),
    "it was issued in the future": ({"iat": int(AT) + 11, "exp": int(AT) + 60}, Reason.ISSUED_AHEAD),
    "it is not valid yet": ({"nbf": int(AT) + 11}, Reason.NOT_YET_VALID),
    "the subject is missing": ({"sub": ABSENT}, Reason.SUBJECT),
    "the subject has a line break": ({"sub": "a\nb"}, Reason.SUBJECT),
    "the client is missing": ({"client_id": ABSENT}, Reason.CLIENT_ID),
    "the client is a number": ({"client_id": 3}, Reason.CLIENT_ID),
    "the agency is missing": ({"agency": ABSENT}, Reason.AGENCY),
    "the agency is a list": ({"agency": ["health-misali"]}, Reason.AGENCY),
    "the agency is a path": ({"agency": "../police"}, Reason.AGENCY),
    "the scope is missing": ({"scope": ABSENT}, Reason.SCOPE),
    "the scope is empty": ({"scope": ""}, Reason.SCOPE),
    "the scope is blank": ({"scope": "  "}, Reason.SCOPE),
    "the scope is a list": ({"scope": ["referral.write"]}, Reason.SCOPE),
    "the scope is malformed": ({"scope": "referral.write system/Task.dus"}, Reason.SCOPE),
    "the id is missing": ({"jti": ABSENT}, Reason.JTI),
    "the id is a number": ({"jti": 3}, Reason.JTI),
}


@pytest.mark.parametrize(("claims", "reason"), BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_a_token_is_refused_for_its_claims_when(bench, claims, reason):
    assert refusal(bench.verifier(), bench.token(**claims)) is reason


BAD_HEADERS = {
    "it has no type": ({"typ": ABSENT}, Reason.TYPE),
    "it is a plain JWT": ({"typ": "JWT"}, Reason.TYPE),
    "it is an identity token": ({"typ": "id+jwt"}, Reason.TYPE),
    "it has no kid": ({"kid": ABSENT}, Reason.KID_MISSING),
    "its kid is unknown": ({"kid": "unknown"}, Reason.KID_UNKNOWN),
    "the algorithm is none": ({"alg": "none"}, Reason.ALGORITHM),
    "the algorithm is RS384, which only assertions use": ({"alg": "RS384"}, Reason.ALGORITHM),
    "the algorithm is on another curve": ({"alg": "ES384"}, Reason.KEY_UNFIT),
    "the algorithm is of another type of key": ({"alg": "PS256"}, Reason.KEY_UNFIT),
    "it brings the address of its key": ({"jku": "https://x.example"}, Reason.HEADER_PARAMETER),
    "it brings its own key": ({"jwk": public_jwk(private_key("ES256"))}, Reason.HEADER_PARAMETER),
    "it brings a certificate's address": ({"x5u": "https://x.example"}, Reason.HEADER_PARAMETER),
    "it marks something critical": ({"crit": ["x"], "x": 1}, Reason.HEADER_PARAMETER),
}


@pytest.mark.parametrize(("header", "reason"), BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_token_is_refused_for_its_header_when(bench, header, reason):
    token = signed(bench.token_header(**header), bench.token_claims(), bench.ring.keys[0].private, "ES256")
    assert refusal(bench.verifier(), token) is reason


def test_a_token_that_uses_our_public_key_as_a_shared_secret_is_refused(bench):
    header = encoded(json.dumps(bench.token_header(alg="HS256")).encode())
    text = f"{header}.{encoded(json.dumps(bench.token_claims()).encode())}"
    secret = bench.ring.keys[0].private.as_pem(private=False)
    forged = f"{text}.{encoded(hmac.digest(secret, text.encode(), hashlib.sha256))}"
    assert refusal(bench.verifier(), forged) is Reason.ALGORITHM


def test_a_token_signed_with_a_strangers_key_under_our_kid_is_refused(bench):
    stranger = SigningKey.generate(0).private
    token = signed(bench.token_header(), bench.token_claims(), stranger, "ES256")
    assert refusal(bench.verifier(), token) is Reason.SIGNATURE


def test_a_token_whose_every_character_is_changed_in_turn_is_refused(bench):
    verifier, good = bench.verifier(), bench.token()
    for place in range(0, len(good), 7):
        other = "B" if good[place] != "B" else "C"
        with pytest.raises(TokenRefused):
            verifier.verify(good[:place] + other + good[place + 1 :])


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "\ud800", "x" * 9000, "null", "چ.چ.چ"])
def test_text_that_is_no_token_is_refused(bench, text):
    assert refusal(bench.verifier(), text) in {Reason.NOT_COMPACT, Reason.ENCODING, Reason.TOO_LONG}


def test_a_client_assertion_is_no_access_token(bench):
    assert refusal(bench.verifier(), assertion("ES256")) is Reason.TYPE


class CountingKeys:
    """Keys that count how often they are asked for, which is how often a signature is checked."""

    def __init__(self, ring):
        self.ring, self.asked = ring, 0

    def public_keys(self, at, /):
        self.asked += 1
        return self.ring.public_keys(at)


@pytest.fixture
def counting(bench):
    keys = CountingKeys(bench.ring)
    return Verifier(ISSUER, AUDIENCE, keys, bench.clock), keys


def test_a_verified_token_is_remembered_for_a_minute(bench, clock, counting):
    verifier, keys = counting
    token = bench.token()
    for later, checks in ((0, 1), (30, 1), (59.9, 1), (60, 2), (61, 2)):
        clock.at = AT + later
        verifier.verify(token)
        assert keys.asked == checks


def test_a_remembered_token_is_never_believed_past_its_end(bench, clock, counting):
    verifier, keys = counting
    token = bench.token(exp=int(AT) + 20)
    verifier.verify(token)
    clock.at = AT + 19.9
    verifier.verify(token)
    assert keys.asked == 1
    clock.at = AT + 20
    verifier.verify(token)
    assert keys.asked == 2
    clock.at = AT + 30
    assert refusal(verifier, token) is Reason.EXPIRED


def test_a_clock_set_back_does_not_stretch_the_memory(bench, clock, counting):
    verifier, keys = counting
    token = bench.token()
    verifier.verify(token)
    clock.at = AT - 5
    verifier.verify(token)
    assert keys.asked == 2


def test_a_refusal_is_not_remembered(bench, clock):
    verifier, token = bench.verifier(), bench.token(nbf=int(AT) + 30)
    assert refusal(verifier, token) is Reason.NOT_YET_VALID
    clock.at = AT + 30
    assert verifier.verify(token)


def test_the_memory_is_bounded(bench, monkeypatch):
    monkeypatch.setattr("auth.verifier.CACHE_TOKENS", 3)
    verifier = bench.verifier()
    for number in range(6):
        verifier.verify(bench.token(jti=f"t-{number}"))
    assert len(verifier._seen._entries) == 3
    assert CACHE_TOKENS == 4096


def test_the_token_verified_longest_ago_is_forgotten_first(bench, clock, counting, monkeypatch):
    monkeypatch.setattr("auth.verifier.CACHE_TOKENS", 2)
    verifier, keys = counting
    first, second, third = (bench.token(jti=f"t-{number}") for number in range(3))
    verifier.verify(first)
    verifier.verify(second)
    clock.at = AT + 60
    verifier.verify(first)
    verifier.verify(third)
    assert keys.asked == 4
    verifier.verify(first)
    assert keys.asked == 4
    verifier.verify(second)
    assert keys.asked == 5


def test_the_token_is_taken_from_the_authorization_header():
    assert access_token("Bearer abc.def-_~+/==") == ("bearer", "abc.def-_~+/==")
    assert access_token("bEARER  abc") == ("bearer", "abc")


BASIC = "Basic " + base64.b64encode(b"a:b").decode()


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, Reason.MISSING),
        ("", Reason.SCHEME),
        ("Bearer", Reason.SCHEME),
        ("Bearer ", Reason.SCHEME),
        ("Bearerabc", Reason.SCHEME),
        ("Bearer a b", Reason.SCHEME),
        ("Bearer a,b", Reason.SCHEME),
        ("Bearer a\n", Reason.SCHEME),
        (BASIC, Reason.SCHEME),
    ],
)
def test_a_header_without_a_bearer_token_is_refused(header, reason):
    with pytest.raises(TokenRefused) as caught:
        access_token(header)
    assert caught.value.reason is reason
