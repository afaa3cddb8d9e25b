"""A gateway with one client of each kind, and a forger who can sign any assertion, token or proof he likes."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.gateway.house import House
from tests.gateway.manifests import AGENCIES, HEALTH, NADRA, POLICE, manifest

ABSENT = object()
"""Put in place of a claim or header parameter that is left out."""
HEADER = "Client-Cert"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BASIC = 'method = "client_secret_basic"\nsecret = "file:secret"\n'


class Addressed(Protocol):
    """A gateway, as far as an assertion names it."""

    @property
    def url(self) -> str: ...


@functools.cache
def key(alg: str, name: str = "own") -> Key:
    """Return the same private key for the same name, with the kid ``<alg>-<name>``."""
    parameters: dict[str, Any] = {"kid": f"{alg}-{name}"}
    if alg in {"RS256", "RS384", "PS256"}:
        return RSAKey.generate_key(2048, parameters)
    if alg == "EdDSA":
        return OKPKey.generate_key("Ed25519", parameters)
    return ECKey.generate_key("P-384" if alg == "ES384" else "P-256", parameters)


def encoded(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(header: bytes, payload: bytes, signing: Key, alg: str) -> str:
    """Sign any bytes at all with any algorithm joserfc knows."""
    text = f"{encoded(header)}.{encoded(payload)}"
    return f"{text}.{encoded(JWSRegistry.algorithms[alg].sign(text.encode(), signing))}"


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping changed, without what is :data:`ABSENT`."""
    return {name: value for name, value in {**base, **changes}.items() if value is not ABSENT}


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], signing: Key, alg: str) -> str:
    """Sign a header and claims as they are."""
    return forge(json.dumps(header).encode(), json.dumps(claims).encode(), signing, alg)


def public(signing: Key, **members: Any) -> dict[str, Any]:
    """Return the public half of a key as a JWK."""
    return {**signing.as_dict(private=False), **members}


def by_hmac(header: Mapping[str, Any], claims: Mapping[str, Any], published: Key) -> str:
    """Return what a forger makes of a published key: a signature whose secret is that key's PEM (CVE-2015-9235)."""
    pem = published.raw_value.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    return f"{text}.{encoded(hmac.digest(pem, text.encode(), 'sha256'))}"


def certificate(name: str, days: int = 30) -> x509.Certificate:
    """Return a certificate whose subject is ``CN=<name>,O=Namuna,C=PK``."""
    own = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name.from_rfc4514_string(f"CN={name},O=Namuna,C=PK")
    began = datetime.now(UTC) - timedelta(days=60)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(own.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(began)
    built = built.not_valid_after(datetime.now(UTC) + timedelta(days=days))
    names = [x509.DNSName(f"{name}.example.pk"), x509.UniformResourceIdentifier(f"urn:namuna:{name}")]
    built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    assert subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return built.sign(own, hashes.SHA256())


def client_cert(shown: x509.Certificate) -> str:
    """Return a certificate as a proxy hands it on (RFC 9440)."""
    return f":{base64.b64encode(shown.public_bytes(Encoding.DER)).decode()}:"


def hang_locks(config: Path) -> None:
    """Let one agency log in by key, one by certificate, one with DPoP; the proxy on loopback is believed."""
    agencies = config.parent / "agencies"
    keys = [public(key(alg), kid=f"{alg}-own") for alg in ("RS384", "PS256", "ES256", "ES384", "EdDSA")]
    twins = [public(key("ES256", name), kid="twins") for name in ("one", "two")]
    (agencies / "keys.json").write_text(json.dumps({"keys": [*keys, *twins]}), "utf-8")
    logins = {
        HEALTH: 'method = "private_key_jwt"\njwks_file = "keys.json"\n',
        NADRA: 'method = "tls_client_auth"\nsubject_dn = "CN=nadra,O=Namuna,C=PK"\n',
        POLICE: BASIC + 'binding = "dpop"\n',
    }
    for name, login in logins.items():
        text = manifest(name, AGENCIES[name])
        head, mark, rest = text.partition("[client]")
        (agencies / f"{name}.toml").write_text(head + mark + rest.replace(BASIC, login, 1), "utf-8")
    tls = f'\n[tls]\nclient_certificate_header = "{HEADER}"\ntrusted_proxies = ["127.0.0.1"]\n'
    config.write_text(config.read_text("utf-8") + tls, "utf-8")


def assertion_claims(house: Addressed, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good assertion of the hospital, changed."""
    now = int(time.time())
    good = {
        "iss": HEALTH, "sub": HEALTH, "aud": f"{house.url}/oauth/token", "iat": now, "exp": now + 60,
        "jti": str(uuid.uuid4()),
    }  # fmt: skip
    return merged(good, changes)


def assertion(house: Addressed, alg: str = "ES384", header: Mapping[str, Any] | None = None, **claims: Any) -> str:
    """Return an assertion of the hospital, good but for what is changed."""
    head = merged({"alg": alg, "kid": f"{alg}-own", "typ": "JWT"}, header or {})
    return signed(head, assertion_claims(house, **claims), key(alg), alg)


def token_claims(house: House, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good token of the hospital, changed."""
    now = int(time.time())
    good = {
        "iss": house.url, "sub": HEALTH, "client_id": HEALTH, "aud": house.url, "iat": now, "exp": now + 300,
        "jti": str(uuid.uuid4()), "scope": "referral.read", "agency": HEALTH,
    }  # fmt: skip
    return merged(good, changes)


def token(house: House, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
    """Return a token signed with the gateway's own key, good but for what is changed."""
    own = house.gateway.keys.signing_key(time.time())
    head = merged({"alg": "ES256", "kid": own.kid, "typ": "at+jwt"}, header or {})
    return signed(head, token_claims(house, **claims), own.private, "ES256")


def proof(url: str, bearer: str | None = None, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """Return a DPoP proof for a GET, good but for what is changed."""
    signing = changes.pop("signing", key("ES256", "dpop"))
    good: dict[str, Any] = {"htm": "GET", "htu": url, "iat": int(time.time()), "jti": str(uuid.uuid4())}
    if bearer is not None:
        good["ath"] = encoded(hashlib.sha256(bearer.encode()).digest())
    head = merged({"alg": "ES256", "typ": "dpop+jwt", "jwk": public(key("ES256", "dpop"))}, header or {})
    return signed(head, merged(good, changes), signing, "ES256")


def refused(house: House) -> str:
    """Return the code of the newest entry about a refused token request."""
    room = house.gateway.room
    room.store.committer.run(lambda _: None)
    fields = [fields for kind, fields in house.entries() if kind == "token.refused"][-1]
    return str(json.loads(fields)["code"])
