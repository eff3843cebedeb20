"""Late sealing and sending: the queue becomes envelopes only when a relay can take them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from carelink.access.compartments import NOTE_STREAMS, Stream
from carelink.access.registry import CircleState, Member
from carelink.access.roles import Role
from carelink.access.statements import ZERO_HASH
from carelink.records.transfer import CardRow, Feed, OutboxRevision, OutgoingEnvelope, RefusedItem
from carelink.sync.exchange.closing import as_closing_notes
from carelink.sync.exchange.context import Call, Context, HubRefusalError, Steps
from carelink.sync.exchange.membership import own_member
from carelink.sync.exchange.pull import pull
from carelink.sync.sealing import Body, SealingPlace, SeenHead, seal_envelope
from carelink.sync.store import Transaction
from carelink.sync.wire import api
from carelink.sync.wire.structures import Envelope
from carelink.sync.wire.verification import decode_header

BATCH_REVISIONS = 64
BATCH_BYTES = 512 * 1024
_SEND_ENVELOPES = 50
_ROUNDS = 3


def push(context: Context) -> Steps:
    """Seal what waits and send it, retrying byte for byte what was sealed before."""
    stubbed: set[tuple[bytes, str]] = set()
    for _ in range(_ROUNDS):
        with context.store.transaction() as tx:
            queues = tx.outbox_streams()
        for circle, stream in queues:
            while _seal_next(context, circle, Stream(stream)):
                stubbed.discard((circle, stream))
        for circle, stream in stubbed:
            # Nothing to say again, because it waits for a confirmation: what shows everyone that the
            # stub is honest is that the feed goes on in a newer epoch.
            _seal_next(context, circle, Stream(stream), even_empty=True)
        stale = yield from _send(context)
        if not stale:
            return
        yield from pull(context)
        _stub(context, stale)
        stubbed = {(envelope.circle, envelope.stream) for envelope in stale}


def _seal_next(context: Context, circle: bytes, stream: Stream, *, even_empty: bool = False) -> bool:
    """Seal one envelope of a stream in one transaction; say whether more may follow."""
    with context.store.transaction() as tx:
        link = tx.link(circle)
        state = context.chain(tx, circle).state
        me = own_member(context, tx, state)
        if state is None or me is None or link.state != "member" or link.alarm:
            return False
        known = state.streams[stream]
        if not me.writes(stream) or known.due or not known.current:
            return False
        epoch = known.epochs[-1]
        secret = epoch.public_key or tx.keys(circle).get((stream, epoch.number), b"")
        if not secret:
            return False
        items = _settle_audience(context, tx, circle, state, stream)
        items = as_closing_notes(context, tx, circle, state, stream, items)
        if not items and not even_empty:
            return False
        feeds = tx.feeds(circle)
        feed = feeds.get((stream, context.device), Feed(1, ZERO_HASH, 0, ZERO_HASH, 0))
        seen = {
            device: other
            for (other_stream, device), other in feeds.items()
            if other_stream == stream and device != context.device and other.head > other.told
        }
        mark = tx.checkpoints(circle).get(stream)
        place = SealingPlace(
            circle=circle,
            stream=stream,
            epoch=epoch.number,
            registry_height=state.height,
            registry_head=state.head,
            device=context.device,
            seq=feed.head + 1,
            previous=feed.head_id,
        )
        body = Body(
            revisions=tuple(item.data for item in items),
            heads=tuple(SeenHead(d, other.head, other.head_id[:8]) for d, other in seen.items()),
            checkpoint_count=mark.count if mark else 0,
            checkpoint_digest=mark.digest if mark else ZERO_HASH,
        )
        sealed = seal_envelope(place, secret, context.keys.signing, body)
        tx.put_feeds(
            circle,
            {
                (stream, device): Feed(
                    other.base, other.base_previous, other.head, other.head_id, other.height, other.head
                )
                for device, other in seen.items()
            },
        )
        outgoing = OutgoingEnvelope(
            circle,
            stream,
            sealed.seq,
            sealed.identifier,
            sealed.envelope.header,
            sealed.envelope.signature,
            sealed.envelope.ciphertext,
        )
        after = Feed(feed.base, feed.base_previous, sealed.seq, sealed.identifier, state.height)
        tx.put_sealed(outgoing, after, items)
        return True


def _settle_audience(
    context: Context, tx: Transaction, circle: bytes, state: CircleState, stream: Stream
) -> Sequence[OutboxRevision]:
    """Return what may be sealed now; where readers were added since, tell or ask the author.

    A `care` note is sealed and its author told; a `life` or `coordination` note, or a signal to the
    carers, with a new reader who is not a professional waits for one confirmation (PROTOCOL.md, "The
    audience shown is kept").
    """
    items = tx.outbox(circle, stream, BATCH_REVISIONS)
    if stream not in NOTE_STREAMS:
        return items
    cards = {card.account: card for card in tx.cards(circle)}
    readers = [member for member in state.active_members() if member.reads(stream)]
    kept: list[OutboxRevision] = []
    size = 0
    for item in items:
        shown = {*item.revision.audience, context.account}
        # Whoever is here through a team was shown with it.
        added = [member for member in readers if not {member.account, member.through} & shown]
        waits = not item.confirmed and any(not _professional(cards, member) for member in added)
        if stream is not Stream.CARE and waits:
            tx.hold(item, [member.account for member in added])
            context.report.held += 1
            continue
        size += len(item.data)
        if kept and size > BATCH_BYTES:
            break
        if added and stream in {Stream.CARE, Stream.CARE_INBOX}:
            tx.notice(circle, item, [member.account for member in added], context.now())
        kept.append(item)
    return kept


def _professional(cards: dict[bytes, CardRow], member: Member) -> bool:
    card = cards.get(member.account)
    return card is not None and card.consistent and Role(card.role).is_professional


def _send(context: Context) -> Generator[Call, Any, list[OutgoingEnvelope]]:
    """Send sealed envelopes in feed order; return those that the relay says are stale."""
    stale: list[OutgoingEnvelope] = []
    blocked: set[tuple[bytes, str]] = set()
    while True:
        with context.store.transaction() as tx:
            batch = [
                envelope
                for envelope in tx.outgoing(_SEND_ENVELOPES)
                if (envelope.circle, envelope.stream) not in blocked
            ]
        if not batch:
            return stale
        answer: api.PushAnswer = yield context.call(
            api.PUSH,
            api.PushRequest(tuple(Envelope(e.header, e.signature, e.ciphertext) for e in batch)),
            api.PushAnswer,
        )
        if len(answer.outcomes) != len(batch):
            raise HubRefusalError(api.ProblemCode.MALFORMED)
        with context.store.transaction() as tx:
            for envelope, outcome in zip(batch, answer.outcomes, strict=True):
                if outcome.identifier != envelope.identifier:
                    raise HubRefusalError(api.ProblemCode.MALFORMED)
                feed = (envelope.circle, envelope.stream)
                if outcome.status in {api.PushStatus.STORED, api.PushStatus.KNOWN}:
                    if _leaves_us(context, tx, envelope):
                        tx.forget_text(envelope.circle, envelope.stream, envelope.seq)
                    context.report.pushed += tx.delivered(envelope.circle, envelope.stream, envelope.seq)
                    context.report.changed.add(envelope.circle)
                    continue
                if feed in blocked:
                    continue
                blocked.add(feed)
                if outcome.status == api.PushStatus.WRONG_EPOCH:
                    stale.append(envelope)
                else:
                    refused = RefusedItem(
                        envelope.circle, envelope.stream, context.device, envelope.seq, outcome.status
                    )
                    context.report.refused.append(refused)
                    tx.add_refused([refused], context.now())


def _leaves_us(context: Context, tx: Transaction, envelope: OutgoingEnvelope) -> bool:
    """Whether what was signalled to the carers is theirs alone from now on (docs/decisions/0056)."""
    state = context.seen(tx, envelope.circle)
    me = state.member_of(context.device) if state else None
    return envelope.stream == Stream.CARE_INBOX and not (me and me.reads(Stream.CARE_INBOX))


def _stub(context: Context, stale: Sequence[OutgoingEnvelope]) -> None:
    """Send a stale envelope's header alone and seal its revisions again under the newer epoch."""
    with context.store.transaction() as tx:
        for envelope in stale:
            state = context.chain(tx, envelope.circle).state
            core = decode_header(envelope.header)[1]
            known = state.streams[Stream(envelope.stream)] if state else None
            if known is not None and (known.current > core.epoch or known.due):
                tx.resealed(envelope)
