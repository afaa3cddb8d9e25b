"""A provincial police record system (police.md B2): referrals in, FIRs out, JSON and XML."""
