"""Writing to people by name: new openings where they are needed, and what goes under those that stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from carelink.access.compartments import RESTRICTED
from carelink.access.direct import (
    MAX_AUDIENCE,
    MAX_FOLLOWED,
    MAX_GIVEN,
    DirectKind,
    is_over,
    may_be_named,
    may_restrict,
)
from carelink.access.registry import CircleState, Member, in_force
from carelink.access.statements import ZERO_HASH
from carelink.records.direct import DirectFeed, DirectOutgoing, OpeningRow, Wish, standing
from carelink.records.transfer import OutboxRevision, RefusedItem
from carelink.sync.chain import Chain
from carelink.sync.direct import (
    DirectBody,
    DirectPlace,
    GivenKey,
    SealedDirect,
    commitment,
    named,
    new_key,
    seal_opening,
    seal_under,
)
from carelink.sync.exchange.context import Call, Context, HubRefusalError, Steps
from carelink.sync.exchange.pull import pull
from carelink.sync.sealing import SeenHead
from carelink.sync.store import Transaction
from carelink.sync.wire import api
from carelink.sync.wire.direct import Opening
from carelink.sync.wire.structures import Envelope

_REVISIONS_AT_ONCE: Final = 64
_BYTES_AT_ONCE: Final = 512 * 1024
_SEND_ENVELOPES: Final = 50
_KEYS_AT_ONCE: Final = 1000
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class _Place:
    """What everything sealed in a circle now shares."""

    circle: bytes
    chain: Chain
    state: CircleState
    me: Member


def push_direct(context: Context) -> Steps:
    """Seal what is to be written to people by name, and send it, byte for byte until the relay has it."""
    if context.paper:
        return
    for _ in range(_ROUNDS):
        with context.store.transaction() as tx:
            queue = tx.direct_queue()
            _hand_on_keys(context, tx)
        for circle, record in queue:
            while _seal_next(context, circle, record):
                pass
        if not (yield from _send(context)):
            return
        yield from pull(context)


def _place(context: Context, tx: Transaction, circle: bytes) -> _Place | None:
    link = tx.link(circle)
    chain = context.chain(tx, circle)
    state = chain.state
    me = state.member_of(context.device) if state else None
    if state is None or me is None or not me.active or link.state != "member" or link.alarm:
        return None
    return _Place(circle, chain, state, me)


def _seal_next(context: Context, circle: bytes, record: bytes) -> bool:
    """Seal one envelope about a record in one transaction; tell whether more may follow."""
    with context.store.transaction() as tx:
        place = _place(context, tx, circle)
        if place is None:
            return False
        openings = tx.openings(circle, record)
        wishes = tx.wishes(circle, record)
        items = _first_of(tx.direct_outbox(circle, record, _REVISIONS_AT_ONCE))
        if not items and not wishes:
            return False
        heads = standing(openings)
        if len(heads) == 1 and not wishes and _is_open(place, heads[0]):
            _go_under(context, tx, place, heads[0], items)
            return True
        if not _may_open_for(place.me, heads):
            # Only who wrote it, or the patient's side, can go on: it waits for them.
            return False
        _open(context, tx, place, record, openings, wishes, items)
        return True


def _first_of(items: Sequence[OutboxRevision]) -> Sequence[OutboxRevision]:
    """Return as much as one envelope carries."""
    kept: list[OutboxRevision] = []
    size = 0
    for item in items:
        size += len(item.data)
        if kept and size > _BYTES_AT_ONCE:
            break
        kept.append(item)
    return kept


def _is_open(place: _Place, row: OpeningRow) -> bool:
    then = place.chain.states[row.height]
    return (
        not row.closed and place.me.account in row.audience and not is_over(then, place.state, row.audience)
    )


def _may_open_for(me: Member, heads: Sequence[OpeningRow]) -> bool:
    ours = all(row.origin == me.account for row in heads)
    reads = any(me.account in row.audience for row in heads)
    return may_restrict(me) and (ours or (me.patient_side and reads))


def _go_under(
    context: Context, tx: Transaction, place: _Place, row: OpeningRow, items: Sequence[OutboxRevision]
) -> None:
    feeds = tx.direct_feeds(place.circle, row.opening)
    feed = feeds.get(context.device, DirectFeed(0, ZERO_HASH, 0))
    seen = {d: other for d, other in feeds.items() if d != context.device and other.head > other.told}
    body = DirectBody(
        record=b"",
        revisions=tuple(item.data for item in items),
        heads=tuple(SeenHead(d, other.head, other.head_id[:8]) for d, other in seen.items()),
        given=(),
    )
    where = DirectPlace(
        circle=place.circle,
        opening=row.opening,
        registry_height=place.state.height,
        registry_head=place.state.head,
        device=context.device,
        seq=feed.head + 1,
        previous=feed.head_id,
    )
    (key,) = tx.direct_keys(place.circle, row.opening)
    sealed = seal_under(where, key, context.keys.signing, body)
    for device, other in seen.items():
        told = DirectFeed(other.head, other.head_id, other.height, other.head)
        tx.put_direct_feed(place.circle, row.opening, device, told)
    _keep(tx, place, row.opening, sealed, items, ())


def _open(
    context: Context,
    tx: Transaction,
    place: _Place,
    record: bytes,
    openings: Sequence[OpeningRow],
    wishes: Sequence[Wish],
    items: Sequence[OutboxRevision],
) -> None:
    """Make the opening under which a record goes on, with those who still are who they were."""
    circle, heads = place.circle, standing(openings)
    history = any(wish.history for wish in wishes)
    given = _given(tx, circle, openings) if history else ()
    revisions = [item.data for item in items]
    if wishes and heads and not history:
        shown = tx.shown_version(circle, record)
        # Its author's own words only: of another's, the envelope that they signed is the proof.
        if shown is not None and shown.revision.author == context.account and shown.data not in revisions:
            revisions.insert(0, shown.data)
    opens = Opening(
        kind=DirectKind.RESTRICTED,
        commitment=b"",
        audience=named(place.state, _audience(context, tx, place, heads, wishes)),
        origin=heads[0].origin if heads else place.me.account,
        follows=tuple(row.opening for row in heads[:MAX_FOLLOWED]),
        given=tuple(key.opening for key in given),
    )
    body = DirectBody(record=record, revisions=tuple(revisions), heads=(), given=given)
    sealed = _seal_opening(context, tx, place, opens, body)
    _keep(tx, place, sealed.identifier, sealed, items, wishes)


def _given(tx: Transaction, circle: bytes, openings: Sequence[OpeningRow]) -> tuple[GivenKey, ...]:
    newest = sorted(openings, key=lambda row: (row.height, row.opening), reverse=True)[:MAX_GIVEN]
    return tuple(GivenKey(row.opening, tx.direct_keys(circle, row.opening)[0]) for row in newest)


def _audience(
    context: Context, tx: Transaction, place: _Place, heads: Sequence[OpeningRow], wishes: Sequence[Wish]
) -> Collection[bytes]:
    """Return who is to read: whom the openings before named and whom we add, as far as they may."""
    consistent = {card.account for card in tx.cards(place.circle) if card.consistent}
    stays: defaultdict[bytes, set[int]] = defaultdict(set)
    for row in heads:
        then = place.chain.states[row.height]
        for account in row.audience:
            stays[account].add(then.members[account].since)
    wished = {account for wish in wishes for account in wish.accounts}
    audience = {place.me.account}
    for account in sorted({*stays, *wished}):
        member = place.state.members.get(account)
        served = None if member is None else in_force(member, context.hub_time)
        if member is None or served is None or not may_be_named(member) or account not in consistent:
            continue
        # Whoever left and came back is named anew, or not at all.
        if account in wished or member.since in stays[account]:
            audience.add(account)
    others = sorted(audience - {place.me.account})[: MAX_AUDIENCE - 1]
    return {place.me.account, *others}


def _seal_opening(
    context: Context, tx: Transaction, place: _Place, opens: Opening, body: DirectBody
) -> SealedDirect:
    """Seal an opening and keep it with its key."""
    key = new_key()
    opens = Opening(opens.kind, commitment(key), opens.audience, opens.origin, opens.follows, opens.given)
    recipients: Mapping[bytes, bytes] = {
        device: certificate.hpke_key
        for account in opens.accounts
        for device, certificate in place.state.members[account].devices.items()
    }
    where = DirectPlace(
        circle=place.circle,
        opening=b"",
        registry_height=place.state.height,
        registry_head=place.state.head,
        device=context.device,
        seq=1,
        previous=ZERO_HASH,
    )
    sealed = seal_opening(where, opens, key, recipients, context.keys.signing, body)
    row = OpeningRow(
        opening=sealed.identifier,
        device=context.device,
        maker=place.me.account,
        origin=opens.origin,
        height=place.state.height,
        audience=opens.accounts,
        kind=opens.kind,
        record=body.record,
        follows=opens.follows,
    )
    own = list(place.me.devices)
    tx.add_opening(place.circle, row, key, own)
    for given in body.given:
        tx.add_direct_key(place.circle, given.opening, given.secret, own)
    return sealed


def _keep(
    tx: Transaction,
    place: _Place,
    opening: bytes,
    sealed: SealedDirect,
    items: Sequence[OutboxRevision],
    wishes: Sequence[Wish],
) -> None:
    envelope = sealed.envelope
    outgoing = DirectOutgoing(
        place.circle,
        opening,
        sealed.seq,
        sealed.identifier,
        envelope.header,
        envelope.signature,
        envelope.ciphertext,
    )
    after = DirectFeed(sealed.seq, sealed.identifier, place.state.height)
    tx.put_direct_sealed(outgoing, after, items, wishes)


def _hand_on_keys(context: Context, tx: Transaction) -> None:
    """Give the keys that we hold to the devices of this account that came since: one opening for all."""
    for circle in {circle for circle, own in tx.direct_holders() if not _have(context, tx, circle, own)}:
        place = _place(context, tx, circle)
        if place is None:
            continue
        lacked = tx.keys_lacked_by(circle, list(place.me.devices))[:_KEYS_AT_ONCE]
        opens = Opening(
            kind=DirectKind.KEYS,
            commitment=b"",
            audience=named(place.state, [place.me.account]),
            origin=place.me.account,
            follows=(),
            given=(),
        )
        given = tuple(GivenKey(opening, secret) for opening, secret in lacked)
        body = DirectBody(record=b"", revisions=(), heads=(), given=given)
        sealed = _seal_opening(context, tx, place, opens, body)
        _keep(tx, place, sealed.identifier, sealed, (), ())


def _have(context: Context, tx: Transaction, circle: bytes, own: Collection[bytes]) -> bool:
    state = context.chain(tx, circle).state
    me = state.member_of(context.device) if state else None
    return me is None or me.devices.keys() <= set(own)


def _send(context: Context) -> Generator[Call, Any, bool]:
    """Send all sealed envelopes; return whether some were sealed in vain and go again."""
    again = False
    left: set[bytes] = set()
    while True:
        with context.store.transaction() as tx:
            batch = [
                one for one in tx.direct_outgoing(_SEND_ENVELOPES + len(left)) if one.identifier not in left
            ]
        if not batch:
            return again
        batch = _first_bytes(batch)
        answer: api.PushAnswer = yield context.call(
            api.DIRECT,
            api.PushRequest(tuple(Envelope(o.header, o.signature, o.ciphertext) for o in batch)),
            api.PushAnswer,
        )
        if [o.identifier for o in answer.outcomes] != [one.identifier for one in batch]:
            raise HubRefusalError(api.ProblemCode.MALFORMED)
        with context.store.transaction() as tx:
            for one, outcome in zip(batch, answer.outcomes, strict=True):
                left.add(one.identifier)
                again = _settle(context, tx, one, outcome.status) or again


def _first_bytes(batch: list[DirectOutgoing]) -> list[DirectOutgoing]:
    """Return as much as one request carries."""
    room = api.MAX_PUSH_BYTES
    for count, one in enumerate(batch):
        room -= len(one.ciphertext)
        if room < 0 and count:
            return batch[:count]
    return batch


def _settle(context: Context, tx: Transaction, one: DirectOutgoing, status: str) -> bool:
    """Act upon what became of an envelope; tell whether it is to be sealed again."""
    if status in {api.PushStatus.STORED, api.PushStatus.KNOWN}:
        context.report.pushed += tx.direct_delivered(one.identifier)
        context.report.changed.add(one.circle)
        return False
    if status in {api.PushStatus.WRONG_EPOCH, api.PushStatus.NO_RIGHT}:
        tx.direct_refused(one.circle, one.opening, one.seq)
        return status == api.PushStatus.WRONG_EPOCH
    refused = RefusedItem(one.circle, RESTRICTED, context.device, one.seq, status)
    context.report.refused.append(refused)
    tx.add_refused([refused], context.now())
    return False
