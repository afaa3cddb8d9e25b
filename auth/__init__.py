"""The keys of the house: who may speak to the gateway, and how the gateway proves itself to others.

Rooms (each imports only those above it, and nothing else of ours):

- `errors`          the exception tree and the reasons a credential is refused
- `clock`           time as a function that is handed in; the skew every check allows
- `scopes`          plain and SMART v2 scopes, and which contain which
- `strict_json`     JSON with unique members and finite numbers
- `keys`            public key sets (RFC 7517), private keys, which key fits which algorithm
- `compact`         strict reading and signing of compact JWS (RFC 7515)
- `claims`          single claims are read out of a JWS that is not believed yet
- `keyring`         the issuer's signing keys with overlapping rotation; `keyfiles` keeps them on disk
- `client_secrets`  scrypt hashes of client secrets
- `certificates`    client certificates (RFC 8705), from TLS or a trusted proxy
- `remote_keys`     key sets by URL or from a file that changes, fetched seldom and only where configured
- `clients`         registered clients and the directory they are found in
- `replay`          a `jti` is used once
- `assertions`      client assertions (RFC 7523): built for others, checked for ourselves
- `authentication`  which client is calling, by secret or by certificate
- `proofs`          DPoP proofs (RFC 9449)
- `form`            each parameter once, one way of authentication
- `tokens`          RFC 9068 access tokens are minted
- `verifier`        RFC 9068 access tokens are verified, ours and those of trusted issuers
- `requests`        what comes with a form, in the form Authlib's core reads
- `access`          a request for a resource: its token, and what the token is bound to
- `token_care`      introspection (RFC 7662) and revocation (RFC 7009)
- `identity`        what the issuer calls itself
- `issuer`          the authorization server: Authlib's core joined with the rooms above
- `endpoint`        token, key set and metadata answers, ready to be mounted by any HTTP framework

Every call is synchronous. Only calls that reach a `ClientDirectory`, a `ReplayGuard`, a key file or scrypt
may block; their docstrings say so.
"""
