"""What the relay keeps for shared workstations: boards of teams, and accounts left for them, sealed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.access.registry import CircleState
from carelink.hub import tables
from carelink.hub.circles import require_member, served_members
from carelink.hub.hub import Caller, Hub
from carelink.hub.problems import RefusedError, require
from carelink.sync.wire.api import Accepted, ProblemCode
from carelink.sync.wire.workstations import (
    BOARD_BYTES,
    LETTER_BYTES,
    MAX_SLOTS_PER_ACCOUNT,
    MAX_WORKSTATIONS,
    PLATE_BYTES,
    SLOT_BYTES,
    BoardBlob,
    BoardKeep,
    BoardRead,
    LetterBlob,
    LetterRead,
    Slot,
    SlotBody,
    SlotKeep,
    SlotList,
    SlotRead,
    Slots,
)

_ID_BYTES: Final = 16


async def keep_board(hub: Hub, caller: Caller, request: BoardKeep) -> Accepted:
    """Keep what a team's workstations are, where who runs it says so; a stolen one is out at once."""
    require(len(request.group) == _ID_BYTES, ProblemCode.MALFORMED, "group")
    require(all(len(one.identifier) == _ID_BYTES for one in request.letters), ProblemCode.MALFORMED)
    require(0 < len(request.blob) <= BOARD_BYTES, ProblemCode.TOO_LARGE)
    require(len(request.letters) <= MAX_WORKSTATIONS, ProblemCode.TOO_LARGE)
    require(all(len(one.blob) <= LETTER_BYTES for one in request.letters), ProblemCode.TOO_LARGE)
    boards, letters, slots = (
        tables.workstation_boards,
        tables.workstation_letters,
        tables.workstation_slots,
    )
    async with hub.database.write() as connection:
        state = await hub.circles.state(connection, request.team)
        _state, member = require_member(state, caller.device, hub.clock())
        require(member.runs_circle, ProblemCode.NOT_ENTITLED, "board")
        known = (await connection.execute(select(boards).where(boards.c.team == request.team))).first()
        if known is not None and known.serial == request.serial:
            require(known.blob == request.blob, ProblemCode.CONFLICT)
            return Accepted(0)
        require(request.serial == (known.serial if known else 0) + 1, ProblemCode.CONFLICT)
        taken = await connection.scalar(select(boards.c.team).where(boards.c.group == request.group))
        require(taken in {None, request.team}, ProblemCode.CONFLICT, "group")
        identifiers = [one.identifier for one in request.letters]
        others = await connection.scalar(
            select(func.count())
            .select_from(letters)
            .where(letters.c.identifier.in_(identifiers), letters.c.team != request.team)
        )
        require(not others, ProblemCode.CONFLICT, "workstation")
        if known is not None and known.group != request.group:
            await connection.execute(delete(slots).where(slots.c.team == request.team))
        await connection.execute(delete(boards).where(boards.c.team == request.team))
        await connection.execute(delete(letters).where(letters.c.team == request.team))
        await connection.execute(
            insert(boards).values(
                team=request.team, serial=request.serial, group=request.group, blob=request.blob
            )
        )
        if request.letters:
            await connection.execute(
                insert(letters),
                [
                    {"identifier": one.identifier, "team": request.team, "blob": one.blob}
                    for one in request.letters
                ],
            )
    return Accepted(1)


async def read_board(hub: Hub, caller: Caller, request: BoardRead) -> BoardBlob:
    """Return a team's board to its members."""
    table = tables.workstation_boards
    async with hub.database.read() as connection:
        state = await hub.circles.state(connection, request.team)
        require_member(state, caller.device, hub.clock())
        row = (await connection.execute(select(table).where(table.c.team == request.team))).first()
    return BoardBlob(0, b"") if row is None else BoardBlob(row.serial, row.blob)


