from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gateway.store.engine import writer_engine
from gateway.store.migrate import migrate
from gateway.vault.vault import Vault
from gateway.vault.wrapping import FileKeyWrapper, create_key_file


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "vault.keys"
    create_key_file(path)
    return path


@pytest.fixture
def vault(key_file: Path) -> Vault:
    return Vault(FileKeyWrapper(key_file))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "vault.sqlite"


@pytest.fixture
def connection(database: Path) -> Iterator[Connection]:
    """Lend a connection to a migrated database; every statement commits by itself."""
    engine = writer_engine(database)
    migrate(engine)
    with engine.connect() as connection:
        yield connection
