import json
from dataclasses import replace

import pytest
from auth_parties import (
    ABSENT,
    AT,
    AUDIENCE,
    HOSPITAL,
    ISSUER,
    SCHOOL,
    TOKEN_URL,
    assertion,
    assertion_claims,
    assertion_header,
    encoded,
    forge,
    hospital,
    private_key,
    public_jwk,
    school,
    signed,
)

from auth.assertions import AssertionVerifier, build_assertion
from auth.clients import FixedClients
from auth.compact import read
from auth.errors import AssertionRefused, KeyRefused, Reason
from auth.keys import ALGORITHMS
from auth.replay import InMemoryReplayGuard

ALG = "ES384"


@pytest.fixture
def verifier(clock):
    clients = FixedClients([hospital(), school()])
    return AssertionVerifier(frozenset({ISSUER, TOKEN_URL}), clients, InMemoryReplayGuard(clock), clock)


def refusal(verifier, text):
    with pytest.raises(AssertionRefused) as caught:
        verifier.verify(text)
    return caught.value.reason


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_assertion_of_each_algorithm_is_believed(verifier, alg):
    assert verifier.verify(assertion(alg)).client_id == HOSPITAL


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_we_build_for_others_is_what_we_believe(verifier, clock, alg):
    key = private_key(alg)
    texts = [build_assertion(HOSPITAL, ISSUER, key, alg, f"{alg}-first", now=clock) for _ in range(2)]
    assert [verifier.verify(text).client_id for text in texts] == [HOSPITAL, HOSPITAL]


def test_no_algorithm_raises_a_warning(verifier, recwarn):
    for alg in ALGORITHMS:
        verifier.verify(assertion(alg, jti=alg))
    assert not recwarn.list


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ISSUER},
        {"exp": int(AT) + 300},
        {"exp": int(AT) + 310},
        {"exp": int(AT) - 9},
        {"exp": AT + 59.5},
        {"iat": ABSENT},
        {"iat": int(AT) + 10, "nbf": int(AT) + 10},
        {"extensions": {"hl7-b2b": {"purpose_of_use": ["TREAT"]}}},
    ],
)
def test_claims_at_the_edge_of_the_rules_are_believed(verifier, claims):
    assert verifier.verify(assertion(**claims)).client_id == HOSPITAL


@pytest.mark.parametrize("typ", [ABSENT, "JWT", "jwt", "client-authentication+jwt"])
def test_the_types_of_an_assertion_are_believed(verifier, typ):
    text = signed(assertion_header(typ=typ), assertion_claims(), private_key(ALG), ALG)
    assert verifier.verify(text).client_id == HOSPITAL


def test_an_unknown_harmless_header_parameter_is_ignored(verifier):
    header = assertion_header(x5t="AAAA", extra="x")
    assert verifier.verify(signed(header, assertion_claims(), private_key(ALG), ALG))


