"""What a device may take: chains, envelopes, checkpoints and letters after its cursor.

No answer depends on what the device may not read: not on its being there, not on how much there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from sqlalchemy import ColumnElement, Select, case, literal_column, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState, Member
from carelink.access.statements import ZERO_HASH
from carelink.hub import tables
from carelink.hub.admission import served_circles
from carelink.hub.circles import require_member, served_member
from carelink.hub.delivering import written_to
from carelink.hub.hub import Caller, Hub
from carelink.hub.positions import last_milestone
from carelink.hub.problems import require
from carelink.hub.teams import news_of
from carelink.sync.wire.api import (
    MAX_PAGE_ITEMS,
    POSITIONS_END,
    BackfillPage,
    BackfillRequest,
    ChainPart,
    Item,
    KnownChain,
    LetterItem,
    ProblemCode,
    PullPage,
    PullRequest,
    TeamNews,
)
from carelink.sync.wire.structures import Checkpoint, Envelope, Letter, SignedStatement

PAGE_STATEMENTS: Final = 500
PAGE_LETTERS: Final = 500
PAGE_BYTES: Final = 8 * 1024 * 1024
_MAX_CHAINS: Final = 1_000
# SQLite takes 500 parts of one query at most.
_STREAMS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class View:
    """One circle as one device may see it."""

    state: CircleState
    member: Member

    def may_take(self, stream: str, epoch: int) -> bool:
        """Tell whether the device may have what was written in a stream under an epoch."""
        known = Stream(stream)
        return self.member.reads(known) and epoch >= self.first_epoch(known)

    def first_epoch(self, stream: Stream) -> int:
        """Return the epoch from which on the device reads a stream."""
        return self.member.first_epoch.get(stream, 1)

    @property
    def streams(self) -> list[Stream]:
        """The streams that the device reads."""
        return [stream for stream in Stream if self.member.reads(stream)]


Views = Mapping[bytes, View]


@dataclass(frozen=True, slots=True)
class Scan:
    """Items found, and whether there are more of them beyond the last."""

    items: tuple[Item, ...]
    more: bool

    @property
    def last(self) -> int:
        """The position of the last item."""
        return self.items[-1].position


async def pull(hub: Hub, caller: Caller, request: PullRequest) -> PullPage:
    """Return one page of what is new for a device in the circles it names."""
    require(1 <= request.limit <= MAX_PAGE_ITEMS, ProblemCode.MALFORMED, "limit")
    require(len(request.chains) <= _MAX_CHAINS, ProblemCode.TOO_LARGE)
    cursors = (request.cursor, request.letters, request.direct)
    require(all(map(_is_position, cursors)), ProblemCode.MALFORMED, "cursor")
    async with hub.database.read() as connection:
        served = _views(await served_circles(hub, connection, caller.device), caller.device, hub.clock())
        named = {chain.circle: served[chain.circle] for chain in request.chains if chain.circle in served}
        # Whoever left, or was removed, learns how it ended and nothing that came after.
        left = await hub.circles.left_by(connection, caller.device)
        ends_at = left | {circle: view.state.height for circle, view in named.items()}
        brought = [circle for circle, view in served.items() if view.member.through and circle not in named]
        ends_at |= {circle: served[circle].state.height for circle in brought}
        wanted = (*request.chains, *(KnownChain(circle, -1) for circle in brought))
        chains, unfinished = await _chains(connection, ends_at, wanted)
        if unfinished:
            # What follows may rest on statements that this page has no room for.
            return PullPage(chains, (), request.cursor, True, (), ())
        letters, more_letters = await _letters(connection, served, caller.device, request.letters)
        by_name = {circle: view.member for circle, view in named.items()}
        direct, more_direct = await written_to(connection, by_name, request.direct)
        ends = await _ends(connection, named)
        milestone = await last_milestone(connection)
        # The relay's own end would tell when something was last written that the device may not read.
        cursor = max(milestone, request.cursor, *(end.position for end in ends.values()))
        scan = Scan((), False)
        if request.cursor >= 0:
            # What nothing was written to since, which is most of them most of the time, is not looked at.
            fresh = [
                (view, stream)
                for circle, view in named.items()
                for stream in view.streams
                if (end := ends.get((circle, stream))) is not None and end.position > request.cursor
            ]
            after = tables.envelopes.c.position > request.cursor
            scan = await _scan(connection, fresh, caller.device, after, request.limit, newest_first=False)
            cursor = scan.last if scan.more else cursor
        return PullPage(
            chains=chains,
            items=scan.items,
            cursor=cursor,
            more=scan.more or more_letters or more_direct,
            letters=letters,
            checkpoints=await _checkpoints(hub, connection, named, ends, cursor),
            teams=await _news(hub, connection, named),
            direct=direct,
        )


async def backfill(hub: Hub, caller: Caller, request: BackfillRequest) -> BackfillPage:
    """Return one page of a circle's older items, newest first."""
    require(1 <= request.limit <= MAX_PAGE_ITEMS, ProblemCode.MALFORMED, "limit")
    require(_is_position(request.before), ProblemCode.MALFORMED, "before")
    async with hub.database.read() as connection:
        state = await hub.circles.seen_by(connection, request.circle, caller.device)
        view = View(*require_member(state, caller.device, hub.clock()))
        sources = [(view, stream) for stream in view.streams]
        before = tables.envelopes.c.position < request.before
        scan = await _scan(connection, sources, caller.device, before, request.limit, newest_first=True)
    return BackfillPage(scan.items, scan.last if scan.more else 0, scan.more)


