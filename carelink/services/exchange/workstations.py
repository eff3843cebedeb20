"""What each exchange does for a team's shared workstations: their board, and the account left for them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from carelink.access.registry import CircleState
from carelink.access.statements import decode_certificate
from carelink.crypto.primitives import UnsealError, sha256
from carelink.crypto.recovery import Owner, Place
from carelink.crypto.workstation import (
    BUNDLE_BYTES,
    Plate,
    Portable,
    Seat,
    WorkstationKeys,
    new_secret,
    seal_inner,
    seal_letter,
    seal_outer,
    seal_plate,
)
from carelink.services.certificates import known_certificates, ordered
from carelink.services.devices import Devices
from carelink.services.portable import (
    PortableKeys,
    keep_portable,
    left_for,
    new_portable,
    note_left,
    portable_keys,
)
from carelink.services.session import Session, Stores
from carelink.sync.exchange.context import Call, Context, HubRefusalError
from carelink.sync.invitation import code_secret
from carelink.sync.wire import api
from carelink.sync.wire import workstations as wire
from carelink.sync.workstation import Board, Desk, Lost, Shown, Station, open_answer, open_board, seal_board

_CODES = "workstation-codes"
_LOST = "workstations-lost"
_RUNS = "workstations-run"
_SEAT = "workstation-seat"
_ROOM = BUNDLE_BYTES - 1024


@dataclass(frozen=True, slots=True, repr=False)
class StationCode:
    """A code under which a PC may become a workstation."""

    team: bytes
    code: str
    url: str
    expires: int


def look_after_workstations(session: Session, context: Context, hub: int) -> Generator[Call, Any, bool]:
    """Bring the workstations of one's teams up to date, and leave one's account for them.

    Returns:
        Whether devices of the account changed, which its circles are still to be told.
    """
    with session.read() as stores:
        if not _has_any(stores):
            return False
        teams = [link.circle for link in stores.links() if _concerns(session, stores, link.circle, hub)]
    changed = False
    for team in teams:
        board = yield from read_board(session, context, team)
        board = yield from _run_board(session, context, team, board)
        if board is not None:
            changed = _cut_off_lost(session, board) or changed
            with suppress(HubRefusalError):
                yield from _leave_account(session, context, team, board)
                yield from _leave_seat(session, context, team, board)
    return changed


def read_board(session: Session, context: Context, team: bytes) -> Generator[Call, Any, Board | None]:
    """Return a team's board as the relay has it, or as it was last known where that one is not to be had."""
    answer: wire.BoardBlob = yield context.call(wire.BOARD_READ, wire.BoardRead(team), wire.BoardBlob)
    with session.read() as stores:
        known = _kept_board(stores, team)
        state = session.chain(stores, team).state
        held = dict(stores.keys(team))
    if state is None or not answer.blob:
        return known
    try:
        board = open_board(state, held, answer.blob)
    except UnsealError:
        # Whoever signed it left, or a key is still on its way.
        return known
    if known is not None and board.serial < known.serial:
        return known
    if board.desk is None and known is not None and board.shown.place == known.shown.place:
        board = replace(board, desk=known.desk)
    if board != known:
        with session.write() as stores:
            _keep_board(stores, team, board)
    return board


def put_board(
    session: Session, context: Context, team: bytes, desk: Desk, lost: tuple[Lost, ...], serial: int
) -> Generator[Call, Any, Board]:
    """Say what a team's workstations are from now on.

    Raises:
        HubRefusalError: Someone was faster, or this account runs the team no more.
        UnsealError: A key of the team is not here yet.
    """
    with session.read() as stores:
        state = session.chain(stores, team).state
        held = dict(stores.keys(team))
    if state is None:
        raise UnsealError
    shown = Shown(WorkstationKeys(desk.secret).place, lost)
    letters = tuple(
        wire.StationLetter(one.identifier, seal_letter(one.hpke_key, one.identifier, desk.secret))
        for one in desk.stations
    )
    blob = seal_board(context.keys, state, held, serial, desk, shown)
    yield context.call(
        wire.BOARD_KEEP, wire.BoardKeep(team, serial, shown.place.group, blob, letters), api.Accepted
    )
    board = Board(serial, shown, desk)
    with session.write() as stores:
        _keep_board(stores, team, board)
    return board


