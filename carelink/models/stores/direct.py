"""What is written to people by name: openings, keys, feeds, and what is to be sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from carelink.access.compartments import RESTRICTED
from carelink.models import direct_schema as direct
from carelink.models import schema
from carelink.models.stores.outbox import OutboxStore
from carelink.models.stores.records import add_revisions
from carelink.models.stores.rows import Placement
from carelink.records.bodies import RecordKind, decode_trace
from carelink.records.direct import AcceptedDirect, DirectFeed, DirectWaiting, OpeningRow
from carelink.records.transfer import OpenedRevision

ACCOUNT_BYTES = 16
_OPENING_BYTES = 32


def split(joined: bytes, size: int) -> tuple[bytes, ...]:
    """Return the ids of which a value is made."""
    return tuple(joined[start : start + size] for start in range(0, len(joined), size))


class DirectStore(OutboxStore):
    """Reads and writes direct streams."""

    def add_opening(self, circle: bytes, row: OpeningRow, secret: bytes, own: Sequence[bytes]) -> None:
        """Keep an opening that was read, and its key, which these devices of this account have."""
        c = direct.keys.c
        self.add_direct_key(circle, row.opening, secret, own)
        self.connection.execute(
            delete(direct.keys).where(
                c.circle_pk == self.pk(circle), c.opening == row.opening, c.secret != secret
            )
        )
        self.connection.execute(
            direct.openings.insert().values(
                circle_pk=self.pk(circle),
                opening=row.opening,
                device=row.device,
                maker=row.maker,
                origin=row.origin,
                height=row.height,
                audience=b"".join(row.audience),
                kind=row.kind,
                record=row.record,
                follows=b"".join(row.follows),
                closed=row.closed,
            )
        )

    def opening(self, circle: bytes, opening: bytes) -> OpeningRow | None:
        """Return one opening, or None where it is not held."""
        c = direct.openings.c
        rows = self._openings((c.circle_pk == self.pk(circle)) & (c.opening == opening))
        return rows[0] if rows else None

    def restricted_records(self, circle: bytes) -> list[bytes]:
        """Return every record with an opening."""
        c = direct.openings.c
        rows = self.connection.scalars(
            select(c.record).distinct().where(c.circle_pk == self.pk(circle), c.kind == RESTRICTED)
        )
        return list(rows)

    def openings(self, circle: bytes, record: bytes) -> list[OpeningRow]:
        """Return the openings of a record."""
        c = direct.openings.c
        return self._openings((c.circle_pk == self.pk(circle)) & (c.record == record))

    def _openings(self, condition: object) -> list[OpeningRow]:
        rows = self.connection.execute(select(direct.openings).where(condition))  # type: ignore[arg-type]
        return [
            OpeningRow(
                opening=row.opening,
                device=row.device,
                maker=row.maker,
                origin=row.origin,
                height=row.height,
                audience=split(row.audience, ACCOUNT_BYTES),
                kind=row.kind,
                record=row.record,
                follows=split(row.follows, _OPENING_BYTES),
                closed=row.closed,
            )
            for row in rows
        ]

    def close_opening(self, circle: bytes, opening: bytes) -> None:
        """Note that the relay takes nothing more under an opening."""
        c = direct.openings.c
        self.connection.execute(
            update(direct.openings)
            .where(c.circle_pk == self.pk(circle), c.opening == opening)
            .values(closed=True)
        )

    def add_direct_key(self, circle: bytes, opening: bytes, secret: bytes, own: Sequence[bytes]) -> None:
        """Keep a key, and which devices of this account have it too.

        Of an opening that was read its key is known: what another says of it changes nothing.
        """
        pk, c = self.pk(circle), direct.keys.c
        this_one = (c.circle_pk == pk) & (c.opening == opening) & (c.secret == secret)
        held = self.connection.scalar(select(c.own_devices).where(this_one))
        known = set(split(held or b"", ACCOUNT_BYTES))
        joined = b"".join(sorted(known.union(own)))
        if held is None and self.opening(circle, opening) is not None:
            return
        if held is None:
            self.connection.execute(
                direct.keys.insert().values(circle_pk=pk, opening=opening, secret=secret, own_devices=joined)
            )
        elif joined != held:
            self.connection.execute(update(direct.keys).where(this_one).values(own_devices=joined))

    def direct_keys(self, circle: bytes, opening: bytes) -> list[bytes]:
        """Return what was handed to us as an opening's key; one of them may match its commitment."""
        c = direct.keys.c
        rows = self.connection.scalars(
            select(c.secret).where(c.circle_pk == self.pk(circle), c.opening == opening)
        )
        return list(rows)

    def direct_holders(self) -> set[tuple[bytes, frozenset[bytes]]]:
        """Return, for each circle of this relay with openings, the sets of our devices that have a key."""
        k, o = direct.keys.c, direct.openings.c
        rows = self.connection.execute(
            select(schema.circles.c.circle, k.own_devices)
            .distinct()
            .join(schema.circles, schema.circles.c.pk == k.circle_pk)
            .join(direct.openings, (o.circle_pk == k.circle_pk) & (o.opening == k.opening))
            .where(schema.circles.c.hub_pk == self.hub, o.kind == RESTRICTED)
        )
        return {(row.circle, frozenset(split(row.own_devices, ACCOUNT_BYTES))) for row in rows}

    def keys_lacked_by(self, circle: bytes, devices: Collection[bytes]) -> list[tuple[bytes, bytes]]:
        """Return (opening, key) of what not all of these devices of ours have, as far as we know."""
        k, o = direct.keys.c, direct.openings.c
        rows = self.connection.execute(
            select(k.opening, k.secret, k.own_devices)
            .join(direct.openings, (o.circle_pk == k.circle_pk) & (o.opening == k.opening))
            .where(k.circle_pk == self.pk(circle), o.kind == RESTRICTED)
        )
        wanted = set(devices)
        return [
            (row.opening, row.secret) for row in rows if wanted - {*split(row.own_devices, ACCOUNT_BYTES)}
        ]

    def forget_own_devices(self, circle: bytes) -> None:
        """Have the keys of a circle handed to the account's other devices once more."""
        c = direct.keys.c
        self.connection.execute(
            update(direct.keys).where(c.circle_pk == self.pk(circle)).values(own_devices=b"")
        )

    def direct_feeds(self, circle: bytes, opening: bytes) -> dict[bytes, DirectFeed]:
        """Return how far each device's envelopes under an opening are held."""
        c = direct.feeds.c
        rows = self.connection.execute(
            select(direct.feeds).where(c.circle_pk == self.pk(circle), c.opening == opening)
        )
        return {row.device: DirectFeed(row.head, row.head_id, row.height, row.told) for row in rows}

    def put_direct_feed(self, circle: bytes, opening: bytes, device: bytes, feed: DirectFeed) -> None:
        """Keep how far a device's envelopes are held."""
        values = {"head": feed.head, "head_id": feed.head_id, "height": feed.height, "told": feed.told}
        self.connection.execute(
            insert(direct.feeds)
            .values(circle_pk=self.pk(circle), opening=opening, device=device, **values)
            .on_conflict_do_update(index_elements=["circle_pk", "opening", "device"], set_=values)
        )

    def direct_identifier(self, circle: bytes, opening: bytes, device: bytes, seq: int) -> bytes | None:
        """Return the id of an envelope at its place, or None where it is not held."""
        c = direct.envelopes.c
        return self.connection.scalar(
            select(c.identifier).where(
                c.circle_pk == self.pk(circle), c.opening == opening, c.device == device, c.seq == seq
            )
        )

    def add_direct(
        self, circle: bytes, record: bytes, accepted: AcceptedDirect, now: int, news_since: int
    ) -> int:
        """Keep a verified envelope with its revisions.

        Returns:
            How many revisions of transmissions were new.
        """
        self.keep_place(circle, accepted.opening, accepted.device, accepted.seq, accepted.identifier)
        self.put_direct_feed(circle, accepted.opening, accepted.device, accepted.feed)
        place = Placement(self.pk(circle), self.own_account(), now, news_since)
        self.show_traces(circle, record, accepted.revisions)
        return add_revisions(self.connection, place, [(RESTRICTED, r) for r in accepted.revisions])

    def keep_place(self, circle: bytes, opening: bytes, device: bytes, seq: int, identifier: bytes) -> None:
        """Keep which envelope stands at a place."""
        self.connection.execute(
            insert(direct.envelopes)
            .values(circle_pk=self.pk(circle), opening=opening, device=device, seq=seq, identifier=identifier)
            .on_conflict_do_nothing()
        )

    def show_traces(self, circle: bytes, record: bytes, revisions: Sequence[OpenedRevision]) -> None:
        """Show what among these says who opened the note."""
        for opened in revisions:
            if opened.revision.kind != RecordKind.TRACE:
                continue
            try:
                action = decode_trace(opened.revision.body).action
            except ValueError:
                continue
            self.connection.execute(
                insert(direct.traces)
                .values(
                    circle_pk=self.pk(circle),
                    revision=opened.identifier,
                    record=record,
                    author=opened.revision.author,
                    wall=opened.revision.wall,
                    action=action,
                )
                .on_conflict_do_nothing()
            )

    def direct_traces(self, circle: bytes, record: bytes) -> list[tuple[bytes, int, str]]:
        """Return (author, time, action) of who opened a note kept to named readers, newest first."""
        c = direct.traces.c
        rows = self.connection.execute(
            select(c.author, c.wall, c.action)
            .where(c.circle_pk == self.pk(circle), c.record == record)
            .order_by(c.wall.desc(), c.revision)
        )
        return [(row.author, row.wall, row.action) for row in rows]

    def add_direct_waiting(self, circle: bytes, waiting: DirectWaiting) -> None:
        """Keep a sealed envelope until its key comes."""
        self.connection.execute(
            insert(direct.waiting)
            .values(
                circle_pk=self.pk(circle),
                identifier=waiting.identifier,
                position=waiting.position,
                header=waiting.header,
                signature=waiting.signature,
                ciphertext=waiting.ciphertext,
            )
            .on_conflict_do_nothing()
        )

    def take_direct_waiting(self, circle: bytes) -> list[DirectWaiting]:
        """Take out all that waits for a key, in the order in which it came."""
        c = direct.waiting.c
        rows = self.connection.execute(
            select(c.identifier, c.position, c.header, c.signature, c.ciphertext)
            .where(c.circle_pk == self.pk(circle))
            .order_by(c.position)
        )
        found = [DirectWaiting(*row) for row in rows]
        if found:
            self.connection.execute(delete(direct.waiting).where(c.circle_pk == self.pk(circle)))
        return found
