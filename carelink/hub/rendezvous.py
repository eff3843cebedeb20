"""Where invitations and their answers meet: sealed blobs under ids that nobody guesses."""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.access.registry import Member
from carelink.hub import tables
from carelink.hub.admission import served_circles
from carelink.hub.circles import require_member, served_member, served_members
from carelink.hub.hub import Caller, Hub
from carelink.hub.problems import RefusedError, require
from carelink.sync.wire.api import (
    RENDEZVOUS_BLOB_BYTES,
    Accepted,
    ProblemCode,
    RendezvousAnswer,
    RendezvousBlob,
    RendezvousCollect,
    RendezvousOffer,
    RendezvousRead,
    RendezvousState,
    RendezvousStates,
)

MIN_LIFETIME: Final = 1_000
MAX_LIFETIME: Final = 31 * 86_400_000
KEPT_AFTER_END: Final = 31 * 86_400_000
MAX_OPEN_OFFERS: Final = 500
_MAX_COLLECTED: Final = 1_000
_ID_BYTES: Final = range(16, 65)


async def offer(hub: Hub, caller: Caller, request: RendezvousOffer) -> Accepted:
    """Keep an invitation's blob for whoever knows its id."""
    require(len(request.identifier) in _ID_BYTES, ProblemCode.MALFORMED, "identifier")
    require(0 < len(request.blob) <= RENDEZVOUS_BLOB_BYTES, ProblemCode.TOO_LARGE)
    require(MIN_LIFETIME <= request.lifetime <= MAX_LIFETIME, ProblemCode.MALFORMED, "lifetime")
    table = tables.rendezvous
    now = hub.clock()
    async with hub.database.write() as connection:
        state = await hub.circles.state(connection, request.circle)
        _state, member = require_member(state, caller.device, now)
        require(_may_invite(member), ProblemCode.NOT_ENTITLED)
        await purge(connection, now)
        known = await _find(connection, request.identifier)
        if known is not None:
            same = known.circle == request.circle and known.blob == request.blob
            require(same, ProblemCode.CONFLICT)
            return Accepted(0)
        open_offers = await connection.scalar(
            select(func.count())
            .select_from(table)
            .where(table.c.circle == request.circle, table.c.expires_at > now)
        )
        require((open_offers or 0) < MAX_OPEN_OFFERS, ProblemCode.FULL)
        await connection.execute(
            insert(table).values(
                identifier=request.identifier,
                circle=request.circle,
                expires_at=now + request.lifetime,
                blob=request.blob,
                answer=b"",
            )
        )
    return Accepted(1)


async def read(hub: Hub, caller: Caller, request: RendezvousRead) -> RendezvousBlob:
    """Return an invitation's blob to whoever knows its id, until someone else has answered it."""
    async with hub.database.read() as connection:
        row = await _known(hub, connection, caller, request.identifier)
    # It says who is cared for, which a code found afterwards must not.
    own = not row.answer or compare_digest(sha256(row.answer).digest(), request.answer)
    require(own, ProblemCode.USED_INVITATION)
    return RendezvousBlob(row.blob, bool(row.answer))


async def answer(hub: Hub, caller: Caller, request: RendezvousAnswer) -> Accepted:
    """Take the first answer to an invitation; the same again changes nothing."""
    require(0 < len(request.answer) <= RENDEZVOUS_BLOB_BYTES, ProblemCode.TOO_LARGE)
    table = tables.rendezvous
    async with hub.database.write() as connection:
        row = await _known(hub, connection, caller, request.identifier)
        if row.answer:
            require(row.answer == request.answer, ProblemCode.USED_INVITATION)
            return Accepted(0)
        await connection.execute(
            update(table).where(table.c.identifier == request.identifier).values(answer=request.answer)
        )
        position = await hub.database.positions.take_one(connection)
        state = await hub.circles.state(connection, row.circle)
    if state is not None:
        inviters = (member for member in served_members(state, hub.clock()) if _may_invite(member))
        hub.waking.tell((device for member in inviters for device in member.devices), position)
    return Accepted(1)


async def collect(hub: Hub, caller: Caller, request: RendezvousCollect) -> RendezvousStates:
    """Return the answers to invitations of circles in which the caller may invite."""
    require(len(request.identifiers) <= _MAX_COLLECTED, ProblemCode.TOO_LARGE)
    table = tables.rendezvous
    now = hub.clock()
    async with hub.database.read() as connection:
        states = await served_circles(hub, connection, caller.device)
        members = {circle: served_member(state, caller.device, now) for circle, state in states.items()}
        inviting = [c for c, member in members.items() if member is not None and _may_invite(member)]
        rows = await connection.execute(
            select(table.c.identifier, table.c.answer, table.c.expires_at).where(
                table.c.circle.in_(inviting), table.c.identifier.in_(request.identifiers)
            )
        )
        return RendezvousStates(
            tuple(RendezvousState(row.identifier, row.answer, row.expires_at <= now) for row in rows)
        )


async def purge(connection: AsyncConnection, now: int) -> None:
    """Forget invitations that ended long ago."""
    table = tables.rendezvous
    await connection.execute(delete(table).where(table.c.expires_at <= now - KEPT_AFTER_END))


def _may_invite(member: Member) -> bool:
    return member.runs_circle or (member.active and member.invites)


async def _known(hub: Hub, connection: AsyncConnection, caller: Caller, identifier: bytes) -> tables.AnyRow:
    """Return an open invitation; whoever names unknown ones is soon not answered any more."""
    require(not hub.guesses.exhausted(caller.source), ProblemCode.TOO_MANY_TRIES)
    row = await _find(connection, identifier)
    if row is None:
        hub.guesses.record(caller.source)
        raise RefusedError(ProblemCode.UNKNOWN_INVITATION)
    require(row.expires_at > hub.clock(), ProblemCode.EXPIRED_INVITATION)
    return row


async def _find(connection: AsyncConnection, identifier: bytes) -> tables.AnyRow | None:
    table = tables.rendezvous
    return (await connection.execute(select(table).where(table.c.identifier == identifier))).first()
