"""Alembic's entry: runs the revisions on the connection that `gateway.store.migrate` hands in."""

from alembic import context

from gateway.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller holds one transaction around all revisions
)
context.run_migrations()
