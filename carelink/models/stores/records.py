"""Revisions and what is shown of them: the time line, its search, the access traces.

The hot path of a first sync: many new records at once are written with a few bulk statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain

from sqlalchemy import Connection

from carelink.models.stores.rows import (
    ENTRY,
    TAKEN,
    TRACE,
    Placement,
    RecordKey,
    Rows,
    RowsAhead,
    arrange,
    arrange_entry,
    merged,
    place_on_time_line,
)
from carelink.records.bodies import decode_taken, decode_trace
from carelink.records.merge import EntryState
from carelink.records.revision import decode_revision
from carelink.records.transfer import OpenedRevision

# SQLite's own limit on the values of a statement is 32,766.
_VALUES_AT_ONCE = 32_000
_RECORDS_AT_ONCE = 5_000
_CURRENT = 8


def insert_rows(
    connection: Connection,
    into: str,
    rows: Sequence[tuple[object, ...]],
    conflict: str = "",
    *,
    numbered: tuple[int, ...] = (),
    first: int = 0,
) -> None:
    """Insert rows, thousands to a statement.

    The driver gives way to other threads once for all of them, and the search index, which is written
    out at every statement, in larger pieces.

    Args:
        connection: In a write transaction.
        into: "INSERT INTO table (columns)".
        rows: As many values each as there are columns: `int`, `str` and `bytearray`. Of anything else,
            `bytes` and `bool` too, the driver asks Python how to write it: longer than writing the row.
        conflict: An ON CONFLICT clause, or nothing.
        numbered: Which columns hold numbers to which `first` is added.
        first: What is added to them.
    """
    if not rows:
        return
    columns = len(rows[0])
    at_once = _VALUES_AT_ONCE // columns
    for start in range(0, len(rows), at_once):
        part = rows[start : start + at_once]
        statement = _insertion(into, columns, len(part), conflict, numbered)
        values = tuple(chain([first] * len(numbered), chain.from_iterable(part)))
        connection.exec_driver_sql(statement, values)


@lru_cache(maxsize=16)
def _insertion(into: str, columns: int, rows: int, conflict: str, numbered: tuple[int, ...]) -> str:
    row = f"({','.join('?' * columns)})"
    values = f"VALUES {','.join([row] * rows)}"
    if not numbered:
        return f"{into} {values} {conflict}"
    taken = (f"? + column{n + 1}" if n in numbered else f"column{n + 1}" for n in range(columns))
    return f"{into} SELECT {', '.join(taken)} FROM ({values})"  # noqa: S608  (only marks)


def add_rows(connection: Connection, ahead: RowsAhead) -> int:
    """Store rows made ahead.

    Returns:
        How many revisions of transmissions were new.
    """
    place = ahead.place
    if _held(connection, place.circle_pk, ahead.records()):
        # They were made as if nothing were held of their records.
        return add_revisions(connection, place, ahead.revisions())
    fresh = 0
    for batch in ahead.batches:
        _insert(connection, place, batch)
        fresh += batch.fresh
    return fresh + (add_revisions(connection, place, ahead.later) if ahead.later else 0)


def add_revisions(
    connection: Connection, place: Placement, revisions: Iterable[tuple[str, OpenedRevision]]
) -> int:
    """Store revisions (stream, revision) and bring what is shown up to date.

    Returns:
        How many revisions of transmissions were new.
    """
    arrived = list(revisions)
    held = _held(connection, place.circle_pk, [bytearray(opened.revision.record) for _, opened in arrived])
    new: list[tuple[str, OpenedRevision]] = []
    of_held: dict[RecordKey, dict[bytes, OpenedRevision]] = {}
    for stream, opened in arrived:
        key = (stream, opened.revision.record)
        known = held.get(key)
        if known is None:
            new.append((stream, opened))
        elif opened.identifier not in known:
            of_held.setdefault(key, {})[opened.identifier] = opened
    rows = arrange(place, new)
    _insert(connection, place, rows)
    fresh = rows.fresh
    for (stream, record), more in of_held.items():
        rows = arrange(place, [(stream, opened) for opened in more.values()])
        # What is shown comes of these and those held together.
        rows.entries, rows.words = [], []
        _insert(connection, place, rows)
        if rows.fresh:
            _merge_again(connection, place, stream, record)
        fresh += rows.fresh
    return fresh


def _insert(connection: Connection, place: Placement, rows: Rows) -> None:
    # The write transaction is ours alone, so the next row numbers are known beforehand.
    newest: int = connection.exec_driver_sql("SELECT coalesce(max(pk), 0) FROM revisions").scalar_one()
    first = newest + 1 - rows.start
    insert_rows(
        connection,
        "INSERT INTO revisions (pk, circle_pk, stream, record, revision, kind, data)",
        rows.revisions,
        numbered=(0,),
        first=first,
    )
    _insert_entries(connection, rows, first)
    _show_beside(connection, place, rows.beside)


def _insert_entries(connection: Connection, rows: Rows, first: int) -> None:
    insert_rows(
        connection,
        "INSERT INTO entries (pk, circle_pk, stream, record, kind, author, wall, shown, current, urgent, "
        "withdrawn, amended, parallel, unread)",
        rows.entries,
        numbered=(0, _CURRENT),
        first=first,
    )
    insert_rows(connection, "INSERT INTO entries_fts (rowid, text)", rows.words, numbered=(0,), first=first)


def _held(
    connection: Connection, circle_pk: int, records: Sequence[bytearray]
) -> dict[RecordKey, set[bytes]]:
    """Return the ids of the revisions held already of these records."""
    held: dict[RecordKey, set[bytes]] = {}
    if not records:
        return held
    # Ids grow with time: of a page of the past nothing is held, nor anything between its first and last.
    between = (min(records), max(records))
    any_between = "SELECT 1 FROM revisions WHERE record BETWEEN ? AND ? LIMIT 1"
    if connection.exec_driver_sql(any_between, between).first() is None:
        return held
    for start in range(0, len(records), _RECORDS_AT_ONCE):
        chunk = records[start : start + _RECORDS_AT_ONCE]
        rows = connection.exec_driver_sql(
            "SELECT stream, record, revision FROM revisions "  # noqa: S608  (only marks)
            f"WHERE record IN ({','.join('?' * len(chunk))}) AND circle_pk = ?",
            (*chunk, circle_pk),
        )
        for stream, record, identifier in rows:
            held.setdefault((stream, record), set()).add(identifier)
    return held


def _merge_again(connection: Connection, place: Placement, stream: str, record: bytes) -> None:
    """Bring what is shown of a record up to date with all that is held of it."""
    rows = connection.exec_driver_sql(
        "SELECT pk, revision, data FROM revisions "
        "WHERE record = ? AND circle_pk = ? AND stream = ? AND kind = ? ORDER BY pk",
        (record, place.circle_pk, stream, ENTRY),
    )
    numbered = [(pk, OpenedRevision(i, data, decode_revision(data))) for pk, i, data in rows]
    pk = numbered[0][0]
    shown = connection.exec_driver_sql("SELECT 1 FROM entries WHERE pk = ?", (pk,)).first()
    if shown is None:
        entry = Rows()
        arrange_entry(entry, place, stream, bytearray(record), numbered)
        _insert_entries(connection, entry, first=0)
        return
    try:
        current, state = merged(numbered)
    except ValueError:
        # Kept and passed on, but nothing that this version can show.
        return
    _update_entry(connection, pk, current, state, place)


def _update_entry(connection: Connection, pk: int, current: int, state: EntryState, place: Placement) -> None:
    text = "" if state.withdrawn else state.body.text
    by_other = state.current.revision.author != place.own
    wall = state.first.revision.wall
    connection.exec_driver_sql(
        "UPDATE entries SET kind = ?, author = ?, shown = (CASE WHEN wall = ? THEN shown ELSE ? END), "
        "wall = ?, current = ?, urgent = ?, withdrawn = ?, "
        "amended = ?, parallel = ?, unread = (CASE WHEN ? THEN 0 WHEN ? THEN 1 ELSE unread END) "
        "WHERE pk = ?",
        (
            state.body.kind,
            state.first.revision.author,
            # An older version came later: its time is the note's own.
            wall,
            place_on_time_line(wall, place),
            wall,
            current,
            state.body.urgent,
            state.withdrawn,
            state.amended,
            bool(state.parallel),
            state.withdrawn,
            by_other and state.current.revision.wall > place.news_since,
            pk,
        ),
    )
    connection.exec_driver_sql("DELETE FROM entries_fts WHERE rowid = ?", (pk,))
    connection.exec_driver_sql("INSERT INTO entries_fts (rowid, text) VALUES (?,?)", (pk, text))


def _show_beside(connection: Connection, place: Placement, beside: Sequence[OpenedRevision]) -> None:
    _show_traces(connection, place, [opened for opened in beside if opened.revision.kind == TRACE])
    _show_taken(connection, place, [opened for opened in beside if opened.revision.kind == TAKEN])


def _show_taken(connection: Connection, place: Placement, taken: Sequence[OpenedRevision]) -> None:
    rows = []
    for opened in taken:
        with suppress(ValueError):
            body = decode_taken(opened.revision.body)
            rows.append((place.circle_pk, body.signal, body.entry, opened.revision.author))
    if rows:
        connection.exec_driver_sql(
            "INSERT OR IGNORE INTO taken (circle_pk, signal, entry, author) VALUES (?,?,?,?)", rows
        )


def _show_traces(connection: Connection, place: Placement, traces: Sequence[OpenedRevision]) -> None:
    rows = []
    for opened in traces:
        try:
            body = decode_trace(opened.revision.body)
        except ValueError:
            continue
        rows.append(
            (
                place.circle_pk,
                opened.identifier,
                opened.revision.author,
                # Dated ahead, it would stand above all that follows for as long.
                place_on_time_line(opened.revision.wall, place),
                body.action,
                body.compartment,
            )
        )
    if rows:
        connection.exec_driver_sql(
            "INSERT OR IGNORE INTO traces (circle_pk, revision, author, wall, action, compartment) "
            "VALUES (?,?,?,?,?,?)",
            rows,
        )
