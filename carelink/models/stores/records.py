"""Revisions and what is shown of them: the time line, its search, the access traces.

The hot path of a first sync: many new records at once are written with a few bulk statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from carelink.records.bodies import RecordKind, decode_trace
from carelink.records.merge import EntryState, merge_entry
from carelink.records.revision import decode_revision
from carelink.records.transfer import OpenedRevision

CLOCK_TOLERANCE_MS = 5 * 60 * 1000
_CHUNK = 500

RecordKey = tuple[str, bytes]


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
    fresh = _unknown(connection, place.circle_pk, revisions)
    if not fresh:
        return 0
    connection.exec_driver_sql(
        "INSERT INTO revisions (circle_pk, stream, record, revision, kind, data) VALUES (?,?,?,?,?,?)",
        [
            (place.circle_pk, stream, r.revision.record, r.identifier, r.revision.kind, r.data)
            for stream, r in fresh
        ],
    )
    by_record: dict[RecordKey, list[OpenedRevision]] = defaultdict(list)
    traces = []
    for stream, opened in fresh:
        if opened.revision.kind == RecordKind.ENTRY:
            by_record[stream, opened.revision.record].append(opened)
        elif opened.revision.kind == RecordKind.TRACE:
            traces.append(opened)
    _show_entries(connection, place, by_record)
    _show_traces(connection, place.circle_pk, traces)
    return sum(len(revisions) for revisions in by_record.values())


def _unknown(
    connection: Connection, circle_pk: int, revisions: Iterable[tuple[str, OpenedRevision]]
) -> list[tuple[str, OpenedRevision]]:
    wanted = {(stream, opened.identifier): opened for stream, opened in revisions}
    keys = list(wanted)
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        marks = ",".join("(?,?)" for _ in chunk)
        rows = connection.exec_driver_sql(
            "SELECT stream, revision FROM revisions WHERE circle_pk = ? "  # noqa: S608  (only marks)
            f"AND (stream, revision) IN (VALUES {marks})",
            (circle_pk, *(value for key in chunk for value in key)),
        )
        for stream, revision in rows:
            wanted.pop((stream, revision), None)
    return [(stream, opened) for (stream, _), opened in wanted.items()]


def _show_entries(
    connection: Connection, place: Placement, by_record: dict[RecordKey, list[OpenedRevision]]
) -> None:
    known = _known_entries(connection, place.circle_pk, list(by_record))
    states: list[tuple[RecordKey, EntryState]] = []
    for key, arrived in by_record.items():
        revisions = {opened.identifier: opened.revision for opened in arrived}
        if key in known:
            rows = connection.exec_driver_sql(
                "SELECT revision, data FROM revisions WHERE circle_pk = ? AND stream = ? AND record = ?",
                (place.circle_pk, *key),
            )
            revisions = {identifier: decode_revision(data) for identifier, data in rows}
        try:
            states.append((key, merge_entry(revisions)))
        except ValueError:
            # Kept and passed on, but nothing that this version can show.
            continue
    _insert_entries(connection, place, [(k, s) for k, s in states if k not in known])
    for key, state in states:
        if key in known:
            _update_entry(connection, known[key], state, place)


def _known_entries(connection: Connection, circle_pk: int, keys: Sequence[RecordKey]) -> dict[RecordKey, int]:
    known: dict[RecordKey, int] = {}
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        marks = ",".join("(?,?)" for _ in chunk)
        rows = connection.exec_driver_sql(
            "SELECT stream, record, pk FROM entries WHERE circle_pk = ? "  # noqa: S608  (only marks)
            f"AND (stream, record) IN (VALUES {marks})",
            (circle_pk, *(value for key in chunk for value in key)),
        )
        known.update({(stream, record): pk for stream, record, pk in rows})
    return known


def _insert_entries(
    connection: Connection, place: Placement, states: Sequence[tuple[RecordKey, EntryState]]
) -> None:
    if not states:
        return
    # The write transaction is ours alone, so the next row numbers are known beforehand.
    first = connection.exec_driver_sql("SELECT coalesce(max(pk), 0) + 1 FROM entries").scalar_one()
    rows, words = [], []
    for pk, ((stream, record), state) in enumerate(states, start=first):
        author, wall = state.first.revision.author, state.first.revision.wall
        shown = wall if wall <= place.now + CLOCK_TOLERANCE_MS else place.now
        text = "" if state.withdrawn else state.body.text
        unread = author != place.own and shown > place.news_since and not state.withdrawn
        rows.append(
            (
                pk,
                place.circle_pk,
                stream,
                record,
                state.body.kind,
                author,
                wall,
                shown,
                text,
                state.body.urgent,
                state.withdrawn,
                state.amended,
                bool(state.parallel),
                unread,
            )
        )
        words.append((pk, text))
    connection.exec_driver_sql(
        "INSERT INTO entries (pk, circle_pk, stream, record, kind, author, wall, shown, text, urgent, "
        "withdrawn, amended, parallel, unread) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        rows,
    )
    connection.exec_driver_sql("INSERT INTO entries_fts (rowid, text) VALUES (?,?)", words)


def _update_entry(connection: Connection, pk: int, state: EntryState, place: Placement) -> None:
    text = "" if state.withdrawn else state.body.text
    by_other = state.current.revision.author != place.own
    connection.exec_driver_sql(
        "UPDATE entries SET kind = ?, author = ?, wall = ?, text = ?, urgent = ?, withdrawn = ?, "
        "amended = ?, parallel = ?, unread = (CASE WHEN ? THEN 0 WHEN ? THEN 1 ELSE unread END) "
        "WHERE pk = ?",
        (
            state.body.kind,
            state.first.revision.author,
            state.first.revision.wall,
            text,
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
