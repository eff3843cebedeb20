"""The relay's database: one writer at a time, readers that never wait for it.

What is particular to SQLite is in this module only.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import event, insert, make_url, select
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from carelink.errors import KnownError
from carelink.hub.positions import POSITION, Positions
from carelink.hub.tables import SCHEMA, counters, metadata
from carelink.language import tr

_BUSY_SECONDS: Final = 15
_READERS: Final = 8


class Database:
    """Opens transactions on the relay's tables.

    Args:
        url: SQLAlchemy URL: a SQLite file, or a PostgreSQL database.
        positions: What draws positions, or this machine's clock.

    Raises:
        KnownError: Not such a URL, or its driver is not installed.
    """

    def __init__(self, url: str | URL, positions: Positions | None = None) -> None:
        self.positions = positions or Positions()
        try:
            self._make_engines(make_url(url))
        except (ArgumentError, ImportError, InvalidRequestError) as error:
            raise KnownError(
                tr(
                    "L’adresse de la base de données ne convient pas, ou son pilote n’est pas "
                    "installé\u202f; le relais n’a pas démarré\u00a0: donnez à --database une adresse "
                    "comme postgresql+psycopg://utilisateur@serveur/base."
                )
            ) from error

    def _make_engines(self, url: URL) -> None:
        self._turn = asyncio.Lock()
        self._is_file = url.get_backend_name() == "sqlite"
        if self._is_file:
            # `hide_parameters`: what is bound to a query must never reach a log.
            self._writer = create_async_engine(url, hide_parameters=True, pool_size=1, max_overflow=0)
            self._reader = create_async_engine(url, hide_parameters=True, pool_size=_READERS)
            _prepare_sqlite(self._writer, "BEGIN IMMEDIATE")
            _prepare_sqlite(self._reader, "BEGIN")
        else:
            self._writer = create_async_engine(url, hide_parameters=True)
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ")

    async def open(self) -> None:
        """Create the tables where they are not there yet.

        Raises:
            KnownError: The database can't be opened, or was written by another version.
        """
        try:
            await self._create()
        except DBAPIError as error:
            raise KnownError(
                tr(
                    "La base de données du relais ne peut pas être ouverte\u202f; elle n’a pas été "
                    "changée\u00a0: vérifiez son adresse, ses droits et la place sur le disque."
                )
            ) from error

    async def _create(self) -> None:
        async with self._writer.begin() as connection:
            await connection.run_sync(metadata.create_all)
            known = await connection.scalar(select(counters.c.value).where(counters.c.name == "schema"))
            if known is None:
                rows = [{"name": "schema", "value": SCHEMA}, {"name": POSITION, "value": 0}]
                await connection.execute(insert(counters), rows)
            elif known != SCHEMA:
                raise KnownError(
                    tr(
                        "Les données de ce relais ont été écrites par une autre version de CareLink\u202f; "
                        "elles sont intactes\u00a0: lancez cette version-là, ou mettez celle-ci à jour."
                    )
                )

    async def close(self) -> None:
        """Close every connection."""
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that sees one moment of the database."""
        async with self._reader.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give the one connection that writes; what it wrote is on disk when the block is left."""
        async with self._turn, self._writer.begin() as connection:
            if not self._is_file:
                # Several relays on one database take turns here; SQLite took its turn at BEGIN.
                await connection.execute(
                    select(counters.c.value).where(counters.c.name == POSITION).with_for_update()
                )
            yield connection


def is_full(error: DBAPIError) -> bool:
    """Tell whether the disk has no room left."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _prepare_sqlite(engine: AsyncEngine, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:  # noqa: ANN401  (the driver's, untyped)
        # The driver must not begin transactions by itself: `begin` below says how they begin.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