BAD_CLAIMS = {
    "the audience is an array of ours alone": ({"aud": [TOKEN_URL]}, Reason.AUDIENCE_ARRAY),
    "the audience is an array with a stranger": (
        {"aud": [TOKEN_URL, "https://x.example"]},
        Reason.AUDIENCE_ARRAY,
    ),
    "the audience is missing": ({"aud": ABSENT}, Reason.AUDIENCE),
    "the audience is another server": ({"aud": "https://other.example/token"}, Reason.AUDIENCE),
    "the audience has a trailing slash": ({"aud": TOKEN_URL + "/"}, Reason.AUDIENCE),
    "the audience is the resource server": ({"aud": AUDIENCE}, Reason.AUDIENCE),
    "the audience is an object": ({"aud": {"v": TOKEN_URL}}, Reason.AUDIENCE),
    "it expired": ({"exp": int(AT) - 10}, Reason.EXPIRED),
    "it expired long ago": ({"exp": 1}, Reason.EXPIRED),
    "it lives past five minutes": ({"exp": int(AT) + 311}, Reason.TOO_LONG_LIVED),
    "it lives an hour": ({"exp": int(AT) + 3600}, Reason.TOO_LONG_LIVED),
    "it never expires": ({"exp": ABSENT}, Reason.EXPIRY),
    "its expiry is text": ({"exp": str(int(AT) + 60)}, Reason.EXPIRY),
    "its expiry is true": ({"exp": True}, Reason.EXPIRY),
    "its expiry is null": ({"exp": None}, Reason.EXPIRY),
    "its expiry is negative": ({"exp": -1}, Reason.EXPIRY),
    "its expiry has four hundred digits": ({"exp": 10**400}, Reason.EXPIRY),
    "it is not valid yet": ({"nbf": int(AT) + 11}, Reason.NOT_YET_VALID),
    "its start is text": ({"nbf": "now"}, Reason.NOT_YET_VALID),
    "it was issued in the future": ({"iat": int(AT) + 11}, Reason.ISSUED_AHEAD),
    "its issue is text": ({"iat": "now"}, Reason.ISSUED_AT),
    "the subject is missing": ({"sub": ABSENT}, Reason.SUBJECT),
    "the subject is a list": ({"sub": [HOSPITAL]}, Reason.SUBJECT),
    "the subject is empty": ({"sub": "", "iss": ""}, Reason.SUBJECT),
    "the issuer is missing": ({"iss": ABSENT}, Reason.ISSUER),
    "the issuer is somebody else": ({"iss": SCHOOL}, Reason.ISSUER),
    "the issuer is a number": ({"iss": 7}, Reason.ISSUER),
    "the client is unknown": ({"iss": "nobody", "sub": "nobody"}, Reason.CLIENT_UNKNOWN),
    "the client is registered for a secret": ({"iss": SCHOOL, "sub": SCHOOL}, Reason.CLIENT_METHOD),
    "the id is missing": ({"jti": ABSENT}, Reason.JTI),
    "the id is a number": ({"jti": 7}, Reason.JTI),
    "the id is empty": ({"jti": ""}, Reason.JTI),
    "the id is too long": ({"jti": "x" * 256}, Reason.JTI),
    "the id has a line break": ({"jti": "a\nb"}, Reason.JTI),
    "the id is half a surrogate pair": ({"jti": "\ud800"}, Reason.JTI),
}


