"""Taking in sealed envelopes: what is checked before one is stored.

Each device has a feed in each stream, whose envelopes follow one another without gap or fork. What
the answer calls stored is on disk by then.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState, Member, through_teams
from carelink.access.statements import ZERO_HASH
from carelink.hub import tables
from carelink.hub.circles import served_member, served_members
from carelink.hub.hub import Caller, Hub
from carelink.hub.problems import require
from carelink.hub.quota import charge
from carelink.hub.teams import reached_by, stale_streams
from carelink.sync.wire.api import (
    MAX_PUSH_ENVELOPES,
    ProblemCode,
    PushAnswer,
    PushOutcome,
    PushRequest,
    PushStatus,
)
from carelink.sync.wire.structures import MAX_CIPHERTEXT_BYTES, Envelope, EnvelopeCore, Header
from carelink.sync.wire.verification import (
    BadSignatureError,
    decode_header,
    envelope_id,
    is_ciphertext_of,
    next_checkpoint,
    verify_envelope,
)

FeedKey = tuple[bytes, str]
# To check more than these would keep the event loop from others.
_CHECKED_AT_ONCE: Final = 4
_FIRST_CHECKPOINT: Final = (0, ZERO_HASH)


@dataclass(frozen=True, slots=True)
class Incoming:
    """An envelope that was read; its signature is checked apart."""

    envelope: Envelope
    identifier: bytes
    header: Header
    core: EnvelopeCore

    @property
    def feed(self) -> FeedKey:
        """Where it stands, for one device."""
        return self.core.circle, self.core.stream

    @property
    def is_stub(self) -> bool:
        """Whether it is a header alone."""
        return not self.envelope.ciphertext


@dataclass(slots=True)
class Feed:
    """What the relay holds of the caller's feed in one stream.

    Attributes:
        last_seq: 0 before the first envelope.
        known: Ids of the envelopes that this request names again.
        refused: Whether an envelope of this request was refused: what follows it cannot be stored.
    """

    last_seq: int = 0
    last_id: bytes = ZERO_HASH
    last_height: int = 0
    known: dict[int, bytes] = field(default_factory=dict)
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What a request's envelopes are judged against."""

    device: bytes
    now: int
    states: Mapping[bytes, CircleState]
    heads: Mapping[tuple[bytes, int], bytes]
    stale: Mapping[bytes, set[Stream]]
    feeds: Mapping[FeedKey, Feed]


async def push(hub: Hub, caller: Caller, request: PushRequest) -> PushAnswer:
    """Store what may be stored, in order, and say what became of each envelope."""
    require(len(request.envelopes) <= MAX_PUSH_ENVELOPES, ProblemCode.TOO_LARGE)
    incoming = [_read(envelope) for envelope in request.envelopes]
    circles = {one.core.circle for one in incoming if isinstance(one, Incoming)}
    states = await _states(hub, caller.device, circles)
    if len(incoming) <= _CHECKED_AT_ONCE:
        checked = _check_all(caller.device, states, incoming)
    else:
        checked = await asyncio.to_thread(_check_all, caller.device, states, incoming)
    outcomes: list[PushOutcome] = []
    stored: list[Incoming] = []
    async with hub.database.write() as connection:
        context = await _context(hub, connection, caller.device, incoming)
        for one, problem in zip(incoming, checked, strict=True):
            if not isinstance(one, Incoming):
                outcomes.append(PushOutcome(one, PushStatus.BAD_SIGNATURE))
                continue
            status = _judge(context, one, problem)
            outcomes.append(PushOutcome(one.identifier, status))
            if status is PushStatus.STORED:
                stored.append(one)
        ends = await _store(hub, connection, context, stored)
    _tell(hub, context, ends)
    return PushAnswer(tuple(outcomes))


def _read(envelope: Envelope) -> Incoming | bytes:
    identifier = envelope_id(envelope.header)
    try:
        header, core = decode_header(envelope.header)
    except BadSignatureError:
        return identifier
    return Incoming(envelope, identifier, header, core)


async def _states(hub: Hub, device: bytes, circles: Collection[bytes]) -> Mapping[bytes, CircleState]:
    """Return states good enough to take a device's key from, which never changes."""
    known = {circle: state for circle in circles if (state := hub.circles.known(circle)) is not None}
    if len(known) == len(circles) and all(state.member_of(device) for state in known.values()):
        return known
    async with hub.database.read() as connection:
        return await hub.circles.states(connection, circles)


def _check_all(
    device: bytes, states: Mapping[bytes, CircleState], incoming: list[Incoming | bytes]
) -> list[PushStatus | None]:
    """Make the checks that need no database."""
    return [_check(device, states, one) if isinstance(one, Incoming) else None for one in incoming]


