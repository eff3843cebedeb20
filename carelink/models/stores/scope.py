"""A connection with the ids that every store needs."""

from __future__ import annotations

from sqlalchemy import Connection, select

from carelink.errors import BugError
from carelink.models import schema


class Scope:
    """One transaction of a vault.

    Args:
        connection: Open, in a transaction.
        hub: Row of the relay that the transaction is for, where it is for one.
    """

    def __init__(self, connection: Connection, hub: int | None = None) -> None:
        self.connection = connection
        self.hub = hub
        self._circles: dict[bytes, int] = {}

    def pk(self, circle: bytes) -> int:
        """Return a circle's row.

        Raises:
            BugError: This vault does not follow it.
        """
        known = self._circles.get(circle)
        if known is None:
            known = self.connection.scalar(
                select(schema.circles.c.pk).where(schema.circles.c.circle == circle)
            )
            if known is None:
                raise BugError("unknown circle")
            self._circles[circle] = known
        return known

    def has(self, circle: bytes) -> bool:
        """Whether this vault follows a circle."""
        return (
            self.connection.scalar(select(schema.circles.c.pk).where(schema.circles.c.circle == circle))
            is not None
        )
