import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.tree import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    root_of,
)
from gateway.ledger.verifier.verify import included
from tests.ledger import naive

#: Distinct entries, cheaply drawn: what stands in them does not matter to the tree.
entries = st.integers(1, 70).map(lambda size: [b"entry %d" % number for number in range(size)])


def leaves_of(contents: list[bytes]) -> list[bytes]:
    return [leaf_hash(content) for content in contents]


def over(contents: list[bytes]):
    """Return the roots of perfect subtrees over these entries, each computed anew."""
    return lambda height, index: naive.mth(contents[index << height : (index + 1) << height])


def grown(contents: list[bytes]) -> CompactRange:
    tree = CompactRange()
    for content in contents:
        tree = tree.append(leaf_hash(content))
    return tree


def test_the_empty_tree_and_the_first_leaf_are_those_of_the_rfc():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert CompactRange().root() == EMPTY_ROOT


def test_the_tree_of_the_reference_implementation_has_its_known_root():
    """The eight leaves that certificate-transparency implementations test with."""
    contents = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    contents.append("606162636465666768696a6b6c6d6e6f")

    root = grown([bytes.fromhex(each) for each in contents]).root()

    assert root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(entries)
def test_the_compact_range_has_the_root_of_the_definition(contents):
    assert grown(contents).root() == root_of(over(contents), 0, len(contents)) == naive.mth(contents)


@given(entries, st.data())
def test_inclusion_proofs_are_those_of_the_definition_and_lead_to_the_root(contents, data):
    index = data.draw(st.integers(0, len(contents) - 1))

    proof = inclusion_proof(over(contents), index, len(contents))

    assert proof == naive.path(index, contents)
    assert included(leaf_hash(contents[index]), index, len(contents), proof) == naive.mth(contents)


@given(entries, st.data())
def test_an_inclusion_proof_proves_nothing_else(contents, data):
    index = data.draw(st.integers(0, len(contents) - 1))
    proof = inclusion_proof(over(contents), index, len(contents))
    root = naive.mth(contents)

    assert included(leaf_hash(b"another entry"), index, len(contents), proof) != root
    for misshapen in ([*proof, root], proof[:-1]) if proof else ([root],):
        with pytest.raises(ValueError, match=r"^$"):
            included(leaf_hash(contents[index]), index, len(contents), misshapen)
    if proof:
        broken = [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]]
        assert included(leaf_hash(contents[index]), index, len(contents), broken) != root


@given(entries, st.data())
def test_consistency_proofs_are_those_of_the_definition_and_hold(contents, data):
    earlier = data.draw(st.integers(0, len(contents)))

    proof = consistency_proof(over(contents), earlier, len(contents))

    assert proof == naive.proof(earlier, contents)
    assert is_consistent(earlier, naive.mth(contents[:earlier]), len(contents), naive.mth(contents), proof)


@given(entries, st.data())
def test_a_tree_whose_past_was_changed_has_no_consistency_proof(contents, data):
    earlier = data.draw(st.integers(1, len(contents)))
    seen = naive.mth(contents[:earlier])
    forged = [b"forged entry", *contents[1:]]

    proof = consistency_proof(over(forged), earlier, len(forged))

    assert not is_consistent(earlier, seen, len(forged), naive.mth(forged), proof)


@given(entries, st.data())
def test_a_consistency_proof_with_any_bit_changed_does_not_hold(contents, data):
    earlier = data.draw(st.integers(1, len(contents)))
    proof = consistency_proof(over(contents), earlier, len(contents))
    old, new = naive.mth(contents[:earlier]), naive.mth(contents)

    assert not is_consistent(earlier, old, len(contents), new, [*proof, new])
    for at in range(len(proof)):
        broken = [*proof[:at], bytes([proof[at][0] ^ 128]) + proof[at][1:], *proof[at + 1 :]]
        assert not is_consistent(earlier, old, len(contents), new, broken)
        assert not is_consistent(earlier, old, len(contents), new, proof[:at])


def test_sizes_that_cannot_be_are_refused():
    leaves = leaves_of([b"a", b"b"])

    with pytest.raises(IndexError):
        inclusion_proof(over([b"a", b"b"]), 2, 2)
    with pytest.raises(IndexError):
        consistency_proof(over([b"a", b"b"]), 3, 2)
    with pytest.raises(ValueError, match="compact range"):
        CompactRange(3, (leaves[0],))
    with pytest.raises(ValueError, match=r"^$"):
        included(leaves[0], 2, 2, leaves[:1])
    assert not is_consistent(3, leaves[0], 2, leaves[0], [])
    assert not is_consistent(1, leaves[0], 2, leaves[0], [])
    assert not is_consistent(0, leaves[0], 2, leaves[0], [])
