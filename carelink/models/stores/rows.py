"""Rows of revisions and of what is shown of them, made without asking the vault.

So they can be made ahead of the transaction that stores them, or in another process: nothing here knows the
database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from carelink.access.compartments import NOTE_STREAMS, RESTRICTED, Stream
from carelink.records.bodies import RecordKind
from carelink.records.merge import EntryState, merge_entry
from carelink.records.revision import decode_revision
from carelink.records.transfer import AcceptedEnvelope, OpenedRevision

CLOCK_TOLERANCE_MS = 5 * 60 * 1000

RecordKey = tuple[str, bytes]
# A revision with its row number.
Numbered = tuple[int, OpenedRevision]
# The columns of `revisions`: pk, circle_pk, stream, record, revision, kind, data.
RevisionRow = tuple[int, int, str, bytearray, bytearray, str, bytearray]
# The columns of `entries`: pk, circle_pk, stream, record, kind, author, wall, shown, current, then urgent,
# withdrawn, amended, parallel and unread as 0 or 1.
EntryRow = tuple[int, int, str, bytearray, str, bytearray, int, int, int, int, int, int, int, int]
ENTRY: Final = RecordKind.ENTRY.value
TRACE: Final = RecordKind.TRACE.value
TAKEN: Final = RecordKind.TAKEN.value
INBOX: Final = Stream.CARE_INBOX.value
_NOTES: Final = frozenset((*(stream.value for stream in NOTE_STREAMS), RESTRICTED))
# What is shown beside the time line counts in its own stream only.
_BESIDE: Final = frozenset({(Stream.TRACE.value, TRACE), (Stream.CARE.value, TAKEN)})


@dataclass(frozen=True, slots=True)
class Placement:
    """What is the same for a batch: whose vault, when, and since when news are news."""

    circle_pk: int
    own: bytes
    now: int
    news_since: int


@dataclass(slots=True)
class Rows:
    """Rows of revisions of records of which nothing is held.

    Attributes:
        start: The number of the first row.
        beside: Revisions of access traces, and of signals taken in charge.
        fresh: How many are revisions of transmissions.
    """

    start: int = 0
    revisions: list[RevisionRow] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    words: list[tuple[int, str]] = field(default_factory=list)
    beside: list[OpenedRevision] = field(default_factory=list)
    fresh: int = 0


_rows = msgspec.msgpack.Decoder(Rows)
_placement = msgspec.msgpack.Decoder(Placement)


class RowMaker:
    """Makes the rows of one page after the other for another process, to whom they go as bytes."""

    def __init__(self, placement: bytes) -> None:
        self._place = _placement.decode(placement)
        self._next = 0

    def __call__(self, accepted: Sequence[AcceptedEnvelope]) -> bytes:
        """Return the rows of a page."""
        rows = arrange(self._place, revisions_of(accepted), self._next)
        self._next += len(rows.revisions)
        return msgspec.msgpack.encode(rows)


def revisions_of(accepted: Iterable[AcceptedEnvelope]) -> list[tuple[str, OpenedRevision]]:
    """Return every revision (stream, revision) that envelopes carried."""
    return [(envelope.stream, revision) for envelope in accepted for revision in envelope.revisions]


def arrange(place: Placement, revisions: Iterable[tuple[str, OpenedRevision]], start: int = 0) -> Rows:
    """Return the rows of revisions (stream, revision), as if nothing were held of their records."""
    rows = Rows(start)
    new: dict[RecordKey, list[OpenedRevision]] = {}
    for stream, opened in revisions:
        key = (stream, opened.revision.record)
        if key in new:
            new[key].append(opened)
        else:
            new[key] = [opened]
    circle_pk, number = place.circle_pk, start
    for (stream, record_id), arrived in new.items():
        record = bytearray(record_id)
        entry: list[Numbered] = []
        for opened in arrived if len(arrived) == 1 else _without_doublets(arrived):
            kind = opened.revision.kind
            if kind == ENTRY:
                if stream in _NOTES:
                    entry.append((number, opened))
            elif (stream, kind) in _BESIDE:
                rows.beside.append(opened)
            identifier, data = bytearray(opened.identifier), bytearray(opened.data)
            rows.revisions.append((number, circle_pk, stream, record, identifier, kind, data))
            number += 1
        if entry:
            rows.fresh += len(entry)
            arrange_entry(rows, place, stream, record, entry)
    return rows


def _without_doublets(arrived: Sequence[OpenedRevision]) -> Iterable[OpenedRevision]:
    return {opened.identifier: opened for opened in arrived}.values()


def arrange_entry(
    rows: Rows, place: Placement, stream: str, record: bytearray, numbered: Sequence[Numbered]
) -> None:
    """Add what is shown of a transmission, under the number of its first revision."""
    try:
        current, state = merged(numbered)
    except ValueError:
        # Kept and passed on, but nothing that this version can show.
        return
    body, first, withdrawn = state.body, state.first.revision, state.withdrawn
    author, wall = first.author, first.wall
    shown = place_on_time_line(wall, place)
    rows.entries.append(
        (
            numbered[0][0],
            place.circle_pk,
            stream,
            record,
            body.kind,
            bytearray(author),
            wall,
            shown,
            current,
            1 if body.urgent else 0,
            1 if withdrawn else 0,
            1 if state.amended else 0,
            1 if state.parallel else 0,
            1 if author != place.own and shown > place.news_since and not withdrawn else 0,
        )
    )
    # Their own signal is forgotten by its sender once it is sent: the index would keep its words.
    unsearched = withdrawn or (stream == INBOX and author == place.own)
    rows.words.append((numbered[0][0], "" if unsearched else body.text))


def merged(numbered: Sequence[Numbered]) -> tuple[int, EntryState]:
    """Return the row number of the version shown, and the state.

    Raises:
        ValueError: None of them is a transmission's.
    """
    if len(numbered) == 1:
        pk, opened = numbered[0]
        return pk, merge_entry({opened.identifier: opened.revision})
    state = merge_entry({opened.identifier: opened.revision for _, opened in numbered})
    shown = state.current.identifier
    return next(pk for pk, opened in numbered if opened.identifier == shown), state


def place_on_time_line(wall: int, place: Placement) -> int:
    """Return the author's time, or ours where that lies in the future."""
    return wall if wall <= place.now + CLOCK_TOLERANCE_MS else place.now


