"""A story as one HTML file, in English and Urdu: for the evidence bundle, where it is read without a gateway.

No script, nothing loaded, every value escaped; the page forbids itself everything but its own style sheet.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.ledger.story import Story
from gateway.trace.diagram import diagram
from gateway.trace.urdu import told


@cache
def environment() -> Environment:
    """Return the environment of this package's templates: everything is escaped, nothing may be missing."""
    loader = PackageLoader("gateway.trace", "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals["told"] = told
    return made


def story_page(story: Story, gateway: str) -> str:
    """Return the page; `gateway` is the public name of the gateway that tells it."""
    style = resources.files("gateway.trace").joinpath("story.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = environment().get_template("story.html")
    return template.render(story=story, gateway=gateway, style=style, digest=digest, diagram=diagram(story))
