"""Evidence to take away: the ledger's bundle, with the story in sentences and how to verify it."""

from __future__ import annotations

from importlib import resources

from sqlalchemy import Connection

from gateway.ledger.bundle import export_bundle
from gateway.ledger.checkpoint import Signer
from gateway.ledger.story import story
from gateway.trace.page import story_page

GUIDE = "HOW-TO-VERIFY.md"
MEDIA_TYPE = "application/zip"
STORY = "story.html"


def evidence(connection: Connection, signer: Signer, referral: str | None = None) -> bytes:
    """Return the evidence of one referral, or of the whole ledger, as a zip archive.

    Raises:
        NotSigned: no checkpoint of this key covers anything yet.
    """
    guide = resources.files("gateway.ledger.verifier").joinpath(GUIDE).read_bytes()
    papers = [(GUIDE, guide)]
    if referral is not None:
        page = story_page(story(connection, referral), signer.verifier.name)
        papers.append((STORY, page.encode()))
    return export_bundle(connection, signer, referral, papers)


def name_of(referral: str | None) -> str:
    """Return the file name a bundle is offered under."""
    return f"evidence-{referral or 'ledger'}.zip"
