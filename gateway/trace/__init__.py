"""The trace of one referral as people and systems are told it: in sentences, as a picture, as AuditEvents.

Everything is made from the ledger's entries and the deliveries' rows; only what a rule withheld is worked out anew from
the sealed referral (`standing`), and even then no value of it is told.
"""
