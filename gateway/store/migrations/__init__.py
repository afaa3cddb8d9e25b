"""Schema revisions, run by `gateway.store.migrate`; the newest must equal `gateway.store.tables`."""
