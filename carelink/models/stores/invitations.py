"""Invitations that we made, and those that we answered."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from carelink.models import schema
from carelink.models.stores.scope import Scope


@dataclass(frozen=True, slots=True, repr=False)
class InvitationRow:
    """An invitation of ours; `state` is open, answered, done, refused or expired."""

    circle: bytes
    identifier: bytes
    key: bytes
    code: str
    blob: bytes
    role: str
    functions: tuple[str, ...]
    name: str
    relation: str
    in_person: bool
    history: bool
    until: int | None
    agreed: str
    agreed_reason: str
    no_measure: str
    created: int
    expires: int
    state: str
    answer: bytes


@dataclass(frozen=True, slots=True)
class JoiningRow:
    """An invitation that we answered and that waits for its author.

    Attributes:
        ended: The relay said that its time is over.
    """

    circle: bytes
    identifier: bytes
    words: tuple[str, ...]
    role: str
    inviter: str
    patient: str
    in_person: bool
    created: int
    ended: bool = False


class InvitationStore(Scope):
    """Reads and writes invitations."""

    def add_invitation(self, row: InvitationRow) -> None:
        """Keep a new invitation."""
        self.connection.execute(
            schema.invitations.insert().values(
                circle_pk=self.pk(row.circle),
                identifier=row.identifier,
                key=row.key,
                code=row.code,
                blob=row.blob,
                role=row.role,
                functions=json.dumps(row.functions),
                name=row.name,
                relation=row.relation,
                in_person=row.in_person,
                history=row.history,
                until=row.until,
                agreed=row.agreed,
                agreed_reason=row.agreed_reason,
                no_measure=row.no_measure,
                created=row.created,
                expires=row.expires,
                state=row.state,
                answer=row.answer,
            )
        )

    def invitations(self, circle: bytes | None = None) -> list[InvitationRow]:
        """Return invitations, newest first."""
        c = schema.invitations.c
        query = (
            select(schema.invitations, schema.circles.c.circle)
            .join(schema.circles, schema.circles.c.pk == c.circle_pk)
            .order_by(c.created.desc(), c.pk.desc())
        )
        if circle is not None:
            query = query.where(c.circle_pk == self.pk(circle))
        return [
            InvitationRow(
                circle=row.circle,
                identifier=row.identifier,
                key=row.key,
                code=row.code,
                blob=row.blob,
                role=row.role,
                functions=tuple(json.loads(row.functions)),
                name=row.name,
                relation=row.relation,
                in_person=row.in_person,
                history=row.history,
                until=row.until,
                agreed=row.agreed or "",
                agreed_reason=row.agreed_reason,
                no_measure=row.no_measure,
                created=row.created,
                expires=row.expires,
                state=row.state,
                answer=row.answer or b"",
            )
            for row in self.connection.execute(query)
        ]

    def set_invitation(self, identifier: bytes, state: str, answer: bytes | None = None) -> None:
        """Move an invitation on; what it no longer needs is forgotten once it has ended."""
        values: dict[str, object] = {"state": state}
        if answer is not None:
            values["answer"] = answer
        if state in {"done", "refused", "expired"}:
            values |= {"code": "", "key": b"", "answer": b""}
        self.connection.execute(
            update(schema.invitations).where(schema.invitations.c.identifier == identifier).values(**values)
        )

    def add_joining(self, row: JoiningRow) -> None:
        """Keep an answered invitation until we are let in."""
        self.connection.execute(
            schema.joinings.insert().values(
                circle_pk=self.pk(row.circle),
                identifier=row.identifier,
                words=" ".join(row.words),
                role=row.role,
                inviter=row.inviter,
                patient=row.patient,
                in_person=row.in_person,
                created=row.created,
                ended=row.ended,
            )
        )

    def joinings(self) -> list[JoiningRow]:
        """Return the circles that we wait to be let into."""
        c = schema.joinings.c
        rows = self.connection.execute(
            select(schema.joinings, schema.circles.c.circle)
            .join(schema.circles, schema.circles.c.pk == c.circle_pk)
            .order_by(c.created)
        )
        return [
            JoiningRow(
                row.circle,
                row.identifier,
                tuple(row.words.split()),
                row.role,
                row.inviter,
                row.patient,
                row.in_person,
                row.created,
                row.ended,
            )
            for row in rows
        ]

    def end_joining(self, circle: bytes) -> None:
        """Note that the time of an invitation that we answered is over."""
        c = schema.joinings.c
        self.connection.execute(
            update(schema.joinings).where(c.circle_pk == self.pk(circle)).values(ended=True)
        )

    def drop_joining(self, circle: bytes) -> None:
        """Forget a joining: we are in, or it was given up."""
        self.connection.execute(delete(schema.joinings).where(schema.joinings.c.circle_pk == self.pk(circle)))
