import pytest
from auth_parties import private_key, public_jwk
from cryptography.hazmat.primitives.asymmetric import ec, ed448, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from auth.errors import AssertionRefused, KeyRefused, Reason
from auth.keys import ALGORITHMS, PublicKeySet, fits, read_private_key

EC = public_jwk(private_key("ES256"))
RSA = public_jwk(private_key("RS384"))


def without(jwk, *names):
    return {name: value for name, value in jwk.items() if name not in names}


def pem(native, password=None):
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return native.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def kids(*jwks):
    return [key.kid for key in PublicKeySet.parse({"keys": list(jwks)}).keys]


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_key_fits_the_algorithms_of_its_type_and_curve_alone(alg):
    key = private_key(alg)
    alike = {name for name, needs in ALGORITHMS.items() if needs == ALGORITHMS[alg]}
    assert {name for name in [*ALGORITHMS, "RS256", "HS256", "none", ""] if fits(key, name)} == alike


@pytest.mark.parametrize(
    "members",
    [{"use": "enc"}, {"alg": "ES384"}, {"key_ops": ["deriveKey"]}, {"key_ops": []}],
)
def test_a_key_does_not_fit_against_its_own_word(members):
    assert not fits(ECKey.import_key({**EC, **members}), "ES256")


def test_a_set_keeps_signing_keys_and_passes_over_the_rest():
    encryption = {**RSA, "kid": "e", "use": "enc"}
    p521 = public_jwk(ECKey.generate_key("P-521", {"kid": "p521"}))
    agreement = public_jwk(OKPKey.generate_key("X25519", {"kid": "x"}))
    quantum = {"kty": "AKP", "alg": "ML-DSA-44", "kid": "q", "pub": "AAAA"}
    assert kids(EC, encryption, p521, agreement, quantum, RSA) == ["ES256-first", "RS384-first"]


BAD_SETS = {
    "there are no keys": {},
    "the keys are none": {"keys": []},
    "the keys are an object": {"keys": EC},
    "a key is text": {"keys": ["key"]},
    "a key has no kid": {"keys": [without(EC, "kid")]},
    "a kid is empty": {"keys": [{**EC, "kid": ""}]},
    "a kid is a number": {"keys": [{**EC, "kid": 1}]},
    "a key is private": {"keys": [private_key("ES256").as_dict(private=True)]},
    "an RSA key is private": {"keys": [private_key("RS384").as_dict(private=True)]},
    "a key is symmetric": {"keys": [{**OctKey.generate_key(256).as_dict(private=True), "kid": "o"}]},
    "a good key stands beside a symmetric one": {"keys": [EC, {"kty": "oct", "k": "AAAA", "kid": "o"}]},
    "a curve is unknown": {"keys": [{**EC, "crv": "P-999"}]},
    "a point is not on the curve": {"keys": [{**EC, "x": EC["y"]}]},
    "a coordinate is missing": {"keys": [without(EC, "x")]},
    "a coordinate is a number": {"keys": [{**EC, "x": 5}]},
    "a modulus is not base64url": {"keys": [{**RSA, "n": "!!"}]},
    "an exponent is one": {"keys": [{**RSA, "e": "AQ"}]},
    "only encryption keys": {"keys": [{**EC, "use": "enc"}]},
    "only keys of unknown types": {"keys": [{"kty": "AKP", "kid": "q"}]},
    "too many keys": {"keys": [EC] * 65},
}


@pytest.mark.parametrize("document", BAD_SETS.values(), ids=BAD_SETS)
def test_a_key_set_is_refused_when(document):
    with pytest.raises(KeyRefused):
        PublicKeySet.parse(document)


def test_a_short_rsa_key_is_refused():
    with pytest.warns(SecurityWarning):
        short = RSAKey.generate_key(1024, {"kid": "short"})
    with pytest.warns(SecurityWarning), pytest.raises(KeyRefused, match="2048"):
        PublicKeySet.parse({"keys": [public_jwk(short)]})
    with pytest.raises(KeyRefused):
        read_private_key(short.as_pem(private=True))


def test_keys_of_two_types_may_share_a_kid():
    keys = PublicKeySet.parse({"keys": [{**EC, "kid": "k"}, {**RSA, "kid": "k"}]})
    assert keys.find("k", "ES256", AssertionRefused).key_type == "EC"
    assert keys.find("k", "PS256", AssertionRefused).key_type == "RSA"
    with pytest.raises(AssertionRefused) as caught:
        keys.find("k", "EdDSA", AssertionRefused)
    assert caught.value.reason is Reason.KEY_UNFIT


def test_the_document_of_a_set_holds_no_private_member():
    keys = PublicKeySet((private_key("RS384"), private_key("EdDSA")))
    members = {name for jwk in keys.document()["keys"] for name in jwk}
    assert members == {"kty", "n", "e", "crv", "x", "kid"}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_private_key_is_read_from_pem(alg):
    key = read_private_key(private_key(alg).as_pem(private=True))
    assert key.is_private
    assert fits(key, alg)
    assert key.thumbprint() == private_key(alg).thumbprint()


def test_a_private_key_is_read_with_its_password():
    text = pem(ec.generate_private_key(ec.SECP256R1()), b"namuna")
    assert fits(read_private_key(text, b"namuna"), "ES256")
    for wrong in (None, b"", b"farzi"):
        with pytest.raises(KeyRefused):
            read_private_key(text, wrong)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"key",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        private_key("ES256").as_pem(private=False),
        pem(ec.generate_private_key(ec.SECP521R1())),
        pem(ed448.Ed448PrivateKey.generate()),
        pem(x25519.X25519PrivateKey.generate()),
    ],
)
def test_text_that_is_no_private_key_of_ours_is_refused(text):
    with pytest.raises(KeyRefused):
        read_private_key(text)
