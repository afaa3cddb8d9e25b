import json
import secrets

import pytest

from gateway.vault.errors import KeptElsewhere, KeyFileRefused, SealBroken, UnknownKek
from gateway.vault.wrapping import CredentialKeyWrapper, FileKeyWrapper, add_kek, create_key_file, wrapper_of

DEK = b"k" * 32


def test_a_wrapped_key_comes_back(key_file):
    wrapper = FileKeyWrapper(key_file)

    assert wrapper.unwrap(wrapper.wrap(DEK, "case-1"), wrapper.current, "case-1") == DEK


def test_wrapping_twice_gives_two_texts_that_do_not_hold_the_key(key_file):
    wrapper = FileKeyWrapper(key_file)
    first, second = wrapper.wrap(DEK, "case-1"), wrapper.wrap(DEK, "case-1")

    assert first != second
    assert DEK not in first


def test_a_wrapped_key_of_another_case_is_refused(key_file):
    wrapper = FileKeyWrapper(key_file)

    with pytest.raises(SealBroken):
        wrapper.unwrap(wrapper.wrap(DEK, "case-1"), wrapper.current, "case-2")


@pytest.mark.parametrize("broken", [b"", b"short", secrets.token_bytes(60)], ids=["empty", "short", "random"])
def test_what_was_never_wrapped_is_refused(key_file, broken):
    wrapper = FileKeyWrapper(key_file)

    with pytest.raises(SealBroken):
        wrapper.unwrap(broken, wrapper.current, "case-1")


def test_an_added_key_wraps_from_now_on_and_the_old_one_still_unwraps(key_file):
    old = FileKeyWrapper(key_file)
    wrapped = old.wrap(DEK, "case-1")

    assert add_kek(key_file) == "kek-2"

    new = FileKeyWrapper(key_file)
    assert new.current == "kek-2"
    assert new.unwrap(wrapped, "kek-1", "case-1") == DEK
    assert old.unwrap(new.wrap(DEK, "case-1"), "kek-2", "case-1") == DEK
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_fingerprints_outlive_a_rotation_and_depend_on_the_key(key_file, tmp_path):
    before = FileKeyWrapper(key_file).fingerprint(b"body")
    add_kek(key_file)
    create_key_file(tmp_path / "other.keys")

    assert FileKeyWrapper(key_file).fingerprint(b"body") == before
    assert FileKeyWrapper(key_file).fingerprint(b"bodY") != before
    assert FileKeyWrapper(tmp_path / "other.keys").fingerprint(b"body") != before


def test_a_key_file_is_never_replaced(key_file):
    with pytest.raises(FileExistsError):
        create_key_file(key_file)


def test_a_key_file_that_others_can_read_is_refused(key_file):
    key_file.chmod(0o644)

    with pytest.raises(KeyFileRefused):
        FileKeyWrapper(key_file)


@pytest.mark.parametrize(
    "damage",
    [
        lambda held: "no json",
        lambda held: json.dumps([]),
        lambda held: json.dumps({**held, "current": "kek-9"}),
        lambda held: json.dumps({**held, "keks": {"kek-1": "c2hvcnQ="}}),
        lambda held: json.dumps({**held, "keks": {"kek-1": "***"}}),
        lambda held: json.dumps({**held, "keks": []}),
        lambda held: json.dumps({**held, "index": "c2hvcnQ="}),
        lambda held: json.dumps({"current": held["current"], "keks": held["keks"]}),
    ],
)
def test_a_damaged_key_file_is_refused_without_showing_a_key(key_file, damage):
    held = json.loads(key_file.read_text())
    key_file.write_text(damage(held))

    with pytest.raises(KeyFileRefused) as refused:
        FileKeyWrapper(key_file)
    assert held["keks"]["kek-1"] not in str(refused.value)


def test_a_rotation_makes_a_new_key_current_and_another_process_reads_it(key_file):
    here, there = FileKeyWrapper(key_file), FileKeyWrapper(key_file)
    before = here.wrap(b"k" * 32, "case")

    assert here.rotate() == here.current == "kek-2"
    assert there.unwrap(here.wrap(b"n" * 32, "case"), "kek-2", "case") == b"n" * 32
    assert here.unwrap(before, "kek-1", "case") == b"k" * 32
    with pytest.raises(UnknownKek):
        there.unwrap(before, "kek-9", "case")


def test_a_credential_holds_the_keys_and_is_not_ours_to_replace(key_file, tmp_path):
    wrapper = wrapper_of(key_file, tmp_path / "nowhere")

    assert wrapper.unwrap(FileKeyWrapper(key_file).wrap(b"k" * 32, "case"), "kek-1", "case") == b"k" * 32
    with pytest.raises(KeptElsewhere):
        wrapper.rotate()


def test_a_credential_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(KeyFileRefused):
        CredentialKeyWrapper(tmp_path / "vault-keys")
