"""Positions: where things stand in the relay's one sequence, without telling what stands between them.

Each transaction draws from a window of its own, which begins when it does: a position depends on when
its transaction came and on chance, not on what else there was. Windows never overlap and always follow
one another, on as many relays as share the database.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from random import SystemRandom
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.errors import BugError
from carelink.hub.tables import counters

# Nanoseconds. Shorter than any transaction that ends on a disk, so that a busy relay does not run ahead of
# its clock: how far ahead would be a count.
WINDOW: Final = 1_000_000
# Further ahead than this is another relay's clock, not a burst.
_ANOTHER_CLOCK: Final = 16 * WINDOW

POSITION: Final = "position"
MILESTONE: Final = "milestone"


class Positions:
    """Draws positions; they are nanoseconds since 1970, nearly.

    Args:
        clock: Nanoseconds since 1970, asked once.
        steady: Nanoseconds that never go back: a clock that is set back would have positions follow one
            another without any time between them, and so be counted.
    """

    def __init__(
        self, clock: Callable[[], int] = time.time_ns, steady: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._steady = steady
        self._offset = clock() - steady()
        self._chance = SystemRandom()

    async def take_one(self, connection: AsyncConnection) -> int:
        """Draw a position in a writing transaction, later than all drawn before."""
        (position,) = await self.take(connection, [None])
        return position

    async def take(self, connection: AsyncConnection, owners: Sequence[Hashable]) -> list[int]:
        """Draw one for each of `owners`, in a writing transaction, later than all drawn before.

        Those of one owner follow one another, wherever those of others are: whoever sees the ones does
        not learn how many others came with them.
        """
        last = await connection.scalar(select(counters.c.value).where(counters.c.name == POSITION))
        if last is None:
            raise BugError("the position counter is missing")
        start = self._start(last)
        await connection.execute(
            update(counters).where(counters.c.name == POSITION).values(value=start + WINDOW - 1)
        )
        drawn = self._chance.sample(range(start, start + WINDOW), len(owners))
        shares: defaultdict[Hashable, list[int]] = defaultdict(list)
        for owner, position in zip(owners, drawn, strict=True):
            shares[owner].append(position)
        following = {owner: iter(sorted(share)) for owner, share in shares.items()}
        return [next(following[owner]) for owner in owners]

    async def set_milestone(self, connection: AsyncConnection) -> None:
        """Draw a position that stands for nothing: a cursor may go up to it whatever was written."""
        position = await self.take_one(connection)
        milestone = counters.c.name == MILESTONE
        result = await connection.execute(update(counters).where(milestone).values(value=position))
        if not result.rowcount:
            await connection.execute(insert(counters).values(name=MILESTONE, value=position))

    def _start(self, last: int) -> int:
        now = self._offset + self._steady()
        if last - now > _ANOTHER_CLOCK:
            # Behind the fastest clock that writes here there would be no time between positions either.
            self._offset += last - now
        return max(now, last + 1)


async def last_milestone(connection: AsyncConnection) -> int:
    """Return the position of the latest milestone; all that was written before it can be seen now."""
    value = await connection.scalar(select(counters.c.value).where(counters.c.name == MILESTONE))
    return 0 if value is None else int(value)