def _is_position(number: int) -> bool:
    return -1 <= number < POSITIONS_END


async def _news(hub: Hub, connection: AsyncConnection, named: Views) -> tuple[TeamNews, ...]:
    states = [view.state for view in named.values()]
    return news_of(states, await hub.circles.teams_in(connection, states))


def _views(states: Mapping[bytes, CircleState], device: bytes, now: int) -> dict[bytes, View]:
    views: dict[bytes, View] = {}
    for circle, state in states.items():
        member = served_member(state, device, now)
        if member is not None:
            views[circle] = View(state, member)
    return views


async def _chains(
    connection: AsyncConnection, ends_at: Mapping[bytes, int], known: Iterable[KnownChain]
) -> tuple[tuple[ChainPart, ...], bool]:
    """Return the statements that the client lacks, and whether some remain for the next page."""
    table = tables.statements
    parts: list[ChainPart] = []
    room, bytes_left = PAGE_STATEMENTS, PAGE_BYTES
    for chain in known:
        end = ends_at.get(chain.circle, -1)
        if end <= chain.height:
            continue
        if room <= 0 or bytes_left <= 0:
            return tuple(parts), True
        query = (
            select(table.c.body, table.c.signature, table.c.sealed)
            .where(table.c.circle == chain.circle, table.c.height > chain.height, table.c.height <= end)
            .order_by(table.c.height)
            .limit(room + 1)
        )
        statements: list[SignedStatement] = []
        unfinished = False
        async with connection.stream(query) as rows:
            async for body, signature, sealed in rows:
                if room <= 0 or bytes_left <= 0:
                    unfinished = True
                    break
                statements.append(SignedStatement(body, signature, sealed))
                room -= 1
                bytes_left -= len(body) + len(signature) + len(sealed)
        parts.append(ChainPart(chain.circle, tuple(statements)))
        if unfinished:
            return tuple(parts), True
    return tuple(parts), False


async def _scan(
    connection: AsyncConnection,
    sources: Sequence[tuple[View, Stream]],
    device: bytes,
    bound: ColumnElement[bool],
    limit: int,
    *,
    newest_first: bool,
) -> Scan:
    """Find what may be taken of some streams from a bound on, and load one page of it."""
    position: ColumnElement[int] = literal_column("position")
    order = position.desc() if newest_first else position
    found: list[tables.AnyRow] = []
    for start in range(0, len(sources), _STREAMS_AT_ONCE):
        # Each stream's index gives its rows in order; they are merged as they are read.
        parts = (
            _may_take(view, stream, bound, late_stubs=not newest_first)
            for view, stream in sources[start : start + _STREAMS_AT_ONCE]
        )
        rows = await connection.execute(union_all(*parts).order_by(order).limit(limit + 1))
        found.extend(rows)
    found.sort(key=attrgetter("position"), reverse=newest_first)
    room = PAGE_BYTES
    for count, row in enumerate(found):
        room -= 0 if row.device == device else row.size
        if count == limit or (room < 0 and count):
            return Scan(await _load(connection, device, found[:count]), True)
    return Scan(await _load(connection, device, found), False)


