"""The mailbox: keys under way from those who hold them to those who are entitled to them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState, Member, escrowed, excludes, through_teams
from carelink.access.statements import SUITE
from carelink.hub import tables
from carelink.hub.circles import require_member, served_member
from carelink.hub.hub import Caller, Hub
from carelink.hub.problems import RefusedError, require
from carelink.hub.quota import charge
from carelink.hub.reading import View
from carelink.hub.teams import Teams, is_stale, reached_by
from carelink.sync.wire.api import (
    Accepted,
    LetterEntry,
    LetterIndex,
    LetterIndexRequest,
    ProblemCode,
    SendLetters,
    SendReceipts,
)
from carelink.sync.wire.structures import Letter, LetterBody, ReceiptBody
from carelink.sync.wire.verification import (
    BadSignatureError,
    decode_letter,
    decode_receipt,
    letter_id,
    verified_letter,
    verified_receipt,
)

MAX_LETTERS: Final = 2_000


async def send_letters(hub: Hub, caller: Caller, request: SendLetters) -> Accepted:
    """Keep letters for devices that are entitled to what they carry; all or none."""
    require(len(request.letters) <= MAX_LETTERS, ProblemCode.TOO_LARGE)
    try:
        circles = {decode_letter(letter).circle for letter in request.letters}
        async with hub.database.read() as connection:
            states = await hub.circles.states(connection, circles)
        bodies = await asyncio.to_thread(_verified, states, caller.device, request.letters)
    except BadSignatureError:
        raise RefusedError(ProblemCode.MALFORMED, "bad_signature") from None
    async with hub.database.write() as connection:
        states = await hub.circles.states(connection, circles)
        teams = await hub.circles.teams_in(connection, states.values())
        for body in bodies:
            _require_entitled(states.get(body.circle), body, caller.device, hub.clock(), teams)
        fresh = await _unknown(connection, bodies, request.letters)
        if not fresh:
            return Accepted(0)
        weight = sum(len(row["body"]) + len(row["signature"]) for row in fresh)
        await charge(connection, caller.device, weight)
        positions = await hub.database.positions.take(connection, [row["recipient"] for row in fresh])
        rows = [{"position": place, **row} for place, row in zip(positions, fresh, strict=True)]
        await connection.execute(insert(tables.letters), rows)
    for row in rows:
        state = states[row["circle"]]
        recipient = state.member_of(row["recipient"])
        # What lies ready for an emergency is nothing to ask for.
        waits = recipient is not None and recipient.reads(Stream(row["stream"]))
        if row["recipient"] != caller.device and waits:
            reached = reached_by(hub, [row["recipient"]])
            hub.waking.tell(reached - {caller.device}, row["position"])
    return Accepted(len(fresh))


async def send_receipts(hub: Hub, caller: Caller, request: SendReceipts) -> Accepted:
    """Note that the caller holds the keys that letters brought."""
    require(len(request.receipts) <= MAX_LETTERS, ProblemCode.TOO_LARGE)
    now, count = hub.clock(), 0
    async with hub.database.write() as connection:
        for receipt in request.receipts:
            try:
                circle = decode_receipt(receipt).circle
                state = await hub.circles.seen_by(connection, circle, caller.device)
                state, member = require_member(state, caller.device, now)
                body = verified_receipt(receipt, member)
            except BadSignatureError:
                raise RefusedError(ProblemCode.MALFORMED, "bad_signature") from None
            require(body.device == caller.device, ProblemCode.NOT_ENTITLED, "device")
            result = await connection.execute(
                update(tables.letters)
                .where(*_letter_of(state, member, body), tables.letters.c.received.is_(False))
                .values(received=True, receipt_body=receipt.body, receipt_signature=receipt.signature)
            )
            count += result.rowcount
    return Accepted(count)


async def letter_index(hub: Hub, caller: Caller, request: LetterIndexRequest) -> LetterIndex:
    """List the letters of the streams that the caller reads."""
    table = tables.letters
    async with hub.database.read() as connection:
        state = await hub.circles.seen_by(connection, request.circle, caller.device)
        view = View(*require_member(state, caller.device, hub.clock()))
        rows = await connection.execute(
            select(
                table.c.stream,
                table.c.epoch,
                table.c.sender,
                table.c.recipient,
                table.c.identifier,
                table.c.received,
            )
            .where(
                table.c.circle == request.circle,
                table.c.stream.in_([stream.value for stream in view.streams]),
            )
            .order_by(table.c.position)
        )
        return LetterIndex(tuple(LetterEntry(*row) for row in rows))


def _verified(
    states: Mapping[bytes, CircleState], device: bytes, letters: tuple[Letter, ...]
) -> list[LetterBody]:
    bodies: list[LetterBody] = []
    for letter in letters:
        body = decode_letter(letter)
        state = states.get(body.circle)
        sender = None if state is None else state.member_of(device)
        require(sender is not None, ProblemCode.UNKNOWN_CIRCLE)
        require(body.sender == device, ProblemCode.NOT_ENTITLED, "sender")
        require(body.suite == SUITE, ProblemCode.MALFORMED, "suite")
        bodies.append(verified_letter(letter, sender))
    return bodies


def _require_entitled(
    state: CircleState | None, body: LetterBody, device: bytes, now: int, teams: Teams
) -> None:
    if state is None:
        raise RefusedError(ProblemCode.UNKNOWN_CIRCLE)
    known = teams.values()
    raw, sender = require_member(through_teams(state, known, device), device, now)
    state = through_teams(raw, known, body.recipient)
    recipient = served_member(state, body.recipient, now)
    try:
        stream = Stream(body.stream)
    except ValueError:
        raise RefusedError(ProblemCode.MALFORMED, "stream") from None
    require(1 <= body.epoch <= state.streams[stream].current, ProblemCode.NOT_ENTITLED, "epoch")
    require(View(state, sender).may_take(stream, body.epoch), ProblemCode.NOT_ENTITLED, "sender")
    if recipient is None or not (
        View(state, recipient).may_take(stream, body.epoch) or escrowed(recipient, stream)
    ):
        raise RefusedError(ProblemCode.NOT_ENTITLED, "recipient")
    if recipient.team is not None:
        require(not excludes(state, recipient.account, stream), ProblemCode.NOT_ENTITLED, "recipient")
        require(not is_stale(state, recipient.account, teams), ProblemCode.NOT_ENTITLED, "stale")


async def _unknown(
    connection: AsyncConnection, bodies: list[LetterBody], letters: tuple[Letter, ...]
) -> list[dict[str, Any]]:
    """Return the rows of those letters whose like is not there yet."""
    table = tables.letters
    known: set[tuple[bytes, str, int, bytes, bytes]] = set()
    for circle, sender in {(body.circle, body.sender) for body in bodies}:
        rows = await connection.execute(
            select(table.c.circle, table.c.stream, table.c.epoch, table.c.sender, table.c.recipient).where(
                table.c.circle == circle, table.c.sender == sender
            )
        )
        known.update(rows)
    fresh: list[dict[str, Any]] = []
    for body, letter in zip(bodies, letters, strict=True):
        key = (body.circle, body.stream, body.epoch, body.sender, body.recipient)
        if key in known:
            continue
        known.add(key)
        row = dict(zip(("circle", "stream", "epoch", "sender", "recipient"), key, strict=True))
        row |= {"identifier": letter_id(letter.body), "received": False}
        row |= {"body": letter.body, "signature": letter.signature}
        row |= {"receipt_body": b"", "receipt_signature": b""}
        fresh.append(row)
    return fresh


def _letter_of(state: CircleState, member: Member, body: ReceiptBody) -> tuple[Any, ...]:
    table = tables.letters
    return (
        table.c.circle == state.circle,
        table.c.stream == body.stream,
        table.c.epoch == body.epoch,
        table.c.recipient.in_([body.device, member.through] if member.through else [body.device]),
        table.c.identifier == body.letter,
    )
