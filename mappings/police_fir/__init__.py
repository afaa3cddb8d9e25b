"""Police documents in XML, namespace ``urn:raabta:police-fir:1`` (formats/police.md B1, B3)."""
