"""Durable state: tables, one committing thread, a pool of read-only connections.

`opening.open_store` joins the parts into a `Store`. Everything that changes state is a function of a
connection handed to `Committer.submit`; everything that only looks goes through `Readers.connection`.
"""
