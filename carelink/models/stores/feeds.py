"""Envelopes as the engine left them: feeds, places at the relay, what waits, is refused or missing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from carelink.access.compartments import RESTRICTED
from carelink.models import schema
from carelink.models.stores.records import add_revisions, add_rows, insert_rows
from carelink.models.stores.registry import RegistryStore
from carelink.models.stores.rows import Placement, RowsAhead, revisions_of
from carelink.records.transfer import (
    AcceptedEnvelope,
    CheckpointMark,
    Feed,
    FeedKey,
    MissingItem,
    RefusedItem,
    WaitingEnvelope,
)

_KEPT_ENVELOPE_BYTES = 64 * 1024


class FeedStore(RegistryStore):
    """Reads and writes what came from the relay."""

    def own_account(self) -> bytes:
        """Return the id of this vault's account."""
        account: bytes = self.connection.execute(select(schema.account.c.account)).scalar_one()
        return account

    def feeds(self, circle: bytes) -> dict[FeedKey, Feed]:
        """Return the stretch held of each feed of a circle."""
        c = schema.feeds.c
        rows = self.connection.execute(select(schema.feeds).where(c.circle_pk == self.pk(circle)))
        return {
            (row.stream, row.device): Feed(
                row.base, row.base_previous, row.head, row.head_id, row.height, row.told
            )
            for row in rows
        }

    def put_feeds(self, circle: bytes, feeds: Mapping[FeedKey, Feed]) -> None:
        """Keep the new state of feeds."""
        for (stream, device), feed in feeds.items():
            values = {
                "base": feed.base,
                "base_previous": feed.base_previous,
                "head": feed.head,
                "head_id": feed.head_id,
                "height": feed.height,
                "told": feed.told,
            }
            self.connection.execute(
                insert(schema.feeds)
                .values(circle_pk=self.pk(circle), stream=stream, device=device, **values)
                .on_conflict_do_update(index_elements=["circle_pk", "stream", "device"], set_=values)
            )

    def feed_pk(self, circle: bytes, key: FeedKey) -> int | None:
        """Return a feed's row."""
        rows = self.fetch(
            "SELECT pk FROM feeds WHERE circle_pk = ? AND stream = ? AND device = ?",
            (self.pk(circle), *key),
        )
        return rows[0][0] if rows else None

    def held_between(self, circle: bytes, key: FeedKey, first: int, last: int) -> Mapping[int, bytes]:
        """Return the ids held of a feed between two places, both included."""
        feed = self.feed_pk(circle, key)
        if feed is None:
            return {}
        return dict(
            self.fetch(
                "SELECT seq, identifier FROM envelopes WHERE feed_pk = ? AND seq BETWEEN ? AND ?",
                (feed, first, last),
            )
        )

    def identifiers_by_place(self, circle: bytes, stream: str) -> dict[int, bytes]:
        """Return the ids of a stream's envelopes by their place at the relay."""
        c, f = schema.envelopes.c, schema.feeds.c
        rows = self.connection.execute(
            select(c.place, c.identifier)
            .join(schema.feeds, f.pk == c.feed_pk)
            .where(f.circle_pk == self.pk(circle), f.stream == stream, c.place.is_not(None))
        )
        return {row.place: row.identifier for row in rows}

    def add_accepted(
        self,
        circle: bytes,
        accepted: Sequence[AcceptedEnvelope],
        now: int,
        news_since: int,
        ahead: object = None,
    ) -> int:
        """Store verified envelopes with their revisions.

        Args:
            circle: Which circle.
            accepted: The envelopes.
            now: Milliseconds since 1970.
            news_since: What was written before is not unread.
            ahead: The `rows_ahead` to which the same envelopes were added, or None.

        Returns:
            How many revisions of transmissions were new.
        """
        if not accepted:
            return 0
        pk = self.pk(circle)
        c = schema.feeds.c
        rows = self.connection.execute(select(c.pk, c.stream, c.device).where(c.circle_pk == pk))
        feed_pks = {(row.stream, row.device): row.pk for row in rows}
        insert_rows(
            self.connection,
            "INSERT INTO envelopes (feed_pk, seq, identifier, place)",
            [
                (feed_pks[e.stream, e.device], e.seq, bytearray(e.identifier), e.place or None)
                for e in accepted
            ],
            "ON CONFLICT (feed_pk, seq) DO UPDATE SET place = coalesce(excluded.place, place)",
        )
        self._found(circle, accepted)
        if isinstance(ahead, RowsAhead):
            return add_rows(self.connection, ahead)
        place = Placement(pk, self.own_account(), now, news_since)
        return add_revisions(self.connection, place, revisions_of(accepted))

    def rows_ahead(self, circle: bytes, now: int, news_since: int) -> RowsAhead:
        """Return where the rows of a circle's past can be made ahead of the transaction that stores them."""
        return RowsAhead(Placement(self.pk(circle), self.own_account(), now, news_since))

    def others_wrote_since(self, circle: bytes, time: int) -> bool:
        """Whether someone else dates a transmission at this time or later."""
        c = schema.entries.c
        query = select(c.pk).where(
            c.circle_pk == self.pk(circle),
            c.shown >= time,
            c.wall >= time,
            c.author != self.own_account(),
            # What follows from this is seen by all: it must not come of what few read.
            c.stream != RESTRICTED,
        )
        return self.connection.scalar(query.limit(1)) is not None

    def _found(self, circle: bytes, accepted: Sequence[AcceptedEnvelope]) -> None:
        wanted = [item for item in self.missing() if item.circle == circle]
        if not wanted:
            return
        seqs = {(e.stream, e.device, e.seq) for e in accepted}
        places = {(e.stream, e.place) for e in accepted}
        self.drop_missing(
            [
                item
                for item in wanted
                if (item.stream, item.device, item.seq) in seqs
                or (item.place and (item.stream, item.place) in places)
            ]
        )

    def add_waiting(self, circle: bytes, waiting: Sequence[WaitingEnvelope]) -> None:
        """Keep sealed envelopes until their key comes."""
        for item in waiting:
            self.connection.execute(
                insert(schema.waiting)
                .values(
                    circle_pk=self.pk(circle),
                    identifier=item.identifier,
                    stream=item.stream,
                    epoch=item.epoch,
                    header=item.header,
                    ciphertext=item.ciphertext,
                )
                .on_conflict_do_nothing()
            )

    def take_waiting(self, circle: bytes, stream: str, epoch: int) -> list[WaitingEnvelope]:
        """Take out what waited for this key."""
        place = (self.pk(circle), stream, epoch)
        found = [
            WaitingEnvelope(*row)
            for row in self.fetch(
                "SELECT stream, epoch, identifier, header, ciphertext FROM waiting "
                "WHERE circle_pk = ? AND stream = ? AND epoch = ?",
                place,
            )
        ]
        if found:
            self.connection.exec_driver_sql(
                "DELETE FROM waiting WHERE circle_pk = ? AND stream = ? AND epoch = ?", place
            )
        return found

    def add_refused(self, refused: Sequence[RefusedItem], now: int) -> None:
        """Keep aside what was refused, once each."""
        for item in refused:
            self.connection.execute(
                insert(schema.refusals)
                .values(
                    circle_pk=self.pk(item.circle),
                    stream=item.stream,
                    device=item.device,
                    seq=item.seq,
                    why=item.why,
                    digest=hashlib.sha256(item.envelope).digest(),
                    envelope=item.envelope[:_KEPT_ENVELOPE_BYTES],
                    seen=now,
                )
                .on_conflict_do_nothing()
            )

    def missing(self) -> list[MissingItem]:
        """Return what is known to exist and was not given."""
        c = schema.missing.c
        query = (
            select(schema.circles.c.circle, c.stream, c.device, c.seq, c.place, c.near)
            .join(schema.circles, schema.circles.c.pk == c.circle_pk)
            .order_by(c.circle_pk, c.stream, c.seq, c.place)
        )
        if self.hub is not None:
            query = query.where(schema.circles.c.hub_pk == self.hub)
        return [MissingItem(*row) for row in self.connection.execute(query)]

    def add_missing(self, items: Sequence[MissingItem], now: int) -> None:
        """Note what should be there."""
        for item in items:
            self.connection.execute(
                insert(schema.missing)
                .values(
                    circle_pk=self.pk(item.circle),
                    stream=item.stream,
                    device=item.device,
                    seq=item.seq,
                    place=item.place,
                    near=item.near,
                    since=now,
                )
                .on_conflict_do_nothing()
            )

    def drop_missing(self, items: Sequence[MissingItem]) -> None:
        """Forget what has been found."""
        c = schema.missing.c
        for item in items:
            self.connection.execute(
                delete(schema.missing).where(
                    tuple_(c.circle_pk, c.stream, c.device, c.seq, c.place)
                    == tuple_(self.pk(item.circle), item.stream, item.device, item.seq, item.place)
                )
            )

    def checkpoints(self, circle: bytes) -> dict[str, CheckpointMark]:
        """Return the highest checkpoint verified of each stream."""
        c = schema.checkpoints.c
        rows = self.connection.execute(
            select(c.stream, c.count, c.digest).where(c.circle_pk == self.pk(circle))
        )
        return {row.stream: CheckpointMark(row[1], row.digest) for row in rows}

    def drop_checkpoint(self, circle: bytes, stream: str) -> None:
        """Forget a stream's checkpoint: what follows it here starts anew."""
        c = schema.checkpoints.c
        self.connection.execute(
            delete(schema.checkpoints).where(c.circle_pk == self.pk(circle), c.stream == stream)
        )

    def put_checkpoint(self, circle: bytes, stream: str, mark: CheckpointMark) -> None:
        """Keep a stream's checkpoint."""
        values = {"count": mark.count, "digest": mark.digest}
        self.connection.execute(
            insert(schema.checkpoints)
            .values(circle_pk=self.pk(circle), stream=stream, **values)
            .on_conflict_do_update(index_elements=["circle_pk", "stream"], set_=values)
        )
