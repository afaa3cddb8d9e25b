import stat
import threading

import pytest
from auth_parties import AT, AUDIENCE, ISSUER, TOKEN_URL, assertion, hospital, issuer_of, private_key
from joserfc.jwk import ECKey

from auth.endpoint import jwks_response, token_response
from auth.errors import KeyRefused, Reason, TokenRefused
from auth.keyfiles import KeyFiles
from auth.keyring import LEAD, OVERLAP, KeyRing, SigningKey
from auth.requests import Presented
from auth.tokens import TokenMint
from auth.verifier import Verifier

START = int(AT)


def kids(keys):
    return [key.kid for key in keys]


@pytest.fixture
def ring():
    """Three keys, active from the start, a day later, and two days later."""
    return KeyRing(tuple(SigningKey.generate(START + day * 86400) for day in range(3)))


@pytest.fixture
def files(tmp_path, clock):
    files = KeyFiles(tmp_path / "keys", clock)
    files.prepare()
    return files


def mint(keys, clock):
    return TokenMint(ISSUER, AUDIENCE, keys, clock).mint(hospital(), hospital().scopes)[0]


@pytest.mark.parametrize(
    ("later", "signs", "verify"),
    [
        (-1, 0, [0, 1, 2]),
        (0, 0, [0, 1, 2]),
        (86399, 0, [0, 1, 2]),
        (86400, 1, [0, 1, 2]),
        (86400 + OVERLAP - 1, 1, [0, 1, 2]),
        (86400 + OVERLAP, 1, [1, 2]),
        (172800, 2, [1, 2]),
        (172800 + OVERLAP, 2, [2]),
        (10**9, 2, [2]),
    ],
)
def test_keys_come_and_go_with_an_overlap(ring, later, signs, verify):
    at = START + later
    assert ring.signing_key(at) is ring.keys[signs]
    assert kids(ring.published(at)) == kids(ring.keys[place] for place in verify)
    assert kids(ring.public_keys(at).keys) == kids(ring.published(at))


def test_a_token_of_the_previous_key_is_believed_until_the_overlap_ends(clock):
    ring = KeyRing((SigningKey.generate(START - 1000), SigningKey.generate(START + 10)))
    verifier = Verifier(ISSUER, AUDIENCE, ring, clock)
    old = mint(ring, clock)
    clock.at = AT + 11
    new = mint(ring, clock)
    assert verifier.verify(old).jti != verifier.verify(new).jti
    headers = {text.split(".")[0] for text in (old, new)}
    assert len(headers) == 2


def test_a_token_of_a_key_that_is_gone_is_refused(ring, clock):
    old = mint(ring, clock)
    verifier = Verifier(ISSUER, AUDIENCE, KeyRing(ring.keys[1:]), clock)
    with pytest.raises(TokenRefused) as caught:
        verifier.verify(old)
    assert caught.value.reason is Reason.KID_UNKNOWN


def test_a_ring_that_makes_no_sense_is_refused(ring):
    one, two, _ = ring.keys
    for keys in [(), (two, one), (one, one)]:
        with pytest.raises(KeyRefused):
            KeyRing(keys)
    with pytest.raises(KeyRefused):
        KeyRing(ring.keys, overlap=309)
    with pytest.raises(KeyRefused):
        KeyRing((*ring.keys, SigningKey.generate(START)))


@pytest.mark.parametrize("alg", ["RS384", "ES384", "EdDSA"])
def test_only_a_p_256_key_signs_our_tokens(alg):
    with pytest.raises(KeyRefused):
        SigningKey.of(private_key(alg), START)


def test_a_public_key_signs_nothing():
    public = ECKey.import_key(private_key("ES256").as_dict(private=False))
    with pytest.raises(KeyRefused):
        SigningKey.of(public, START)


def test_the_published_set_names_kid_use_and_algorithm_and_nothing_private(ring):
    answer = jwks_response(ring, START)
    assert answer.status == 200
    assert [set(key) for key in answer.body["keys"]] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}] * 3
    assert {key["alg"] for key in answer.body["keys"]} == {"ES256"}
    assert "no-store" not in answer.headers["Cache-Control"]


def test_the_published_set_is_that_of_the_moment(ring):
    answer = jwks_response(ring, START + 172800 + OVERLAP)
    assert [key["kid"] for key in answer.body["keys"]] == [ring.keys[2].kid]


