"""Invented clients, keys and credentials, and a forger who can write any token he likes."""

import base64
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from auth.assertions import ASSERTION_TYPE
from auth.client_secrets import hash_secret
from auth.clients import AuthMethod, Client, FixedClients
from auth.endpoint import token_response
from auth.errors import Reason
from auth.identity import IssuerIdentity
from auth.issuer import Declined, Revoked, TokenIssuer
from auth.keyring import KeyRing, SigningKey
from auth.keys import ALGORITHMS, PublicKeySet
from auth.replay import InMemoryReplayGuard
from auth.requests import Answer, Presented
from auth.scopes import parse_scopes
from auth.tokens import Issued
from auth.verifier import Verifier

AT = 1_800_000_000.0
ISSUER = "https://gateway.example"
TOKEN_URL = f"{ISSUER}/oauth/token"
AUDIENCE = f"{ISSUER}/v1"
HOSPITAL = "hospital-misali"
SCHOOL = "school-namuna"
SECRET = "farzi-secret-for-the-school-of-namuna-only"
ABSENT = object()
"""Put in place of a claim or header parameter that is to be left out."""


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


@functools.cache
def private_key(alg: str, name: str = "first") -> Key:
    """Return the same private key for the same name, with the kid `<alg>-<name>`."""
    parameters = {"kid": f"{alg}-{name}"}
    match ALGORITHMS[alg]:
        case ("RSA", _):
            return RSAKey.generate_key(2048, parameters)
        case ("EC", curve):
            return ECKey.generate_key(curve, parameters)
        case (_, curve):
            return OKPKey.generate_key(curve, parameters)


def public_jwk(key: Key, **members: object) -> dict[str, Any]:
    return {**key.as_dict(private=False), **members}


@functools.cache
def hospital_keys() -> PublicKeySet:
    """One key for each algorithm, and two under one kid."""
    keys = [public_jwk(private_key(alg)) for alg in ALGORITHMS]
    twins = [public_jwk(private_key("ES256", name), kid="twins") for name in ("one", "two")]
    fitted = public_jwk(private_key("RS384", "fitted"), kid="fitted", alg="PS256")
    return PublicKeySet.parse({"keys": [*keys, *twins, fitted]})


@functools.cache
def school_hash() -> Any:
    return hash_secret(SECRET)


def hospital(**changes: Any) -> Client:
    fields: dict[str, Any] = {
        "client_id": HOSPITAL,
        "agency": "health-misali",
        "method": AuthMethod.PRIVATE_KEY_JWT,
        "scopes": parse_scopes("referral.write referral.read system/Task.cu system/Bundle.c"),
        "jwks": hospital_keys(),
    }
    return Client(**{**fields, **changes})


def school(**changes: Any) -> Client:
    fields: dict[str, Any] = {
        "client_id": SCHOOL,
        "agency": "school-namuna",
        "method": AuthMethod.CLIENT_SECRET_BASIC,
        "scopes": parse_scopes("referral.read reply.write"),
        "secret_hash": school_hash(),
    }
    return Client(**{**fields, **changes})


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(header: bytes, payload: bytes, key: Key, alg: str) -> str:
    """Sign any bytes at all, so that only the rule under test can refuse them."""
    text = f"{encoded(header)}.{encoded(payload)}"
    return f"{text}.{encoded(JWSRegistry.algorithms[alg].sign(text.encode(), key))}"


def merged(base: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**base, **changes}.items() if value is not ABSENT}


def signed(header: Mapping[str, object], claims: Mapping[str, object], key: Key, alg: str) -> str:
    return forge(json.dumps(header).encode(), json.dumps(claims).encode(), key, alg)


def assertion_claims(**changes: object) -> dict[str, object]:
    claims = {
        "iss": HOSPITAL,
        "sub": HOSPITAL,
        "aud": TOKEN_URL,
        "iat": int(AT),
        "exp": int(AT) + 60,
        "jti": "assertion-1",
    }
    return merged(claims, changes)


def assertion_header(alg: str = "ES384", **changes: object) -> dict[str, object]:
    return merged({"alg": alg, "kid": f"{alg}-first", "typ": "JWT"}, changes)


def assertion(alg: str = "ES384", **claims: object) -> str:
    return signed(assertion_header(alg), assertion_claims(**claims), private_key(alg), alg)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


class Remembered:
    """Revoked tokens, remembered by one process."""

    def __init__(self) -> None:
        self.jtis: set[tuple[str, str]] = set()

    def revoke(self, issuer: str, jti: str, _expires_at: float) -> None:
        self.jtis.add((issuer, jti))

    def objection(self, issuer: str, jti: str, _agency: str) -> Reason | None:
        return Reason.REVOKED if (issuer, jti) in self.jtis else None

    def unquestioned(self, issuer: str, jti: str, _agency: str) -> bool:
        return (issuer, jti) not in self.jtis


def issuer_of(bench: "Bench", identity: IssuerIdentity, clients: Any, keys: Any) -> TokenIssuer:
    """Return an issuer over the bench's clock, replay guard and standing."""
    verifier = Verifier(ISSUER, AUDIENCE, keys, bench.clock, standing=bench.standing)
    return TokenIssuer(identity, clients, keys, bench.replays, bench.standing, verifier, bench.clock, bench.told.append)


@dataclass
class Bench:
    """An issuer with its clients, and everything it told its observer."""

    clock: SetClock

    def __post_init__(self) -> None:
        self.identity = IssuerIdentity(ISSUER, TOKEN_URL, f"{ISSUER}/oauth/jwks", AUDIENCE, ("referral.write",))
        self.ring = KeyRing((SigningKey.generate(int(AT) - 1000),))
        self.told: list[Issued | Declined | Revoked] = []
        self.standing = Remembered()
        self.register(hospital(), school())

    def register(self, *clients: Client) -> None:
        self.clients = FixedClients(clients)
        self.replays = InMemoryReplayGuard(self.clock)
        self.issuer = issuer_of(self, self.identity, self.clients, self.ring)

    def ask(self, header: str | None = None, /, **parameters: str) -> Answer:
        """Ask for a token with exactly these parameters and the grant type."""
        form = {"grant_type": "client_credentials", "scope": "referral.write", **parameters}
        return token_response(self.issuer, list(form.items()), Presented(header))

    def ask_by_assertion(self, text: str, **parameters: str) -> Answer:
        return self.ask(client_assertion_type=ASSERTION_TYPE, client_assertion=text, **parameters)

    def verifier(self) -> Verifier:
        return Verifier(ISSUER, AUDIENCE, self.ring, self.clock, standing=self.standing)

    def token_claims(self, **changes: object) -> dict[str, object]:
        claims = {
            "iss": ISSUER,
            "sub": HOSPITAL,
            "client_id": HOSPITAL,
            "aud": AUDIENCE,
            "iat": int(AT),
            "exp": int(AT) + 300,
            "jti": "token-1",
            "scope": "referral.write",
            "agency": "health-misali",
        }
        return merged(claims, changes)

    def token_header(self, **changes: object) -> dict[str, object]:
        return merged({"alg": "ES256", "kid": self.ring.keys[0].kid, "typ": "at+jwt"}, changes)

    def token(self, **claims: object) -> str:
        return signed(self.token_header(), self.token_claims(**claims), self.ring.keys[0].private, "ES256")
