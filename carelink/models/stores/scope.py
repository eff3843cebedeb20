"""A connection with the ids that every store needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlcipher3.dbapi2 import Error as DriverError

from carelink.errors import BugError
from carelink.models import schema


class Scope:
    """One transaction of a vault.

    Args:
        connection: Open, in a transaction.
        hub: Row of the relay that the transaction is for, where it is for one.
        circles: Rows of circles that readings before this one found; a row stays its circle's for good.
    """

    def __init__(
        self, connection: Connection, hub: int | None = None, circles: dict[bytes, int] | None = None
    ) -> None:
        self.connection = connection
        self.hub = hub
        self._driver: Any = connection.connection.driver_connection
        self._circles = {} if circles is None else circles

    def pk(self, circle: bytes) -> int:
        """Return a circle's row.

        Raises:
            BugError: This vault does not follow it.
        """
        known = self._circles.get(circle)
        if known is None:
            rows = self.fetch("SELECT pk FROM circles WHERE circle = ?", (circle,))
            if not rows:
                raise BugError("unknown circle")
            known = self._circles[circle] = int(rows[0][0])
        return known

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query that screens wait for, without what SQLAlchemy adds to each.

        What the driver refuses is asked again through SQLAlchemy, which says why in the vault's words.
        """
        values = tuple(parameters)
        try:
            rows: list[tuple[Any, ...]] = self._driver.execute(sql, values).fetchall()
        except DriverError:
            rows = [tuple(row) for row in self.connection.exec_driver_sql(sql, values)]
        return rows

    def has(self, circle: bytes) -> bool:
        """Whether this vault follows a circle."""
        return (
            self.connection.scalar(select(schema.circles.c.pk).where(schema.circles.c.circle == circle))
            is not None
        )
