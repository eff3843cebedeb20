"""What is published here and not yet at the relay: one table of pending work, and sealed bytes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs
from sqlalchemy import delete, func, select, update

from carelink.models import schema
from carelink.models.stores.feeds import FeedStore
from carelink.models.stores.records import add_revisions
from carelink.models.stores.rows import Placement
from carelink.records.bodies import RecordKind, decode_entry, encode_body
from carelink.records.revision import decode_revision, encode_revision
from carelink.records.transfer import (
    Feed,
    OpenedRevision,
    OutboxRevision,
    OutgoingEnvelope,
)

_CONFIRMED = "confirmed"


class OutboxStore(FeedStore):
    """Reads and writes the queue towards the relay."""

    def publish(self, circle: bytes, stream: str, opened: OpenedRevision, now: int) -> None:
        """Store a revision of ours and queue it, as one."""
        pk = self.pk(circle)
        add_revisions(self.connection, Placement(pk, opened.revision.author, now, now), [(stream, opened)])
        row = self._revision_pk(pk, stream, opened)
        self.connection.execute(schema.outbox.insert().values(revision_pk=row, circle_pk=pk, stream=stream))

    def requeued(
        self, circle: bytes, stream: str, item: OutboxRevision, opened: OpenedRevision, now: int
    ) -> OutboxRevision:
        """Store a revision of ours that goes in place of one still queued."""
        pk = self.pk(circle)
        add_revisions(self.connection, Placement(pk, opened.revision.author, now, now), [(stream, opened)])
        row = self._revision_pk(pk, stream, opened)
        self.connection.execute(
            update(schema.outbox).where(schema.outbox.c.revision_pk == item.pk).values(revision_pk=row)
        )
        return OutboxRevision(row, opened.identifier, opened.data, opened.revision, item.confirmed)

    def _revision_pk(self, circle_pk: int, stream: str, opened: OpenedRevision) -> int:
        c = schema.revisions.c
        row: int = self.connection.execute(
            select(c.pk).where(
                c.record == opened.revision.record,
                c.circle_pk == circle_pk,
                c.stream == stream,
                c.revision == opened.identifier,
            )
        ).scalar_one()
        return row

    def outbox_streams(self) -> list[tuple[bytes, str]]:
        """Return the (circle, stream) with something to seal for this relay."""
        c = schema.outbox.c
        rows = self.connection.execute(
            select(schema.circles.c.circle, c.stream)
            .distinct()
            .join(schema.circles, schema.circles.c.pk == c.circle_pk)
            .where(schema.circles.c.hub_pk == self.hub, c.seq.is_(None))
        )
        return [(row.circle, row.stream) for row in rows]

    def outbox(self, circle: bytes, stream: str, limit: int) -> list[OutboxRevision]:
        """Return what may be sealed next, oldest first; what waits for a confirmation is left out."""
        c, r = schema.outbox.c, schema.revisions.c
        rows = self.connection.execute(
            select(c.revision_pk, r.revision, r.data, c.held_for)
            .join(schema.revisions, r.pk == c.revision_pk)
            .where(
                c.circle_pk == self.pk(circle),
                c.stream == stream,
                c.seq.is_(None),
                c.held_for.is_(None) | (c.held_for == _CONFIRMED),
            )
            .order_by(c.revision_pk)
            .limit(limit)
        )
        return [
            OutboxRevision(pk, identifier, data, decode_revision(data), held == _CONFIRMED)
            for pk, identifier, data, held in rows
        ]

    def hold(self, item: OutboxRevision, accounts: Sequence[bytes]) -> None:
        """Make a revision wait for its author's confirmation."""
        self._set_held(item.pk, ",".join(account.hex() for account in accounts))

    def confirm(self, circle: bytes, record: bytes) -> int:
        """Let a record's waiting revisions go to the readers that were added since.

        Returns:
            How many were waiting.
        """
        c, r = schema.outbox.c, schema.revisions.c
        rows = self.connection.scalars(
            select(c.revision_pk)
            .join(schema.revisions, r.pk == c.revision_pk)
            .where(
                c.circle_pk == self.pk(circle),
                r.record == record,
                c.held_for.is_not(None),
                c.held_for != _CONFIRMED,
            )
        ).all()
        for pk in rows:
            self._set_held(pk, _CONFIRMED)
        return len(rows)

    def drop_held(self, circle: bytes, record: bytes) -> None:
        """Never send a record's revisions that wait for a confirmation: they were withdrawn."""
        c, r = schema.outbox.c, schema.revisions.c
        of_record = select(r.pk).where(r.record == record, r.circle_pk == self.pk(circle))
        self.connection.execute(
            delete(schema.outbox).where(
                c.revision_pk.in_(of_record), c.held_for.is_not(None), c.held_for != _CONFIRMED
            )
        )

    def held(self, circle: bytes) -> list[tuple[bytes, tuple[bytes, ...]]]:
        """Return (record, accounts) for what waits for a confirmation."""
        c, r = schema.outbox.c, schema.revisions.c
        rows = self.connection.execute(
            select(r.record, c.held_for)
            .join(schema.revisions, r.pk == c.revision_pk)
            .where(c.circle_pk == self.pk(circle), c.held_for.is_not(None), c.held_for != _CONFIRMED)
        )
        return [
            (row.record, tuple(bytes.fromhex(account) for account in row.held_for.split(","))) for row in rows
        ]

    def _set_held(self, revision_pk: int, value: str) -> None:
        self.connection.execute(
            update(schema.outbox).where(schema.outbox.c.revision_pk == revision_pk).values(held_for=value)
        )

    def notice(self, circle: bytes, item: OutboxRevision, accounts: Sequence[bytes], now: int) -> None:
        """Keep a line for the author: more people read this note than were shown."""
        self.connection.execute(
            schema.notices.insert().values(
                circle_pk=self.pk(circle),
                record=item.revision.record,
                accounts=",".join(account.hex() for account in accounts),
                created=now,
            )
        )

    def put_sealed(self, sealed: OutgoingEnvelope, feed: Feed, carried: Sequence[OutboxRevision]) -> None:
        """Keep a sealed envelope, its place in our feed and what it carries, as one."""
        device = self.own_device()
        self.put_feeds(sealed.circle, {(sealed.stream, device): feed})
        pk = self.feed_pk(sealed.circle, (sealed.stream, device))
        self.connection.execute(
            schema.envelopes.insert().values(feed_pk=pk, seq=sealed.seq, identifier=sealed.identifier)
        )
        self.connection.execute(
            schema.outgoing.insert().values(
                feed_pk=pk,
                seq=sealed.seq,
                header=sealed.header,
                signature=sealed.signature,
                ciphertext=sealed.ciphertext,
            )
        )
        self.connection.execute(
            update(schema.outbox)
            .where(schema.outbox.c.revision_pk.in_([item.pk for item in carried]))
            .values(feed_pk=pk, seq=sealed.seq)
        )

    def own_device(self) -> bytes:
        """Return the id of this vault's device."""
        device: bytes = self.connection.execute(select(schema.account.c.device)).scalar_one()
        return device

    def outgoing(self, limit: int) -> list[OutgoingEnvelope]:
        """Return sealed envelopes to send to this relay, in feed order."""
        o, f, e = schema.outgoing.c, schema.feeds.c, schema.envelopes.c
        rows = self.connection.execute(
            select(
                schema.circles.c.circle,
                f.stream,
                o.seq,
                e.identifier,
                o.header,
                o.signature,
                o.ciphertext,
            )
            .join(schema.feeds, f.pk == o.feed_pk)
            .join(schema.circles, schema.circles.c.pk == f.circle_pk)
            .join(schema.envelopes, (e.feed_pk == o.feed_pk) & (e.seq == o.seq))
            .where(schema.circles.c.hub_pk == self.hub)
            .order_by(o.feed_pk, o.seq)
            .limit(limit)
        )
        return [OutgoingEnvelope(*row) for row in rows]

    def resealed(self, stub: OutgoingEnvelope) -> None:
        """Keep only the header of a stale envelope, and queue what it carried again."""
        pk = self.feed_pk(stub.circle, (stub.stream, self.own_device()))
        o, b = schema.outgoing.c, schema.outbox.c
        self.connection.execute(
            update(schema.outgoing).where(o.feed_pk == pk, o.seq == stub.seq).values(ciphertext=b"")
        )
        self.connection.execute(
            update(schema.outbox).where(b.feed_pk == pk, b.seq == stub.seq).values(feed_pk=None, seq=None)
        )

    def forget_text(self, circle: bytes, stream: str, seq: int) -> None:
        """Keep of the transmissions in a sealed envelope of ours that they were sent, and not their words."""
        pk = self.feed_pk(circle, (stream, self.own_device()))
        b, r = schema.outbox.c, schema.revisions.c
        rows = self.connection.execute(
            select(r.pk, r.data)
            .join(schema.outbox, r.pk == b.revision_pk)
            .where(b.feed_pk == pk, b.seq == seq, r.kind == RecordKind.ENTRY)
        ).all()
        for row, data in rows:
            revision = decode_revision(data)
            body = structs.replace(decode_entry(revision.body), text="")
            blank = encode_revision(structs.replace(revision, body=encode_body(body)))
            self.connection.execute(update(schema.revisions).where(r.pk == row).values(data=blank))

    def delivered(self, circle: bytes, stream: str, seq: int) -> int:
        """Forget a sealed envelope that the relay has.

        Returns:
            How many revisions of transmissions it carried.
        """
        pk = self.feed_pk(circle, (stream, self.own_device()))
        o, b, r = schema.outgoing.c, schema.outbox.c, schema.revisions.c
        count = self.connection.scalar(
            select(func.count())
            .select_from(schema.outbox)
            .join(schema.revisions, r.pk == b.revision_pk)
            .where(b.feed_pk == pk, b.seq == seq, r.kind == RecordKind.ENTRY)
        )
        self.connection.execute(delete(schema.outbox).where(b.feed_pk == pk, b.seq == seq))
        self.connection.execute(delete(schema.outgoing).where(o.feed_pk == pk, o.seq == seq))
        return count or 0

    def pending(self, circle: bytes | None = None) -> int:
        """Return how many revisions of transmissions the relay does not have yet."""
        b, r = schema.outbox.c, schema.revisions.c
        query = (
            select(func.count())
            .select_from(schema.outbox)
            .join(schema.revisions, r.pk == b.revision_pk)
            .where(r.kind == RecordKind.ENTRY)
        )
        if circle is not None:
            query = query.where(b.circle_pk == self.pk(circle))
        return self.connection.scalar(query) or 0
