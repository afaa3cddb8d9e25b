"""What is published is what the code makes: the OpenAPI document and the canonical schema."""

from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.house import agency_page
from tests.house.openapi_documents import PUBLISHED, PUBLISHED_SCHEMA, gateway_document, schema_document

MADE = [(PUBLISHED, gateway_document), (PUBLISHED_SCHEMA, schema_document), (agency_page.PAGE, agency_page.page)]


@pytest.mark.parametrize(("published", "made"), MADE)
def test_a_published_document_equals_what_the_code_makes(published: Path, made: Callable[[], str]) -> None:
    """When this fails on purpose: `make openapi`, and read the difference as an integrator would."""
    held, now = published.read_text("utf-8"), made()
    difference = unified_diff(held.splitlines(), now.splitlines(), "published", "made", lineterm="", n=2)

    assert "\n".join(list(difference)[:30]) == ""
