"""Taking in what is written to people by name: from its readers only, for its readers only.

A refusal says the same of an opening that is not the caller's as of one that never was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.access.direct import DirectKind, may_be_named, may_open
from carelink.access.registry import CircleState, Member
from carelink.access.statements import ZERO_HASH
from carelink.hub import tables
from carelink.hub.circles import served_member
from carelink.hub.hub import Caller, Hub
from carelink.hub.problems import require
from carelink.hub.quota import charge
from carelink.sync.wire.api import (
    MAX_PUSH_ENVELOPES,
    ProblemCode,
    PushAnswer,
    PushOutcome,
    PushRequest,
    PushStatus,
)
from carelink.sync.wire.direct import DirectCore, Opening, decode_direct
from carelink.sync.wire.structures import MAX_CIPHERTEXT_BYTES, Envelope, Header
from carelink.sync.wire.verification import (
    BadSignatureError,
    envelope_id,
    is_ciphertext_of,
    verify_envelope,
)

_DEVICE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class _Incoming:
    envelope: Envelope
    identifier: bytes
    header: Header
    core: DirectCore

    @property
    def opening(self) -> bytes:
        """The opening that it stands under, or that it is."""
        return self.core.opening or self.identifier


@dataclass(frozen=True, slots=True)
class _Reader:
    account: bytes
    named: bool
    since: int
    devices: bytes


@dataclass(frozen=True, slots=True)
class _Opened:
    kind: str
    origin: bytes
    readers: Mapping[bytes, _Reader]

    def is_over(self, state: CircleState, now: int) -> bool:
        """Whether a reader is no more who they were when they became one."""
        return any(_is_lost(state, reader, now) for reader in self.readers.values())


@dataclass(slots=True)
class _Feed:
    last_seq: int = 0
    last_id: bytes = ZERO_HASH
    last_height: int = 0
    known: dict[int, bytes] = field(default_factory=dict)


async def push(hub: Hub, caller: Caller, request: PushRequest) -> PushAnswer:
    """Store direct envelopes that may be stored, in order, and say what became of each."""
    require(len(request.envelopes) <= MAX_PUSH_ENVELOPES, ProblemCode.TOO_LARGE)
    read = [_read(envelope) for envelope in request.envelopes]
    incoming = [one for one in read if isinstance(one, _Incoming)]
    async with hub.database.read() as connection:
        states = await hub.circles.states(connection, list({one.core.circle for one in incoming}))
    checked = await asyncio.to_thread(
        lambda: {one.identifier: _check(states, caller.device, one) for one in incoming}
    )
    outcomes: list[PushOutcome] = []
    told: dict[bytes, int] = {}
    async with hub.database.write() as connection:
        book = _Book(hub, connection, caller.device)
        for one in read:
            if not isinstance(one, _Incoming):
                outcomes.append(PushOutcome(one, PushStatus.BAD_SIGNATURE))
                continue
            status = await book.take(one, checked[one.identifier])
            outcomes.append(PushOutcome(one.identifier, status))
        told = await book.store()
    for device, position in told.items():
        hub.waking.tell([device], position)
    return PushAnswer(tuple(outcomes))


def _read(envelope: Envelope) -> _Incoming | bytes:
    identifier = envelope_id(envelope.header)
    try:
        header, core = decode_direct(envelope.header)
    except BadSignatureError:
        return identifier
    return _Incoming(envelope, identifier, header, core)


def _check(states: Mapping[bytes, CircleState], device: bytes, one: _Incoming) -> PushStatus | None:
    """Make the checks that need no database."""
    state = states.get(one.core.circle)
    member = None if state is None else state.member_of(device)
    if member is None or one.core.device != device:
        return PushStatus.UNKNOWN_DEVICE
    if max(len(one.envelope.ciphertext), one.header.length) > MAX_CIPHERTEXT_BYTES:
        return PushStatus.TOO_LARGE
    key = member.devices[device].signing_key
    signed = verify_envelope(key, one.identifier, one.envelope.signature)
    whole = is_ciphertext_of(one.header, one.envelope.ciphertext)
    return None if signed and whole else PushStatus.BAD_SIGNATURE


class _Book:
    """What one request reads and adds, in one writing transaction."""

    def __init__(self, hub: Hub, connection: AsyncConnection, device: bytes) -> None:
        self.hub = hub
        self.connection = connection
        self.device = device
        self.now = hub.clock()
        self._opened: dict[tuple[bytes, bytes], _Opened | None] = {}
        self._feeds: dict[tuple[bytes, bytes], _Feed] = {}
        self._stored: list[_Incoming] = []
        # (circle, account, envelope, since) of each envelope that someone is to have.
        self._owed: list[tuple[bytes, bytes, bytes, int]] = []
        self._states: dict[bytes, CircleState] = {}

    async def take(self, one: _Incoming, problem: PushStatus | None) -> PushStatus:
        """Return what becomes of an envelope, and note it where it is to be stored."""
        if problem is PushStatus.UNKNOWN_DEVICE:
            return problem
        feed = await self._feed(one.core.circle, one.opening)
        core = one.core
        if core.seq <= feed.last_seq:
            same = feed.known.get(core.seq) == one.identifier
            return PushStatus.KNOWN if same else PushStatus.FORK
        state = await self._state(core.circle)
        member = None if state is None else served_member(state, self.device, self.now)
        if state is None or member is None:
            return PushStatus.UNKNOWN_DEVICE
        if problem is not None:
            return problem
        status = (
            await self._opens(state, member, one, core.opens)
            if core.opens is not None
            else await self._goes_under(state, member, one)
        )
        if status is not None:
            return status
        if core.seq != feed.last_seq + 1:
            return PushStatus.GAP
        head = await self._head(state, core.registry_height)
        if core.previous != feed.last_id or core.registry_height < feed.last_height:
            return PushStatus.BAD_CHAIN
        if head != core.registry_head:
            return PushStatus.BAD_CHAIN
        await self._note(state, one)
        feed.last_seq, feed.last_id, feed.last_height = core.seq, one.identifier, core.registry_height
        feed.known[core.seq] = one.identifier
        return PushStatus.STORED

    async def _opens(
        self, state: CircleState, member: Member, one: _Incoming, opens: Opening
    ) -> PushStatus | None:
        if not may_open(opens.kind, member, opens.accounts, opens.origin, follows=bool(opens.follows)):
            return PushStatus.NO_RIGHT
        for identifier in {*opens.follows, *opens.given}:
            opened = await self._opening(one.core.circle, identifier)
            reader = None if opened is None else opened.readers.get(member.account)
            if opened is None or reader is None or reader.since != member.since:
                return PushStatus.NO_RIGHT
            if opened.kind != opens.kind or opened.origin != opens.origin:
                return PushStatus.NO_RIGHT
        if one.core.registry_height != state.height:
            # Its wraps are for the devices of that time, and the audience may have lost one since.
            return PushStatus.WRONG_EPOCH
        for account in opens.accounts:
            reader_now = state.members.get(account)
            if reader_now is None or not self._may_have(reader_now, opens.kind):
                return PushStatus.NO_RIGHT
        return None

    def _may_have(self, member: Member, kind: str) -> bool:
        in_time = member.active and (member.until is None or member.until > self.now)
        return in_time and (kind == DirectKind.KEYS or may_be_named(member))

    async def _goes_under(self, state: CircleState, member: Member, one: _Incoming) -> PushStatus | None:
        opened = await self._opening(one.core.circle, one.core.opening)
        reader = None if opened is None else opened.readers.get(member.account)
        if opened is None or reader is None or not reader.named or opened.kind == DirectKind.KEYS:
            return PushStatus.NO_RIGHT
        return PushStatus.WRONG_EPOCH if opened.is_over(state, self.now) else None

    async def _note(self, state: CircleState, one: _Incoming) -> None:
        circle = one.core.circle
        self._stored.append(one)
        opens = one.core.opens
        if opens is not None:
            readers = {a: _reader(state.members[a], named=True) for a in opens.accounts}
            self._opened[circle, one.identifier] = _Opened(opens.kind, opens.origin, readers)
            await self._keep_opening(circle, one.identifier, opens, readers)
            for given in opens.given:
                await self._hand_on(circle, given, readers)
        opened = await self._opening(circle, one.opening)
        for reader in opened.readers.values() if opened is not None else ():
            self._owed.append((circle, reader.account, one.identifier, reader.since))

    async def _hand_on(self, circle: bytes, given: bytes, readers: Mapping[bytes, _Reader]) -> None:
        """Make readers of an earlier opening of those who were handed its key, with what stands under it."""
        opened = await self._opening(circle, given)
        if opened is None:
            return
        fresh = [
            _Reader(reader.account, False, reader.since, reader.devices)
            for account, reader in readers.items()
            if account not in opened.readers
        ]
        if not fresh:
            return
        table = tables.direct_envelopes
        held = await self.connection.scalars(
            select(table.c.identifier)
            .where(table.c.circle == circle, table.c.opening == given)
            .order_by(table.c.received_at, table.c.device, table.c.seq)
        )
        stored = [*held, *(one.identifier for one in self._stored if one.opening == given)]
        self._owed += [(circle, r.account, envelope, r.since) for r in fresh for envelope in stored]
        together = {**opened.readers, **{reader.account: reader for reader in fresh}}
        self._opened[circle, given] = _Opened(opened.kind, opened.origin, together)
        await self.connection.execute(
            insert(tables.direct_readers), [_reader_row(circle, given, reader) for reader in fresh]
        )

    async def _keep_opening(
        self, circle: bytes, identifier: bytes, opens: Opening, readers: Mapping[bytes, _Reader]
    ) -> None:
        await self.connection.execute(
            insert(tables.direct_openings).values(
                circle=circle, opening=identifier, kind=opens.kind, origin=opens.origin
            )
        )
        await self.connection.execute(
            insert(tables.direct_readers), [_reader_row(circle, identifier, r) for r in readers.values()]
        )

    async def store(self) -> dict[bytes, int]:
        """Store what was taken; return the latest position that there is for each device to ask for."""
        if not self._stored:
            return {}
        size = sum(len(e.header) + len(e.signature) + len(e.ciphertext) for e in self._envelopes())
        await charge(self.connection, self.device, size)
        await self.connection.execute(insert(tables.direct_envelopes), [self._row(o) for o in self._stored])
        owners = [(circle, account) for circle, account, _, _ in self._owed]
        places = await self.hub.database.positions.take(self.connection, owners)
        rows: list[dict[str, Any]] = []
        told: dict[bytes, int] = {}
        for place, (circle, account, identifier, since) in zip(places, self._owed, strict=True):
            rows.append(
                {
                    "circle": circle,
                    "account": account,
                    "position": place,
                    "identifier": identifier,
                    "since": since,
                }
            )
            member = self._states[circle].members[account]
            if member.since == since and self._may_have(member, DirectKind.RESTRICTED):
                told.update({d: max(place, told.get(d, 0)) for d in member.devices if d != self.device})
        await self.connection.execute(insert(tables.deliveries), rows)
        return told

    def _envelopes(self) -> list[Envelope]:
        return [one.envelope for one in self._stored]

    def _row(self, one: _Incoming) -> dict[str, Any]:
        return {
            "circle": one.core.circle,
            "identifier": one.identifier,
            "opening": one.opening,
            "device": one.core.device,
            "seq": one.core.seq,
            "registry_height": one.core.registry_height,
            "size": len(one.envelope.ciphertext),
            "received_at": self.now,
            "signature": one.envelope.signature,
            "header": one.envelope.header,
            "ciphertext": one.envelope.ciphertext,
        }

    async def _state(self, circle: bytes) -> CircleState | None:
        if circle not in self._states:
            state = await self.hub.circles.seen_by(self.connection, circle, self.device)
            if state is None:
                return None
            self._states[circle] = state
        return self._states[circle]

    async def _head(self, state: CircleState, height: int) -> bytes | None:
        if height >= state.height:
            return state.head if height == state.height else None
        table = tables.statements
        head: bytes | None = await self.connection.scalar(
            select(table.c.digest).where(table.c.circle == state.circle, table.c.height == height)
        )
        return head

    async def _opening(self, circle: bytes, identifier: bytes) -> _Opened | None:
        key = (circle, identifier)
        if key not in self._opened:
            self._opened[key] = await _load_opening(self.connection, circle, identifier)
        return self._opened[key]

    async def _feed(self, circle: bytes, opening: bytes) -> _Feed:
        key = (circle, opening)
        if key not in self._feeds:
            table = tables.direct_envelopes
            rows = await self.connection.execute(
                select(table.c.seq, table.c.identifier, table.c.registry_height)
                .where(table.c.circle == circle, table.c.opening == opening, table.c.device == self.device)
                .order_by(table.c.seq)
            )
            feed = self._feeds[key] = _Feed()
            for seq, identifier, height in rows:
                feed.known[seq] = identifier
                feed.last_seq, feed.last_id, feed.last_height = seq, identifier, height
        return self._feeds[key]


def _reader(member: Member, *, named: bool) -> _Reader:
    return _Reader(member.account, named, member.since, b"".join(sorted(member.devices)))


def _reader_row(circle: bytes, opening: bytes, reader: _Reader) -> dict[str, Any]:
    return {
        "circle": circle,
        "opening": opening,
        "account": reader.account,
        "named": reader.named,
        "since": reader.since,
        "devices": reader.devices,
    }


def _is_lost(state: CircleState, reader: _Reader, now: int) -> bool:
    member = state.members.get(reader.account)
    if member is None or not may_be_named(member) or member.since != reader.since:
        return True
    if member.until is not None and member.until <= now:
        return True
    starts = range(0, len(reader.devices), _DEVICE_BYTES)
    return any(reader.devices[start : start + _DEVICE_BYTES] not in member.devices for start in starts)


async def _load_opening(connection: AsyncConnection, circle: bytes, identifier: bytes) -> _Opened | None:
    openings, readers = tables.direct_openings, tables.direct_readers
    found = (
        await connection.execute(
            select(openings.c.kind, openings.c.origin).where(
                openings.c.circle == circle, openings.c.opening == identifier
            )
        )
    ).first()
    if found is None:
        return None
    rows = await connection.execute(
        select(readers.c.account, readers.c.named, readers.c.since, readers.c.devices).where(
            readers.c.circle == circle, readers.c.opening == identifier
        )
    )
    return _Opened(found.kind, found.origin, {row.account: _Reader(*row) for row in rows})
