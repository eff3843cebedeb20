"""Fetching the past newest first, page by page, and looking again for what is missing."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

from carelink.access.compartments import Stream
from carelink.access.statements import ZERO_HASH
from carelink.records.transfer import MissingItem, RefusedItem
from carelink.sync.exchange.checkpoints import first_absent
from carelink.sync.exchange.context import Call, Context, HubRefusalError, Steps, Work
from carelink.sync.exchange.opener import PastOpener
from carelink.sync.exchange.taking import keep, take_items
from carelink.sync.outcome import Known, Outcome, Why, joined
from carelink.sync.store import RowsAhead, Transaction
from carelink.sync.wire import api
from carelink.sync.wire.verification import next_checkpoint

PAGE_ITEMS = 1000
# The search index is written once a transaction: thousands of notes at a time cost half as much. What the
# reader sees first is the newest page, so that one is stored alone.
_FEWEST_PAGES = 3
_MOST_PAGES = 8
_NEARBY_ITEMS = 100
_NEARBY_PLACES = 10


def backfill(context: Context, pages: int | None = None) -> Steps:
    """Fetch older items until nothing older is left.

    Args:
        context: The exchange.
        pages: At most this many pages, or all.
    """
    with context.store.transaction() as tx:
        circles = [
            link.circle
            for link in tx.links()
            if link.backfill_before is not None and context.is_member(tx, link.circle)
        ]
    for circle in circles:
        try:
            pages = yield from _fetch(context, circle, pages)
        except HubRefusalError as refusal:
            # Our stay is over by its date: the other circles go on.
            if refusal.code != api.ProblemCode.NOT_ENTITLED:
                raise
    with context.store.transaction() as tx:
        context.report.backfilling = any(link.backfill_before is not None for link in tx.links())


def _fetch(context: Context, circle: bytes, pages: int | None) -> Generator[Call, Any, int | None]:
    """Fetch one circle's past; each page is stored while the next is fetched and opened.

    Returns:
        How many pages may still be asked for.
    """
    storing: Work | None = None
    taken = list[Outcome]()
    ahead = _rows_ahead(context, circle)
    opener = PastOpener(context, circle, ahead.placement)
    with context.store.reading() as tx:
        before = tx.link(circle).backfill_before
        if _left(tx, circle) > PAGE_ITEMS:
            opener.expect_more()
    # Where to go on once the pages that are being opened are stored.
    afterwards: deque[int | None] = deque()
    try:
        while before is not None and (pages is None or pages > 0):
            page: api.BackfillPage = yield context.call(
                api.BACKFILL, api.BackfillRequest(circle, before, PAGE_ITEMS), api.BackfillPage
            )
            before = page.before if page.more and page.before < before else None
            pages = None if pages is None else pages - 1
            opener.put(page.items)
            afterwards.append(before)
            last = before is None or pages == 0
            while opener.pending() and (last or opener.full()):
                opened = opener.take()
                taken.append(opened.outcome)
                if opened.rows is None:
                    ahead.add(opened.outcome.accepted)
                else:
                    ahead.add_made(opened.rows)
                reached = afterwards.popleft()
                if _should_store(storing, len(taken)) or (last and not opener.pending()):
                    if storing is not None:
                        storing.result()
                    storing = context.beside(partial(_store, context, opener.known, taken, ahead, reached))
                    taken, ahead = [], _rows_ahead(context, circle)
    finally:
        opener.close()
        if storing is not None:
            storing.result()
    return pages


def _left(tx: Transaction, circle: bytes) -> int:
    """Return how many items are left at most: what the relay's checkpoints count and is not held."""
    counted = sum(mark.count for mark in tx.checkpoints(circle).values())
    return counted - sum(feed.head - feed.base + 1 for feed in tx.feeds(circle).values())


def _should_store(storing: Work | None, pages: int) -> bool:
    if storing is None or pages >= _MOST_PAGES:
        return True
    return pages >= _FEWEST_PAGES and storing.done()


def _rows_ahead(context: Context, circle: bytes) -> RowsAhead:
    with context.store.reading() as tx:
        return tx.rows_ahead(circle, context.now(), tx.link(circle).joined)


def _store(
    context: Context, known: Known, taken: Sequence[Outcome], ahead: RowsAhead, before: int | None
) -> None:
    """Keep pages and where to go on, as one."""
    with context.store.transaction() as tx:
        keep(context, tx, known, joined(taken), ahead)
        tx.set_backfill(known.circle, before)
        if before is None:
            _check_past(context, tx, known.circle)


def _check_past(context: Context, tx: Transaction, circle: bytes) -> None:
    """Recompute the chains of the streams whose whole past we read, up to the signed checkpoint."""
    state = context.seen(tx, circle)
    me = state.member_of(context.device) if state else None
    if me is None:
        return
    for stream, mark in tx.checkpoints(circle).items():
        if me.first_epoch.get(Stream(stream), 0) != 1:
            continue
        identifiers = tx.identifiers_by_place(circle, stream)
        absent = first_absent(identifiers, 1, mark.count)
        if absent:
            tx.add_missing(
                [MissingItem(circle, stream, b"", 0, place, tx.cursors()[0]) for place in absent],
                context.now(),
            )
            continue
        digest = ZERO_HASH
        for place in range(1, mark.count + 1):
            digest = next_checkpoint(digest, identifiers[place])
        if digest != mark.digest:
            refused = RefusedItem(circle, stream, b"", 0, Why.CHECKPOINT_REGRESSION)
            context.report.refused.append(refused)
            tx.add_refused([refused], context.now())


def look_again(context: Context) -> Steps:
    """Ask once more for what is missing, near where it should stand, then report what is left."""
    with context.store.transaction() as tx:
        places: dict[bytes, set[int]] = defaultdict(set)
        for item in tx.missing():
            if context.is_member(tx, item.circle):
                places[item.circle].add(item.near)
    for circle, positions in places.items():
        try:
            yield from _look_near(context, circle, sorted(positions, reverse=True)[:_NEARBY_PLACES])
        except HubRefusalError as refusal:
            if refusal.code != api.ProblemCode.NOT_ENTITLED:
                raise
    with context.store.transaction() as tx:
        _report_missing(context, tx)


def _look_near(context: Context, circle: bytes, positions: Sequence[int]) -> Steps:
    for position in positions:
        page: api.BackfillPage = yield context.call(
            api.BACKFILL, api.BackfillRequest(circle, position + 1, _NEARBY_ITEMS), api.BackfillPage
        )
        with context.store.transaction() as tx:
            take_items(context, tx, circle, page.items)


def _report_missing(context: Context, tx: Transaction) -> None:
    told = {(r.circle, r.stream, r.device, r.seq) for r in context.report.refused}
    explained = {(r.circle, r.stream) for r in context.report.refused}
    for item in tx.missing():
        context.report.missing.append(item)
        # Of what only the relay's own count tells, neither author nor number is known: one line is enough.
        known = (item.circle, item.stream, item.device, item.seq) in told
        if known or (not item.seq and (item.circle, item.stream) in explained):
            continue
        refused = RefusedItem(item.circle, item.stream, item.device, item.seq, Why.GAP)
        context.report.refused.append(refused)
        tx.add_refused([refused], context.now())
        explained.add((item.circle, item.stream))