async def keep_slot(hub: Hub, caller: Caller, request: SlotKeep) -> Accepted:
    """Keep an account for a team's workstations, left by that account alone while it is in the team."""
    require(len(request.slot) == _ID_BYTES, ProblemCode.MALFORMED, "slot")
    require(0 < len(request.plate) <= PLATE_BYTES, ProblemCode.TOO_LARGE)
    require(len(request.body) <= SLOT_BYTES, ProblemCode.TOO_LARGE)
    slots = tables.workstation_slots
    async with hub.database.write() as connection:
        state = await hub.circles.state(connection, request.team)
        _state, member = require_member(state, caller.device, hub.clock())
        require(request.device in member.devices, ProblemCode.NOT_ENTITLED, "device")
        group = await _group(connection, request.team)
        require(group == request.group, ProblemCode.CONFLICT, "group")
        of_account = (slots.c.team == request.team, slots.c.account == member.account)
        # Places of devices that count no more make room.
        await connection.execute(
            delete(slots).where(*of_account, slots.c.device.not_in(list(member.devices)))
        )
        known = await connection.scalar(
            select(slots.c.account).where(slots.c.team == request.team, slots.c.slot == request.slot)
        )
        require(known in {None, member.account}, ProblemCode.CONFLICT, "slot")
        content = {"device": request.device, "plate": request.plate, "body": request.body}
        if known is not None:
            await connection.execute(
                update(slots)
                .where(slots.c.team == request.team, slots.c.slot == request.slot)
                .values(**content)
            )
            return Accepted(1)
        count = await connection.scalar(select(func.count()).select_from(slots).where(*of_account))
        require((count or 0) < MAX_SLOTS_PER_ACCOUNT, ProblemCode.FULL)
        await connection.execute(
            insert(slots).values(team=request.team, slot=request.slot, account=member.account, **content)
        )
    return Accepted(1)


async def list_slots(hub: Hub, caller: Caller, request: SlotList) -> Slots:
    """Return who is on the door of a team's workstations: its members of now."""
    slots = tables.workstation_slots
    async with hub.database.read() as connection:
        team, members = await _known(hub, connection, caller, request.group)
        rows = await connection.execute(
            select(slots.c.slot, slots.c.account, slots.c.device, slots.c.plate)
            .where(slots.c.team == team, (slots.c.body == b"") == request.seats)
            .order_by(slots.c.slot)
        )
        found = [Slot(row.slot, row.plate) for row in rows if row.device in members.get(row.account, ())]
        return Slots(tuple(found), tuple(sorted(members)))


async def read_slot(hub: Hub, caller: Caller, request: SlotRead) -> SlotBody:
    """Return an account of someone who is in the team now; who asks for unknown ones is soon not answered."""
    slots = tables.workstation_slots
    async with hub.database.read() as connection:
        team, members = await _known(hub, connection, caller, request.group)
        row = (
            await connection.execute(
                select(slots).where(slots.c.team == team, slots.c.slot == request.slot, slots.c.body != b"")
            )
        ).first()
    require(request.account in members, ProblemCode.NOT_ENTITLED, "account")
    if row is None or row.account != request.account or row.device not in members[row.account]:
        hub.guesses.record(caller.source)
        raise RefusedError(ProblemCode.UNKNOWN_WORKSTATION, "account")
    return SlotBody(row.body)


async def read_letter(hub: Hub, caller: Caller, request: LetterRead) -> LetterBlob:
    """Return the team's newest secret to a workstation that still is one."""
    require(not hub.guesses.exhausted(caller.source), ProblemCode.TOO_MANY_TRIES)
    table = tables.workstation_letters
    async with hub.database.read() as connection:
        blob = await connection.scalar(select(table.c.blob).where(table.c.identifier == request.identifier))
    if blob is None:
        hub.guesses.record(caller.source)
        raise RefusedError(ProblemCode.UNKNOWN_WORKSTATION)
    return LetterBlob(blob)


async def drop_slots(connection: AsyncConnection, state: CircleState) -> None:
    """Forget what was left by those who are in the team no more."""
    slots = tables.workstation_slots
    active = [member.account for member in state.active_members()]
    await connection.execute(
        delete(slots).where(slots.c.team == state.circle, slots.c.account.not_in(active))
    )


async def _group(connection: AsyncConnection, team: bytes) -> bytes | None:
    table = tables.workstation_boards
    group: bytes | None = await connection.scalar(select(table.c.group).where(table.c.team == team))
    return group


async def _known(
    hub: Hub, connection: AsyncConnection, caller: Caller, group: bytes
) -> tuple[bytes, dict[bytes, Collection[bytes]]]:
    """Return the team of a group, and the devices that count in it now, by account."""
    require(not hub.guesses.exhausted(caller.source), ProblemCode.TOO_MANY_TRIES)
    table = tables.workstation_boards
    team = await connection.scalar(select(table.c.team).where(table.c.group == group))
    state = None if team is None else await hub.circles.state(connection, team)
    if team is None or state is None:
        hub.guesses.record(caller.source)
        raise RefusedError(ProblemCode.UNKNOWN_WORKSTATION, "group")
    return team, {member.account: set(member.devices) for member in served_members(state, hub.clock())}
