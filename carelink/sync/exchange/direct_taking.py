"""Taking in what was written to us by name: every check, then the vault."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from carelink.access.compartments import RESTRICTED
from carelink.access.direct import DirectKind, is_over, may_be_named, may_open
from carelink.access.registry import CircleState, Member
from carelink.access.statements import ZERO_HASH
from carelink.crypto.primitives import UnsealError
from carelink.records.bodies import RecordKind, decode_entry
from carelink.records.direct import AcceptedDirect, DirectFeed, DirectWaiting, OpeningRow
from carelink.records.revision import Revision, decode_revision, revision_id
from carelink.records.transfer import OpenedRevision, RefusedItem
from carelink.sync.direct import (
    DirectBody,
    commitment,
    key_for,
    open_direct,
    recipients_of,
)
from carelink.sync.exchange.context import Context
from carelink.sync.outcome import Why
from carelink.sync.store import Transaction
from carelink.sync.wire.direct import DirectCore, DirectItem, Opening, decode_direct
from carelink.sync.wire.structures import Envelope, Header
from carelink.sync.wire.verification import (
    BadSignatureError,
    envelope_id,
    is_ciphertext_of,
    verify_envelope,
)


class _RefusedError(Exception):
    """An envelope does not count; `settled` unless its author did not sign it so."""

    def __init__(self, why: Why, *, settled: bool = True) -> None:
        super().__init__(why)
        self.why = why
        self.settled = settled


@dataclass(frozen=True, slots=True)
class _Read:
    """A direct envelope whose place in the registry is right and whose author signed it."""

    envelope: Envelope
    identifier: bytes
    header: Header
    core: DirectCore
    state: CircleState
    author: Member

    @property
    def opening(self) -> bytes:
        """The opening that it stands under, or that it is."""
        return self.core.opening or self.identifier


def take_direct(context: Context, tx: Transaction, items: Sequence[DirectItem]) -> bool:
    """Take in a page, up to the first that was altered on its way: that is asked for again.

    Returns:
        Whether the position moved on.
    """
    links = {link.circle for link in tx.links() if link.state != "proposed"}
    reached = start = tx.direct_cursor()
    changed: set[bytes] = set()
    for item in items:
        circle = _circle_of(item.envelope)
        if circle in links:
            settled, opened = _take(context, tx, circle, item)
            if not settled:
                break
            if opened:
                changed.add(circle)
        reached = max(reached, item.position)
    for circle in changed:
        _read_waiting(context, tx, circle)
    tx.set_direct_cursor(reached)
    return reached > start


def _circle_of(envelope: Envelope) -> bytes:
    try:
        return decode_direct(envelope.header)[1].circle
    except BadSignatureError:
        return b""


def _read_waiting(context: Context, tx: Transaction, circle: bytes) -> None:
    """Read what waited for keys that are here now; what one opening hands on may open another."""
    again = True
    while again:
        again = False
        for waiting in tx.take_direct_waiting(circle):
            envelope = Envelope(waiting.header, waiting.signature, waiting.ciphertext)
            _settled, opened = _take(context, tx, circle, DirectItem(waiting.position, envelope))
            again = again or opened


def _take(context: Context, tx: Transaction, circle: bytes, item: DirectItem) -> tuple[bool, bool]:
    """Take one envelope in; tell whether it is settled, and whether it was an opening that was read."""
    try:
        read = _verified(context, tx, circle, item.envelope)
        if read.core.opens is not None:
            opened = _take_opening(context, tx, read, read.core.opens, item.position)
        else:
            opened = False
            _take_under(context, tx, read, item.position)
    except _RefusedError as refusal:
        _refuse(context, tx, circle, item.envelope, refusal.why)
        return refusal.settled, False
    return True, opened


def _refuse(context: Context, tx: Transaction, circle: bytes, envelope: Envelope, why: Why) -> None:
    device, seq = b"", 0
    try:
        core = decode_direct(envelope.header)[1]
        device, seq = core.device, core.seq
    except BadSignatureError:
        pass
    refused = RefusedItem(circle, RESTRICTED, device, seq, why, msgspec.msgpack.encode(envelope))
    context.report.refused.append(refused)
    tx.add_refused([refused], context.now())


def _verified(context: Context, tx: Transaction, circle: bytes, envelope: Envelope) -> _Read:
    try:
        header, core = decode_direct(envelope.header)
    except BadSignatureError as error:
        raise _RefusedError(Why.BAD_SIGNATURE, settled=False) from error
    chain = context.chain(tx, circle)
    state = chain.at(core.registry_height)
    if state is None or state.head != core.registry_head:
        raise _RefusedError(Why.REGISTRY_SPLIT, settled=False)
    author = state.member_of(core.device)
    if author is None or not author.active:
        raise _RefusedError(Why.UNKNOWN_DEVICE)
    identifier = envelope_id(envelope.header)
    signed = verify_envelope(author.devices[core.device].signing_key, identifier, envelope.signature)
    if not signed or not is_ciphertext_of(header, envelope.ciphertext):
        raise _RefusedError(Why.BAD_SIGNATURE, settled=False)
    return _Read(envelope, identifier, header, core, state, author)


def _take_opening(context: Context, tx: Transaction, read: _Read, opens: Opening, position: int) -> bool:
    """Take an opening in; tell whether it was read now."""
    circle, author = read.core.circle, read.author
    if tx.opening(circle, read.identifier) is not None:
        return False
    if not may_open(opens.kind, author, opens.accounts, opens.origin, follows=bool(opens.follows)):
        raise _RefusedError(Why.NO_RIGHT)
    if opens.kind != DirectKind.KEYS and not _all_nameable(read.state, opens.accounts):
        raise _RefusedError(Why.NO_RIGHT)
    followed = [row for known in opens.follows if (row := tx.opening(circle, known)) is not None]
    if any(row.origin != opens.origin or author.account not in row.audience for row in followed):
        raise _RefusedError(Why.NO_RIGHT)
    key = _key(context, tx, read, opens)
    if key is None:
        _wait(tx, read, position)
        return False
    body = _opened(read, key)
    others = tx.openings(circle, body.record) if body.record else []
    if any(row.origin != opens.origin for row in others) or any(
        row.record != body.record for row in followed
    ):
        raise _RefusedError(Why.NO_RIGHT)
    row = OpeningRow(
        opening=read.identifier,
        device=read.core.device,
        maker=author.account,
        origin=opens.origin,
        height=read.core.registry_height,
        audience=opens.accounts,
        kind=opens.kind,
        record=body.record,
        follows=opens.follows,
    )
    with_key = _our_devices(context, read, opens)
    tx.add_opening(circle, row, key, with_key)
    for given in body.given:
        tx.add_direct_key(circle, given.opening, given.secret, with_key)
    feed = DirectFeed(1, read.identifier, read.core.registry_height)
    _accept(context, tx, read, row, feed, body)
    return True


def _all_nameable(state: CircleState, accounts: Iterable[bytes]) -> bool:
    members = [state.members.get(account) for account in accounts]
    return all(member is not None and may_be_named(member) for member in members)


def _key(context: Context, tx: Transaction, read: _Read, opens: Opening) -> bytes | None:
    """Return an opening's key: from its wrap for us, or from another opening that hands it on."""
    try:
        key = key_for(read.core, read.envelope.ciphertext, context.device, context.keys.hpke)
    except UnsealError as error:
        raise _RefusedError(Why.UNREADABLE) from error
    if key is not None:
        return key
    handed = tx.direct_keys(read.core.circle, read.identifier)
    return next((one for one in handed if commitment(one) == opens.commitment), None)


