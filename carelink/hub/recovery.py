"""What the relay keeps for an account that lost its last PC: a sealed blob, and where it was a member."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, insert, or_, select

from carelink.hub import tables
from carelink.hub.admission import served_circles
from carelink.hub.hub import Caller, Hub
from carelink.hub.problems import RefusedError, require
from carelink.sync.wire.api import (
    RECOVERY_BLOB_BYTES,
    Accepted,
    OwnCircle,
    OwnCircles,
    OwnCirclesRequest,
    ProblemCode,
    RecoveryBlob,
    RecoveryKeep,
    RecoveryRead,
)
from carelink.sync.wire.verification import sheet_id

PAGE_CIRCLES: Final = 500
_ID_BYTES: Final = 16


async def keep(hub: Hub, caller: Caller, request: RecoveryKeep) -> Accepted:
    """Keep the blob of the sheet that the caller's account has in a circle, and of no earlier one."""
    require(len(request.identifier) == _ID_BYTES, ProblemCode.MALFORMED, "identifier")
    require(0 < len(request.blob) <= RECOVERY_BLOB_BYTES, ProblemCode.TOO_LARGE)
    table = tables.recovery
    async with hub.database.write() as connection:
        states = await served_circles(hub, connection, caller.device)
        members = [state.member_of(caller.device) for state in states.values()]
        account = next((member.account for member in members if member is not None), b"")
        sheets = {
            sheet_id(certificate.signing_key)
            for member in members
            if member is not None and member.account == account
            for certificate in member.devices.values()
            if certificate.paper
        }
        require(request.identifier in sheets, ProblemCode.NOT_ENTITLED, "sheet")
        await connection.execute(
            delete(table).where(or_(table.c.account == account, table.c.identifier == request.identifier))
        )
        await connection.execute(
            insert(table).values(identifier=request.identifier, account=account, blob=request.blob)
        )
    return Accepted(1)


async def read(hub: Hub, caller: Caller, request: RecoveryRead) -> RecoveryBlob:
    """Return a sheet's blob; whoever names unknown ones is soon not answered any more."""
    require(not hub.guesses.exhausted(caller.source), ProblemCode.TOO_MANY_TRIES)
    table = tables.recovery
    async with hub.database.read() as connection:
        blob = await connection.scalar(select(table.c.blob).where(table.c.identifier == request.identifier))
    if blob is None:
        hub.guesses.record(caller.source)
        raise RefusedError(ProblemCode.UNKNOWN_SHEET)
    return RecoveryBlob(blob)


async def own_circles(hub: Hub, caller: Caller, request: OwnCirclesRequest) -> OwnCircles:
    """List the circles of a device that may have forgotten them, or was brought into them by another."""
    table = tables.statements
    async with hub.database.read() as connection:
        served = await served_circles(hub, connection, caller.device)
        circles = sorted(circle for circle in served if circle > request.after)[:PAGE_CIRCLES]
        rows = await connection.execute(
            select(table.c.circle, table.c.digest)
            .where(table.c.circle.in_(circles), table.c.height == 0)
            .order_by(table.c.circle)
        )
        return OwnCircles(tuple(OwnCircle(row.circle, row.digest) for row in rows))
