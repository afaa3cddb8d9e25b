"""The checks, one file for each area; importing this package registers them all."""

from conformance.checks import agency, audit, auth, delivery, errors, formats, ledger, privacy, referrals, sending

AREAS = (auth, referrals, formats, delivery, audit, ledger, errors, privacy, agency, sending)
"""Every module that registers checks."""
