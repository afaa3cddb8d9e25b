"""The mapping engine: one declarative file reads and writes a language, and accounts for every value.

Rules relate a path of ours to a path of theirs through a named two-way converter. Both sides are plain trees
(:mod:`mappings.engine.trees`), so one rule works in both directions. See docs/adr/0003-mapping-engine.md.
"""