def _our_devices(context: Context, read: _Read, opens: Opening) -> list[bytes]:
    """Return the devices of this account to which an opening gives what it holds."""
    me = read.state.members.get(context.account)
    if me is None or me.account not in opens.accounts:
        return [context.device]
    wrapped = recipients_of(read.envelope.ciphertext)
    return [context.device, *(device for device in wrapped if device in me.devices)]


def _opened(read: _Read, key: bytes) -> DirectBody:
    try:
        return open_direct(read.core, read.header.core, read.envelope.ciphertext, key)
    except UnsealError as error:
        raise _RefusedError(Why.UNREADABLE) from error


def _wait(tx: Transaction, read: _Read, position: int) -> None:
    envelope = read.envelope
    tx.add_direct_waiting(
        read.core.circle,
        DirectWaiting(read.identifier, position, envelope.header, envelope.signature, envelope.ciphertext),
    )


def _take_under(context: Context, tx: Transaction, read: _Read, position: int) -> None:
    core = read.core
    row = tx.opening(core.circle, core.opening)
    if row is None:
        _wait(tx, read, position)
        return
    if row.kind == DirectKind.KEYS or read.author.account not in row.audience:
        raise _RefusedError(Why.NO_RIGHT)
    then = context.chain(tx, core.circle).states[row.height]
    if core.registry_height < row.height or is_over(then, read.state, row.audience):
        raise _RefusedError(Why.WRONG_EPOCH)
    feeds = tx.direct_feeds(core.circle, core.opening)
    feed = feeds.get(core.device, DirectFeed(0, ZERO_HASH, 0))
    if core.seq <= feed.head:
        if tx.direct_identifier(core.circle, core.opening, core.device, core.seq) != read.identifier:
            raise _RefusedError(Why.FORK)
        return
    if core.seq == feed.head + 1 and core.previous != feed.head_id:
        raise _RefusedError(Why.BAD_CHAIN)
    if core.registry_height < feed.height:
        raise _RefusedError(Why.BAD_CHAIN)
    keys = tx.direct_keys(core.circle, core.opening)
    body = _opened(read, keys[0])
    for seq in range(feed.head + 1, core.seq):
        _miss(context, tx, core, core.device, seq)
    for head in body.heads:
        known = feeds.get(head.device, DirectFeed(0, ZERO_HASH, 0)).head
        if head.device != core.device and head.seq > known:
            _miss(context, tx, core, head.device, head.seq)
    after = DirectFeed(core.seq, read.identifier, core.registry_height, feed.told)
    _accept(context, tx, read, row, after, body)