class RowsAhead:
    """Rows of several pages of the past, made ahead of the one transaction that stores them."""

    def __init__(self, place: Placement) -> None:
        self.place = place
        self.batches: list[Rows] = []
        # Revisions (stream, revision) of records that have rows already, to merge with them.
        self.later: list[tuple[str, OpenedRevision]] = []
        self._ranges: list[tuple[bytearray, bytearray]] = []

    @property
    def placement(self) -> bytes:
        """What another process needs to make such rows (`RowMaker`)."""
        return msgspec.msgpack.encode(self.place)

    def add(self, accepted: Sequence[AcceptedEnvelope]) -> None:
        """Make the rows of a page."""
        self._join(arrange(self.place, revisions_of(accepted), self._end()))

    def add_made(self, data: bytes) -> None:
        """Add the rows of a page that another process made."""
        self._join(_rows.decode(data))

    def records(self) -> list[bytearray]:
        """Return the records that have rows."""
        return [row[3] for batch in self.batches for row in batch.revisions]

    def revisions(self) -> list[tuple[str, OpenedRevision]]:
        """Return every revision that was added."""
        return [*(_of_row(row) for batch in self.batches for row in batch.revisions), *self.later]

    def _join(self, page: Rows) -> None:
        if not page.revisions:
            return
        oldest, newest = min(row[3] for row in page.revisions), max(row[3] for row in page.revisions)
        # Ids grow with time, so that pages seldom meet.
        if any(newest >= lowest and oldest <= highest for lowest, highest in self._ranges):
            self._put_off(page)
        if not page.revisions:
            return
        self._ranges.append((oldest, newest))
        if self.batches and self._end() == page.start:
            last = self.batches[-1]
            last.revisions += page.revisions
            last.entries += page.entries
            last.words += page.words
            last.beside += page.beside
            last.fresh += page.fresh
        else:
            self.batches.append(page)

    def _end(self) -> int:
        """Return the number after the last one."""
        return self.batches[-1].revisions[-1][0] + 1 if self.batches else 0

    def _put_off(self, page: Rows) -> None:
        """Leave for later what a page has of records that have rows already."""
        known = {(row[2], bytes(row[3])) for batch in self.batches for row in batch.revisions}
        gone = [row for row in page.revisions if (row[2], bytes(row[3])) in known]
        if not gone:
            return
        numbers, identifiers = {row[0] for row in gone}, {bytes(row[4]) for row in gone}
        self.later += [_of_row(row) for row in gone]
        page.revisions = [row for row in page.revisions if row[0] not in numbers]
        page.entries = [row for row in page.entries if row[0] not in numbers]
        page.words = [row for row in page.words if row[0] not in numbers]
        page.beside = [opened for opened in page.beside if opened.identifier not in identifiers]
        page.fresh -= sum(row[5] == ENTRY and row[2] in _NOTES for row in gone)


def _of_row(row: RevisionRow) -> tuple[str, OpenedRevision]:
    data = bytes(row[6])
    return row[2], OpenedRevision(bytes(row[4]), data, decode_revision(data))
