"""Reading the cahier: pages of the time line, search, unread, drafts, refusals.

Cost follows the page asked for, not the age of the record: every query walks an index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import starmap

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from carelink.models import schema
from carelink.models.stores.scope import Scope
from carelink.records.bodies import RecordKind

_WORD = re.compile(r"\w+", re.UNICODE)


# Bits of `EntryRow.marks`: one column is read sooner than three.
AMENDED, PARALLEL, UNREAD = 1, 2, 4


class EntryRow(msgspec.Struct, frozen=True, gc=False):
    """A transmission as the vault holds it.

    Attributes:
        data: The revision that is shown, whole: what it tells is not asked for again.
        marks: Sum of `AMENDED`, `PARALLEL` and `UNREAD`.
        taken_by: Who took it in charge, where it is a signal to the carers; None while nobody did.
    """

    data: bytes
    pk: int
    stream: str
    author: bytes
    wall: int
    shown: int
    marks: int
    taken_by: bytes | None


@dataclass(frozen=True, slots=True)
class Filter:
    """What to keep of the time line; the default keeps all.

    Attributes:
        streams: Volets to keep, or all.
        since: Not older than this, milliseconds.
        words: All of them must stand in the text; the last one may be unfinished.
        before: (shown, pk) of the last row already had, to go on from.
    """

    streams: Sequence[str] = ()
    unread: bool = False
    urgent: bool = False
    since: int | None = None
    words: str = ""
    before: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A note being written."""

    compartment: str
    text: str
    kind: str
    urgent: bool
    updated: int


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """What was refused, for the sync state."""

    circle: bytes
    stream: str
    device: bytes
    seq: int
    why: str
    seen: int


def match_expression(words: str) -> str:
    """Return an FTS5 expression for what a person typed; empty if there is no word in it."""
    found = _WORD.findall(words)
    return " ".join(f'"{word}"' for word in found[:-1]) + (f' "{found[-1]}"*' if found else "")


_TAKEN_BY = (
    "CASE e.stream WHEN 'care_inbox' THEN "
    "(SELECT min(t.author) FROM taken t WHERE t.circle_pk = e.circle_pk AND t.signal = e.record) END"
)
_COLUMNS = (
    "r.data, e.pk, e.stream, e.author, e.wall, e.shown, "
    f"e.amended * {AMENDED} + e.parallel * {PARALLEL} + e.unread * {UNREAD}, "
    f"{_TAKEN_BY}"
)


@cache
def _page(searching: bool, streams: int, unread: bool, urgent: bool, since: bool, before: bool) -> str:
    """Return the query of a page; its values come in the order of the conditions."""
    source = "entries_fts f JOIN entries e ON e.pk = f.rowid" if searching else "entries e"
    conditions = {
        "entries_fts MATCH ?": searching,
        "e.circle_pk = ?": True,
        "e.stream = ?": streams == 1,
        f"e.stream IN ({','.join('?' * streams)})": streams > 1,
        "e.unread": unread,
        "e.urgent AND NOT e.withdrawn": urgent,
        "e.shown >= ?": since,
        "(e.shown, e.pk) < (?, ?)": before,
    }
    return (
        f"SELECT {_COLUMNS} FROM {source} JOIN revisions r ON r.pk = e.current "  # noqa: S608  (no value)
        f"WHERE {' AND '.join(text for text, holds in conditions.items() if holds)} "
        "ORDER BY e.shown DESC, e.pk DESC LIMIT ?"
    )


