"""The least that could do the gateway's work: the same packages and the same rows, written by hand for one referral.

Everything the gateway exists for is left out: no token, no strict reading, no routing, no need-to-know, no other
language, no account of what was told, no lease, no retry, no breaker, no refusal. What is left is what FastAPI,
pydantic, the seals, SQLite and httpx cost. The benchmark sets the gateway beside it, as `handwritten` does for
translation.
"""
