"""A long bundle is read a stretch at a time, by as many processes as there are; a short one by one."""

import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from unittest.mock import patch

import pytest

from gateway.ledger.bundle import export_bundle
from gateway.ledger.signing import sign_ledger
from gateway.ledger.verifier import verify as offline
from gateway.ledger.verifier.verify import Fault, Finding, verify
from tests.ledger.bundles import in_stretches, resealed, unpacked
from tests.ledger.samples import event

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def bundle(store, journal, signer, clock, tmp_path):
    """Lend what exports a ledger of so many entries as a file, with one entry changed if that is wanted."""

    def exported(entries, *, changed=None):
        store.committer.run(lambda _: [journal.append(event()) for _ in range(entries)])
        store.committer.run(lambda c: sign_ledger(c, journal, signer, clock.now()))
        with store.readers.connection() as connection:
            made = export_bundle(connection, signer)
        if changed is not None:
            lines = unpacked(made)["entries.jsonl"].splitlines(keepends=True)
            lines[changed] = lines[changed].replace(b"gateway", b"nobody!")
            made = resealed(made, signer, b"".join(lines))
        (tmp_path / "bundle.zip").write_bytes(made)
        return tmp_path / "bundle.zip"

    return exported


class Nowhere(ThreadPoolExecutor):
    def __init__(self):
        raise ImportError


class Dying(ThreadPoolExecutor):
    def map(self, work, tasks):
        yield from super().map(work, tasks[:2])
        raise BrokenProcessPool


@pytest.mark.parametrize("executor", [ProcessPoolExecutor, ThreadPoolExecutor, Nowhere, Dying])
def test_whoever_looks_the_same_is_found(bundle, signer, executor):
    file = bundle(20, changed=13)

    with in_stretches(executor):
        assert verify(file, signer.verifier.text) == ([Finding(Fault.CHANGED, 13)], 20)


def test_a_short_bundle_and_a_single_core_start_no_process(bundle, signer):
    file = bundle(20)

    with patch.object(offline.futures, "ProcessPoolExecutor", side_effect=AssertionError):
        assert verify(file, signer.verifier.text) == ([], 20)
    with in_stretches(), patch.object(offline.futures, "ProcessPoolExecutor", side_effect=AssertionError):
        with patch.object(offline.os, "cpu_count", return_value=None):
            assert verify(file, signer.verifier.text) == ([], 20)


def test_memory_does_not_grow_with_the_bundle(bundle, signer):
    file = bundle(1_500)
    with patch.multiple(offline, STRETCH=1 << 14, BLOCK=1 << 14):
        tracemalloc.start()
        found = verify(file, signer.verifier.text)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert found == ([], 1_500)
    assert peak < file.stat().st_size // 4
