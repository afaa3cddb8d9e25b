"""The published OpenAPI document is what the code serves."""

from difflib import unified_diff

from tests.house.openapi_documents import PUBLISHED, gateway_document


def test_the_published_document_equals_what_the_gateway_serves() -> None:
    """When this fails on purpose: `make openapi`, and read the difference as an integrator would."""
    published, served = PUBLISHED.read_text("utf-8"), gateway_document()
    difference = unified_diff(published.splitlines(), served.splitlines(), "published", "served", lineterm="", n=2)

    assert "\n".join(list(difference)[:30]) == ""
