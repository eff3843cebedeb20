"""Reading the access traces: pages by filter, one's own latest, who first opened the medical record.

Traces grow without end: a page walks an index from where the page before ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from carelink.models import schema
from carelink.models.stores.scope import Scope


@dataclass(frozen=True, slots=True)
class TraceRow:
    """An access.

    Attributes:
        pk: Its row, which tells accesses of one same millisecond apart.
    """

    author: bytes
    wall: int
    pk: int
    action: str
    compartment: str


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Which accesses to keep; the default keeps all.

    Attributes:
        since: Not older than this, milliseconds.
        before: (wall, pk) of the last row already had, to go on from.
    """

    author: bytes | None = None
    compartment: str = ""
    action: str = ""
    since: int | None = None
    before: tuple[int, int] | None = None


class TraceStore(Scope):
    """Reads the access traces, and keeps which of them were acknowledged."""

    def traces(self, circle: bytes, wanted: TraceFilter, limit: int) -> list[TraceRow]:
        """Return a page of the accesses known, newest first."""
        conditions: list[tuple[str, Sequence[object]]] = [("circle_pk = ?", (self.pk(circle),))]
        if wanted.author is not None:
            conditions.append(("author = ?", (wanted.author,)))
        if wanted.compartment:
            conditions.append(("compartment = ?", (wanted.compartment,)))
        if wanted.action:
            conditions.append(("action = ?", (wanted.action,)))
        if wanted.since is not None:
            conditions.append(("wall >= ?", (wanted.since,)))
        if wanted.before is not None:
            conditions.append(("(wall, pk) < (?, ?)", wanted.before))
        # Told by name: the planner, without statistics, may take a narrower index and sort all it finds.
        index = "traces_by_time" if wanted.author is None else "traces_by_author"
        rows = self.fetch(
            "SELECT author, wall, pk, action, compartment "  # noqa: S608  (no value)
            f"FROM traces INDEXED BY {index} WHERE {' AND '.join(text for text, _ in conditions)} "
            "ORDER BY wall DESC, pk DESC LIMIT ?",
            (*(value for _, values in conditions for value in values), limit),
        )
        return list(starmap(TraceRow, rows))

    def traced(self, circle: bytes, author: bytes, action: str, span: tuple[int, int]) -> frozenset[str]:
        """Return the volets with which someone did this between two moments, milliseconds."""
        rows = self.fetch(
            "SELECT DISTINCT compartment FROM traces INDEXED BY traces_by_author "
            "WHERE circle_pk = ? AND author = ? AND wall > ? AND wall < ? AND action = ?",
            (self.pk(circle), author, *span, action),
        )
        return frozenset(row[0] for row in rows)

    def first_traces(self, circle: bytes, compartment: str, authors: Sequence[bytes]) -> dict[bytes, int]:
        """Return when each of these people first did anything with a volet, of what is held here."""
        pk = self.pk(circle)
        found = {}
        for author in authors:
            rows = self.fetch(
                "SELECT wall FROM traces INDEXED BY traces_by_volet "
                "WHERE circle_pk = ? AND compartment = ? AND author = ? ORDER BY wall LIMIT 1",
                (pk, compartment, author),
            )
            if rows:
                found[author] = rows[0][0]
        return found

    def acknowledged_openings(self, circle: bytes) -> frozenset[bytes]:
        """Return the people whose first opening of the medical record was acknowledged here."""
        c = schema.acknowledged_openings.c
        rows = self.connection.execute(select(c.account).where(c.circle_pk == self.pk(circle)))
        return frozenset(row.account for row in rows)

    def acknowledged_emergencies(self, circle: bytes) -> frozenset[int]:
        """Return the heights of the emergency openings that were acknowledged here."""
        c = schema.acknowledged_emergencies.c
        rows = self.connection.execute(select(c.height).where(c.circle_pk == self.pk(circle)))
        return frozenset(row.height for row in rows)

    def acknowledge_emergencies(self, circle: bytes, heights: Sequence[int]) -> None:
        """Note that these emergency openings were acknowledged."""
        if heights:
            pk = self.pk(circle)
            self.connection.execute(
                insert(schema.acknowledged_emergencies).on_conflict_do_nothing(),
                [{"circle_pk": pk, "height": height} for height in heights],
            )

    def acknowledge_openings(self, circle: bytes, accounts: Sequence[bytes]) -> None:
        """Note that the first openings by these people were acknowledged."""
        if accounts:
            pk = self.pk(circle)
            self.connection.execute(
                insert(schema.acknowledged_openings).on_conflict_do_nothing(),
                [{"circle_pk": pk, "account": account} for account in accounts],
            )
