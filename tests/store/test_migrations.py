import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text

from gateway.ledger.sequencing import Entered, commitment_of, leaf_content, sequence
from gateway.ledger.tree import TILE, CompactRange, leaf_hash
from gateway.ledger.verify import verify
from gateway.store.errors import SchemaMismatch
from gateway.store.migrate import _config, migrate, require_current, revision
from gateway.store.tables import entry, metadata, salt, tree

ENTERED = Entered(
    at="2026-09-21T14:13:20.000Z",
    type="read",
    actor="tester",
    referral=None,
    delivery=None,
    fields='{"what":"ledger"}',
    commitment=commitment_of(b"s" * 32, b'{"what":"ledger"}'),
    salt=b"s" * 32,
)
WRITTEN = TILE * TILE + TILE + 3
#: Rows that the first release wrote, table by table, in the order in which they refer to each other.
OLD = {
    "case_key": [{"case_key": "r-1", "wrapped_dek": b"w", "kek_id": "kek-1", "version": 1, "created": 1.5}],
    "referral": [
        {
            "n": 1, "id": "r-1", "sender": "police", "idem": "key-1", "fingerprint": b"f", "case_key": "case-1",
            "format": "raabta", "mapping_digest": "d", "state": "SENT", "priority": "HIGH", "version": 2,
            "created": 1.5, "updated": 2.5, "expires": None,
        }
    ],
    "document": [
        {
            "id": "d-1", "referral": "r-1", "kind": "ORIGINAL", "version": 1, "media_type": "application/json",
            "case_key": "r-1", "key_version": 1, "nonce": b"n" * 12, "sealed": b"s", "created": 1.5,
        }
    ],
    "party": [
        {
            "n": 1, "referral": "r-1", "agency": "health", "role": "RECIPIENT", "ref": "ref-1", "purpose": "TREAT",
            "service": None, "state": "SENT", "updated": 1.5,
        }
    ],
    "lane": [{"id": 1, "dest": "health", "ord": "case-1", "pending": 1, "next_at": 9.5, "held": 0, "lease_gen": 4}],
    "delivery": [
        {
            "n": 1, "id": "y-1", "message_id": "m-1", "referral": "r-1", "recipient": "health", "purpose": "TREAT",
            "kind": "REFERRAL", "lane": 1, "state": "OPEN", "urgent": 0, "attempts": 1, "base": 0, "created": 1.5,
        }
    ],
    "attempt": [{"delivery": "y-1", "n": 1, "at": 2.5, "ms": 30, "status": 503, "outcome": "UNAVAILABLE"}],
    "endpoint": [{"dest": "health", "phase": "CLOSED", "trips": 0, "window": "SF", "paused": 0}],
    "inbound": [{"agency": "health", "message_id": "a-1", "fingerprint": b"f", "referral": "r-1", "at": 3.5}],
    "replay": [{"issuer": "police", "jti": "j-1", "expires": 99.5}],
    "drift": [
        {
            "agency": "police", "format": "raabta", "kind": "new_field", "path": "x", "first_seen": 1.5,
            "last_seen": 2.5, "count": 2,
        }
    ],
}  # fmt: skip


def test_an_empty_database_is_upgraded_to_exactly_the_tables_of_the_code(empty):
    migrate(empty)

    with empty.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert {table.name for table in metadata.sorted_tables} < set(inspect(connection).get_table_names())


def test_partial_indexes_keep_their_condition(empty):
    migrate(empty)
    where = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'ix_lane_due_at'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_lane_due_at'",
    }

    with empty.connect() as connection:
        text = str(connection.exec_driver_sql(where[empty.dialect.name]).scalar())

    assert "pending > 0 AND held = 0" in text.replace("(", "").replace(")", "")


def test_migrating_twice_changes_nothing(empty):
    assert migrate(empty) == migrate(empty) == "0009"


def test_a_database_that_was_never_migrated_is_refused(empty):
    with empty.connect() as connection:
        assert revision(connection) is None
        with pytest.raises(SchemaMismatch):
            require_current(connection)


