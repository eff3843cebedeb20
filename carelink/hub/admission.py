"""Opening sessions, and the statements that change circles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink import __version__
from carelink.access.compartments import Stream
from carelink.access.registry import ESCROWED, LONGEST_EMERGENCY_MS, CircleState, Refusal, cuts_of
from carelink.access.statements import BreakGlass, Statement, circle_id_of, decode_statement
from carelink.hub import tables
from carelink.hub.addresses import same_relay
from carelink.hub.circles import require_member, served_member
from carelink.hub.hub import Caller, Hub
from carelink.hub.problems import RefusedError, require
from carelink.hub.quota import charge
from carelink.hub.teams import reached_by, require_told_by_team
from carelink.hub.workstations import drop_slots
from carelink.sync.wire.api import (
    PROTOCOL,
    Append,
    Appended,
    CreateCircle,
    HubInfo,
    ProblemCode,
    SessionChallenge,
    SessionGranted,
    SessionOpen,
    SessionProof,
)
from carelink.sync.wire.relay import verify_proof
from carelink.sync.wire.structures import SignedStatement
from carelink.sync.wire.verification import BadSignatureError, verified_apply

_DEVICE_BYTES: Final = 16
CLOCK_SLACK_MS: Final = 10 * 60 * 1000
_NONCE_BYTES: Final = 32


def describe(hub: Hub) -> HubInfo:
    """Say who the relay is."""
    return HubInfo(PROTOCOL, hub.key, hub.clock(), __version__)


async def served_circles(hub: Hub, connection: AsyncConnection, device: bytes) -> Mapping[bytes, CircleState]:
    """Return the circles in which the relay serves a device."""
    states = await hub.circles.of_device(connection, device)
    now = hub.clock()
    return {c: state for c, state in states.items() if served_member(state, device, now) is not None}


async def open_session(hub: Hub, _caller: Caller, request: SessionOpen) -> SessionChallenge:
    """Give a nonce to a device that is a member somewhere, or was: it may learn how that ended."""
    require(len(request.device) == _DEVICE_BYTES, ProblemCode.MALFORMED)
    require(len(request.client_nonce) == _NONCE_BYTES, ProblemCode.MALFORMED)
    async with hub.database.read() as connection:
        served = await served_circles(hub, connection, request.device)
        left = await hub.circles.left_by(connection, request.device)
    require(bool(served) or bool(left), ProblemCode.UNKNOWN_DEVICE)
    return hub.sessions.challenge(request.device, request.client_nonce)


async def prove_session(hub: Hub, _caller: Caller, request: SessionProof) -> SessionGranted:
    """Give a token to a device that signed the relay's nonce."""
    require(
        hub.sessions.accepts(request.hub_nonce, request.device, request.client_nonce),
        ProblemCode.UNAUTHENTICATED,
        "nonce",
    )
    require(same_relay(request.hub_address, hub.address, hub.on_loopback), ProblemCode.WRONG_ADDRESS)
    async with hub.database.read() as connection:
        served = await served_circles(hub, connection, request.device)
        left = await hub.circles.left_by(connection, request.device)
        states = {**await hub.circles.states(connection, left), **served}
    for state in states.values():
        member = state.member_of(request.device)
        if member is None:
            continue
        key = member.devices[request.device].signing_key
        require(verify_proof(key, hub.key, request), ProblemCode.UNAUTHENTICATED, "signature")
        # Asked again: another proof may have used the nonce while the database was read.
        require(
            hub.sessions.accepts(request.hub_nonce, request.device, request.client_nonce),
            ProblemCode.UNAUTHENTICATED,
            "nonce",
        )
        token, session = hub.sessions.grant(request.device, request.hub_nonce)
        return SessionGranted(token, session.expires, hub.clock())
    raise RefusedError(ProblemCode.UNKNOWN_DEVICE)


async def create_circle(hub: Hub, caller: Caller, request: CreateCircle) -> Appended:
    """Begin a circle; the same statement again changes nothing."""
    statement = _decoded(request.statement)
    circle = circle_id_of(statement.digest)
    answer = Appended(circle, 0, statement.digest)
    async with hub.database.write() as connection:
        if await _digest_at(connection, circle, 0) is not None:
            return answer
        require(not hub.creations.exhausted(caller.source), ProblemCode.TOO_MANY_TRIES)
        hub.creations.record(caller.source)
        after = _accepted(None, request.statement)
        await connection.execute(
            insert(tables.circles).values(circle=circle, height=0, created_at=hub.clock(), team=after.team)
        )
        await _store(hub, connection, request.statement, statement.body.device, None, after)
    hub.circles.remember(after)
    return answer


