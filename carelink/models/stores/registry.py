"""Circles as followed here: chain, cards, keys, and who is known to hold them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from carelink.errors import BugError
from carelink.models import schema
from carelink.models.stores.scope import Scope
from carelink.records.transfer import CardRow, CircleLink, KeyRing, StatementRow, StatusRow

_C = schema.circles.c
_STATEMENTS = "SELECT height, digest, body, signature, sealed FROM statements WHERE circle_pk = ?"
_SENT_KEY = (
    "INSERT INTO key_holders (circle_pk, stream, epoch, device, received) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
_HAS_KEY = _SENT_KEY.replace("DO NOTHING", "(circle_pk, stream, epoch, device) DO UPDATE SET received = 1")
_LINKS = "SELECT circle, state, genesis, joined, backfill_before, alarm, team FROM circles"

RegistryMark = tuple[int, int, int]


def _link(row: Sequence[Any]) -> CircleLink:
    circle, state, genesis, joined, before, alarm, team = row
    return CircleLink(circle, state, genesis, joined, before, alarm, bool(team))


class RegistryStore(Scope):
    """Reads and writes what the registry of each circle says."""

    def registry_mark(self) -> RegistryMark:
        """Return what changes whenever a circle, a statement or a card is added, in any process."""
        ((circles, statements, cards),) = self.fetch(
            "SELECT (SELECT coalesce(max(pk), 0) FROM circles), "
            "(SELECT coalesce(max(rowid), 0) FROM statements), (SELECT coalesce(max(rowid), 0) FROM cards)"
        )
        return (circles, statements, cards)

    def links(self) -> list[CircleLink]:
        """Return the circles of this transaction's relay, or all where it is for none."""
        of_hub, values = ("", ()) if self.hub is None else ("WHERE hub_pk = ?", (self.hub,))
        return [_link(row) for row in self.fetch(f"{_LINKS} {of_hub} ORDER BY pk", values)]

    def link(self, circle: bytes) -> CircleLink:
        """Return one circle."""
        (row,) = self.fetch(f"{_LINKS} WHERE pk = ?", (self.pk(circle),))
        return _link(row)

    def add_circle(
        self, circle: bytes, hub: int, genesis: bytes, state: str, joined: int, *, team: bool = False
    ) -> None:
        """Follow a circle from now on, or a team."""
        self.connection.execute(
            schema.circles.insert().values(
                circle=circle, hub_pk=hub, genesis=genesis, state=state, joined=joined, team=team
            )
        )

    def follow(self, circle: bytes, genesis: bytes, now: int) -> None:
        """Follow a circle of this transaction's relay that a team came to serve."""
        if self.hub is None:
            raise BugError("a circle is followed at a relay")
        self.add_circle(circle, self.hub, genesis, "waiting", now)

    def set_team(self, circle: bytes) -> None:
        """Note that it is the registry of a team."""
        self._set(circle, team=True)

    def hub_of(self, circle: bytes) -> int:
        """Return the row of the relay that a circle uses."""
        row: int = self.connection.execute(select(_C.hub_pk).where(_C.pk == self.pk(circle))).scalar_one()
        return row

    def set_state(self, circle: bytes, state: str) -> None:
        """Set "proposed", "waiting" or "member"."""
        self._set(circle, state=state)

    def set_backfill(self, circle: bytes, before: int | None) -> None:
        """Set the relay position below which older items are to fetch."""
        self._set(circle, backfill_before=before)

    def set_alarm(self, circle: bytes, why: str) -> None:
        """Stop membership changes and key delivery, with the reason."""
        self._set(circle, alarm=why)

    def set_patient(self, circle: bytes, identity: bytes) -> None:
        """Keep the identity of the person cared for."""
        self._set(circle, patient=identity)

    def _set(self, circle: bytes, **values: object) -> None:
        self.connection.execute(update(schema.circles).where(_C.pk == self.pk(circle)).values(**values))

    def patient(self, circle: bytes) -> bytes | None:
        """Return the identity of the person cared for, once it could be read."""
        return self.connection.scalar(select(_C.patient).where(_C.pk == self.pk(circle)))

    def statements(self, circle: bytes, after: int = -1) -> list[StatementRow]:
        """Return the chain after a height, or the whole of it."""
        return self._statements(f"{_STATEMENTS} AND height > ? ORDER BY height", circle, after)

    def unopened(self, circle: bytes) -> list[StatementRow]:
        """Return the statements whose sealed part was not read yet."""
        return self._statements(f"{_STATEMENTS} AND NOT opened ORDER BY height", circle)

    def _statements(self, sql: str, circle: bytes, *values: object) -> list[StatementRow]:
        return [StatementRow(*row) for row in self.fetch(sql, (self.pk(circle), *values))]

    def statement_body(self, circle: bytes, height: int) -> bytes:
        """Return what one statement of the chain says."""
        c = schema.statements.c
        body: bytes = self.connection.execute(
            select(c.body).where(c.circle_pk == self.pk(circle), c.height == height)
        ).scalar_one()
        return body

    def add_statement(self, circle: bytes, row: StatementRow, now: int) -> None:
        """Append a verified statement that came now."""
        self.connection.execute(
            schema.statements.insert().values(
                circle_pk=self.pk(circle),
                height=row.height,
                digest=row.digest,
                body=row.body,
                signature=row.signature,
                sealed=row.sealed,
                opened=False,
                seen=now,
            )
        )

    def statement_seen(self, circle: bytes, height: int) -> int:
        """Return when a statement came into this vault, in milliseconds since 1970."""
        c = schema.statements.c
        seen: int = self.connection.execute(
            select(c.seen).where(c.circle_pk == self.pk(circle), c.height == height)
        ).scalar_one()
        return seen

    def mark_opened(self, circle: bytes, height: int) -> None:
        """Note that a statement's sealed part was read."""
        c = schema.statements.c
        self.connection.execute(
            update(schema.statements)
            .where(c.circle_pk == self.pk(circle), c.height == height)
            .values(opened=True)
        )

    def add_card(self, circle: bytes, card: CardRow) -> None:
        """Keep what a sealed part says of a member."""
        values = {
            "height": card.height,
            "name": card.name,
            "role": card.role,
            "functions": json.dumps(card.functions),
            "profession": card.profession,
            "rpps": card.rpps,
            "relation": card.relation,
            "invited_by": card.invited_by,
            "since": card.since,
            "consistent": card.consistent,
            "name_salt": card.name_salt,
        }
        self.connection.execute(
            insert(schema.cards)
            .values(circle_pk=self.pk(circle), account=card.account, **values)
            .on_conflict_do_update(index_elements=["circle_pk", "account", "height"], set_=values)
        )

    def cards(self, circle: bytes) -> list[CardRow]:
        """Return the card of every member's newest stay, by height."""
        c = schema.cards.c
        rows = self.connection.execute(
            select(schema.cards).where(c.circle_pk == self.pk(circle)).order_by(c.height)
        )
        newest = {
            row.account: CardRow(
                account=row.account,
                height=row.height,
                name=row.name,
                role=row.role,
                functions=tuple(json.loads(row.functions)),
                profession=row.profession or "",
                rpps=row.rpps or "",
                relation=row.relation or "",
                invited_by=row.invited_by or b"",
                since=row.since,
                consistent=row.consistent,
                name_salt=row.name_salt,
            )
            for row in rows
        }
        return list(newest.values())

    def add_status(self, circle: bytes, status: StatusRow) -> None:
        """Keep what a sealed part says of where the person is."""
        self.connection.execute(
            insert(schema.statuses)
            .values(
                circle_pk=self.pk(circle),
                height=status.height,
                status=status.status,
                since=status.since,
                author=status.author,
                time=status.time,
            )
            .on_conflict_do_nothing()
        )

    def statuses(self, circle: bytes) -> list[StatusRow]:
        """Return all that was said of where the person is, oldest first."""
        rows = self.fetch(
            "SELECT height, status, since, author, time FROM statuses WHERE circle_pk = ? ORDER BY height",
            (self.pk(circle),),
        )
        return [StatusRow(*row) for row in rows]

    def keys(self, circle: bytes) -> KeyRing:
        """Return every epoch secret held."""
        rows = self.fetch(
            "SELECT stream, epoch, secret FROM epoch_keys WHERE circle_pk = ?", (self.pk(circle),)
        )
        return {(stream, epoch): secret for stream, epoch, secret in rows}

    def newest_keys(self, circle: bytes) -> Mapping[str, int]:
        """Return the newest epoch of each stream whose secret is held; no secret is read."""
        return dict(
            self.fetch(
                "SELECT stream, max(epoch) FROM epoch_keys WHERE circle_pk = ? GROUP BY stream",
                (self.pk(circle),),
            )
        )

    def add_key(self, circle: bytes, stream: str, epoch: int, secret: bytes) -> None:
        """Keep an epoch secret."""
        self.connection.execute(
            insert(schema.epoch_keys)
            .values(circle_pk=self.pk(circle), stream=stream, epoch=epoch, secret=secret)
            .on_conflict_do_nothing()
        )

    def propose_key(self, circle: bytes, stream: str, commitment: bytes, secret: bytes) -> None:
        """Keep a secret made for a statement that is about to be sent."""
        self.connection.execute(
            insert(schema.proposed_keys)
            .values(circle_pk=self.pk(circle), stream=stream, commitment=commitment, secret=secret)
            .on_conflict_do_nothing()
        )

    def proposed_key(self, circle: bytes, stream: str, commitment: bytes) -> bytes | None:
        """Return the secret that we made for a commitment, if it is ours."""
        c = schema.proposed_keys.c
        return self.connection.scalar(
            select(c.secret).where(
                c.circle_pk == self.pk(circle), c.stream == stream, c.commitment == commitment
            )
        )

    def drop_proposed_keys(self, circle: bytes) -> None:
        """Forget the secrets of statements that did not become part of the chain."""
        self.connection.execute(
            delete(schema.proposed_keys).where(schema.proposed_keys.c.circle_pk == self.pk(circle))
        )

    def holders(self, circle: bytes) -> Mapping[tuple[str, int, bytes], bool]:
        """Return who was sent which key, and whether they said that they have it."""
        rows = self.fetch(
            "SELECT stream, epoch, device, received FROM key_holders WHERE circle_pk = ?",
            (self.pk(circle),),
        )
        return {(stream, epoch, device): bool(received) for stream, epoch, device, received in rows}

    def set_holder(self, circle: bytes, stream: str, epoch: int, device: bytes, received: bool) -> None:
        """Note that a device was sent a key, or has it."""
        # Of each of some hundreds of keys at each exchange.
        self.connection.exec_driver_sql(
            _HAS_KEY if received else _SENT_KEY,
            (self.pk(circle), stream, epoch, device, received),
        )

    def add_receipt(self, circle: bytes, body: bytes, signature: bytes) -> None:
        """Queue a receipt."""
        self.connection.execute(
            insert(schema.receipts)
            .values(circle_pk=self.pk(circle), body=body, signature=signature)
            .on_conflict_do_nothing()
        )

    def receipts(self) -> list[tuple[bytes, bytes]]:
        """Return the receipts to send to this relay."""
        c = schema.receipts.c
        rows = self.connection.execute(
            select(c.body, c.signature)
            .join(schema.circles, _C.pk == c.circle_pk)
            .where(_C.hub_pk == self.hub)
            .order_by(c.pk)
        )
        return [(row.body, row.signature) for row in rows]

    def drop_receipts(self, bodies: Sequence[bytes]) -> None:
        """Forget receipts that the relay took."""
        self.connection.execute(delete(schema.receipts).where(schema.receipts.c.body.in_(bodies)))
