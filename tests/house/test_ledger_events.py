"""The published catalogue of events is what the code can enter."""

from gateway.ledger.kinds import Kind
from tests.house.ledger_events import _KINDS, PUBLISHED, events_document


def test_the_published_catalogue_is_the_codes() -> None:
    """When this fails on purpose: `python -m tests.house.ledger_events`."""
    assert PUBLISHED.read_text("utf-8") == events_document()
    assert set(_KINDS) == set(Kind)
