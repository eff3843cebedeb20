"""Checking, opening and storing envelopes of one circle, whichever way they came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from carelink.access.compartments import Stream
from carelink.records.bodies import RecordKind
from carelink.records.revision import Revision
from carelink.records.status import is_frozen, outlives
from carelink.records.transfer import (
    AcceptedEnvelope,
    Feed,
    FeedKey,
    KeyRing,
    MissingItem,
    RefusedItem,
)
from carelink.sync.chain import Chain
from carelink.sync.cuts import cut_feeds
from carelink.sync.exchange.cards import Said, fact_may_stand, may_withdraw, role_may_carry
from carelink.sync.exchange.context import Context
from carelink.sync.opening import opened_revisions, take_in
from carelink.sync.outcome import MOST_MISSING, Held, Known, Outcome, Why, is_resumed
from carelink.sync.store import RowsAhead, Transaction
from carelink.sync.wire.api import Item
from carelink.sync.wire.structures import EnvelopeCore
from carelink.sync.wire.verification import decode_header

_MOST_TOLD_MISSING = 100


def known_of(context: Context, tx: Transaction, circle: bytes) -> Known:
    """Return what a circle's envelopes are checked against now."""
    chain = context.chain(tx, circle)
    state = context.seen(tx, circle)
    me = state.member_of(context.device) if state else None
    whole_past = me is not None and all(epoch == 1 for epoch in me.first_epoch.values())
    return known_with(
        circle,
        context.device,
        chain,
        Said({card.account: card for card in tx.cards(circle)}, tx.statuses(circle)),
        tx.feeds(circle),
        tx.keys(circle),
        lambda key, first, last: tx.held_between(circle, key, first, last),
        complete=whole_past and tx.link(circle).backfill_before is None,
    )


def known_with(
    circle: bytes,
    device: bytes,
    chain: Chain,
    said: Said,
    feeds: Mapping[FeedKey, Feed],
    keys: KeyRing,
    held: Held,
    *,
    complete: bool,
) -> Known:
    """Return what a circle's envelopes are checked against, with the rules by kind of record."""
    answers: dict[tuple[bytes, int, Stream, str], bool] = {}

    def may_carry(core: EnvelopeCore, stream: Stream, revision: Revision) -> bool:
        if revision.parents and not may_withdraw(chain, core, revision):
            return False
        question = (core.device, core.registry_height, stream, revision.kind)
        if question not in answers:
            answers[question] = role_may_carry(chain, said.cards, core, stream, revision)
        if revision.kind == RecordKind.FACT and not fact_may_stand(chain, core, stream, revision):
            return False
        if is_frozen(said.statuses, core.registry_height) and not outlives(revision, stream):
            return False
        return answers[question]

    return Known(circle, device, chain, feeds, keys, may_carry, held, complete, cut_feeds(chain, keys))


def take_items(context: Context, tx: Transaction, circle: bytes, items: Sequence[Item]) -> list[Item]:
    """Check, open and store one circle's items.

    Returns:
        Those that are settled: taken in, or refused for what their authors themselves signed.
    """
    known = known_of(context, tx, circle)
    outcome = take_in(known, items)
    keep(context, tx, known, outcome)
    return [item for item in items if item.position not in outcome.unproven]


def read_waiting(context: Context, tx: Transaction, circle: bytes) -> None:
    """Open what waited for a key that is here now."""
    keys = tx.keys(circle)
    for (stream, epoch), secret in keys.items():
        waiting = tx.take_waiting(circle, stream, epoch)
        if not waiting:
            continue
        known, outcome = known_of(context, tx, circle), Outcome()
        for envelope in waiting:
            header, core = decode_header(envelope.header)
            revisions = opened_revisions(known, outcome, header, core, envelope.ciphertext, secret, 0)
            if revisions is None:
                outcome.refused.append(
                    RefusedItem(circle, stream, core.device, core.seq, Why.UNREADABLE, envelope.header)
                )
                continue
            outcome.accepted.append(
                AcceptedEnvelope(stream, core.device, core.seq, envelope.identifier, 0, revisions)
            )
        keep(context, tx, known, outcome)


