"""What is to be written to people by name, until the relay has it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from carelink.access.compartments import RESTRICTED
from carelink.models import direct_schema as direct
from carelink.models import schema
from carelink.models.stores.direct import ACCOUNT_BYTES, DirectStore, split
from carelink.models.stores.records import add_revisions
from carelink.models.stores.rows import Placement
from carelink.records.bodies import RecordKind
from carelink.records.direct import DirectFeed, DirectOutgoing, Wish
from carelink.records.revision import decode_revision
from carelink.records.transfer import OpenedRevision, OutboxRevision


class DirectOutboxStore(DirectStore):
    """Reads and writes the queue of direct streams."""

    def publish_restricted(self, circle: bytes, record: bytes, opened: OpenedRevision, now: int) -> None:
        """Store a revision of ours about a record kept to named readers, and queue it, as one."""
        pk = self.pk(circle)
        add_revisions(self.connection, Placement(pk, self.own_account(), now, now), [(RESTRICTED, opened)])
        self.show_traces(circle, record, [opened])
        row = self._revision_pk(pk, RESTRICTED, opened)
        self.connection.execute(direct.outbox.insert().values(revision_pk=row, circle_pk=pk, record=record))

    def wish_readers(self, circle: bytes, record: bytes, accounts: Sequence[bytes], history: bool) -> None:
        """Have readers added to a record; with a new one, those of the first opening."""
        self.connection.execute(
            direct.wishes.insert().values(
                circle_pk=self.pk(circle), record=record, accounts=b"".join(accounts), history=history
            )
        )

    def wishes(self, circle: bytes, record: bytes) -> list[Wish]:
        """Return what readers are to be added to a record and are in no opening yet."""
        c = direct.wishes.c
        rows = self.connection.execute(
            select(c.pk, c.accounts, c.history)
            .where(c.circle_pk == self.pk(circle), c.record == record, c.sealed.is_(None))
            .order_by(c.pk)
        )
        return [Wish(row.pk, split(row.accounts, ACCOUNT_BYTES), row.history) for row in rows]

    def wished_readers(self, circle: bytes, record: bytes) -> frozenset[bytes]:
        """Return whom someone here wants to read a record, until the relay has the opening that says so."""
        c = direct.wishes.c
        rows = self.connection.scalars(
            select(c.accounts).where(c.circle_pk == self.pk(circle), c.record == record)
        )
        return frozenset(account for joined in rows for account in split(joined, ACCOUNT_BYTES))

    def direct_queue(self) -> list[tuple[bytes, bytes]]:
        """Return the (circle, record) with something to seal for this relay."""
        b, w = direct.outbox.c, direct.wishes.c
        circles = schema.circles.c
        waiting = select(b.circle_pk, b.record).where(b.sealed.is_(None))
        both = waiting.union(select(w.circle_pk, w.record).where(w.sealed.is_(None))).subquery()
        rows = self.connection.execute(
            select(circles.circle, both.c.record)
            .join(schema.circles, circles.pk == both.c.circle_pk)
            .where(circles.hub_pk == self.hub)
        )
        return [(row.circle, row.record) for row in rows]

    def direct_outbox(self, circle: bytes, record: bytes, limit: int) -> list[OutboxRevision]:
        """Return what may be sealed next about a record, oldest first."""
        b, r = direct.outbox.c, schema.revisions.c
        rows = self.connection.execute(
            select(b.revision_pk, r.revision, r.data)
            .join(schema.revisions, r.pk == b.revision_pk)
            .where(b.circle_pk == self.pk(circle), b.record == record, b.sealed.is_(None))
            .order_by(b.revision_pk)
            .limit(limit)
        )
        return [OutboxRevision(pk, i, data, decode_revision(data), True) for pk, i, data in rows]

    def shown_version(self, circle: bytes, record: bytes) -> OpenedRevision | None:
        """Return the version of a restricted note that is shown."""
        r, f = schema.revisions, schema.revisions.alias("f")
        row = self.connection.execute(
            select(r.c.revision, r.c.data)
            .join(schema.entries, schema.entries.c.current == r.c.pk)
            .join(f, f.c.pk == schema.entries.c.pk)
            .where(f.c.record == record, f.c.circle_pk == self.pk(circle), f.c.stream == RESTRICTED)
        ).first()
        return None if row is None else OpenedRevision(row.revision, row.data, decode_revision(row.data))

    def put_direct_sealed(
        self,
        sealed: DirectOutgoing,
        feed: DirectFeed,
        carried: Sequence[OutboxRevision] = (),
        wished: Sequence[Wish] = (),
    ) -> None:
        """Keep a sealed envelope, its place in our feed and what it settles, as one."""
        device, b, w = self.own_device(), direct.outbox.c, direct.wishes.c
        self.keep_place(sealed.circle, sealed.opening, device, sealed.seq, sealed.identifier)
        self.put_direct_feed(sealed.circle, sealed.opening, device, feed)
        self.connection.execute(
            direct.outgoing.insert().values(
                circle_pk=self.pk(sealed.circle),
                opening=sealed.opening,
                seq=sealed.seq,
                identifier=sealed.identifier,
                header=sealed.header,
                signature=sealed.signature,
                ciphertext=sealed.ciphertext,
            )
        )
        self.connection.execute(
            update(direct.outbox)
            .where(b.revision_pk.in_([item.pk for item in carried]))
            .values(sealed=sealed.identifier)
        )
        self.connection.execute(
            update(direct.wishes)
            .where(w.pk.in_([wish.pk for wish in wished]))
            .values(sealed=sealed.identifier)
        )

    def direct_outgoing(self, limit: int) -> list[DirectOutgoing]:
        """Return sealed envelopes to send to this relay, in the order in which they were made."""
        o = direct.outgoing.c
        rows = self.connection.execute(
            select(
                schema.circles.c.circle,
                o.opening,
                o.seq,
                o.identifier,
                o.header,
                o.signature,
                o.ciphertext,
            )
            .join(schema.circles, schema.circles.c.pk == o.circle_pk)
            .where(schema.circles.c.hub_pk == self.hub)
            .order_by(o.pk)
            .limit(limit)
        )
        return [DirectOutgoing(*row) for row in rows]

    def direct_delivered(self, identifier: bytes) -> int:
        """Forget a sealed envelope that the relay has.

        Returns:
            How many revisions of transmissions it carried.
        """
        b, r, w = direct.outbox.c, schema.revisions.c, direct.wishes.c
        count = self.connection.scalar(
            select(func.count())
            .select_from(direct.outbox)
            .join(schema.revisions, r.pk == b.revision_pk)
            .where(b.sealed == identifier, r.kind == RecordKind.ENTRY)
        )
        self.connection.execute(delete(direct.outbox).where(b.sealed == identifier))
        self.connection.execute(delete(direct.wishes).where(w.sealed == identifier))
        self.connection.execute(delete(direct.outgoing).where(direct.outgoing.c.identifier == identifier))
        return count or 0

    def direct_refused(self, circle: bytes, opening: bytes, seq: int) -> None:
        """Queue again what the relay takes no more under an opening, from one of our envelopes on.

        An opening of ours that it never had is forgotten; under another's, nothing more is sealed.
        """
        pk, o = self.pk(circle), direct.outgoing.c
        unsent = (o.circle_pk == pk) & (o.opening == opening) & (o.seq >= seq)
        identifiers = self.connection.scalars(select(o.identifier).where(unsent)).all()
        for table in (direct.outbox, direct.wishes):
            self.connection.execute(update(table).where(table.c.sealed.in_(identifiers)).values(sealed=None))
        self.connection.execute(delete(direct.outgoing).where(unsent))
        if opening not in identifiers:
            self.close_opening(circle, opening)
            return
        for table in (direct.openings, direct.keys, direct.feeds, direct.envelopes):
            self.connection.execute(delete(table).where(table.c.circle_pk == pk, table.c.opening == opening))
        self.forget_own_devices(circle)

    def direct_unsent(self, circle: bytes) -> set[int]:
        """Return the rows of the restricted notes of which the relay does not have everything yet."""
        rows = self.fetch(
            "SELECT e.pk FROM direct_outbox o JOIN revisions f ON f.record = o.record "
            "JOIN entries e ON e.pk = f.pk JOIN revisions r ON r.pk = o.revision_pk "
            "WHERE o.circle_pk = ? AND e.circle_pk = o.circle_pk AND r.kind = 'entry'",
            (self.pk(circle),),
        )
        return {row[0] for row in rows}

    def direct_pending(self, circle: bytes | None = None) -> int:
        """Return how many revisions of restricted notes the relay does not have yet."""
        b, r = direct.outbox.c, schema.revisions.c
        query = (
            select(func.count())
            .select_from(direct.outbox)
            .join(schema.revisions, r.pk == b.revision_pk)
            .where(r.kind == RecordKind.ENTRY)
        )
        if circle is not None:
            query = query.where(b.circle_pk == self.pk(circle))
        return self.connection.scalar(query) or 0
