"""A team's shared workstations, for who runs the team: one more, which there are, one that was stolen."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from carelink.access.policy import Permission
from carelink.access.registry import CircleState
from carelink.access.statements import RevokeDevices
from carelink.crypto.primitives import UnsealError
from carelink.crypto.workstation import Seat, WorkstationKeys, new_secret
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import read_team
from carelink.services.exchange.relays import Relay, relay_of
from carelink.services.exchange.sync import SyncReport, exchange_with, follow_up
from carelink.services.exchange.workstations import (
    StationCode,
    keep_codes,
    known_board,
    next_serial,
    put_board,
    read_board,
    runners_of,
    station_codes,
)
from carelink.services.requirements import Service, requires
from carelink.services.session import Session, Stores
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.exchange.context import Call, Context, HubRefusalError
from carelink.sync.exchange.membership import Proposal, append, prepared
from carelink.sync.exchange.pull import pull
from carelink.sync.invitation import code_secret, new_code
from carelink.sync.store import Transaction
from carelink.sync.wire import api
from carelink.sync.wire import workstations as wire
from carelink.sync.workstation import Board, Desk, Lost, StationOffer, seal_offer

LIFETIME_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class WorkstationCode:
    """What to type on the PC that becomes a workstation, until when (milliseconds since 1970)."""

    code: str
    link: str
    expires: int


@dataclass(frozen=True, slots=True)
class StationView:
    """A workstation.

    Attributes:
        since: When it became one, or was said to be lost; milliseconds since 1970.
        state: "active" or "lost".
    """

    id: str
    name: str
    since: int
    state: str


@dataclass(frozen=True, slots=True)
class LostView:
    """What saying that a workstation is lost came to.

    Attributes:
        devices: How many devices of the team's members were on it, and count no more.
    """

    name: str
    devices: int


class Workstations(Service):
    """The workstations of one's teams; `circle` names the team."""

    @requires(Permission.MEMBER_CHANGE)
    def offer(self, circle: str) -> WorkstationCode:
        """Make a code with which one PC becomes a workstation of the team.

        Raises:
            KnownError: The relay cannot be used, or a key of the team is not here yet.
        """
        session = self.session
        with session.read() as stores:
            team = _team(session, stores, circle)
        with relay_of(session, team) as relay:
            context = exchange_with(relay, SyncReport())
            board = relay.run(_board_to_write(session, context, team))
            with session.read() as stores:
                identity = read_team(stores.patient(team))
            if identity is None:
                raise _not_yet()
            code = new_code()
            secret = code_secret(code, relay.row.url)
            offer = StationOffer(team, identity.name, relay.hub_key(), _desk(board).secret)
            expires = session.clock() + LIFETIME_MS
            with session.write() as stores:
                keep_codes(stores, [*station_codes(stores), StationCode(team, code, relay.row.url, expires)])
            relay.carrier.call(
                context.call(
                    api.RENDEZVOUS_OFFER,
                    api.RendezvousOffer(team, secret.identifier, seal_offer(secret.key, offer), LIFETIME_MS),
                    api.Accepted,
                )
            )
            address = HubAddress(relay.row.url, relay.row.fingerprint)
        return WorkstationCode(code, f"{code}@{address.link}", expires)

    @requires(Permission.MEMBER_CHANGE)
    def known(self, circle: str) -> list[StationView]:
        """Return the team's workstations as they were at the last exchange, the lost ones last."""
        with self.session.read() as stores:
            team = _team(self.session, stores, circle)
        board = known_board(self.session, team)
        if board is None:
            return []
        stations = () if board.desk is None else board.desk.stations
        views = [StationView(o.identifier.hex(), o.name, o.added, "active") for o in stations]
        views += [StationView(o.identifier.hex(), o.name, o.since, "lost") for o in board.shown.lost]
        return views

    @requires(Permission.MEMBER_CHANGE)
    def lose(self, circle: str, workstation: str) -> LostView:
        """Cut off a workstation that was stolen or given away, with every device that is on it.

        It finds nothing at the relay from then on; each member's account is left anew, under a new secret
        that the other workstations get by themselves, at that member's next exchange.

        Raises:
            KnownError: No such workstation, or the relay cannot be used: nothing was done.
        """
        session = self.session
        with session.read() as stores:
            team = _team(session, stores, circle)
        with relay_of(session, team) as relay:
            context = exchange_with(relay, SyncReport())
            lost = relay.run(_lose(session, context, team, workstation))
            follow_up(relay, context)
            _again(relay)
        return LostView(lost.name, len(lost.devices))


