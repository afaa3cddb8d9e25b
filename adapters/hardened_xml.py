"""Parsing XML that strangers wrote (libraries page: lxml; reliability page 2.8).

UTF-8 only, no document type, no entities of its own, nothing fetched; libxml2's limits of depth and size hold.
"""

import re

from lxml import etree

_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")


class XmlError(ValueError):
    """Not well-formed, not UTF-8, or with a document type; the text never shows what it was."""


def parse(document: bytes | str) -> etree._Element:
    """Return the root element. The declaration is not believed: NADRA's says utf-16 over UTF-8 (nadra.md 2.1).

    Raises:
        XmlError: as the class says.

    """
    try:
        text = document.decode("utf-8-sig") if isinstance(document, bytes) else document
        plain = _DECLARATION.sub("", text, count=1) if text.lstrip().startswith("<?xml") else text
        if "<!DOCTYPE" in plain or "<!ENTITY" in plain:
            raise XmlError("The document has a document type.")
        return etree.fromstring(plain.encode(), _parser())
    except (UnicodeError, etree.XMLSyntaxError) as error:
        raise XmlError("The document is not well-formed XML in UTF-8.") from error


def _parser() -> etree.XMLParser:
    # A parser is not shared between tasks' threads, and costs microseconds.
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )
