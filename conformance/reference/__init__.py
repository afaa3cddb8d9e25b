"""A gateway in miniature, honest unless told otherwise: what the checks are proved on.

It was written from the same pages as the checks and shares no line with the gateway of this project. It speaks the
formats as far as the vectors do, keeps everything in memory, and its time passes only when a check waits. Each
*flaw* is one behaviour that is wrong on purpose (`conformance/mutants/mutants.toml`).
"""
