"""Police documents in the JSON of the Punjab record system and its relatives (formats/police.md A2, B2)."""