@pytest.mark.parametrize(("claims", "reason"), BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_an_assertion_is_refused_for_its_claims_when(verifier, claims, reason):
    assert refusal(verifier, assertion(**claims)) is reason


JWK = public_jwk(private_key("ES384", "stranger"))
BAD_HEADERS = {
    "there is no kid": ({"kid": ABSENT}, Reason.KID_MISSING),
    "the kid is empty": ({"kid": ""}, Reason.KID_MISSING),
    "the kid is a number": ({"kid": 1}, Reason.KID_MISSING),
    "the kid is unknown": ({"kid": "../../etc/passwd"}, Reason.KID_UNKNOWN),
    "the kid is of a key of another type": ({"kid": "RS384-first"}, Reason.KEY_UNFIT),
    "the kid is of a key on another curve": ({"kid": "ES256-first"}, Reason.KEY_UNFIT),
    "the kid is of two keys": ({"kid": "twins"}, Reason.KID_AMBIGUOUS),
    "the key is for another algorithm by its own word": ({"alg": "RS384", "kid": "fitted"}, Reason.KEY_UNFIT),
    "the signature is of another algorithm": ({"alg": "RS384", "kid": "RS384-first"}, Reason.SIGNATURE),
    "it brings the address of its key": ({"jku": "https://x.example/jwks"}, Reason.HEADER_PARAMETER),
    "it brings its own key": ({"jwk": JWK}, Reason.HEADER_PARAMETER),
    "it brings a certificate's address": ({"x5u": "https://x.example/c"}, Reason.HEADER_PARAMETER),
    "it brings a certificate": ({"x5c": ["AAAA"]}, Reason.HEADER_PARAMETER),
    "it marks something critical": ({"crit": ["exp"], "exp": 1}, Reason.HEADER_PARAMETER),
    "it does not encode its payload": ({"b64": False, "crit": ["b64"]}, Reason.HEADER_PARAMETER),
    "it is an access token": ({"typ": "at+jwt"}, Reason.TYPE),
    "it is an access token in full": ({"typ": "application/at+jwt"}, Reason.TYPE),
    "its type is a list": ({"typ": ["JWT"]}, Reason.TYPE),
    "it is a logout token": ({"typ": "logout+jwt"}, Reason.TYPE),
    "the algorithm is none": ({"alg": "none"}, Reason.ALGORITHM),
    "the algorithm is None, capital": ({"alg": "None"}, Reason.ALGORITHM),
    "the algorithm is a shared secret": ({"alg": "HS256"}, Reason.ALGORITHM),
    "the algorithm is RS256": ({"alg": "RS256"}, Reason.ALGORITHM),
    "the algorithm is a list": ({"alg": ["ES384"]}, Reason.ALGORITHM),
    "there is no algorithm": ({"alg": ABSENT}, Reason.ALGORITHM),
}


@pytest.mark.parametrize(("header", "reason"), BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_an_assertion_is_refused_for_its_header_when(verifier, header, reason):
    text = signed(assertion_header(**header), assertion_claims(), private_key(ALG), ALG)
    assert refusal(verifier, text) is reason


HEADER = json.dumps(assertion_header()).encode()
CLAIMS = json.dumps(assertion_claims()).encode()
BAD_BYTES = {
    "a claim stands twice": (HEADER, CLAIMS[:-1] + b', "sub": "other"}', Reason.DUPLICATE_MEMBER),
    "a claim stands twice further down": (
        HEADER,
        CLAIMS[:-1] + b',"x":{"a":1,"a":2}}',
        Reason.DUPLICATE_MEMBER,
    ),
    "a header parameter stands twice": (HEADER[:-1] + b',"alg":"none"}', CLAIMS, Reason.DUPLICATE_MEMBER),
    "a claim is not a number": (HEADER, CLAIMS[:-1] + b',"x":NaN}', Reason.JSON),
    "a claim is infinite": (HEADER, CLAIMS[:-1] + b',"x":Infinity}', Reason.JSON),
    "the expiry overflows": (HEADER, CLAIMS.replace(b"1800000060", b"1e999"), Reason.EXPIRY),
    "the claims are a list": (HEADER, b"[1]", Reason.JSON),
    "the header is a list": (b'["alg"]', CLAIMS, Reason.JSON),
    "the claims are cut off": (HEADER, CLAIMS[:-1], Reason.JSON),
    "the claims are not UTF-8": (HEADER, b'{"a":"\xff"}', Reason.JSON),
    "the claims begin with a byte order mark": (HEADER, b"\xef\xbb\xbf" + CLAIMS, Reason.JSON),
    "the claims are five thousand levels deep": (HEADER, b'{"x":' + b"[" * 5000, Reason.JSON),
    "an integer has five thousand digits": (HEADER, b'{"x":' + b"1" * 5000 + b"}", Reason.JSON),
    "it is too long": (HEADER, CLAIMS[:-1] + b',"x":"' + b"x" * 8192 + b'"}', Reason.TOO_LONG),
}


@pytest.mark.parametrize(("header", "claims", "reason"), BAD_BYTES.values(), ids=BAD_BYTES)
def test_an_assertion_is_refused_for_its_bytes_when(verifier, header, claims, reason):
    assert refusal(verifier, forge(header, claims, private_key(ALG), ALG)) is reason


GOOD = assertion(jti="shaped")
HEAD, BODY, SIGNATURE = GOOD.split(".")
BAD_SHAPES = {
    "it is empty": ("", Reason.NOT_COMPACT),
    "it has two parts": (f"{HEAD}.{BODY}", Reason.NOT_COMPACT),
    "it has four parts": (f"{GOOD}.{SIGNATURE}", Reason.NOT_COMPACT),
    "it has five parts, as if encrypted": (f"{GOOD}.a.b", Reason.NOT_COMPACT),
    "it is not signed": (f"{HEAD}.{BODY}.", Reason.NOT_COMPACT),
    "its payload is detached": (f"{HEAD}..{SIGNATURE}", Reason.NOT_COMPACT),
    "it is padded": (f"{HEAD}=.{BODY}.{SIGNATURE}", Reason.NOT_COMPACT),
    "a line break follows": (GOOD + "\n", Reason.NOT_COMPACT),
    "it is in JSON": (json.dumps({"payload": BODY, "signature": SIGNATURE}), Reason.NOT_COMPACT),
    "a part has an impossible length": (f"{HEAD}.A.{SIGNATURE}", Reason.ENCODING),
    "a part has stray bits": (f"{encoded(b'{}')[:-1]}1.{BODY}.{SIGNATURE}", Reason.ENCODING),
    "the signature is cut": (GOOD[:-4], Reason.SIGNATURE),
    "the signature is of nothing": (f"{HEAD}.{BODY}.{'A' * len(SIGNATURE)}", Reason.SIGNATURE),
    "the claims were changed": (
        f"{HEAD}.{encoded(json.dumps(assertion_claims(jti='x')).encode())}.{SIGNATURE}",
        Reason.SIGNATURE,
    ),
}


@pytest.mark.parametrize(("text", "reason"), BAD_SHAPES.values(), ids=BAD_SHAPES)
def test_an_assertion_is_refused_for_its_shape_when(verifier, text, reason):
    assert refusal(verifier, text) is reason


def test_an_assertion_signed_with_a_strangers_key_is_refused(verifier):
    text = signed(assertion_header(), assertion_claims(), private_key(ALG, "stranger"), ALG)
    assert refusal(verifier, text) is Reason.SIGNATURE


def test_a_signature_is_checked_with_the_algorithm_that_was_read_and_no_other():
    read_as_another = replace(read(assertion(), AssertionRefused), alg="ES256")
    with pytest.raises(AssertionRefused) as caught:
        read_as_another.check(private_key(ALG), AssertionRefused)
    assert caught.value.reason is Reason.SIGNATURE


def test_an_assertion_is_believed_once(verifier):
    verifier.verify(assertion())
    assert refusal(verifier, assertion()) is Reason.REPLAYED
    assert verifier.verify(assertion(jti="assertion-2"))


def test_an_assertion_is_still_refused_as_replayed_in_the_last_second_it_could_be_believed(verifier, clock):
    verifier.verify(assertion())
    clock.at = AT + 69
    assert refusal(verifier, assertion()) is Reason.REPLAYED
    clock.at = AT + 70
    assert refusal(verifier, assertion()) is Reason.EXPIRED


def test_a_forger_cannot_spend_the_id_of_a_client(verifier):
    forged = signed(assertion_header(), assertion_claims(), private_key(ALG, "stranger"), ALG)
    assert refusal(verifier, forged) is Reason.SIGNATURE
    assert verifier.verify(assertion())


def test_every_built_assertion_has_its_own_id():
    key = private_key(ALG)
    texts = {build_assertion(HOSPITAL, ISSUER, key, ALG, "a", now=lambda: AT) for _ in range(20)}
    assert len(texts) == 20


@pytest.mark.parametrize("lifetime", [0, -1, 301, 3600])
def test_an_assertion_is_not_built_for_longer_than_five_minutes(lifetime):
    with pytest.raises(ValueError, match="1 to 300 seconds"):
        build_assertion(HOSPITAL, ISSUER, private_key(ALG), ALG, "a", lifetime=lifetime)


@pytest.mark.parametrize("alg", ["RS256", "HS256", "none", "ES256", "RS384"])
def test_an_assertion_is_not_built_with_an_algorithm_that_does_not_fit_the_key(alg):
    with pytest.raises(KeyRefused):
        build_assertion(HOSPITAL, ISSUER, private_key(ALG), alg, "a")


def test_an_assertion_is_not_built_with_a_public_key():
    public = type(private_key(ALG)).import_key(public_jwk(private_key(ALG)))
    with pytest.raises(KeyRefused):
        build_assertion(HOSPITAL, ISSUER, public, ALG, "a")
