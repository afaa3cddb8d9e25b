"""The ledger: what the gateway did, in an order nobody can change unseen, without one personal value.

Entries are leaves of an RFC 6962 tree whose root is signed from time to time. `events` says what may be
entered, `journal` enters it in the caller's transaction, `sequencing` gives it its place in the tree, `verify`
proves the whole, `story` reads one referral's part.
"""