async def append(hub: Hub, caller: Caller, request: Append) -> Appended:
    """Add a statement to a chain whose head it names."""
    statement = _decoded(request.statement)
    height = statement.body.height
    async with hub.database.write() as connection:
        before = await hub.circles.state(connection, request.circle)
        seen = await hub.circles.seen_by(connection, request.circle, caller.device)
        require_member(seen, caller.device, hub.clock())
        if before is None:
            raise RefusedError(ProblemCode.UNKNOWN_CIRCLE)
        answer = Appended(request.circle, height, statement.digest)
        if height <= before.height:
            known = await _digest_at(connection, request.circle, height)
            require(known == statement.digest, ProblemCode.CONFLICT)
            return answer
        at_head = height == before.height + 1 and statement.body.previous == before.head
        require(at_head, ProblemCode.CONFLICT)
        after = _accepted(before, request.statement)
        if isinstance(statement.public, BreakGlass):
            # By our own clock: that of a PC may lie years ahead.
            latest = hub.clock() + LONGEST_EMERGENCY_MS + CLOCK_SLACK_MS
            require(statement.public.until <= latest, ProblemCode.REFUSED, "until")
        await require_told_by_team(hub, connection, statement)
        # Whether a cut comes too late tells when something was last written in its stream.
        require(_reads_what_it_cuts(after, statement), ProblemCode.NOT_ENTITLED, "cuts")
        require(not await _cuts_unseen(connection, after, statement, request.seen), ProblemCode.CONFLICT)
        position = await _store(hub, connection, request.statement, caller.device, before, after)
        await connection.execute(
            update(tables.circles).where(tables.circles.c.circle == request.circle).values(height=height)
        )
    hub.circles.remember(after)
    reached = reached_by(hub, _active_devices(before) | _active_devices(after))
    hub.waking.tell(reached - {caller.device}, position)
    return answer


def _decoded(signed: SignedStatement) -> Statement:
    try:
        return decode_statement(signed.body)
    except ValueError:
        raise RefusedError(ProblemCode.MALFORMED, "statement") from None


def _accepted(before: CircleState | None, signed: SignedStatement) -> CircleState:
    try:
        after = verified_apply(before, signed)
    except BadSignatureError:
        raise RefusedError(ProblemCode.REFUSED, "bad_signature") from None
    if isinstance(after, Refusal):
        raise RefusedError(ProblemCode.REFUSED, after.reason.value)
    return after


async def _digest_at(connection: AsyncConnection, circle: bytes, height: int) -> bytes | None:
    table = tables.statements
    digest: bytes | None = await connection.scalar(
        select(table.c.digest).where(table.c.circle == circle, table.c.height == height)
    )
    return digest


async def _store(
    hub: Hub,
    connection: AsyncConnection,
    signed: SignedStatement,
    device: bytes,
    before: CircleState | None,
    after: CircleState,
) -> int:
    await charge(connection, device, len(signed.body) + len(signed.signature) + len(signed.sealed))
    await connection.execute(
        insert(tables.statements).values(
            circle=after.circle,
            height=after.height,
            digest=after.head,
            received_at=hub.clock(),
            signature=signed.signature,
            body=signed.body,
            sealed=signed.sealed,
        )
    )
    table = tables.memberships
    earlier = set() if before is None else _active_devices(before)
    now = _active_devices(after)
    if before is not None:
        await _drop_escrow(connection, before, after)
    if gone := earlier - now:
        await connection.execute(
            update(table)
            .where(table.c.circle == after.circle, table.c.device.in_(list(gone)))
            .values(ended=after.height)
        )
        await drop_slots(connection, after)
    if come := now - earlier:
        await connection.execute(
            delete(table).where(table.c.circle == after.circle, table.c.device.in_(list(come)))
        )
        await connection.execute(
            insert(table), [{"circle": after.circle, "device": device} for device in come]
        )
    return await hub.database.positions.take_one(connection)


async def _drop_escrow(connection: AsyncConnection, before: CircleState, after: CircleState) -> None:
    """Delete the keys that lay ready for those who are on call no more."""
    on_call = {device for m in after.active_members() if m.emergency for device in m.devices}
    table = tables.letters
    for member in before.active_members():
        gone = [device for device in member.devices if device not in on_call] if member.emergency else []
        if gone:
            await connection.execute(
                delete(table).where(
                    table.c.circle == after.circle,
                    table.c.recipient.in_(gone),
                    table.c.stream.in_([stream.value for stream in ESCROWED]),
                )
            )


def _reads_what_it_cuts(after: CircleState, statement: Statement) -> bool:
    author = after.member_of(statement.body.device)
    return all(author is not None and author.reads(Stream(cut.stream)) for cut in cuts_of(statement.public))


async def _cuts_unseen(
    connection: AsyncConnection, after: CircleState, statement: Statement, seen: int
) -> bool:
    """Whether a statement cuts feeds that reach further than its author has seen.

    What was stored before a right was lost always counts.
    """
    streams = {cut.stream for cut in cuts_of(statement.public)}
    table = tables.envelopes
    for code in streams:
        stream = Stream(code)
        writers = {d for m in after.active_members() if m.writes(stream) for d in m.devices}
        lost = [device for device in after.owners if device not in writers]
        found = await connection.scalar(
            select(table.c.position)
            .where(
                table.c.circle == after.circle,
                table.c.stream == code,
                table.c.device.in_(lost),
                table.c.position > seen,
            )
            .limit(1)
        )
        if found is not None:
            return True
    return False


def _active_devices(state: CircleState) -> set[bytes]:
    return {device for member in state.active_members() for device in member.devices}
