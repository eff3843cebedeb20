"""Storing what this account writes, and queueing it for the carriers, as one."""

from __future__ import annotations

from carelink.access.compartments import Stream
from carelink.records.revision import Revision, encode_revision, new_record_id, revision_id
from carelink.records.transfer import OpenedRevision
from carelink.services.session import Session, Stores


def publish(stores: Stores, circle: bytes, stream: Stream, revision: Revision) -> None:
    """Store a revision of ours and queue it."""
    data = encode_revision(revision)
    stores.publish(circle, stream, OpenedRevision(revision_id(data), data, revision), revision.wall)


def publish_record(
    session: Session, stores: Stores, circle: bytes, stream: Stream, kind: str, body: bytes
) -> None:
    """Store the first and only version of a record that nobody was shown the readers of, and queue it."""
    now = session.clock()
    publish(stores, circle, stream, Revision(new_record_id(now), kind, (), session.account, now, (), body))
