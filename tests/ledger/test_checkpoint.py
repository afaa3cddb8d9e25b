import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.checkpoint import Checkpoint, CheckpointRefused, Signer, VerifierKey, read_checkpoint
from gateway.ledger.keys import SigningKeyRefused, create_signing_key, load_signer
from gateway.ledger.kinds import Kind, fits

ORIGIN = "raabta.example.pk/ledger"
ROOT = bytes(range(32))


def test_a_note_reads_back_under_its_key(signer):
    note = signer.sign(41_508, ROOT)

    assert read_checkpoint(note, [signer.verifier]) == Checkpoint(ORIGIN, 41_508, ROOT)


def test_a_note_has_the_form_of_the_specification(signer):
    lines = signer.sign(3, ROOT).split("\n")

    assert lines[:4] == [ORIGIN, "3", base64.b64encode(ROOT).decode(), ""]
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert len(base64.b64decode(lines[4].rpartition(" ")[2])) == 4 + 64
    assert lines[5:] == [""]


def test_the_key_of_the_specifications_example_is_read():
    """The verifier key that Go's package sumdb/note shows."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    assert VerifierKey.parse(text).text == text


def test_the_signature_of_the_specifications_example_verifies():
    """Go's sumdb/note signs this text with that key: another text, the same signature form."""
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    blob = base64.b64decode(line)

    assert blob[:4] == key.hash
    assert key.signed(text.encode(), blob[4:])


@pytest.mark.parametrize(
    "text", ["", "a+b", "name+00000000+AQ==", "x+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
)
def test_a_malformed_verifier_key_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - any of its causes
        VerifierKey.parse(text)


@given(st.data())
def test_a_note_with_any_character_changed_is_refused(data):
    signer = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
    note = signer.sign(41_508, ROOT)
    at = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != note[at]))

    with pytest.raises(CheckpointRefused):
        read_checkpoint(note[:at] + other + note[at + 1 :], [signer.verifier])


def test_a_signature_has_one_spelling(signer):
    """64 + 4 bytes leave two unused bits in the last base64 character: 'Q', 'R', 'S' … would decode alike."""
    note = signer.sign(3, ROOT)
    at = note.rindex("=") - 1
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    same_bytes = alphabet[alphabet.index(note[at]) ^ 1]

    with pytest.raises(CheckpointRefused):
        read_checkpoint(note[:at] + same_bytes + note[at + 1 :], [signer.verifier])


def test_another_key_of_the_same_name_does_not_vouch(signer):
    other = Signer(ORIGIN, Ed25519PrivateKey.generate())

    with pytest.raises(CheckpointRefused):
        read_checkpoint(signer.sign(1, ROOT), [other.verifier])


def test_a_trusted_key_of_another_name_does_not_vouch():
    key = Ed25519PrivateKey.generate()
    stranger = Signer("elsewhere.example/log", key)

    with pytest.raises(CheckpointRefused):
        read_checkpoint(stranger.sign(1, ROOT), [Signer(ORIGIN, key).verifier])


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "\n\n",
        f"{ORIGIN}\n1\n\n— x y\n",
        f"{ORIGIN}\n01\nAA==\n\n— x AAAA\n",
        f"{ORIGIN}\n1\nAA==\nx\n\n— x AAAA\n",
    ],
)
def test_what_is_no_note_is_refused(broken, signer):
    with pytest.raises(CheckpointRefused):
        read_checkpoint(broken, [signer.verifier])


def test_an_origin_with_white_space_is_refused():
    with pytest.raises(ValueError, match="origin"):
        Signer("my log", Ed25519PrivateKey.generate())


def test_the_key_file_is_private_and_never_replaced(tmp_path):
    path = tmp_path / "ledger.key"
    create_signing_key(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert load_signer(path, ORIGIN).verifier == load_signer(path, ORIGIN).verifier
    with pytest.raises(FileExistsError):
        create_signing_key(path)


def test_a_key_file_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "ledger.key"
    create_signing_key(path)
    path.chmod(0o640)

    with pytest.raises(SigningKeyRefused):
        load_signer(path, ORIGIN)


def test_a_file_that_is_no_key_is_refused(tmp_path):
    path = tmp_path / "ledger.key"
    path.write_text("no key")
    path.chmod(0o600)

    with pytest.raises(SigningKeyRefused):
        load_signer(path, ORIGIN)


def test_a_key_whose_hash_is_all_digits_may_be_named_in_the_ledger() -> None:
    """Eight decimal digits after the letters of an algorithm once looked like a CNIC, and no checkpoint was signed."""
    names = (f"key-{digits:08d}" for digits in (0, 12_345_678, 99_999_999))

    assert all(fits(Kind.LABEL, name) for name in names)