def _miss(context: Context, tx: Transaction, core: DirectCore, device: bytes, seq: int) -> None:
    """Show that something of an opening of ours was kept from us."""
    refused = RefusedItem(core.circle, RESTRICTED, device, seq, Why.GAP, core.opening)
    context.report.refused.append(refused)
    tx.add_refused([refused], context.now())


def _accept(
    context: Context, tx: Transaction, read: _Read, row: OpeningRow, feed: DirectFeed, body: DirectBody
) -> None:
    circle = read.core.circle
    kept: list[OpenedRevision] = []
    for data in body.revisions:
        try:
            opened = OpenedRevision(revision_id(data), data, decode_revision(data))
        except ValueError as error:
            raise _RefusedError(Why.UNREADABLE) from error
        if _may_stand(read, row, opened.revision):
            kept.append(opened)
            continue
        refused = RefusedItem(circle, RESTRICTED, read.core.device, read.core.seq, Why.NO_RIGHT, data)
        context.report.refused.append(refused)
        tx.add_refused([refused], context.now())
    accepted = AcceptedDirect(
        read.opening, read.core.device, read.core.seq, read.identifier, feed, tuple(kept)
    )
    joined = tx.link(circle).joined
    context.report.pulled += tx.add_direct(circle, row.record, accepted, context.now(), joined)
    if kept:
        context.report.changed.add(circle)


def _may_stand(read: _Read, row: OpeningRow, revision: Revision) -> bool:
    """Whether the author of an envelope may say this under its opening."""
    if row.kind != DirectKind.RESTRICTED or revision.author != read.author.account:
        return False
    if revision.kind == RecordKind.TRACE:
        return True
    if revision.kind != RecordKind.ENTRY or revision.record != row.record:
        return False
    if not (read.author.account == row.origin or read.author.patient_side):
        return False
    try:
        body = decode_entry(revision.body)
    except ValueError:
        return True  # It counts as absent.
    return not body.for_circle or read.author.runs_circle
