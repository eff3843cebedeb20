"""The access trace: who opened what and when, never words; patient side and coordinators read it."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.access.compartments import Compartment, Stream
from carelink.access.policy import Permission
from carelink.language import tr
from carelink.records.bodies import RecordKind, TraceAction, TraceBody, encode_body
from carelink.records.revision import Revision, encode_revision, new_record_id, revision_id
from carelink.records.transfer import OpenedRevision
from carelink.services.requirements import Service, requires
from carelink.services.session import Stores
from carelink.services.wording import trace_sentence

SAME_VISIT_MS = 30 * 60 * 1000


@dataclass(frozen=True, slots=True)
class TraceView:
    """An access in plain words."""

    member: str
    name: str
    role: str
    action: str
    compartment: str
    time: int
    sentence: str


class Trace(Service):
    """Recording and reading accesses."""

    @requires(Permission.CIRCLE_READ)
    def record(self, circle: str, compartments: tuple[str, ...], action: str = TraceAction.OPENED) -> None:
        """Record that volets of a file were opened or searched; once each a visit of half an hour."""
        with self.session.write() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
            if context.me is None or not context.me.writes(Stream.TRACE):
                return
            now = self.session.clock()
            for compartment in compartments:
                self._record(stores, identifier, Compartment(compartment), action, now)

    def _record(self, stores: Stores, circle: bytes, compartment: Compartment, action: str, now: int) -> None:
        last = stores.own_last_trace(circle, self.session.account, compartment, action)
        if last is not None and abs(now - last) < SAME_VISIT_MS:
            return
        revision = Revision(
            record=new_record_id(now),
            kind=RecordKind.TRACE,
            parents=(),
            author=self.session.account,
            wall=now,
            audience=(),
            body=encode_body(TraceBody(action, compartment)),
        )
        data = encode_revision(revision)
        stores.publish(circle, Stream.TRACE, OpenedRevision(revision_id(data), data, revision), now)

    @requires(Permission.TRACE_READ)
    def read(self, circle: str, limit: int = 500) -> list[TraceView]:
        """Return who opened what, newest first."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            cards = self.session.context(stores, identifier).cards
            rows = stores.traces(identifier, limit)
        views = []
        for row in rows:
            card = cards.get(row.author)
            views.append(
                TraceView(
                    member=row.author.hex(),
                    name=card.name if card else tr("membre inconnu"),
                    role=card.role if card else "",
                    action=row.action,
                    compartment=row.compartment,
                    time=row.wall,
                    sentence=trace_sentence(row.action, row.compartment),
                )
            )
        return views
