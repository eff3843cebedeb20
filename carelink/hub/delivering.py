"""Giving people what was written to them by name; the cost is that of what there is to have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.access.direct import may_be_named
from carelink.access.registry import Member
from carelink.hub import tables
from carelink.sync.wire.direct import DirectItem
from carelink.sync.wire.structures import Envelope

PAGE_DIRECT: Final = 200
PAGE_DIRECT_BYTES: Final = 4 * 1024 * 1024


async def written_to(
    connection: AsyncConnection, members: Mapping[bytes, Member], after: int
) -> tuple[tuple[DirectItem, ...], bool]:
    """Return a page of what was written to someone by name, and whether there is more.

    Args:
        connection: A reading one.
        members: Who the asking device's owner is in each circle.
        after: The last position that the device had.
    """
    readers = {circle: member for circle, member in members.items() if may_be_named(member)}
    if not readers:
        return (), False
    account = next(iter(readers.values())).account
    table = tables.deliveries
    found: list[tables.AnyRow] = []
    start, passed = after, PAGE_DIRECT
    while passed == PAGE_DIRECT and len(found) <= PAGE_DIRECT:
        rows = (
            await connection.execute(
                select(table.c.circle, table.c.position, table.c.identifier, table.c.since)
                .where(
                    table.c.account == account, table.c.position > start, table.c.circle.in_(list(readers))
                )
                .order_by(table.c.position)
                .limit(PAGE_DIRECT)
            )
        ).all()
        # What was for them in an earlier stay is not for them in this one.
        found += [row for row in rows if row.since == readers[row.circle].since]
        passed = len(rows)
        start = rows[-1].position if rows else start
    return await _loaded(connection, found[:PAGE_DIRECT], more=len(found) > PAGE_DIRECT)


async def _loaded(
    connection: AsyncConnection, found: Sequence[tables.AnyRow], *, more: bool
) -> tuple[tuple[DirectItem, ...], bool]:
    """Load as much of a page as one answer carries."""
    if not found:
        return (), more
    table = tables.direct_envelopes
    wanted: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for row in found:
        wanted[row.circle].append(row.identifier)
    envelopes: dict[bytes, Envelope] = {}
    for circle, identifiers in wanted.items():
        rows = await connection.execute(
            select(table.c.identifier, table.c.header, table.c.signature, table.c.ciphertext).where(
                table.c.circle == circle, table.c.identifier.in_(identifiers)
            )
        )
        envelopes |= {row.identifier: Envelope(row.header, row.signature, row.ciphertext) for row in rows}
    items: list[DirectItem] = []
    room = PAGE_DIRECT_BYTES
    for row in found:
        envelope = envelopes[row.identifier]
        room -= len(envelope.header) + len(envelope.ciphertext)
        if room < 0 and items:
            return tuple(items), True
        items.append(DirectItem(row.position, envelope))
    return tuple(items), more
