"""An evidence bundle: entries and what proves them against a signed checkpoint, offline.

A bundle is plain JSON: `checkpoint` (the signed note) and `entries`, each with its leaf's columns, its
fields and salt (null when redacted) and, in a bundle about one referral, its inclusion proof in
hexadecimal. A bundle of the whole ledger holds every entry up to the checkpoint and needs no proofs: the
root is recomputed.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from gateway.ledger.checkpoint import Checkpoint, CheckpointRefused, VerifierKey, read_checkpoint
from gateway.ledger.events import EventType
from gateway.ledger.proofs import leaves_of
from gateway.ledger.sequencing import commitment_of, leaf_content
from gateway.ledger.signing import latest_checkpoint
from gateway.ledger.tree import inclusion_proof, leaf_hash, root_from_inclusion, root_of
from gateway.ledger.verify import Fault, Finding
from gateway.store.tables import entry, salt

_ERASED = EventType.REFERRAL_ERASED.value

#: Version of the bundle's layout.
LAYOUT = 1


class BundleRefused(ValueError):
    """This is no evidence bundle, or the ledger has not been signed yet."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def export_bundle(
    connection: Connection, trusted: Sequence[VerifierKey], referral: str | None = None
) -> dict[str, Any]:
    """Export all entries, or those of one referral, that the newest checkpoint covers.

    Raises `BundleRefused` before the first checkpoint, `CheckpointRefused` when the newest one does not
    verify.
    """
    note = latest_checkpoint(connection)
    if note is None:
        raise BundleRefused
    size = read_checkpoint(note, trusted).size
    wanted = select(entry, salt.c.salt).join(salt, isouter=True).where(entry.c.idx < size)
    if referral is not None:
        wanted = wanted.where(entry.c.referral == referral)
    leaves = [] if referral is None else leaves_of(connection, size)
    rows = connection.execute(wanted.order_by(entry.c.idx)).mappings()
    return {
        "v": LAYOUT,
        "referral": referral,
        "checkpoint": note,
        "entries": [_exported(dict(row), leaves) for row in rows],
    }


def _exported(row: dict[str, Any], leaves: Sequence[bytes]) -> dict[str, Any]:
    exported = {name: row[name] for name in ("at", "type", "actor", "referral", "delivery", "fields")}
    exported["seq"] = row["idx"]
    exported["commitment"] = row["commitment"].hex()
    exported["salt"] = None if row["salt"] is None else row["salt"].hex()
    if leaves:
        exported["proof"] = [step.hex() for step in inclusion_proof(leaves, row["idx"])]
    return exported


def verify_bundle(bundle: dict[str, Any], trusted: Sequence[VerifierKey]) -> list[Finding]:
    """Check a bundle with nothing but the log's public keys; an empty list: every entry is proven.

    Raises `BundleRefused` when it is not laid out as a bundle.
    """
    try:
        if bundle["v"] != LAYOUT:
            raise BundleRefused
        said = read_checkpoint(bundle["checkpoint"], trusted)
        entries = bundle["entries"]
        leaves = [_leaf(each) for each in entries]
        findings = [Finding(Fault.FIELDS, each["seq"]) for each in entries if not _committed(each)]
        findings += [Finding(Fault.REDACTED, seq) for seq in _unexplained(entries)]
        return findings + (_alone if bundle["referral"] else _together)(said, entries, leaves)
    except CheckpointRefused:
        return [Finding(Fault.SIGNATURE, 0)]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise BundleRefused from None


def _alone(said: Checkpoint, entries: list[dict[str, Any]], leaves: list[bytes]) -> list[Finding]:
    """Prove each entry by its own path to the signed root."""
    findings = []
    for each, leaf in zip(entries, leaves, strict=True):
        proof = [bytes.fromhex(step) for step in each["proof"]]
        if root_from_inclusion(leaf, each["seq"], said.size, proof) != said.root:
            findings.append(Finding(Fault.LEAF, each["seq"]))
    return findings


def _together(said: Checkpoint, entries: list[dict[str, Any]], leaves: list[bytes]) -> list[Finding]:
    """Prove all entries at once by recomputing the signed root."""
    gaps = [Finding(Fault.GAP, at) for at, each in enumerate(entries) if each["seq"] != at]
    if len(leaves) != said.size or root_of(leaves) != said.root:
        return [*gaps[:1], Finding(Fault.ROOT, said.size)]
    return gaps[:1]


def _leaf(each: dict[str, Any]) -> bytes:
    where = (each["seq"], each["at"], each["type"], each["actor"], each["referral"], each["delivery"])
    return leaf_hash(leaf_content(*where, bytes.fromhex(each["commitment"])))


def _committed(each: dict[str, Any]) -> bool:
    """Tell whether the fields are those the entry committed to; redacted ones commit to nothing any more."""
    if each["fields"] is None and each["salt"] is None:
        return True
    if each["fields"] is None or each["salt"] is None:
        return False
    expected: str = each["commitment"]
    return commitment_of(bytes.fromhex(each["salt"]), each["fields"].encode()).hex() == expected


def _unexplained(entries: list[dict[str, Any]]) -> list[int]:
    """Return redacted entries that no later erasure of their referral explains."""
    erased = {each["referral"]: each["seq"] for each in entries if each["type"] == _ERASED}
    return [
        each["seq"] for each in entries if each["fields"] is None and each["seq"] > erased.get(each["referral"], -1)
    ]