class TimeLineStore(Scope):
    """Reads what the cahier shows."""

    def entries(self, circle: bytes, wanted: Filter, limit: int) -> list[EntryRow]:
        """Return a page of the time line, newest first."""
        searching = bool(wanted.words.strip())
        expression = match_expression(wanted.words) if searching else ""
        if searching and not expression:
            return []
        sql = _page(
            searching,
            len(wanted.streams),
            wanted.unread,
            wanted.urgent,
            wanted.since is not None,
            wanted.before is not None,
        )
        values = (
            *((expression,) if searching else ()),
            self.pk(circle),
            *wanted.streams,
            *(() if wanted.since is None else (wanted.since,)),
            *(wanted.before or ()),
            limit,
        )
        return list(starmap(EntryRow, self.fetch(sql, values)))

    def entry(self, record: bytes) -> tuple[bytes, EntryRow] | None:
        """Return (circle, entry) of a record id, or None where no note or more than one has it.

        Ids are random, so a second note under one is a trap: correcting "it" could publish elsewhere.
        """
        rows = self.connection.exec_driver_sql(
            f"SELECT c.circle, {_COLUMNS} FROM revisions f JOIN entries e ON e.pk = f.pk "  # noqa: S608
            "JOIN revisions r ON r.pk = e.current JOIN circles c ON c.pk = e.circle_pk WHERE f.record = ?",
            (record,),
        ).fetchmany(2)
        return (rows[0][0], EntryRow(*rows[0][1:])) if len(rows) == 1 else None

    def revisions(self, circle: bytes, stream: str, record: bytes) -> list[tuple[bytes, bytes]]:
        """Return (id, bytes) of every revision of a record."""
        c = schema.revisions.c
        rows = self.connection.execute(
            select(c.revision, c.data).where(
                c.record == record,
                c.circle_pk == self.pk(circle),
                c.stream == stream,
                c.kind == RecordKind.ENTRY,
            )
        )
        return [(row.revision, row.data) for row in rows]

    def unsent(self, circle: bytes) -> set[int]:
        """Return the rows of the transmissions of which the relay does not have everything yet."""
        rows = self.fetch(
            "SELECT e.pk FROM outbox o JOIN revisions r ON r.pk = o.revision_pk "
            "JOIN revisions f ON f.record = r.record JOIN entries e ON e.pk = f.pk "
            "WHERE o.circle_pk = ? AND e.circle_pk = o.circle_pk AND e.stream = r.stream",
            (self.pk(circle),),
        )
        return {row[0] for row in rows}

    def unread_counts(self) -> dict[bytes, int]:
        """Return how many transmissions are unread in each circle that has any."""
        rows = self.connection.exec_driver_sql(
            "SELECT c.circle, count(*) FROM entries e JOIN circles c ON c.pk = e.circle_pk "
            "WHERE e.unread GROUP BY e.circle_pk"
        )
        return {row[0]: row[1] for row in rows}

    def parallel_count(self) -> int:
        """Return how many transmissions were written in parallel and not settled."""
        count: int = self.connection.exec_driver_sql(
            "SELECT count(*) FROM entries WHERE parallel"
        ).scalar_one()
        return count

    def newest(self) -> dict[bytes, int]:
        """Return when the newest transmission of each circle was written."""
        rows = self.connection.exec_driver_sql(
            "SELECT circle, (SELECT max(shown) FROM entries e WHERE e.circle_pk = c.pk) FROM circles c"
        )
        return {circle: shown for circle, shown in rows if shown is not None}

    def mark_read(self, circle: bytes, records: Sequence[bytes]) -> None:
        """Note that transmissions were shown to the reader."""
        self.connection.exec_driver_sql(
            "UPDATE entries SET unread = 0 WHERE unread AND circle_pk = ? AND pk IN "
            "(SELECT pk FROM revisions WHERE record = ?)",
            [(self.pk(circle), record) for record in records],
        )

    def draft(self, circle: bytes) -> DraftRow | None:
        """Return the note being written in a circle."""
        c = schema.drafts.c
        row = self.connection.execute(select(schema.drafts).where(c.circle_pk == self.pk(circle))).first()
        return None if row is None else DraftRow(row.compartment, row.text, row.kind, row.urgent, row.updated)

    def save_draft(self, circle: bytes, draft: DraftRow) -> None:
        """Keep the note being written."""
        values = {
            "compartment": draft.compartment,
            "text": draft.text,
            "kind": draft.kind,
            "urgent": draft.urgent,
            "updated": draft.updated,
        }
        self.connection.execute(
            insert(schema.drafts)
            .values(circle_pk=self.pk(circle), **values)
            .on_conflict_do_update(index_elements=["circle_pk"], set_=values)
        )

    def drop_draft(self, circle: bytes) -> None:
        """Forget the note being written."""
        self.connection.execute(delete(schema.drafts).where(schema.drafts.c.circle_pk == self.pk(circle)))

    def refusals(self, limit: int = 200) -> list[RefusalRow]:
        """Return what was refused, newest first."""
        c = schema.refusals.c
        rows = self.connection.execute(
            select(schema.circles.c.circle, c.stream, c.device, c.seq, c.why, c.seen)
            .join(schema.circles, schema.circles.c.pk == c.circle_pk)
            .order_by(c.seen.desc(), c.pk.desc())
            .limit(limit)
        )
        return [RefusalRow(*row) for row in rows]