def next_serial(context: Context, team: bytes) -> Generator[Call, Any, int]:
    """Return the serial of the next board, whoever made the last."""
    answer: wire.BoardBlob = yield context.call(wire.BOARD_READ, wire.BoardRead(team), wire.BoardBlob)
    return answer.serial + 1


def runners_of(state: CircleState) -> tuple[bytes, ...]:
    """Return the accounts that run a team."""
    return tuple(sorted(m.account for m in state.active_members() if m.runs_circle))


def station_codes(stores: Stores) -> list[StationCode]:
    """Return the codes under which a PC may still become a workstation, or did."""
    kept = stores.setting(_CODES)
    if not isinstance(kept, list):
        return []
    return [StationCode(bytes.fromhex(o["team"]), o["code"], o["url"], int(o["expires"])) for o in kept]


def keep_codes(stores: Stores, codes: list[StationCode]) -> None:
    """Keep those codes, and no others; whoever made one looks after workstations from then on."""
    stores.set_setting(_RUNS, value=True)
    stores.set_setting(
        _CODES,
        [{"team": o.team.hex(), "code": o.code, "url": o.url, "expires": o.expires} for o in codes],
    )


def take_seat(stores: Stores, team: bytes, workstation: bytes) -> None:
    """Note that this vault is on a workstation of a team."""
    stores.set_setting(_SEAT, {"team": team.hex(), "workstation": workstation.hex()})


def known_board(session: Session, team: bytes) -> Board | None:
    """Return a team's board as this vault last saw it."""
    with session.read() as stores:
        return _kept_board(stores, team)


def _concerns(session: Session, stores: Stores, team: bytes, hub: int) -> bool:
    link = stores.link(team)
    if not link.team or link.state != "member" or link.alarm or stores.hub_of(team) != hub:
        return False
    state = session.chain(stores, team).state
    me = None if state is None else state.members.get(session.account)
    return me is not None and me.active


def _has_any(stores: Stores) -> bool:
    """Whether workstations matter to this vault at all: nobody else asks a relay after them."""
    return (
        portable_keys(stores) is not None
        or bool(station_codes(stores))
        or stores.setting(_SEAT) is not None
        or stores.setting(_RUNS) is not None
    )


def _run_board(
    session: Session, context: Context, team: bytes, board: Board | None
) -> Generator[Call, Any, Board | None]:
    """Do what falls to who runs a team: take in new workstations, replace a secret that someone left with."""
    with session.read() as stores:
        state = session.chain(stores, team).state
        codes = [one for one in station_codes(stores) if one.team == team]
    me = None if state is None else state.members.get(session.account)
    if state is None or me is None or not me.runs_circle or board is None or board.desk is None:
        return board
    desk, runners = board.desk, runners_of(state)
    if set(desk.runners) - set(runners):
        desk = Desk(new_secret(), runners, desk.stations)
    elif desk.runners != runners:
        desk = Desk(desk.secret, runners, desk.stations)
    stations = yield from _new_stations(session, context, codes)
    known = {one.identifier for one in desk.stations}
    fresh = tuple(one for one in stations if one.identifier not in known)
    desk = Desk(desk.secret, desk.runners, (*desk.stations, *fresh)[: wire.MAX_WORKSTATIONS])
    if desk == board.desk:
        return board
    with suppress(HubRefusalError, UnsealError):
        serial = yield from next_serial(context, team)
        return (yield from put_board(session, context, team, desk, board.shown.lost, serial))
    return board


def _new_stations(
    session: Session, context: Context, codes: list[StationCode]
) -> Generator[Call, Any, list[Station]]:
    """Return the PCs that answered codes of this account."""
    found: list[Station] = []
    for one in codes:
        secret = code_secret(one.code, one.url)
        states: api.RendezvousStates = yield context.call(
            api.RENDEZVOUS_COLLECT, api.RendezvousCollect((secret.identifier,)), api.RendezvousStates
        )
        answer = next((state.answer for state in states.states), b"")
        if answer:
            with suppress(UnsealError):
                told = open_answer(secret.key, answer)
                found.append(Station(told.identifier, told.name, told.hpke_key, session.clock()))
        if answer or one.expires <= session.clock():
            with session.write() as stores:
                keep_codes(stores, [other for other in station_codes(stores) if other != one])
    return found


