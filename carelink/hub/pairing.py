"""Where two devices of one account meet: as an invitation, but for whoever is a member of any circle."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.hub import tables
from carelink.hub.admission import served_circles
from carelink.hub.hub import Caller, Hub
from carelink.hub.problems import RefusedError, require
from carelink.sync.wire.api import (
    RENDEZVOUS_BLOB_BYTES,
    Accepted,
    PairingFinish,
    PairingOffer,
    ProblemCode,
    RendezvousCollect,
    RendezvousState,
    RendezvousStates,
)

MIN_LIFETIME: Final = 1_000
MAX_LIFETIME: Final = 86_400_000
MAX_OPEN_OFFERS: Final = 5
_ID_BYTES: Final = range(16, 65)


async def offer(hub: Hub, caller: Caller, request: PairingOffer) -> Accepted:
    """Keep a device's offer for whoever knows its id."""
    require(len(request.identifier) in _ID_BYTES, ProblemCode.MALFORMED, "identifier")
    require(0 < len(request.blob) <= RENDEZVOUS_BLOB_BYTES, ProblemCode.TOO_LARGE)
    require(MIN_LIFETIME <= request.lifetime <= MAX_LIFETIME, ProblemCode.MALFORMED, "lifetime")
    table, now = tables.rendezvous, hub.clock()
    async with hub.database.write() as connection:
        account = await _account(hub, connection, caller.device)
        known = (
            await connection.execute(select(table).where(table.c.identifier == request.identifier))
        ).first()
        if known is not None:
            require(known.circle == account and known.blob == request.blob, ProblemCode.CONFLICT)
            return Accepted(0)
        # Nothing is asked of an offer that is over: those of invitations are kept to be told so.
        await connection.execute(delete(table).where(table.c.circle == account, table.c.expires_at <= now))
        open_offers = await connection.scalar(
            select(func.count()).select_from(table).where(table.c.circle == account)
        )
        require((open_offers or 0) < MAX_OPEN_OFFERS, ProblemCode.FULL)
        await connection.execute(
            insert(table).values(
                identifier=request.identifier,
                circle=account,
                expires_at=now + request.lifetime,
                blob=request.blob,
                answer=b"",
            )
        )
    return Accepted(1)


async def collect(hub: Hub, caller: Caller, request: RendezvousCollect) -> RendezvousStates:
    """Return the answers to the offers of the caller's account."""
    require(len(request.identifiers) <= MAX_OPEN_OFFERS, ProblemCode.TOO_LARGE)
    table = tables.rendezvous
    async with hub.database.read() as connection:
        account = await _account(hub, connection, caller.device)
        rows = await connection.execute(
            select(table.c.identifier, table.c.answer, table.c.expires_at).where(
                table.c.circle == account, table.c.identifier.in_(request.identifiers)
            )
        )
        return RendezvousStates(
            tuple(RendezvousState(row.identifier, row.answer, row.expires_at <= hub.clock()) for row in rows)
        )


async def finish(hub: Hub, caller: Caller, request: PairingFinish) -> Accepted:
    """Leave what the new device takes with it, where it found the offer."""
    require(0 < len(request.blob) <= RENDEZVOUS_BLOB_BYTES, ProblemCode.TOO_LARGE)
    table = tables.rendezvous
    async with hub.database.write() as connection:
        account = await _account(hub, connection, caller.device)
        result = await connection.execute(
            update(table)
            .where(table.c.identifier == request.identifier, table.c.circle == account)
            .values(blob=request.blob)
        )
        require(result.rowcount == 1, ProblemCode.UNKNOWN_INVITATION)
    return Accepted(1)


async def _account(hub: Hub, connection: AsyncConnection, device: bytes) -> bytes:
    for state in (await served_circles(hub, connection, device)).values():
        if (member := state.member_of(device)) is not None:
            return member.account
    raise RefusedError(ProblemCode.UNKNOWN_DEVICE)