def test_the_first_key_is_made_for_its_owner_alone(tmp_path, clock, files):
    folder = tmp_path / "keys"
    (path,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == f"{START:012d}.{files.ring().keys[0].kid}.pem"


def test_preparing_twice_keeps_the_key(tmp_path, clock, files):
    before = kids(files.ring().keys)
    files.prepare()
    KeyFiles(tmp_path / "keys", clock).prepare()
    assert kids(files.ring().keys) == before


def test_another_process_sees_a_rotation_before_it_signs(tmp_path, clock, files):
    other = KeyFiles(tmp_path / "keys", clock)
    before = other.signing_key(clock())
    new = files.rotate()
    assert kids(other.public_keys(clock()).keys) == [before.kid, new.kid]
    assert other.signing_key(clock()).kid == before.kid
    clock.at = AT + LEAD
    assert other.signing_key(clock()).kid == new.kid
    assert Verifier(ISSUER, AUDIENCE, files, clock).verify(mint(other, clock))


def test_an_unchanged_folder_is_not_read_again(files):
    assert files.ring() is files.ring()


def test_a_second_rotation_waits_for_the_first(files, clock):
    files.rotate()
    clock.at = AT + LEAD - 1
    with pytest.raises(KeyRefused):
        files.rotate()
    clock.at = AT + LEAD
    assert files.rotate()


def test_a_rotation_removes_the_keys_long_retired(tmp_path, files, clock):
    first = files.ring().keys[0]
    second = files.rotate()
    clock.at = AT + LEAD + OVERLAP
    third = files.rotate()
    assert kids(files.ring().keys) == [second.kid, third.kid]
    assert not list((tmp_path / "keys").glob(f"*{first.kid}*"))


def test_two_processes_may_prepare_at_the_same_moment(tmp_path, clock):
    folder = tmp_path / "keys"
    folder.mkdir()
    files = [KeyFiles(folder, clock) for _ in range(2)]
    for each in files:
        each._write(SigningKey.generate(START))
    assert files[0].signing_key(clock()).kid == files[1].signing_key(clock()).kid
    assert len(files[0].public_keys(clock()).keys) == 2


def test_a_key_that_vanishes_while_the_folder_is_read_is_no_fault(files, tmp_path, clock):
    reader = KeyFiles(tmp_path / "keys", clock)
    first = files.ring().keys[0]
    new = files.rotate()
    listed, calls = reader._listed, []

    def listed_and_removed():
        names = listed()
        if not calls:
            next((tmp_path / "keys").glob(f"*{first.kid}.pem")).unlink()
        calls.append(names)
        return names

    reader._listed = listed_and_removed
    assert kids(reader.ring().keys) == [new.kid]


def test_many_threads_read_one_ring(files):
    rings = []
    threads = [threading.Thread(target=lambda: rings.append(files.ring())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(ring) for ring in rings}) == 1


def _open_to_the_group(path):
    path.chmod(0o640)


def _cut(path):
    path.write_bytes(path.read_bytes()[:40])


def _swapped(path):
    path.write_bytes(SigningKey.generate(0).private.as_pem(private=True))


def _of_another_type(path):
    path.write_bytes(private_key("EdDSA").as_pem(private=True))


def _linked(path):
    target = path.rename(path.parent / "elsewhere")
    path.symlink_to(target)


@pytest.mark.parametrize("harm", [_open_to_the_group, _cut, _swapped, _of_another_type, _linked])
def test_a_key_file_that_was_tampered_with_is_refused(files, tmp_path, clock, harm):
    harm(next((tmp_path / "keys").iterdir()))
    with pytest.raises(KeyRefused) as caught:
        KeyFiles(tmp_path / "keys", clock).ring()
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_refused_without_its_path(tmp_path, clock):
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "keys"):
        with pytest.raises(KeyRefused) as caught:
            KeyFiles(folder, clock).prepare()
        assert str(tmp_path) not in str(caught.value)


def test_a_folder_without_keys_is_refused(tmp_path, clock):
    with pytest.raises(KeyRefused):
        KeyFiles(tmp_path / "none", clock).ring()
    with pytest.raises(KeyRefused):
        KeyFiles(tmp_path, clock).ring()


def test_an_unfinished_file_is_not_a_key(files, tmp_path):
    (tmp_path / "keys" / ".half.draft").write_bytes(b"-----BEGIN")
    (tmp_path / "keys" / "notes.txt").write_text("notes")
    assert len(files.ring().keys) == 1


def test_the_issuer_works_from_key_files(bench, files, clock):
    issuer = issuer_of(bench, bench.identity, bench.clients, files)
    form = {
        "grant_type": "client_credentials",
        "scope": "referral.write",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(aud=TOKEN_URL),
    }
    answer = token_response(issuer, list(form.items()), Presented())
    assert Verifier(ISSUER, AUDIENCE, files, clock).verify(answer.body["access_token"])
