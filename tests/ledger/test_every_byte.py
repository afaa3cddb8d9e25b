"""Not one byte of an exported ledger of two hundred leaves can be changed: a seeded sample, or all of them.

With `RAABTA_EVERY_BYTE` every byte is flipped in turn, in each of the two ways; it takes a quarter of an hour.
"""

import os
import random

import pytest

from gateway.ledger.bundle import export_bundle
from gateway.ledger.signing import sign_ledger
from gateway.ledger.verifier.verify import Fault, verify
from tests.ledger.bundles import resealed, unpacked, verified
from tests.ledger.samples import event

pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
    pytest.mark.timeout(3_600 if "RAABTA_EVERY_BYTE" in os.environ else 120),
]


@pytest.fixture
def bundle(store, journal, signer, clock):
    """Lend an exported ledger of two hundred leaves."""
    store.committer.run(lambda _: [journal.append(event()) for _ in range(200)])
    store.committer.run(lambda c: sign_ledger(c, journal, signer, clock.now()))
    with store.readers.connection() as connection:
        made = export_bundle(connection, signer, None, [("story.html", b"<!doctype html>")])
    assert verified(made, signer.verifier.text) == ([], 200)
    return made


def places(content, sample):
    """Return which bytes are flipped."""
    every = range(len(content))
    return every if "RAABTA_EVERY_BYTE" in os.environ else random.Random(6).sample(every, sample)  # noqa: S311


def test_no_single_byte_of_the_file_can_be_changed(bundle, signer, tmp_path):
    file = tmp_path / "bundle.zip"
    file.write_bytes(bundle)
    unseen = []
    with file.open("r+b", buffering=0) as hand:
        for place in places(bundle, 500):
            os.pwrite(hand.fileno(), bytes([bundle[place] ^ 1 << place % 8]), place)
            if not verify(file, signer.verifier.text)[0]:
                unseen.append(place)
            os.pwrite(hand.fileno(), bundle[place : place + 1], place)
    assert unseen == []
    assert verify(file, signer.verifier.text) == ([], 200)


def test_nor_of_its_entries_by_whoever_can_sign_the_file_anew(bundle, signer, tmp_path):
    """The archive and its manifest fit the changed entries; only the tree, and the checkpoint over it, do not."""
    content, file, unseen = unpacked(bundle)["entries.jsonl"], tmp_path / "bundle.zip", []
    for place in places(content, 100):
        flipped = content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :]
        file.write_bytes(resealed(bundle, signer, flipped))
        found = verify(file, signer.verifier.text)[0]
        if not found or {Fault.MANIFEST, Fault.SIGNATURE, Fault.CONTAINER} & {each.fault for each in found}:
            unseen.append(place)
    assert unseen == []


def test_nothing_can_be_cut_off_or_put_on(bundle, signer):
    for broken in (bundle[:-1], bundle + b"\0", b"\0" + bundle, bundle[:1000], b"", bundle + bundle):
        assert [each.fault for each in verified(broken, signer.verifier.text)[0]] == [Fault.CONTAINER]
