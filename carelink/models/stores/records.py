"""Revisions and what is shown of them: the time line, its search, the access traces.

The hot path of a first sync: many new records at once are written with a few bulk statements.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from sqlalchemy import Connection

from carelink.records.bodies import RecordKind, decode_trace
from carelink.records.merge import EntryState, merge_entry
from carelink.records.revision import decode_revision
from carelink.records.transfer import OpenedRevision

CLOCK_TOLERANCE_MS = 5 * 60 * 1000

RecordKey = tuple[str, bytes]
# SQLite's own limit on the values of a statement is 32,766.
_VALUES_AT_ONCE = 32_000
_RECORDS_AT_ONCE = 5_000


def insert_rows(
    connection: Connection, into: str, rows: Sequence[tuple[object, ...]], conflict: str = ""
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
    """
    if not rows:
        return
    columns = len(rows[0])
    at_once = _VALUES_AT_ONCE // columns
    for start in range(0, len(rows), at_once):
        part = rows[start : start + at_once]
        statement = _insertion(into, columns, len(part), conflict)
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(part)))


@lru_cache(maxsize=16)
def _insertion(into: str, columns: int, rows: int, conflict: str) -> str:
    row = f"({','.join('?' * columns)})"
    return f"{into} VALUES {','.join([row] * rows)} {conflict}"


@dataclass(frozen=True, slots=True)
class Placement:
    """What is the same for a batch: whose vault, when, and since when news are news."""

    circle_pk: int
    own: bytes
    now: int
    news_since: int


def add_revisions(
    connection: Connection, place: Placement, revisions: Iterable[tuple[str, OpenedRevision]]
) -> int:
    """Store revisions (stream, revision) and bring what is shown up to date.

    Returns:
        How many revisions of transmissions were new.
    """
    arrived: dict[RecordKey, OpenedRevision] = {}
    for stream, opened in revisions:
        arrived[stream, opened.identifier] = opened
    held = _held(connection, place.circle_pk, {opened.revision.record for opened in arrived.values()})
    # The write transaction is ours alone, so the next row numbers are known beforehand.
    next_pk: int = connection.exec_driver_sql("SELECT coalesce(max(pk), 0) + 1 FROM revisions").scalar_one()
    rows: list[tuple[object, ...]] = []
    new_entries: dict[RecordKey, list[Numbered]] = {}
    known_entries: dict[RecordKey, int] = {}
    traces: list[OpenedRevision] = []
    fresh = 0
    for (stream, identifier), opened in arrived.items():
        revision = opened.revision
        key = (stream, revision.record)
        known = held.get(key)
        if known is not None and identifier in known.identifiers:
            continue
        rows.append(
            (
                next_pk,
                place.circle_pk,
                stream,
                bytearray(revision.record),
                bytearray(identifier),
                revision.kind,
                bytearray(opened.data),
            )
        )
        if revision.kind == RecordKind.ENTRY:
            fresh += 1
            if known is not None and known.entry_pk is not None:
                known_entries[key] = known.entry_pk
            else:
                new_entries.setdefault(key, []).append((next_pk, opened))
        elif revision.kind == RecordKind.TRACE:
            traces.append(opened)
        next_pk += 1
    insert_rows(
        connection, "INSERT INTO revisions (pk, circle_pk, stream, record, revision, kind, data)", rows
    )
    _insert_entries(connection, place, new_entries)
    for key, pk in known_entries.items():
        _merge_again(connection, place, key, pk)
    _show_traces(connection, place.circle_pk, traces)
    return fresh


# A revision with its row number.
Numbered = tuple[int, OpenedRevision]


@dataclass(slots=True)
class _Held:
    """What is held of a record; an entry has the row number of its first revision of that kind."""

    entry_pk: int | None
    identifiers: set[bytes]


