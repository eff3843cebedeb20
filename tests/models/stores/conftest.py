"""An empty vault with one circle for each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from carelink.models.vault.database import Database
from carelink.services.session import Stores
from tests.sync.fixtures import empty_vault
from tests.sync.house import KEY

__all__ = ["empty_vault"]

CIRCLE, OTHER = b"c" * 16, b"o" * 16
OWN = b"\x09" * 16


@dataclass
class Vault:
    """An open vault that follows two circles."""

    database: Database
    hub: int

    def entries(self) -> list[tuple[object, ...]]:
        """Return the whole time line with what search knows, in an order of its own."""
        with self.database.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT e.record, e.stream, e.kind, e.author, e.wall, e.shown, r.revision, e.urgent, "
                "e.withdrawn, e.amended, e.parallel FROM entries e JOIN revisions r ON r.pk = e.current "
                "ORDER BY e.stream, e.record"
            ).fetchall()
        return [tuple(row) for row in rows]

    def found(self, words: str) -> int:
        with self.database.read() as connection:
            count: int = connection.exec_driver_sql(
                "SELECT count(*) FROM entries_fts WHERE entries_fts MATCH ?", (words,)
            ).scalar_one()
        return count


@pytest.fixture
def vault(tmp_path: Path, empty_vault: Path) -> Iterator[Vault]:
    path = tmp_path / "vault.db"
    path.write_bytes(empty_vault.read_bytes())
    database = Database(path, KEY)
    with database.write() as connection:
        stores = Stores(connection)
        hub = stores.relay("https://relais.exemple.fr").pk
        for circle in (CIRCLE, OTHER):
            stores.add_circle(circle, hub, bytes(32), "member", 0)
    yield Vault(database, hub)
    database.lock()