def _check(device: bytes, states: Mapping[bytes, CircleState], one: Incoming) -> PushStatus | None:
    state = states.get(one.core.circle)
    member = None if state is None else state.member_of(device)
    if member is None or one.core.device != device:
        return PushStatus.UNKNOWN_DEVICE
    if max(len(one.envelope.ciphertext), one.header.length) > MAX_CIPHERTEXT_BYTES:
        return PushStatus.TOO_LARGE
    if not verify_envelope(member.devices[device].signing_key, one.identifier, one.envelope.signature):
        return PushStatus.BAD_SIGNATURE
    if one.is_stub or is_ciphertext_of(one.header, one.envelope.ciphertext):
        return None
    return PushStatus.BAD_SIGNATURE


def _judge(context: Context, one: Incoming, problem: PushStatus | None) -> PushStatus:
    """Return what becomes of an envelope, and move its feed on."""
    if problem is PushStatus.UNKNOWN_DEVICE:
        return problem
    feed = context.feeds[one.feed]
    if feed.refused:
        return PushStatus.GAP
    status = _status(context, feed, one, problem)
    if status is PushStatus.STORED:
        feed.last_seq = one.core.seq
        feed.last_id = one.identifier
        feed.last_height = one.core.registry_height
        feed.known[one.core.seq] = one.identifier
    elif status is not PushStatus.KNOWN:
        feed.refused = True
    return status


def _status(context: Context, feed: Feed, one: Incoming, problem: PushStatus | None) -> PushStatus:
    core = one.core
    if core.seq <= feed.last_seq:
        # Before any right is looked at: a lost answer may be asked for again at any time.
        same = feed.known.get(core.seq) == one.identifier
        return PushStatus.KNOWN if same else PushStatus.FORK
    state = context.states[core.circle]
    member = served_member(state, context.device, context.now)
    if member is None:
        return PushStatus.UNKNOWN_DEVICE
    if core.seq > feed.last_seq + 1:
        return PushStatus.GAP
    if problem is not None:
        return problem
    refusal = _refused_by_registry(state, member, one, context.stale[core.circle])
    if refusal is not None:
        return refusal
    chains = (
        core.previous == feed.last_id
        and core.registry_height >= feed.last_height
        and context.heads.get((core.circle, core.registry_height)) == core.registry_head
    )
    return PushStatus.STORED if chains else PushStatus.BAD_CHAIN


def _refused_by_registry(
    state: CircleState, member: Member, one: Incoming, stale: set[Stream]
) -> PushStatus | None:
    core = one.core
    stream = _stream(core.stream)
    if stream is None or not member.writes(stream) or core.registry_height < member.since:
        return PushStatus.NO_RIGHT
    known = state.streams[stream]
    if not 1 <= core.epoch <= known.current:
        return PushStatus.WRONG_EPOCH
    if core.registry_height < known.epochs[core.epoch - 1].height:
        return PushStatus.WRONG_EPOCH
    # A stub stands for what can no longer be accepted whole, and for nothing else.
    is_over = known.due or core.epoch < known.current or stream in stale
    return PushStatus.WRONG_EPOCH if is_over != one.is_stub else None


def _stream(name: str) -> Stream | None:
    try:
        return Stream(name)
    except ValueError:
        return None


async def _context(
    hub: Hub, connection: AsyncConnection, device: bytes, incoming: list[Incoming | bytes]
) -> Context:
    own = [one for one in incoming if isinstance(one, Incoming) and one.core.device == device]
    heights: defaultdict[bytes, set[int]] = defaultdict(set)
    seqs: defaultdict[FeedKey, set[int]] = defaultdict(set)
    for one in own:
        heights[one.core.circle].add(one.core.registry_height)
        seqs[one.feed].add(one.core.seq)
    states = await hub.circles.states(connection, list(heights))
    teams = await hub.circles.teams_in(connection, states.values())
    seen = {circle: through_teams(state, teams.values(), device) for circle, state in states.items()}
    return Context(
        device=device,
        now=hub.clock(),
        states=seen,
        heads=await _heads(connection, states, heights),
        stale={circle: stale_streams(state, teams) for circle, state in states.items()},
        feeds={key: await _feed(connection, device, key, wanted) for key, wanted in seqs.items()},
    )


