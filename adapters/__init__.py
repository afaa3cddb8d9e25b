"""Doors: how to reach an agency. Transport, not words.

Rooms (each imports only those above it):

- `base`        the envelope, the closed union of outcomes, the protocol of an adapter
- `secret_refs` secrets by reference (`env:NAME`, `file:PATH`), read when they are used
- `addresses`   which network addresses may be reached, and a resolver that keeps to them
- `headers`     values that may stand in a header
- `transport`   one bounded HTTP client for each destination
- `statuses`    what an HTTP status means for a delivery
- `tokens`      outbound OAuth
- `channel`     one attempt: transport, token, the headers every call carries, a time budget
- `manifest`    what `agencies/*.toml` say; `manifest_file` reads one and finds every mistake
- `nadra`, `police`, `health`, `school`, `welfare`   one folder for each kind of door; none knows another
- `registry`    all manifests of a folder; the adapter a manifest asks for
"""
