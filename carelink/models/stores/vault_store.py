"""The store that the sync engine is handed: transactions of one vault, for one relay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, update

from carelink.models import schema
from carelink.models.stores.direct_outbox import DirectOutboxStore
from carelink.models.vault.database import Database


class VaultTransaction(DirectOutboxStore):
    """Everything that the engine asks of a transaction."""

    def cursors(self) -> tuple[int, int]:
        """Return the positions of the last item and the last letter taken."""
        c = schema.hubs.c
        row = self.connection.execute(select(c.cursor, c.letters).where(c.pk == self.hub)).one()
        return row.cursor, row.letters

    def set_cursors(self, items: int, letters: int) -> None:
        """Move both positions; it is kept with what they cover, or not at all."""
        self.connection.execute(
            update(schema.hubs).where(schema.hubs.c.pk == self.hub).values(cursor=items, letters=letters)
        )

    def direct_cursor(self) -> int:
        """Return the position of the last direct envelope taken."""
        c = schema.hubs.c
        position: int = self.connection.execute(select(c.direct).where(c.pk == self.hub)).scalar_one()
        return position

    def set_direct_cursor(self, position: int) -> None:
        """Move that position."""
        self.connection.execute(
            update(schema.hubs).where(schema.hubs.c.pk == self.hub).values(direct=position)
        )


class VaultStore:
    """A vault as the engine knows it.

    Args:
        database: Open vault.
        hub: Row of the relay.
    """

    def __init__(self, database: Database, hub: int) -> None:
        self._database = database
        self._hub = hub

    @contextmanager
    def reading(self) -> Iterator[VaultTransaction]:
        """Give one consistent view of the vault; nothing may be changed through it."""
        with self._database.read() as connection:
            yield VaultTransaction(connection, self._hub)

    @contextmanager
    def transaction(self) -> Iterator[VaultTransaction]:
        """Begin a transaction that is kept on leaving and undone on an error."""
        with self._database.write() as connection:
            yield VaultTransaction(connection, self._hub)