async def _heads(
    connection: AsyncConnection, states: Mapping[bytes, CircleState], heights: Mapping[bytes, set[int]]
) -> dict[tuple[bytes, int], bytes]:
    table = tables.statements
    heads = {(circle, state.height): state.head for circle, state in states.items()}
    for circle, named in heights.items():
        wanted = {height for height in named if (circle, height) not in heads}
        if not wanted:
            continue
        rows = await connection.execute(
            select(table.c.height, table.c.digest).where(
                table.c.circle == circle, table.c.height.in_(_storable(wanted))
            )
        )
        heads.update({(circle, height): digest for height, digest in rows})
    return heads


async def _feed(connection: AsyncConnection, device: bytes, key: FeedKey, wanted: Collection[int]) -> Feed:
    table = tables.envelopes
    circle, stream = key
    mine = (table.c.circle == circle, table.c.stream == stream, table.c.device == device)
    last = (
        await connection.execute(
            select(table.c.seq, table.c.identifier, table.c.registry_height)
            .where(*mine)
            .order_by(table.c.seq.desc())
            .limit(1)
        )
    ).first()
    if last is None:
        return Feed()
    if min(wanted) > last.seq:
        return Feed(last.seq, last.identifier, last.registry_height)
    rows = await connection.execute(
        select(table.c.seq, table.c.identifier).where(*mine, table.c.seq.in_(_storable(wanted)))
    )
    return Feed(last.seq, last.identifier, last.registry_height, dict(rows.all()))


def _storable(numbers: Collection[int]) -> list[int]:
    """Leave out numbers that no column holds; a header may carry any."""
    return [number for number in numbers if 0 <= number < 2**31]


async def _store(
    hub: Hub, connection: AsyncConnection, context: Context, stored: list[Incoming]
) -> Mapping[FeedKey, int]:
    """Store envelopes and return where each stream they are in now ends."""
    if not stored:
        return {}
    await charge(connection, context.device, sum(_weight(one.envelope) for one in stored))
    places = await hub.database.positions.take(connection, [one.feed for one in stored])
    ends = await _checkpoints(connection, {one.core.circle for one in stored})
    fresh = {one.feed for one in stored} - ends.keys()
    rows: list[dict[str, Any]] = []
    for place, one in zip(places, stored, strict=True):
        count, digest = ends.get(one.feed, _FIRST_CHECKPOINT)
        count, digest = count + 1, next_checkpoint(digest, one.identifier)
        ends[one.feed] = (count, digest)
        rows.append(
            {
                "circle": one.core.circle,
                "position": place,
                "stream": one.core.stream,
                "index_in_stream": count,
                "device": one.core.device,
                "seq": one.core.seq,
                "identifier": one.identifier,
                "epoch": one.core.epoch,
                "registry_height": one.core.registry_height,
                "digest": digest,
                "size": len(one.envelope.ciphertext),
                "received_at": context.now,
                "signature": one.envelope.signature,
                "header": one.envelope.header,
                "ciphertext": one.envelope.ciphertext,
            }
        )
    await connection.execute(insert(tables.envelopes), rows)
    last = {(row["circle"], row["stream"]): row["position"] for row in rows}
    for (circle, stream), place in last.items():
        count, digest = ends[circle, stream]
        end = {"total": count, "digest": digest, "position": place}
        table = tables.checkpoints
        if (circle, stream) in fresh:
            await connection.execute(insert(table).values(circle=circle, stream=stream, **end))
        else:
            await connection.execute(
                update(table).where(table.c.circle == circle, table.c.stream == stream).values(**end)
            )
    return last


def _weight(envelope: Envelope) -> int:
    return len(envelope.header) + len(envelope.signature) + len(envelope.ciphertext)


async def _checkpoints(
    connection: AsyncConnection, circles: Collection[bytes]
) -> dict[FeedKey, tuple[int, bytes]]:
    table = tables.checkpoints
    rows = await connection.execute(
        select(table.c.circle, table.c.stream, table.c.total, table.c.digest).where(
            table.c.circle.in_(list(circles))
        )
    )
    return {(circle, stream): (count, digest) for circle, stream, count, digest in rows}


def _tell(hub: Hub, context: Context, ends: Mapping[FeedKey, int]) -> None:
    """Tell each device of the latest envelope that it may read, and of nothing else."""
    written: defaultdict[bytes, dict[Stream, int]] = defaultdict(dict)
    for (circle, stream), position in ends.items():
        written[circle][Stream(stream)] = position
    for circle, streams in written.items():
        for member in served_members(context.states[circle], context.now):
            readable = [position for stream, position in streams.items() if member.reads(stream)]
            if readable:
                others = {m.account for m in context.states[circle].active_members() if not m.team}
                told = reached_by(hub, member.devices, apart=others)
                hub.waking.tell(told - {context.device}, max(readable))
