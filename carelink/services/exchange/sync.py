"""One exchange with every relay of an account, and what came of it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from carelink.access.policy import Permission
from carelink.models.stores.account import HubRow
from carelink.services.admission import admit, collect
from carelink.services.errors import HubError
from carelink.services.exchange.devices import look_after_devices
from carelink.services.exchange.joinings import ASK_AGAIN_MS, ask_after
from carelink.services.exchange.relays import Relay, spoken
from carelink.services.exchange.workstations import look_after_workstations
from carelink.services.facts import facts_to_share, share_facts
from carelink.services.requirements import Service, requires
from carelink.services.session import Session
from carelink.sync.exchange.context import Call, Context
from carelink.sync.exchange.duties import duties
from carelink.sync.exchange.membership import RefusedChangeError
from carelink.sync.exchange.push import push
from carelink.sync.exchange.run import exchange


@dataclass(frozen=True, slots=True)
class RefusalView:
    """Something refused: circle, stream, device in hexadecimal, place and reason code."""

    circle: str
    stream: str
    device: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class MissingView:
    """Something that exists and was not given; 0 where seq or place in the stream is unknown."""

    circle: str
    stream: str
    device: str
    seq: int
    place: int


@dataclass(slots=True)
class SyncReport:
    """What came of an exchange with every relay.

    Attributes:
        pushed, pulled: Versions of transmissions sent and received.
        joined: Circles in which this account became a member.
        admitted: Names of those let in, whose code had been handed over in person.
        held: Notes of ours that wait for a confirmation of their readers.
        changed: Circles to show again.
    """

    pushed: int = 0
    pulled: int = 0
    refused: list[RefusalView] = field(default_factory=list)
    missing: list[MissingView] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    admitted: list[str] = field(default_factory=list)
    held: int = 0
    changed: set[str] = field(default_factory=set)
    backfilling: bool = False


class Sync(Service):
    """Exchanging with relays."""

    @requires(Permission.VAULT_USE)
    def once(
        self,
        backfill_pages: int | None = None,
        report: SyncReport | None = None,
        relays: dict[int, Relay] | None = None,
    ) -> SyncReport:
        """Exchange with every relay; one that fails does not keep the others waiting.

        Args:
            backfill_pages: At most this many pages of the past, or all of it.
            report: Where to write what came of it, for whoever wants it even if a relay fails.
            relays: Connections to keep for the next exchange, by row; the caller closes them.

        Raises:
            HubError: A relay could not be used; what was written stays in the vault.
        """
        report = report if report is not None else SyncReport()
        failure: HubError | None = None
        with self.session.read() as stores:
            hubs = stores.hubs()
        for row in hubs:
            relay = (relays or {}).get(row.pk) or Relay(self.session, row)
            ended = False
            try:
                with spoken(row.url):
                    exchange_with(relay, report, backfill_pages)
                ended = True
            except HubError as error:
                failure = failure or error
            finally:
                if relays is None or not ended:
                    relay.close()
                    (relays or {}).pop(row.pk, None)
                else:
                    relays[row.pk] = relay
            self._note(row, ended=ended)
        if failure is not None:
            raise failure
        return report

    def _note(self, row: HubRow, *, ended: bool) -> None:
        with self.session.write() as stores:
            stores.exchanged(row.pk, self.session.clock(), ended=ended)


def follow_up(relay: Relay, context: Context) -> None:
    """Send the keys and notes that follow a change; it holds already, so what fails can wait."""
    with suppress(HubError), spoken(relay.row.url):
        relay.run(duties(context))
        relay.run(push(context))


def exchange_with(relay: Relay, report: SyncReport, backfill_pages: int | None = None) -> Context:
    """Make one exchange with one relay, adding to `report`.

    Raises:
        UnreachableHubError, HubRefusalError, WrongHubError, …: What the carrier raises.
    """
    context = relay.context()
    try:
        _share_facts(relay.session)
        relay.run(exchange(context, backfill_pages))
        if context.token:
            report.admitted.extend(relay.run(_admit_in_person(relay.session, context)))
            if relay.run(look_after_devices(relay.session, context, relay.row.pk)):
                relay.run(exchange(context, backfill_pages))
            if relay.run(look_after_workstations(relay.session, context, relay.row.pk)):
                relay.run(look_after_devices(relay.session, context, relay.row.pk))
                relay.run(exchange(context, backfill_pages))
                relay.run(look_after_workstations(relay.session, context, relay.row.pk))
        relay.keep_session(context)
    finally:
        _settle(relay.session, context, report)
    _ask_after(relay, report)
    return context


def _ask_after(relay: Relay, report: SyncReport) -> None:
    """Ask now and then whether the invitations that were answered, and not yet confirmed, still stand."""
    now = relay.session.clock()
    if relay.asked_after is not None and abs(now - relay.asked_after) < ASK_AGAIN_MS:
        return
    relay.asked_after = now
    report.changed |= set(relay.run(ask_after(relay.session, relay.row.pk)))


def _share_facts(session: Session) -> None:
    """Tell carers what they must know of what others wrote down, where it falls to this account."""
    with session.read() as stores:
        circles = [link.circle for link in stores.links() if link.state == "member" and not link.alarm]
        due = [circle for circle in circles if facts_to_share(session, stores, circle)]
    for circle in due:
        with session.write() as stores:
            share_facts(session, stores, circle)


def _admit_in_person(session: Session, context: Context) -> Generator[Call, Any, list[str]]:
    """Let in those whose code was handed over in person: the code is proof enough."""
    with context.store.transaction() as tx:
        circles = {link.circle for link in tx.links() if link.state == "member"}
    with session.read() as stores:
        invitations = [
            row
            for row in stores.invitations()
            if row.in_person and row.state in {"open", "answered"} and row.circle in circles
        ]
    if not invitations:
        return []
    answered = yield from collect(session, context, invitations)
    names: list[str] = []
    for answer in answered:
        try:
            came_in = yield from admit(session, context, answer)
        except RefusedChangeError:
            # What could be given at the invitation no more can: it ends, and the exchange goes on.
            with session.write() as stores:
                stores.set_invitation(answer.invitation.identifier, "refused")
            continue
        names += [answer.answer.name] if came_in else []
    if names:
        yield from duties(context)
        yield from push(context)
    return names


def _settle(session: Session, context: Context, report: SyncReport) -> None:
    done = context.report
    if done.joined:
        with session.write() as stores:
            for circle in done.joined:
                stores.drop_joining(circle)
    report.pushed += done.pushed
    report.pulled += done.pulled
    report.refused += [
        RefusalView(r.circle.hex(), r.stream, r.device.hex(), r.seq, str(r.why)) for r in done.refused
    ]
    report.missing += [
        MissingView(m.circle.hex(), m.stream, m.device.hex(), m.seq, m.place) for m in done.missing
    ]
    report.joined += [circle.hex() for circle in done.joined]
    report.held += done.held
    report.changed |= {circle.hex() for circle in done.changed}
    report.backfilling = report.backfilling or done.backfilling
