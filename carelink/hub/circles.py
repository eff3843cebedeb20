"""What each circle's registry says now, kept in memory, and whom the relay serves."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.access.registry import CircleState, Member, Refusal, in_force_in, through_teams
from carelink.errors import BugError
from carelink.hub import tables
from carelink.hub.problems import RefusedError
from carelink.sync.wire.api import ProblemCode
from carelink.sync.wire.structures import SignedStatement
from carelink.sync.wire.verification import BadSignatureError, verified_apply

_CAPACITY: Final = 2_000


def served_member(state: CircleState, device: bytes, now: int) -> Member | None:
    """Return the member of a device while their stay is under way and its end date is to come."""
    member = state.member_of(device)
    return None if member is None else in_force_in(state, member, now)


def require_member(state: CircleState | None, device: bytes, now: int) -> tuple[CircleState, Member]:
    """Return a circle's state with the member that a device belongs to.

    Raises:
        RefusedError: No such circle for this device, or their stay is over.
    """
    if state is None or state.member_of(device) is None:
        raise RefusedError(ProblemCode.UNKNOWN_CIRCLE)
    member = served_member(state, device, now)
    if member is None:
        raise RefusedError(ProblemCode.NOT_ENTITLED, "stay_over")
    return state, member


def served_members(state: CircleState, now: int) -> Iterator[Member]:
    """Return the members whose stay is under way and not past its end date."""
    served = (in_force_in(state, member, now) for member in state.active_members())
    return (member for member in served if member is not None)


class Circles:
    """The states of circles, rebuilt from their statements at first use."""

    def __init__(self) -> None:
        self._states: OrderedDict[bytes, CircleState] = OrderedDict()

    async def state(self, connection: AsyncConnection, circle: bytes) -> CircleState | None:
        """Return the state of one circle, or None where there is no such circle."""
        return (await self.states(connection, [circle])).get(circle)

    async def states(
        self, connection: AsyncConnection, circles: Collection[bytes]
    ) -> dict[bytes, CircleState]:
        """Return the states of those of `circles` that exist."""
        if not circles:
            return {}
        rows = await connection.execute(
            select(tables.circles.c.circle, tables.circles.c.height).where(
                tables.circles.c.circle.in_(list(circles))
            )
        )
        return {circle: await self._up_to(connection, circle, height) for circle, height in rows}

    async def of_device(self, connection: AsyncConnection, device: bytes) -> dict[bytes, CircleState]:
        """Return the circles that a device is in, by itself or by its teams, as it is in them."""
        own = await self._with_any(connection, [device])
        teams = [circle for circle, state in own.items() if state.team]
        served = await self._with_any(connection, teams) if teams else {}
        return await self.seen(connection, {**served, **own}, device)

    async def _with_any(
        self, connection: AsyncConnection, devices: Collection[bytes]
    ) -> dict[bytes, CircleState]:
        rows = await connection.execute(
            select(tables.circles.c.circle, tables.circles.c.height)
            .join(tables.memberships, tables.memberships.c.circle == tables.circles.c.circle)
            .where(tables.memberships.c.device.in_(list(devices)), tables.memberships.c.ended.is_(None))
            .distinct()
        )
        return {circle: await self._up_to(connection, circle, height) for circle, height in rows.all()}

    async def teams_in(
        self, connection: AsyncConnection, states: Iterable[CircleState]
    ) -> dict[bytes, CircleState]:
        """Return the registries of the teams that are in some circles."""
        teams = {member.account for state in states for member in state.active_members() if member.team}
        return await self.states(connection, teams)

    async def seen(
        self, connection: AsyncConnection, states: Mapping[bytes, CircleState], device: bytes
    ) -> dict[bytes, CircleState]:
        """Return circles' states with the owner of a device in them as their teams let them be."""
        teams = list((await self.teams_in(connection, states.values())).values())
        return {circle: through_teams(state, teams, device) for circle, state in states.items()}

    async def seen_by(self, connection: AsyncConnection, circle: bytes, device: bytes) -> CircleState | None:
        """Return one circle's state as of `seen`, or None where there is no such circle."""
        states = await self.states(connection, [circle])
        return (await self.seen(connection, states, device)).get(circle)

    async def left_by(self, connection: AsyncConnection, device: bytes) -> dict[bytes, int]:
        """Return the circles that a device is in no more, each with the height of what ended it."""
        table = tables.memberships
        rows = await connection.execute(
            select(table.c.circle, table.c.ended).where(table.c.device == device, table.c.ended.isnot(None))
        )
        return dict(rows.all())

    def known(self, circle: bytes) -> CircleState | None:
        """Return the state in memory, which another relay on the same database may have moved on."""
        return self._states.get(circle)

    def remember(self, state: CircleState) -> None:
        """Keep a state that is now committed."""
        known = self._states.get(state.circle)
        if known is None or known.height < state.height:
            self._states[state.circle] = state
        self._states.move_to_end(state.circle)
        if len(self._states) > _CAPACITY:
            self._states.popitem(last=False)

    async def _up_to(self, connection: AsyncConnection, circle: bytes, height: int) -> CircleState:
        known = self._states.get(circle)
        if known is None or known.height < height:
            table = tables.statements
            rows = await connection.execute(
                select(table.c.body, table.c.signature, table.c.sealed)
                .where(table.c.circle == circle, table.c.height > (-1 if known is None else known.height))
                .order_by(table.c.height)
            )
            chain = [SignedStatement(*row) for row in rows]
            known = await asyncio.to_thread(_replay, known, chain)
        self.remember(known)
        return known


def _replay(state: CircleState | None, chain: list[SignedStatement]) -> CircleState:
    for signed in chain:
        try:
            after = verified_apply(state, signed)
        except BadSignatureError as error:
            raise BugError("a stored statement no longer verifies") from error
        if isinstance(after, Refusal):
            raise BugError("a stored statement is refused")
        state = after
    if state is None:
        raise BugError("a circle without statements")
    return state