def _may_take(
    view: View, stream: Stream, bound: ColumnElement[bool], *, late_stubs: bool
) -> Select[tuple[bytes, int, bytes, int]]:
    """Select what a device may have of a stream.

    A stub that was stored since the device came counts in the checkpoints that it verifies, and
    holds nothing of what was written before.
    """
    table = tables.envelopes
    under_its_keys = table.c.epoch >= view.first_epoch(stream)
    return select(table.c.circle, table.c.position, table.c.device, table.c.size).where(
        table.c.circle == view.state.circle,
        table.c.stream == stream.value,
        bound,
        or_(under_its_keys, table.c.size == 0) if late_stubs else under_its_keys,
    )


async def _load(connection: AsyncConnection, device: bytes, chosen: list[tables.AnyRow]) -> tuple[Item, ...]:
    table = tables.envelopes
    positions: defaultdict[bytes, list[int]] = defaultdict(list)
    for row in chosen:
        positions[row.circle].append(row.position)
    items: dict[int, Item] = {}
    for circle, wanted in positions.items():
        rows = await connection.execute(
            select(
                table.c.position,
                table.c.index_in_stream,
                table.c.header,
                table.c.signature,
                case((table.c.device == device, b""), else_=table.c.ciphertext),
            ).where(table.c.circle == circle, table.c.position.in_(wanted))
        )
        for position, index, header, signature, ciphertext in rows:
            items[position] = Item(position, index, Envelope(header, signature, ciphertext))
    return tuple(items[row.position] for row in chosen)


async def _letters(
    connection: AsyncConnection, served: Views, device: bytes, after: int
) -> tuple[tuple[LetterItem, ...], bool]:
    """Return a page of letters, and whether there are more; keys that lie ready for an emergency wait."""
    table = tables.letters
    teams = [circle for circle, view in served.items() if view.state.team]
    mine = (table.c.recipient.in_([device, *teams]), table.c.circle.in_(list(served)))
    found: list[int] = []
    passed = PAGE_LETTERS
    while passed == PAGE_LETTERS and len(found) <= PAGE_LETTERS:
        query = (
            select(table.c.position, table.c.circle, table.c.stream, table.c.epoch)
            .where(*mine, table.c.position > after)
            .order_by(table.c.position)
            .limit(PAGE_LETTERS)
        )
        rows = (await connection.execute(query)).all()
        found += [row.position for row in rows if served[row.circle].may_take(row.stream, row.epoch)]
        passed = len(rows)
        after = rows[-1].position if rows else after
    page = found[:PAGE_LETTERS]
    if not page:
        return (), False
    bodies = await connection.execute(
        select(table.c.position, table.c.body, table.c.signature, table.c.received)
        .where(*mine, table.c.position.in_(page))
        .order_by(table.c.position)
    )
    letters = tuple(
        LetterItem(position, Letter(body, signature), received)
        for position, body, signature, received in bodies
    )
    return letters, len(found) > PAGE_LETTERS


async def _ends(connection: AsyncConnection, named: Views) -> dict[tuple[bytes, str], tables.AnyRow]:
    """Return where each stream stands that may be read."""
    table = tables.checkpoints
    rows = await connection.execute(
        select(table.c.circle, table.c.stream, table.c.total, table.c.digest, table.c.position).where(
            table.c.circle.in_(list(named))
        )
    )
    readable = {(circle, stream.value) for circle, view in named.items() for stream in view.streams}
    return {(row.circle, row.stream): row for row in rows if (row.circle, row.stream) in readable}


async def _checkpoints(
    hub: Hub,
    connection: AsyncConnection,
    named: Views,
    ends: Mapping[tuple[bytes, str], tables.AnyRow],
    cursor: int,
) -> tuple[Checkpoint, ...]:
    checkpoints: list[Checkpoint] = []
    for circle, view in named.items():
        for stream in view.streams:
            end = ends.get((circle, stream.value))
            if end is None:
                count, digest = 0, ZERO_HASH
            elif end.position <= cursor:
                count, digest = end.total, end.digest
            else:
                count, digest = await _earlier(connection, circle, stream, cursor)
            checkpoints.append(hub.checkpoint(circle, stream.value, count, digest))
    return tuple(checkpoints)


async def _earlier(
    connection: AsyncConnection, circle: bytes, stream: Stream, cursor: int
) -> tuple[int, bytes]:
    table = tables.envelopes
    row = (
        await connection.execute(
            select(table.c.index_in_stream, table.c.digest)
            .where(table.c.circle == circle, table.c.stream == stream.value, table.c.position <= cursor)
            .order_by(table.c.position.desc())
            .limit(1)
        )
    ).first()
    return (0, ZERO_HASH) if row is None else (row.index_in_stream, row.digest)