def _cut_off_lost(session: Session, board: Board) -> bool:
    """Revoke the account's devices on workstations that are lost, and what may have left with them."""
    with session.read() as stores:
        seen = stores.setting(_LOST)
        known = portable_keys(stores)
        rows = {row.device for row in stores.devices() if row.state == "active"}
    done = set(seen) if isinstance(seen, list) else set()
    fresh = [one for one in board.shown.lost if one.identifier.hex() not in done]
    if not fresh:
        return False
    devices = Devices(session)
    ours = [d for one in fresh for d in one.devices if d in rows and d != session.keys.device]
    for device in ours:
        devices.revoke(device.hex())
    if ours and known is not None and known.keys.device in rows:
        # Whoever has that PC may be trying passphrases: what it would open must count no more.
        devices.revoke(known.keys.device.hex(), min(one.since for one in fresh))
        with session.write() as stores:
            keep_portable(session, stores, new_portable(known))
    with session.write() as stores:
        stores.set_setting(_LOST, sorted(done | {one.identifier.hex() for one in fresh}))
    return bool(ours)


def _leave_account(
    session: Session, context: Context, team: bytes, board: Board
) -> Generator[Call, Any, None]:
    """Leave the account at the relay, where what it should be is not what was left before."""
    with session.read() as stores:
        known = portable_keys(stores)
        state = session.chain(stores, team).state
        if known is None or state is None:
            return
        portable = _portable(session, stores, known)
        left = left_for(stores).get(team.hex())
    device, place = known.keys.device, board.shown.place
    member = state.members[session.account]
    if device not in member.devices:
        return
    mark = sha256(place.group, known.stretched, known.salt, msgspec.msgpack.encode(portable)).hex()
    if left == mark:
        return
    # The relay's clock, so that PCs of an account agree on which bundle is the newest.
    serial = max(known.serial + 1, context.hub_time)
    bundle = seal_inner(known.stretched, known.salt, team, serial, portable)
    plate = seal_plate(place, Plate(session.account, session.name, session.profession))
    request = wire.SlotKeep(
        team, place.group, place.slot(session.account), device, plate, seal_outer(place, bundle)
    )
    yield context.call(wire.SLOT_KEEP, request, api.Accepted)
    with session.write() as stores:
        keep_portable(session, stores, replace(known, serial=serial))
        note_left(stores, team, mark)


def _leave_seat(session: Session, context: Context, team: bytes, board: Board) -> Generator[Call, Any, None]:
    """Tell those who run the team which device of the account is on which workstation."""
    place = board.shown.place
    with session.read() as stores:
        seat = stores.setting(_SEAT)
    if not isinstance(seat, dict) or seat["team"] != team.hex() or seat.get("left") == place.group.hex():
        return
    device = session.keys.device
    plate = seal_plate(place, Seat(session.account, device, bytes.fromhex(seat["workstation"])))
    request = wire.SlotKeep(team, place.group, place.slot(device), device, plate, b"")
    yield context.call(wire.SLOT_KEEP, request, api.Accepted)
    with session.write() as stores:
        stores.set_setting(_SEAT, seat | {"left": place.group.hex()})


def _portable(session: Session, stores: Stores, known: PortableKeys) -> Portable:
    certificates = known_certificates(session, stores)
    line = tuple(certificates[device] for device in ordered((known.keys.device,), certificates))
    owner = Owner(
        b"",
        decode_certificate(session.certificate.body).account_key,
        session.name,
        session.name_salt,
        session.profession,
        session.rpps,
    )
    portable = Portable(owner, known.signing, known.hpke, line, (), known.vault_secret)
    for row in stores.hubs():
        place = Place(row.url, row.fingerprint, row.hub_key or b"")
        more = msgspec.structs.replace(portable, relays=(*portable.relays, place))
        if len(msgspec.msgpack.encode(more)) > _ROOM:
            break
        portable = more
    return portable


def _kept_board(stores: Stores, team: bytes) -> Board | None:
    kept = stores.setting(f"workstations-{team.hex()}")
    if not isinstance(kept, dict):
        return None
    shown = msgspec.msgpack.decode(bytes.fromhex(kept["shown"]), type=Shown)
    desk = msgspec.msgpack.decode(bytes.fromhex(kept["desk"]), type=Desk) if kept["desk"] else None
    return Board(int(kept["serial"]), shown, desk)


def _keep_board(stores: Stores, team: bytes, board: Board) -> None:
    stores.set_setting(
        f"workstations-{team.hex()}",
        {
            "serial": board.serial,
            "shown": msgspec.msgpack.encode(board.shown).hex(),
            "desk": "" if board.desk is None else msgspec.msgpack.encode(board.desk).hex(),
        },
    )