def _held(connection: Connection, circle_pk: int, records: Collection[bytes]) -> dict[RecordKey, _Held]:
    """Return what is held already of these records."""
    held: dict[RecordKey, _Held] = {}
    wanted = [bytearray(record) for record in records]
    for start in range(0, len(wanted), _RECORDS_AT_ONCE):
        chunk = wanted[start : start + _RECORDS_AT_ONCE]
        rows = connection.exec_driver_sql(
            "SELECT pk, stream, record, revision, kind FROM revisions "  # noqa: S608  (only marks)
            f"WHERE record IN ({','.join('?' * len(chunk))}) AND circle_pk = ? ORDER BY pk",
            (*chunk, circle_pk),
        )
        for pk, stream, record, identifier, kind in rows:
            found = held.setdefault((stream, record), _Held(None, set()))
            found.identifiers.add(identifier)
            if found.entry_pk is None and kind == RecordKind.ENTRY:
                found.entry_pk = pk
    return held


def _merge_again(connection: Connection, place: Placement, key: RecordKey, pk: int) -> None:
    """Bring a record that was held already up to date; `pk` is that of its first revision held."""
    rows = connection.exec_driver_sql(
        "SELECT pk, revision, data FROM revisions "
        "WHERE record = ? AND circle_pk = ? AND stream = ? AND kind = ? ORDER BY pk",
        (key[1], place.circle_pk, key[0], RecordKind.ENTRY),
    )
    numbered = [(row, OpenedRevision(i, data, decode_revision(data))) for row, i, data in rows]
    shown = connection.exec_driver_sql("SELECT 1 FROM entries WHERE pk = ?", (pk,)).first()
    if shown is None:
        _insert_entries(connection, place, {key: numbered})
        return
    try:
        current, state = _merged(numbered)
    except ValueError:
        # Kept and passed on, but nothing that this version can show.
        return
    _update_entry(connection, pk, current, state, place)


def _merged(numbered: Sequence[Numbered]) -> tuple[int, EntryState]:
    """Return the row number of the version shown, and the state."""
    if len(numbered) == 1:
        pk, opened = numbered[0]
        return pk, merge_entry({opened.identifier: opened.revision})
    state = merge_entry({opened.identifier: opened.revision for _, opened in numbered})
    shown = state.current.identifier
    return next(pk for pk, opened in numbered if opened.identifier == shown), state


def _insert_entries(
    connection: Connection, place: Placement, arrived: Mapping[RecordKey, Sequence[Numbered]]
) -> None:
    rows: list[tuple[object, ...]] = []
    words: list[tuple[int, str]] = []
    for (stream, record), numbered in arrived.items():
        try:
            current, state = _merged(numbered)
        except ValueError:
            continue
        pk = numbered[0][0]
        first, withdrawn = state.first.revision, state.withdrawn
        author, wall = first.author, first.wall
        shown = _place_on_time_line(wall, place)
        unread = author != place.own and shown > place.news_since and not withdrawn
        rows.append(
            (
                pk,
                place.circle_pk,
                stream,
                bytearray(record),
                state.body.kind,
                bytearray(author),
                wall,
                shown,
                current,
                1 if state.body.urgent else 0,
                1 if withdrawn else 0,
                1 if state.amended else 0,
                1 if state.parallel else 0,
                1 if unread else 0,
            )
        )
        words.append((pk, "" if withdrawn else state.body.text))
    insert_rows(
        connection,
        "INSERT INTO entries (pk, circle_pk, stream, record, kind, author, wall, shown, current, urgent, "
        "withdrawn, amended, parallel, unread)",
        rows,
    )
    insert_rows(connection, "INSERT INTO entries_fts (rowid, text)", words)


def _place_on_time_line(wall: int, place: Placement) -> int:
    """Return the author's time, or ours where that lies in the future."""
    return wall if wall <= place.now + CLOCK_TOLERANCE_MS else place.now


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
            _place_on_time_line(wall, place),
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


def _show_traces(connection: Connection, circle_pk: int, traces: Sequence[OpenedRevision]) -> None:
    rows = []
    for opened in traces:
        try:
            body = decode_trace(opened.revision.body)
        except ValueError:
            continue
        rows.append(
            (
                circle_pk,
                opened.identifier,
                opened.revision.author,
                opened.revision.wall,
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
