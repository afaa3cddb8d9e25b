import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gateway.store.opening import open_sqlite
from gateway.store.tables import case_key
from gateway.vault.errors import Erased, SealBroken
from gateway.vault.vault import Place, Sealed, Vault
from gateway.vault.wrapping import FileKeyWrapper, add_kek

PLACE = Place("document", "sealed", "row-1")
SECRET = b"Azmaishi Namuna, 39999-0000001-5"


def test_what_was_sealed_is_opened(connection, vault):
    sealed = vault.seal(connection, "case-1", PLACE, SECRET, 1.0)

    assert SECRET not in sealed.ciphertext
    assert vault.open(connection, "case-1", PLACE, sealed) == SECRET


def test_another_process_with_the_key_file_opens_it_too(connection, vault, key_file):
    sealed = vault.seal(connection, "case-1", PLACE, SECRET, 1.0)

    assert Vault(FileKeyWrapper(key_file)).open(connection, "case-1", PLACE, sealed) == SECRET


def test_sealing_twice_uses_another_nonce(connection, vault):
    first, second = (vault.seal(connection, "case-1", PLACE, SECRET, 1.0) for _ in range(2))

    assert first.nonce != second.nonce
    assert first.ciphertext != second.ciphertext


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("party", "sealed", "row-1"),
        Place("document", "nonce", "row-1"),
        Place("document", "sealed", "row-2"),
    ],
)
def test_a_sealed_value_moved_to_another_place_is_refused(connection, vault, elsewhere):
    sealed = vault.seal(connection, "case-1", PLACE, SECRET, 1.0)

    with pytest.raises(SealBroken):
        vault.open(connection, "case-1", elsewhere, sealed)


def test_a_sealed_value_of_another_case_is_refused(connection, vault):
    sealed = vault.seal(connection, "case-1", PLACE, SECRET, 1.0)
    vault.seal(connection, "case-2", PLACE, SECRET, 1.0)

    with pytest.raises(SealBroken):
        vault.open(connection, "case-2", PLACE, sealed)
    with pytest.raises(SealBroken):
        vault.open(connection, "case-3", PLACE, sealed)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_bit_changed_is_noticed(connection, vault, data):
    sealed = vault.seal(connection, "case-1", PLACE, SECRET, 1.0)
    at = data.draw(st.integers(0, len(sealed.ciphertext) - 1))
    bit = data.draw(st.integers(0, 7))
    broken = bytearray(sealed.ciphertext)
    broken[at] ^= 1 << bit

    with pytest.raises(SealBroken):
        vault.open(connection, "case-1", PLACE, Sealed(sealed.nonce, bytes(broken), 1))


def test_a_value_sealed_under_another_version_of_the_key_is_refused(connection, vault):
    sealed = vault.seal(connection, "case-1", PLACE, SECRET, 1.0)

    with pytest.raises(SealBroken):
        vault.open(connection, "case-1", PLACE, Sealed(sealed.nonce, sealed.ciphertext, 2))


def test_after_destruction_nothing_is_opened_or_sealed_even_with_the_key_in_memory(connection, vault, key_file):
    sealed = vault.seal(connection, "case-1", PLACE, SECRET, 1.0)
    other = Vault(FileKeyWrapper(key_file))
    assert other.open(connection, "case-1", PLACE, sealed) == SECRET

    assert vault.destroy(connection, "case-1", 2.0)

    for each in (vault, other):
        with pytest.raises(Erased):
            each.open(connection, "case-1", PLACE, sealed)
    with pytest.raises(Erased):
        vault.seal(connection, "case-1", PLACE, SECRET, 3.0)
    row = connection.execute(select(case_key)).one()
    assert (row.wrapped_dek, row.kek_id, row.shredded_at) == (None, None, 2.0)


def test_destruction_happens_once_and_only_where_there_is_a_key(connection, vault):
    vault.seal(connection, "case-1", PLACE, SECRET, 1.0)

    assert vault.destroy(connection, "case-1", 2.0)
    assert not vault.destroy(connection, "case-1", 3.0)
    assert not vault.destroy(connection, "case-2", 3.0)


def test_destruction_leaves_other_cases_alone(connection, vault):
    sealed = vault.seal(connection, "case-2", PLACE, SECRET, 1.0)
    vault.seal(connection, "case-1", PLACE, SECRET, 1.0)

    vault.destroy(connection, "case-1", 2.0)

    assert vault.open(connection, "case-2", PLACE, sealed) == SECRET


def test_the_wrapped_key_leaves_the_disk_with_its_destruction(database, vault):
    store = open_sqlite(database, upgrade=True)
    store.committer.start()
    store.committer.run(lambda c: vault.seal(c, "case-1", PLACE, SECRET, 1.0))
    with store.readers.connection() as connection:
        wrapped = connection.execute(select(case_key.c.wrapped_dek)).scalar_one()
    files = [database, database.with_name(database.name + "-wal")]
    assert any(wrapped in file.read_bytes() for file in files)

    store.committer.run(lambda c: vault.destroy(c, "case-1", 2.0))
    store.truncate_log()

    assert not any(wrapped in file.read_bytes() for file in files)
    store.close()


def test_a_key_made_in_a_transaction_that_failed_is_never_used(database, vault):
    """Otherwise the next value would be sealed under a key that no row holds, and be lost."""
    store = open_sqlite(database, upgrade=True)
    store.committer.start()

    def fails(connection):
        vault.seal(connection, "case-1", PLACE, SECRET, 1.0)
        raise LookupError

    assert store.committer.submit(fails).exception() is not None
    sealed = store.committer.run(lambda c: vault.seal(c, "case-1", PLACE, SECRET, 2.0))

    with store.readers.connection() as connection:
        assert vault.open(connection, "case-1", PLACE, sealed) == SECRET
        fresh = Vault(vault._wrapper)
        assert fresh.open(connection, "case-1", PLACE, sealed) == SECRET
    store.close()


def test_memory_holds_no_more_keys_than_allowed(connection, key_file):
    vault = Vault(FileKeyWrapper(key_file), cached=2)
    sealed = {case: vault.seal(connection, case, PLACE, SECRET, 1.0) for case in "abcd"}

    assert len(vault._cache) == 2
    assert all(vault.open(connection, case, PLACE, each) == SECRET for case, each in sealed.items())


def test_rewrapping_moves_every_key_and_changes_no_sealed_value(connection, vault, key_file):
    sealed = {case: vault.seal(connection, case, PLACE, SECRET, 1.0) for case in "abc"}
    vault.destroy(connection, "c", 1.5)
    add_kek(key_file)
    renewed = Vault(FileKeyWrapper(key_file))

    assert [renewed.rewrap(connection, limit=1) for _ in range(3)] == [1, 1, 0]

    held = json.loads(key_file.read_text())
    del held["keks"]["kek-1"]
    key_file.write_text(json.dumps(held))
    alone = Vault(FileKeyWrapper(key_file))
    assert alone.open(connection, "a", PLACE, sealed["a"]) == SECRET
    assert vault.open(connection, "b", PLACE, sealed["b"]) == SECRET, "a running process reads the new key"
    with pytest.raises(Erased):
        alone.open(connection, "c", PLACE, sealed["c"])
