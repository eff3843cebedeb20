"""A vault with years of records, filled through the product's own stores."""

from __future__ import annotations

from benchmarks.corpus import texts
from carelink.access.compartments import Stream
from carelink.models.stores.records import add_revisions
from carelink.models.stores.rows import Placement
from carelink.records.bodies import EntryBody, EntryKind, RecordKind, encode_body
from carelink.records.revision import Revision, encode_revision, new_record_id, revision_id
from carelink.records.transfer import OpenedRevision
from carelink.services.session import Session

MINUTE = 60_000
_BATCH = 5_000
_STREAMS = (Stream.CARE, Stream.LIFE, Stream.CARE, Stream.COORDINATION)


def fill_vault(session: Session, circle: str, count: int) -> None:
    """Put `count` entries, one a minute up to now, into a circle of an open vault."""
    identifier = bytes.fromhex(circle)
    now = session.clock()
    batch: list[tuple[str, OpenedRevision]] = []
    for number, text in enumerate(texts(count), start=1):
        wall = now - (count - number) * MINUTE
        body = encode_body(EntryBody(text, EntryKind.NOTE, urgent=False, withdrawn=False, reason=""))
        revision = Revision(new_record_id(wall), RecordKind.ENTRY, (), session.account, wall, (), body)
        data = encode_revision(revision)
        stream = _STREAMS[number % len(_STREAMS)]
        batch.append((stream, OpenedRevision(revision_id(data), data, revision)))
        if len(batch) == _BATCH or number == count:
            with session.write() as stores:
                place = Placement(stores.pk(identifier), session.account, now, now)
                add_revisions(stores.connection, place, batch)
            batch = []
