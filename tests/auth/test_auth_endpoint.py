import base64
import json
import logging

import pytest
from auth_parties import (
    AT,
    AUDIENCE,
    HOSPITAL,
    ISSUER,
    SCHOOL,
    SECRET,
    TOKEN_URL,
    assertion,
    basic,
    hospital,
    issuer_of,
    private_key,
    school,
    signed,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth.assertions import ASSERTION_TYPE
from auth.client_secrets import NOBODY, SecretHash
from auth.endpoint import token_response
from auth.errors import Reason
from auth.identity import IssuerIdentity
from auth.issuer import Declined
from auth.requests import Presented
from auth.tokens import Issued

GOOD_BASIC = basic(SCHOOL, SECRET)


def parts(token):
    header, claims, _ = token.split(".")
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)]


def declined(bench, answer):
    """Return error and reason, after the checks that hold for every refusal."""
    assert set(answer.body) == {"error", "error_description"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.status == (401 if answer.body["error"] == "invalid_client" else 400)
    assert ("WWW-Authenticate" in answer.headers) == (answer.status == 401)
    told = bench.told[-1]
    assert isinstance(told, Declined)
    assert told.error == answer.body["error"]
    return told.error, told.reason


def test_a_client_with_keys_is_given_a_token(bench):
    answer = bench.ask_by_assertion(assertion(), scope="system/Task.c referral.write")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    header, claims = parts(answer.body.pop("access_token"))
    assert answer.body == {
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "system/Task.c referral.write",
    }
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": bench.ring.keys[0].kid}
    jti = claims.pop("jti")
    assert claims == {
        "iss": ISSUER,
        "sub": HOSPITAL,
        "client_id": HOSPITAL,
        "aud": AUDIENCE,
        "iat": int(AT),
        "exp": int(AT) + 300,
        "scope": "system/Task.c referral.write",
        "agency": "health-misali",
    }
    assert bench.told == [Issued(jti, HOSPITAL, "health-misali", "system/Task.c referral.write", int(AT) + 300)]


def test_a_client_with_a_secret_is_given_a_token(bench):
    answer = bench.ask(GOOD_BASIC, scope="reply.write")
    assert answer.status == 200
    assert bench.verifier().verify(answer.body["access_token"]).agency == "school-namuna"


def test_two_tokens_never_share_an_id(bench):
    for _ in range(2):
        bench.ask(GOOD_BASIC, scope="reply.write")
    assert bench.told[0].jti != bench.told[1].jti


def test_a_shorter_life_is_kept_and_said(bench):
    identity = IssuerIdentity(ISSUER, TOKEN_URL, f"{ISSUER}/oauth/jwks", AUDIENCE, token_lifetime=60)
    issuer = issuer_of(bench, identity, bench.clients, bench.ring)
    form = [("grant_type", "client_credentials"), ("scope", "reply.write")]
    answer = token_response(issuer, form, Presented(GOOD_BASIC))
    assert answer.body["expires_in"] == 60
    assert parts(answer.body["access_token"])[1]["exp"] == int(AT) + 60


@pytest.mark.parametrize(
    "scope",
    [
        "",
        " ",
        "referral.read delivery.operate",
        "system/Task.cud",
        "system/ServiceRequest.c",
        "system/*.c",
        "user/Task.c",
        "system/Task.uc",
        "Referral.Write",
        "x" * 3000,
    ],
)
def test_a_scope_out_of_bounds_is_an_error_and_never_an_empty_token(bench, scope):
    answer = bench.ask_by_assertion(assertion(), scope=scope)
    assert declined(bench, answer) == ("invalid_scope", None)
    assert bench.told[-1].client_id == HOSPITAL


def test_a_client_without_scopes_is_given_nothing(bench):
    bench.register(hospital(scopes=()))
    assert declined(bench, bench.ask_by_assertion(assertion()))[0] == "invalid_scope"


def test_a_suspended_client_is_told_so_once_it_proved_who_it_is(bench):
    bench.register(hospital(suspended=True), school(suspended=True))
    assert declined(bench, bench.ask_by_assertion(assertion()))[0] == "unauthorized_client"
    assert declined(bench, bench.ask(GOOD_BASIC))[0] == "unauthorized_client"
    assert [told.client_id for told in bench.told] == [HOSPITAL, SCHOOL]
    wrong = bench.ask(basic(SCHOOL, SECRET + "x"))
    assert declined(bench, wrong) == ("invalid_client", Reason.MISMATCH)
    assert bench.told[-1].client_id is None


WRONG_CREDENTIALS = {
    "the secret is wrong": (basic(SCHOOL, SECRET[:-1] + "x"), Reason.MISMATCH),
    "the secret is empty": (basic(SCHOOL, ""), Reason.MISMATCH),
    "the secret is of nobody": (basic("nobody", SECRET), Reason.CLIENT_UNKNOWN),
    "the id is malformed": (basic("a b", SECRET), Reason.CLIENT_UNKNOWN),
    "the id is empty": (basic("", SECRET), Reason.CLIENT_UNKNOWN),
    "the client is registered for keys": (basic(HOSPITAL, SECRET), Reason.CLIENT_METHOD),
    "there is no colon": ("Basic " + base64.b64encode(b"school").decode(), Reason.ENCODING),
    "it is not UTF-8": ("Basic " + base64.b64encode(b"\xff\xfe:x").decode(), Reason.ENCODING),
    "it is not base64": ("Basic A", Reason.ENCODING),
    "it is no base64 at all": ("Basic ***", Reason.SCHEME),
    "it is a bearer token": ("Bearer abc", Reason.SCHEME),
    "it is a digest": ('Digest username="x"', Reason.SCHEME),
    "it is empty": ("", Reason.SCHEME),
    "it is endless": ("Basic " + "A" * 5000, Reason.SCHEME),
}


@pytest.mark.parametrize(("header", "reason"), WRONG_CREDENTIALS.values(), ids=WRONG_CREDENTIALS)
def test_every_wrong_credential_gets_the_same_answer(bench, header, reason):
    answer = bench.ask(header)
    assert declined(bench, answer) == ("invalid_client", reason)
    assert bench.told[-1].client_id is None
    assert answer == bench.ask(basic(SCHOOL, "wrong"))
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("client_id", [SCHOOL, "nobody", HOSPITAL, "a b"])
def test_a_wrong_id_costs_the_same_work_as_a_wrong_secret(bench, monkeypatch, client_id):
    compared = []
    matches = SecretHash.matches
    monkeypatch.setattr(
        SecretHash, "matches", lambda self, secret: compared.append(self.log_n) or matches(self, secret)
    )
    bench.ask(basic(client_id, "wrong"))
    assert compared == [NOBODY.log_n]


def test_every_wrong_assertion_gets_the_answer_of_a_wrong_secret(bench):
    stranger = private_key("ES384", "stranger")
    texts = [
        assertion(sub="nobody", iss="nobody"),
        assertion(exp=1),
        assertion(sub=SCHOOL, iss=SCHOOL),
        signed({"alg": "ES384", "kid": "ES384-first"}, {}, stranger, "ES384"),
        "a.b.c",
    ]
    answers = [bench.ask_by_assertion(text) for text in texts]
    assert all(answer == bench.ask(basic("nobody", "wrong")) for answer in answers)


def test_an_assertion_is_exchanged_once(bench):
    assert bench.ask_by_assertion(assertion()).status == 200
    assert declined(bench, bench.ask_by_assertion(assertion())) == ("invalid_client", Reason.REPLAYED)


def test_a_request_without_authentication_is_refused(bench):
    assert declined(bench, bench.ask()) == ("invalid_client", Reason.MISSING)
    assert declined(bench, bench.ask(client_id=SCHOOL)) == ("invalid_client", Reason.MISSING)


def test_a_secret_in_the_form_is_no_authentication(bench):
    answer = bench.ask(client_id=SCHOOL, client_secret=SECRET)
    assert declined(bench, answer) == ("invalid_client", Reason.MISSING)


def test_a_client_id_beside_the_proof_names_the_same_client(bench):
    assert bench.ask_by_assertion(assertion(), client_id=HOSPITAL).status == 200
    other = bench.ask_by_assertion(assertion(jti="b"), client_id=SCHOOL)
    assert declined(bench, other) == ("invalid_client", Reason.CLIENT_ID)
    assert declined(bench, bench.ask(GOOD_BASIC, client_id=HOSPITAL)) == ("invalid_client", Reason.CLIENT_ID)


GRANT = ("grant_type", "client_credentials")
SCOPE = ("scope", "referral.write")
TYPE = ("client_assertion_type", ASSERTION_TYPE)
ASSERTION = ("client_assertion", assertion())
BAD_FORMS = {
    "it is empty": ([], None),
    "the grant type is missing": ([SCOPE, TYPE, ASSERTION], None),
    "the grant type is empty": ([("grant_type", ""), SCOPE, TYPE, ASSERTION], None),
    "the grant type stands twice": ([GRANT, GRANT, SCOPE, TYPE, ASSERTION], None),
    "the scope stands twice": ([GRANT, SCOPE, ("scope", "referral.read"), TYPE, ASSERTION], None),
    "the scope stands twice, once empty": ([GRANT, SCOPE, ("scope", ""), TYPE, ASSERTION], None),
    "an unknown parameter stands twice": ([GRANT, SCOPE, TYPE, ASSERTION, ("x", "1"), ("x", "1")], None),
    "the assertion stands twice": ([GRANT, SCOPE, TYPE, ASSERTION, ASSERTION], None),
    "the assertion type is missing": ([GRANT, SCOPE, ASSERTION], None),
    "the assertion type is SAML": (
        [GRANT, SCOPE, (TYPE[0], ASSERTION_TYPE.replace("jwt", "saml2")), ASSERTION],
        None,
    ),
    "the assertion is missing": ([GRANT, SCOPE, TYPE], None),
    "the assertion is empty": ([GRANT, SCOPE, TYPE, ("client_assertion", "")], None),
    "assertion and header": ([GRANT, SCOPE, TYPE, ASSERTION], GOOD_BASIC),
    "assertion and an empty header": ([GRANT, SCOPE, TYPE, ASSERTION], ""),
    "assertion and secret": ([GRANT, SCOPE, TYPE, ASSERTION, ("client_secret", SECRET)], None),
    "header and secret": ([GRANT, SCOPE, ("client_secret", SECRET)], GOOD_BASIC),
    "there are too many parameters": ([GRANT, SCOPE, *((f"x{n}", "1") for n in range(40))], None),
}


@pytest.mark.parametrize(("form", "header"), BAD_FORMS.values(), ids=BAD_FORMS)
def test_a_form_is_refused_when(bench, form, header):
    assert declined(bench, token_response(bench.issuer, form, Presented(header))) == ("invalid_request", None)
    assert bench.ask_by_assertion(assertion()).status == 200


@pytest.mark.parametrize(
    "grant",
    ["authorization_code", "password", "refresh_token", "Client_Credentials", 'x"y', "<script>", "چ"],
)
def test_another_grant_type_is_refused_without_an_echo(bench, grant):
    answer = bench.ask_by_assertion(assertion(), grant_type=grant)
    assert declined(bench, answer) == ("unsupported_grant_type", None)
    assert grant not in json.dumps(answer.body, ensure_ascii=False)


def test_an_unknown_parameter_is_ignored(bench):
    assert bench.ask_by_assertion(assertion(), resource="https://other.example", x="1").status == 200


text = st.text(max_size=30)
names = st.sampled_from(["grant_type", "scope", "client_id", "client_assertion", "client_assertion_type"])
values = st.one_of(text, st.sampled_from(["client_credentials", ASSERTION_TYPE, "referral.write", "a.b.c"]))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.one_of(names, text), values), max_size=8), st.one_of(st.none(), text))
def test_no_form_breaks_the_endpoint_and_none_is_given_a_token(bench, form, header):
    assert declined(bench, token_response(bench.issuer, form, Presented(header)))[0].startswith(("invalid_", "unsupp"))


def test_nothing_secret_is_logged(bench, caplog):
    caplog.set_level(logging.DEBUG)
    given = [
        bench.ask_by_assertion(assertion()).body["access_token"],
        bench.ask(GOOD_BASIC, scope="reply.write").body["access_token"],
    ]
    bench.ask(basic(SCHOOL, SECRET + "x"))
    bench.ask_by_assertion(assertion())
    for secret in [*given, SECRET, assertion(), str(school().secret_hash)]:
        assert secret not in caplog.text
    assert repr(bench.told).count("eyJ") == 0


def test_what_the_directory_raises_passes_through(bench):
    class Down:
        def find(self, client_id):
            raise ConnectionError

    issuer = issuer_of(bench, bench.identity, Down(), bench.ring)
    with pytest.raises(ConnectionError):
        token_response(issuer, [GRANT, SCOPE], Presented(GOOD_BASIC))
