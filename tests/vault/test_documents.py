import pytest

from gateway.store.tables import document
from gateway.vault import documents
from gateway.vault.documents import DocumentKind
from gateway.vault.errors import Erased, SealBroken
from tests.clocks import FixedClock
from tests.delivery.rows import add_referral


@pytest.fixture
def keep(connection, vault):
    """Return a function that seals a document of a new referral and returns its id."""
    clock = FixedClock()
    referral = add_referral(connection, clock)

    def put(body, kind=DocumentKind.CANONICAL):
        identifier = clock.new_id()
        documents.put(
            connection,
            vault,
            id=identifier,
            referral=referral,
            case="case-1",
            kind=kind,
            media_type="application/json",
            body=body,
            now=clock.now(),
        )
        return identifier, referral

    return put


def test_a_document_is_kept_sealed_and_opened_whole(connection, vault, keep):
    identifier, referral = keep(b'{"child": "Farzi"}')

    opened = documents.get(connection, vault, identifier)

    assert opened is not None
    assert (opened.referral, opened.kind, opened.version) == (referral, DocumentKind.CANONICAL, 1)
    assert (opened.media_type, opened.body) == ("application/json", b'{"child": "Farzi"}')
    row = connection.execute(document.select()).one()
    assert not any(b"Farzi" in value for value in row if isinstance(value, bytes))


def test_versions_count_within_their_kind_and_the_latest_is_found(connection, vault, keep):
    keep(b"original", DocumentKind.ORIGINAL)
    keep(b"first")
    _, referral = keep(b"second")

    newest = documents.latest(connection, vault, referral, DocumentKind.CANONICAL)

    assert newest is not None
    assert (newest.version, newest.body) == (2, b"second")
    assert documents.latest(connection, vault, referral, DocumentKind.NOTE) is None


def test_there_is_no_document_without_a_row(connection, vault):
    assert documents.get(connection, vault, "none") is None


def test_two_documents_exchanged_in_the_database_are_noticed(connection, vault, keep):
    first, second = keep(b"one")[0], keep(b"two")[0]
    sealed = {row.id: (row.nonce, row.sealed) for row in connection.execute(document.select())}
    for mine, other in ((first, second), (second, first)):
        values = dict(zip(("nonce", "sealed"), sealed[other], strict=True))
        connection.execute(document.update().where(document.c.id == mine).values(**values))

    with pytest.raises(SealBroken):
        documents.get(connection, vault, first)


def test_after_erasure_the_rows_stay_and_the_bodies_are_gone(connection, vault, keep):
    identifier, _ = keep(b"body")

    vault.destroy(connection, "case-1", 9.0)

    with pytest.raises(Erased):
        documents.get(connection, vault, identifier)
    with pytest.raises(Erased):
        keep(b"another")
