"""What the authorization server says of itself, and how it reads Basic credentials."""

import pytest
from auth_parties import (
    AUDIENCE,
    ISSUER,
    TOKEN_URL,
    basic,
    school,
)
from hypothesis import given
from hypothesis import strategies as st

from auth.authentication import read_basic
from auth.endpoint import challenge, metadata_response
from auth.errors import Reason, RegistrationRefused, SecretRefused
from auth.identity import IssuerIdentity
from auth.scopes import parse_scopes

text = st.text(max_size=30)


@given(text, text)
def test_basic_credentials_are_form_decoded(client_id, secret):
    from urllib.parse import quote_plus

    assert read_basic(basic(quote_plus(client_id), quote_plus(secret))) == (client_id, secret)


@given(text)
def test_any_header_is_read_or_refused(header):
    try:
        answer = read_basic(f"Basic {header}")
    except SecretRefused as refused:
        answer = refused.reason
    assert isinstance(answer, tuple) or answer in {Reason.SCHEME, Reason.ENCODING}


METHODS = ["private_key_jwt", "tls_client_auth", "client_secret_basic"]
ALGORITHMS = ["RS384", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]


def test_the_metadata_names_what_is_served(bench):
    answer = metadata_response(bench.identity)
    assert answer.status == 200
    assert answer.body == {
        "issuer": ISSUER,
        "token_endpoint": TOKEN_URL,
        "jwks_uri": f"{ISSUER}/oauth/jwks",
        "scopes_supported": ["referral.write"],
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint": f"{ISSUER}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint": f"{ISSUER}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "tls_client_certificate_bound_access_tokens": True,
        "dpop_signing_alg_values_supported": ALGORITHMS,
    }


def identity(**changes):
    fields = {
        "issuer": ISSUER,
        "token_url": TOKEN_URL,
        "jwks_url": f"{ISSUER}/oauth/jwks",
        "audience": AUDIENCE,
    }
    return IssuerIdentity(**{**fields, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://gateway.example"},
        {"issuer": ""},
        {"issuer": "gateway.example"},
        {"issuer": "https://gateway.example?x=1"},
        {"token_url": "https://gateway.example/token#x"},
        {"jwks_url": "ftp://gateway.example/jwks"},
        {"audience": ""},
        {"token_lifetime": 0},
        {"token_lifetime": 301},
    ],
)
def test_an_issuer_that_contradicts_the_rules_is_refused_at_start(changes):
    with pytest.raises(RegistrationRefused):
        identity(**changes)


def test_an_issuer_may_stand_on_loopback_without_tls():
    base = "http://127.0.0.1:8080"
    assert identity(issuer=base, token_url=f"{base}/oauth/token", jwks_url=f"{base}/oauth/jwks")


def test_the_challenge_of_a_resource_follows_rfc_6750():
    assert challenge() == {"WWW-Authenticate": 'Bearer realm="raabta"'}
    assert challenge("insufficient_scope", "referral.write") == {
        "WWW-Authenticate": 'Bearer realm="raabta", error="insufficient_scope", scope="referral.write"'
    }


def test_the_scopes_of_the_clients_are_those_of_the_bench():
    assert set(parse_scopes("referral.read reply.write")) == set(school().scopes)
