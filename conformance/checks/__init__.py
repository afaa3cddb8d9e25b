"""The checks, one file for each area; importing this package registers them all."""

from conformance.checks import agency, audit, auth, delivery, errors, formats, privacy, referrals, sending

AREAS = (auth, referrals, formats, delivery, audit, errors, privacy, agency, sending)
"""Every module that registers checks."""