def _team(session: Session, stores: Stores, circle: str) -> bytes:
    """Return the team that was named.

    Raises:
        KnownError: It is none.
    """
    team = session.circle_id(stores, circle)
    if not stores.link(team).team:
        raise KnownError(
            tr("Ce n’est pas une équipe\u00a0: rien n’a été fait. Seule une équipe a des postes partagés.")
        )
    return team


def _again(relay: Relay) -> None:
    """Leave one's own account anew, and revoke what of it was on the lost workstation."""
    exchange_with(relay, SyncReport())


def _board_to_write(session: Session, context: Context, team: bytes) -> Generator[Call, Any, Board]:
    """Return a team's board; its first one is made here.

    Raises:
        KnownError: A key of the team is not here yet.
    """
    board = yield from read_board(session, context, team)
    if board is not None and board.desk is not None:
        return board
    with session.read() as stores:
        state = session.chain(stores, team).state
    try:
        if state is None:
            raise UnsealError
        lost = () if board is None else board.shown.lost
        serial = yield from next_serial(context, team)
        desk = Desk(new_secret(), runners_of(state), ())
        return (yield from put_board(session, context, team, desk, lost, serial))
    except UnsealError:
        raise _not_yet() from None


def _lose(session: Session, context: Context, team: bytes, workstation: str) -> Generator[Call, Any, Lost]:
    board = yield from _board_to_write(session, context, team)
    desk = _desk(board)
    wanted = workstation.strip().casefold()
    found = [
        one
        for one in desk.stations
        if wanted and (one.name.casefold() == wanted or one.identifier.hex().startswith(wanted))
    ]
    if len(found) != 1:
        raise KnownError(
            tr(
                "Aucun poste de cette équipe ne s’appelle ainsi, ou plusieurs\u00a0: donnez son "
                "identifiant, que montre «\u00a0carelink workstation list\u00a0»."
            )
        )
    (station,) = found
    seats = yield from _seats(WorkstationKeys(desk.secret), station.identifier)
    lost = Lost(
        station.identifier,
        station.name,
        session.clock(),
        tuple(sorted(seat.device for seat in seats)),
    )
    with session.read() as stores:
        state = session.chain(stores, team).state
    if state is None:
        raise _not_yet()
    rest = tuple(one for one in desk.stations if one != station)
    fresh = Desk(new_secret(), runners_of(state), rest)
    serial = yield from next_serial(context, team)
    try:
        yield from put_board(session, context, team, fresh, (*board.shown.lost, lost), serial)
    except UnsealError:
        raise _not_yet() from None
    yield from _revoke(context, team, seats)
    return lost


def _seats(keys: WorkstationKeys, workstation: bytes) -> Generator[Call, Any, list[Seat]]:
    """Return which devices are on a workstation."""
    listed: wire.Slots = yield Call(wire.SLOT_LIST, wire.SlotList(keys.place.group, seats=True), wire.Slots)
    seats: list[Seat] = []
    for slot in listed.slots:
        try:
            seat = keys.open_plate(slot.plate)
        except UnsealError:
            continue
        if isinstance(seat, Seat) and seat.workstation == workstation:
            seats.append(seat)
    return seats


def _revoke(context: Context, team: bytes, seats: list[Seat]) -> Generator[Call, Any, None]:
    """Revoke devices in the team's registry, an account at a time."""
    for account in sorted({seat.account for seat in seats}):
        devices = {seat.device for seat in seats if seat.account == account}

        def propose(
            tx: Transaction, state: CircleState, account: bytes = account, devices: set[bytes] = devices
        ) -> Proposal | None:
            member = state.members.get(account)
            gone = () if member is None or not member.active else tuple(sorted(devices & set(member.devices)))
            if not gone:
                return None
            return prepared(context, tx, team, RevokeDevices(account, gone))

        try:
            yield from append(context, team, propose, lambda: pull(context))
        except HubRefusalError as refusal:
            if refusal.code not in {api.ProblemCode.NOT_ENTITLED, api.ProblemCode.REFUSED}:
                raise


def _desk(board: Board) -> Desk:
    if board.desk is None:
        raise _not_yet()
    return board.desk


def _not_yet() -> KnownError:
    return KnownError(
        tr(
            "Les clés de l’équipe ne sont pas encore toutes arrivées sur cet ordinateur\u00a0: rien n’a été "
            "fait. Synchronisez, puis recommencez."
        )
    )
