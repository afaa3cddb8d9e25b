"""The Merkle tree of RFC 6962 section 2.1 (and RFC 9162 section 2.1), pure.

A hash is 32 bytes of SHA-256. A compact range is the list of roots of the perfect subtrees that make up a
tree, the largest first; it is all that is needed to append and to know the root. Proof functions take the
list of leaf hashes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

#: The root of the tree without leaves.
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf with this content."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class CompactRange:
    """A tree of `size` leaves as the roots of its perfect subtrees, largest first."""

    size: int = 0
    stack: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size.bit_count() != len(self.stack):
            raise ValueError("A compact range has one root for each bit set in its size.")

    def append(self, leaf: bytes) -> "CompactRange":
        """Return the range with one more leaf hash; equal subtrees merge, as a counter carries."""
        stack, carry = list(self.stack), self.size
        while carry & 1:
            leaf = node_hash(stack.pop(), leaf)
            carry >>= 1
        return CompactRange(self.size + 1, (*stack, leaf))

    def root(self) -> bytes:
        """Return the root hash of the tree."""
        if not self.stack:
            return EMPTY_ROOT
        root = self.stack[-1]
        for subtree in reversed(self.stack[:-1]):
            root = node_hash(subtree, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes."""
    level = CompactRange()
    for leaf in leaves:
        level = level.append(leaf)
    return level.root()


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the path that proves that leaf `index` is in the tree over `leaves`, from the leaf up.

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError("The tree has no such leaf.")
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*inclusion_proof(leaves[:middle], index), root_of(leaves[middle:])]
    return [*inclusion_proof(leaves[middle:], index - middle), root_of(leaves[:middle])]


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root a proof leads to (RFC 9162 section 2.1.3.2); None: it has a wrong shape."""
    if not 0 <= index < size:
        return None
    position, last, root = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return None
        if position & 1 or position == last:
            root = node_hash(step, root)
            while position & 1 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            root = node_hash(root, step)
        position, last = position >> 1, last >> 1
    return root if last == 0 else None


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """Return the proof that the tree over the first `earlier` leaves is a beginning of this one.

    Raises IndexError unless 0 <= earlier <= len(leaves).
    """
    if not 0 <= earlier <= len(leaves):
        raise IndexError("The tree never had that size.")
    return _subproof(leaves, earlier, known=True) if 0 < earlier < len(leaves) else []


def _subproof(leaves: Sequence[bytes], earlier: int, *, known: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2; `known`: the verifier has this subtree's root already."""
    if earlier == len(leaves):
        return [] if known else [root_of(leaves)]
    middle = _split(len(leaves))
    if earlier <= middle:
        return [*_subproof(leaves[:middle], earlier, known=known), root_of(leaves[middle:])]
    return [*_subproof(leaves[middle:], earlier - middle, known=False), root_of(leaves[:middle])]


def is_consistent(earlier: int, earlier_root: bytes, later: int, later_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether the earlier tree is proven a beginning of the later (RFC 9162 section 2.1.4.2)."""
    if earlier == 0:
        return not proof and earlier_root == EMPTY_ROOT
    if earlier == later:
        return not proof and earlier_root == later_root
    if not 0 < earlier < later:
        return False
    steps = list(proof)
    if earlier.bit_count() == 1:
        steps.insert(0, earlier_root)
    return _climb(earlier - 1, later - 1, steps) == (earlier_root, later_root)


def _climb(position: int, last: int, steps: list[bytes]) -> tuple[bytes, bytes] | None:
    """Follow a consistency proof up to the two roots it leads to; None: it has a wrong shape."""
    while position & 1:
        position, last = position >> 1, last >> 1
    if not steps:
        return None
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while position & 1 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, step)
        position, last = position >> 1, last >> 1
    return (old, new) if last == 0 else None