def test_an_interrupted_migration_leaves_nothing_behind(empty, monkeypatch):
    def interrupt(*_: object) -> None:
        # after the revisions have run, before the commit
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        from gateway.store import migrate as module

        upgrade = module.command.upgrade
        patch.setattr(module.command, "upgrade", lambda *given: (upgrade(*given), interrupt()))
        with pytest.raises(KeyboardInterrupt):
            migrate(empty)

    with empty.connect() as connection:
        assert inspect(connection).get_table_names() == []


def to(engine, wanted):
    """Run the revisions, up or down, to one that is named."""
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        config = _config()
        config.attributes["connection"] = connection
        up = revision(connection) is None
        (command.upgrade if up else command.downgrade)(config, wanted)
        connection.exec_driver_sql("COMMIT")


def test_every_revision_can_be_undone(empty):
    migrate(empty)

    to(empty, "base")

    with empty.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}


def test_rows_of_the_first_revision_still_read_and_verify(empty):
    to(empty, "0001")
    with empty.connect() as connection:
        for name, rows in OLD.items():
            table = metadata.tables[name]
            connection.execute(insert(table), rows)
        grown = sequenced(connection)

    migrate(empty)

    with empty.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for name, rows in OLD.items():
            columns = [metadata.tables[name].c[column] for column in rows[0]]
            assert [dict(row) for row in connection.execute(select(*columns)).mappings()] == rows
        connection.exec_driver_sql("BEGIN")
        verdict = verify(connection, [])
        assert (verdict.findings, verdict.size, verdict.root) == ([], WRITTEN, grown)
        sequence(connection, [ENTERED])
        assert (verify(connection, []).findings, verify(connection, []).size) == ([], WRITTEN + 1)
        connection.exec_driver_sql("COMMIT")


def test_who_was_waited_for_before_follow_up_had_its_column_is_looked_at_once(empty):
    to(empty, "0001")
    base = OLD["party"][0]
    more = [
        base,
        {**base, "n": 2, "agency": "police", "role": "SENDER"},
        {**base, "n": 3, "agency": "school", "ref": "ref-3", "state": "ACCEPTED"},
    ]
    with empty.connect() as connection:
        for name in ("case_key", "referral"):
            connection.execute(insert(metadata.tables[name]), OLD[name])
        columns = list(base)
        places = ", ".join(f":{column}" for column in columns)
        connection.execute(text(f"INSERT INTO party ({', '.join(columns)}) VALUES ({places})"), more)  # noqa: S608

    migrate(empty)

    with empty.connect() as connection:
        party = metadata.tables["party"]
        found = connection.execute(select(party.c.followup_at).order_by(party.c.n)).scalars().all()
    assert found == [0.0, None, None]


def sequenced(connection) -> bytes:
    """Write entries as the first revision's code did, more than one subtree of them, and return the root."""
    grown = CompactRange()
    for index in range(WRITTEN):
        known = (ENTERED.type, ENTERED.actor, ENTERED.referral, ENTERED.delivery, ENTERED.commitment)
        leaf = leaf_hash(leaf_content(index, ENTERED.at, *known))
        row = {name: value for name, value in ENTERED._asdict().items() if name != "salt"}
        connection.execute(insert(entry), [{**row, "idx": index, "leaf": leaf}])
        connection.execute(insert(salt), [{"idx": index, "salt": ENTERED.salt}])
        grown = grown.append(leaf)
    connection.execute(insert(tree), [{"id": 1, "size": WRITTEN, "stack": b"".join(grown.stack)}])
    return grown.root()


def test_a_ledger_without_an_entry_gets_the_row_that_is_locked(empty):
    to(empty, "0001")

    migrate(empty)

    with empty.connect() as connection:
        assert [tuple(row) for row in connection.execute(select(tree))] == [(1, 0, b"")]
        with pytest.raises(Exception, match=r"(?i)unique"):
            connection.execute(insert(tree).values(id=1, size=0, stack=b""))
