"""Sealed bodies: AES-256-GCM under a key of the case, so that erasing a case is destroying its key."""