def keep(
    context: Context, tx: Transaction, known: Known, outcome: Outcome, ahead: RowsAhead | None = None
) -> None:
    """Store what a page came to; the rows of what it accepted may have been made `ahead`."""
    circle, now = known.circle, context.now()
    tx.put_feeds(circle, _joined(tx.feeds(circle), outcome.feeds))
    fresh = tx.add_accepted(circle, outcome.accepted, now, tx.link(circle).joined, ahead)
    tx.add_waiting(circle, outcome.waiting)
    context.report.pulled += fresh
    if outcome.accepted:
        context.report.changed.add(circle)
    if outcome.refused:
        context.report.refused.extend(outcome.refused)
        tx.add_refused(outcome.refused, now)
    if outcome.split:
        tx.set_alarm(circle, Why.REGISTRY_SPLIT)
    missing = outcome.missing
    if missing:
        arrived = {(a.stream, a.device, a.seq) for a in outcome.accepted}
        missing = [m for m in missing if (m.stream, m.device, m.seq) not in arrived]
    tx.add_missing([*missing, *_told_and_absent(context, tx, known, outcome)], now)


def _joined(held: Mapping[FeedKey, Feed], taken: Mapping[FeedKey, Feed]) -> dict[FeedKey, Feed]:
    """Return the stretches with the page in them; a head that grew meanwhile is never set back."""
    joined = dict(taken)
    for key, feed in taken.items():
        now = held.get(key)
        if now is not None and now.head > feed.head:
            joined[key] = Feed(feed.base, feed.base_previous, now.head, now.head_id, now.height, now.told)
    return joined


PageIds = Mapping[FeedKey, Mapping[int, bytes]]


def known_in_past(context: Context, circle: bytes, recent: Collection[PageIds]) -> Known:
    """Return what pages of the past are checked against, usable outside a transaction.

    Args:
        context: The exchange.
        circle: Whose past.
        recent: The ids of pages taken that may not be in the vault yet; it may change afterwards.
    """
    with context.store.reading() as tx:
        known = known_of(context, tx, circle)

    def held(key: FeedKey, first: int, last: int) -> Mapping[int, bytes]:
        with context.store.reading() as tx:
            ids = dict(tx.held_between(circle, key, first, last))
        for page in recent:
            ids |= {seq: i for seq, i in page.get(key, {}).items() if first <= seq <= last}
        return ids

    return replace(known, held=held, complete=False)


def page_ids(outcome: Outcome) -> PageIds:
    """Return the ids of a page by feed and place."""
    ids: dict[FeedKey, dict[int, bytes]] = defaultdict(dict)
    for envelope in outcome.accepted:
        ids[envelope.stream, envelope.device][envelope.seq] = envelope.identifier
    return ids


def _told_and_absent(context: Context, tx: Transaction, known: Known, outcome: Outcome) -> list[MissingItem]:
    """Compare the heads that others have seen with ours."""
    absent: list[MissingItem] = []
    feeds = {**known.feeds, **outcome.feeds}
    devices = known.chain.state.owners if known.chain.state else {}
    for stream, head, position in outcome.told:
        if head.device == context.device or head.device not in devices or len(absent) > MOST_MISSING:
            continue
        feed = feeds.get((stream, head.device))
        if feed is None:
            if known.complete:
                absent.append(MissingItem(known.circle, stream, head.device, head.seq, 0, position))
            continue
        if is_resumed(known.chain, context.device, Stream(stream), feed):
            continue
        if head.seq > feed.head:
            first = max(feed.head + 1, head.seq - _MOST_TOLD_MISSING)
            absent.extend(
                MissingItem(known.circle, stream, head.device, seq, 0, position)
                for seq in range(first, head.seq + 1)
            )
        elif head.seq >= feed.base:
            held = known.held((stream, head.device), head.seq, head.seq).get(head.seq)
            if held is not None and held[: len(head.short_id)] != head.short_id:
                fork = RefusedItem(known.circle, stream, head.device, head.seq, Why.FORK)
                context.report.refused.append(fork)
                tx.add_refused([fork], context.now())
    return absent
