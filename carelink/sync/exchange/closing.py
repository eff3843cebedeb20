"""Notes that were written before their author learnt of a death, and go out after it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState
from carelink.records.bodies import EntryKind, decode_entry, encode_body
from carelink.records.revision import MAX_PARENTS, encode_revision, revision_id
from carelink.records.status import is_frozen, outlives
from carelink.records.transfer import OpenedRevision, OutboxRevision
from carelink.sync.exchange.context import Context
from carelink.sync.store import Transaction


def as_closing_notes(
    context: Context,
    tx: Transaction,
    circle: bytes,
    state: CircleState,
    stream: Stream,
    items: Sequence[OutboxRevision],
) -> Sequence[OutboxRevision]:
    """Return what is about to be sealed; after a death, ordinary notes go as closing notes.

    Others refuse an ordinary note sealed after a death. What a carer wrote offline the day before must
    not be lost for that: it goes out with its own date and text, as what it has become.
    """
    if not is_frozen(tx.statuses(circle), state.height):
        return items
    renamed: dict[bytes, bytes] = {}
    sealed: list[OutboxRevision] = []
    for item in items:
        if outlives(item.revision, stream):
            sealed.append(item)
            continue
        body = msgspec.structs.replace(decode_entry(item.revision.body), kind=EntryKind.CLOSING.value)
        before = item.revision.parents
        parents = (item.identifier, *before, *(renamed[parent] for parent in before if parent in renamed))
        revision = msgspec.structs.replace(
            item.revision, parents=parents[:MAX_PARENTS], body=encode_body(body)
        )
        data = encode_revision(revision)
        opened = OpenedRevision(revision_id(data), data, revision)
        renamed[item.identifier] = opened.identifier
        sealed.append(tx.requeued(circle, stream, item, opened, context.now()))
    return sealed
