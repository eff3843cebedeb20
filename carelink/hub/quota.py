"""How much one device may have the relay keep, so that nobody fills its disk alone.

It is counted by device and not by circle: how much room a circle has left would tell those who read little
of it how much the others write.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.hub.problems import require
from carelink.hub.tables import usage
from carelink.sync.wire.api import ProblemCode

# A hundred notes a day for a hundred years.
QUOTA: Final = 4 * 1024**3


async def charge(connection: AsyncConnection, device: bytes, size: int) -> None:
    """Count what a writing transaction stores for a device.

    Raises:
        RefusedError: It would have more than its share; nothing of the transaction is kept then.
    """
    if not size:
        return
    used = await connection.scalar(select(usage.c.bytes).where(usage.c.device == device))
    require((used or 0) + size <= QUOTA, ProblemCode.FULL, "quota")
    if used is None:
        await connection.execute(insert(usage).values(device=device, bytes=size))
    else:
        await connection.execute(update(usage).where(usage.c.device == device).values(bytes=used + size))
