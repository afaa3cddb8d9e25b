"""The Merkle tree of RFC 6962 section 2.1 (and RFC 9162 section 2.1), pure.

A hash is 32 bytes of SHA-256. A compact range is the list of roots of the perfect subtrees that make up a
tree, the largest first; it is all that is needed to append and to know the root. Proof functions ask for the roots of
perfect subtrees, wherever those are kept (`proofs`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

#: Heights between stored subtrees, and leaves of the smallest of them.
TILE_HEIGHT = 4
TILE = 1 << TILE_HEIGHT

#: Level (in steps of `TILE_HEIGHT`), index within the level, root.
Completed = list[tuple[int, int, bytes]]

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

    def append(self, leaf: bytes, completed: Completed | None = None) -> "CompactRange":
        """Return the range with one more leaf hash; equal subtrees merge, as a counter carries.

        `completed` is given the roots of the subtrees of `TILE`, `TILE` squared, … leaves that this one completes.
        """
        return self.extend([leaf], completed)

    def extend(self, leaves: Iterable[bytes], completed: Completed | None = None) -> "CompactRange":
        """Return the range with more leaf hashes, in order; as :meth:`append` does with each."""
        stack, size = list(self.stack), self.size
        for leaf in leaves:
            carry, height = size, 0
            while carry & 1:
                leaf = sha256(b"\x01" + stack.pop() + leaf).digest()  # noqa: PLW2901 - the subtree it completes
                carry >>= 1
                height += 1
                if completed is not None and height % TILE_HEIGHT == 0:
                    completed.append((height // TILE_HEIGHT, carry, leaf))
            stack.append(leaf)
            size += 1
        return CompactRange(size, tuple(stack))

    def root(self) -> bytes:
        """Return the root hash of the tree."""
        if not self.stack:
            return EMPTY_ROOT
        root = self.stack[-1]
        for subtree in reversed(self.stack[:-1]):
            root = node_hash(subtree, root)
        return root


#: The hash of the perfect subtree of `2**height` leaves that is number `index` of its height, 0 the first.
Node = Callable[[int, int], bytes]


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def root_of(node: Node, start: int, stop: int) -> bytes:
    """Return the root over the leaves from `start` to before `stop`, which a split of the tree has made."""
    size = stop - start
    if size == 0:
        return EMPTY_ROOT
    if size.bit_count() == 1:
        height = size.bit_length() - 1
        return node(height, start >> height)
    middle = start + _split(size)
    return node_hash(root_of(node, start, middle), root_of(node, middle, stop))


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """Return the path that proves that leaf `index` is in the tree of `size` leaves, from the leaf up.

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError("The tree has no such leaf.")
    path, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(root_of(node, middle, stop))
            stop = middle
        else:
            path.append(root_of(node, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(node: Node, earlier: int, later: int) -> list[bytes]:
    """Return the proof that the tree of `earlier` leaves is a beginning of that of `later`.

    Raises IndexError unless 0 <= earlier <= later.
    """
    if not 0 <= earlier <= later:
        raise IndexError("The tree never had that size.")
    return _subproof(node, earlier, 0, later, known=True) if 0 < earlier < later else []


def _subproof(node: Node, earlier: int, start: int, stop: int, *, known: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2; `known`: the verifier has this subtree's root already."""
    if earlier == stop:
        return [] if known else [root_of(node, start, stop)]
    middle = start + _split(stop - start)
    if earlier <= middle:
        return [*_subproof(node, earlier, start, middle, known=known), root_of(node, middle, stop)]
    return [*_subproof(node, earlier, middle, stop, known=False), root_of(node, start, middle)]


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
