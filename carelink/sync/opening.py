"""Taking in a page of envelopes: every check of the protocol, without input or output.

Given what is known (chain, feeds, keys) and a page, it says what is accepted, what waits for a key,
what is refused and why, and what turned out to be missing. Nothing is dropped in silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from carelink.access.compartments import Stream
from carelink.access.statements import ZERO_HASH
from carelink.crypto.primitives import UnsealError, sha256
from carelink.records.revision import Revision, decode_revision, revision_id
from carelink.records.transfer import (
    AcceptedEnvelope,
    Feed,
    FeedKey,
    MissingItem,
    OpenedRevision,
    RefusedItem,
    WaitingEnvelope,
)
from carelink.sync.cuts import is_after_cut
from carelink.sync.outcome import MOST_MISSING, Known, Outcome, Why, is_resumed
from carelink.sync.sealing import Body, open_envelope, open_envelopes
from carelink.sync.wire.api import Item
from carelink.sync.wire.structures import EnvelopeCore, Header
from carelink.sync.wire.verification import (
    BadSignatureError,
    decode_header,
    envelope_id,
    verify_envelope,
)


class _Read(msgspec.Struct, frozen=True):
    item: Item
    header: Header
    core: EnvelopeCore
    identifier: bytes


_STREAMS = {stream.value: stream for stream in Stream}


def take_in(known: Known, items: Iterable[Item]) -> Outcome:
    """Check a page of one circle and open what can be opened."""
    outcome = Outcome()
    by_feed: dict[FeedKey, dict[int, _Read]] = defaultdict(dict)
    verdicts: dict[_Place, Why | None] = {}
    for item in items:
        read = _read(known, item, outcome, verdicts)
        if read is None:
            continue
        same_place = by_feed[read.core.stream, read.core.device].setdefault(read.core.seq, read)
        if same_place.identifier != read.identifier:
            _settle_fork(known, outcome, by_feed, same_place, read)
    for key, reads in by_feed.items():
        _take_feed(known, outcome, key, [reads[seq] for seq in sorted(reads)])
    return outcome


def _refuse(outcome: Outcome, known: Known, core: EnvelopeCore, why: Why, item: Item) -> None:
    outcome.refused.append(
        RefusedItem(
            known.circle, core.stream, core.device, core.seq, why, msgspec.msgpack.encode(item.envelope)
        )
    )
    proven = why is not Why.BAD_SIGNATURE and _proven(known, core, item)
    if why is Why.REGISTRY_SPLIT:
        # An honest relay stores nothing that names another registry than its own, and shows all of that:
        # it hides statements from us, or shows us others.
        outcome.split |= proven
    if not proven or why is Why.REGISTRY_SPLIT:
        outcome.unproven.add(item.position)


def _proven(known: Known, core: EnvelopeCore, item: Item) -> bool:
    """Whether the author's own signature stands under what is refused."""
    # At that time, or now: whoever was revoked since signed all the same.
    states = (known.chain.at(core.registry_height), known.chain.state)
    members = [state.member_of(core.device) for state in states if state is not None]
    certificate = next((m.devices[core.device] for m in members if m is not None), None)
    identifier = envelope_id(item.envelope.header)
    return certificate is not None and verify_envelope(
        certificate.signing_key, identifier, item.envelope.signature
    )


# What the registry says of an envelope depends on nothing else of it.
_Place = tuple[bytes, str, int, int, bytes, bytes]


def _read(known: Known, item: Item, outcome: Outcome, verdicts: dict[_Place, Why | None]) -> _Read | None:
    """Return an item whose place in the registry is right, whatever its signature."""
    try:
        header, core = decode_header(item.envelope.header)
    except BadSignatureError:
        outcome.refused.append(
            RefusedItem(known.circle, "", b"", 0, Why.BAD_SIGNATURE, msgspec.msgpack.encode(item.envelope))
        )
        return None
    place = (
        core.circle,
        core.stream,
        core.epoch,
        core.registry_height,
        core.registry_head,
        core.device,
    )
    if place not in verdicts:
        verdicts[place] = _misplaced(known, core)
    why = verdicts[place]
    if why is None and known.cuts:
        why = _after_cut(known, core)
    if why is not None:
        _refuse(outcome, known, core, why, item)
        return None
    envelope = item.envelope
    whole = not envelope.ciphertext or (
        len(envelope.ciphertext) == header.length and sha256(envelope.ciphertext) == header.digest
    )
    if not whole:
        _refuse(outcome, known, core, Why.BAD_SIGNATURE, item)
        return None
    return _Read(item, header, core, envelope_id(envelope.header))


def _after_cut(known: Known, core: EnvelopeCore) -> Why | None:
    """What came after its device lost the right was not there when the right was lost."""
    after = is_after_cut(known.cuts, (core.stream, core.device), core.registry_height, core.seq)
    return Why.NO_RIGHT if after else None


def _misplaced(known: Known, core: EnvelopeCore) -> Why | None:
    if core.circle != known.circle:
        return Why.BAD_CHAIN
    stream = _STREAMS.get(core.stream)
    if stream is None:
        return Why.NO_RIGHT
    newest = known.chain.state
    if newest is None or core.device not in newest.owners:
        return Why.UNKNOWN_DEVICE
    state = known.chain.at(core.registry_height)
    if state is None or state.head != core.registry_head:
        return Why.REGISTRY_SPLIT
    author = state.member_of(core.device)
    if author is None:
        return Why.UNKNOWN_DEVICE
    if not author.writes(stream):
        return Why.NO_RIGHT
    if state.streams[stream].current != core.epoch:
        return Why.WRONG_EPOCH
    return None


def _signed(known: Known, read: _Read) -> bool:
    # The devices of that time: whoever came back since may have another one.
    state = known.chain.at(read.core.registry_height)
    member = state.member_of(read.core.device) if state else None
    if member is None:
        return False
    key = member.devices[read.core.device].signing_key
    return verify_envelope(key, read.identifier, read.item.envelope.signature)


def _settle_fork(
    known: Known,
    outcome: Outcome,
    by_feed: dict[FeedKey, dict[int, _Read]],
    first: _Read,
    second: _Read,
) -> None:
    """Two envelopes at one place: if both are signed it is a fork, otherwise one is forged."""
    reads = by_feed[first.core.stream, first.core.device]
    if not _signed(known, second):
        _refuse(outcome, known, second.core, Why.BAD_SIGNATURE, second.item)
    elif not _signed(known, first):
        _refuse(outcome, known, first.core, Why.BAD_SIGNATURE, first.item)
        reads[first.core.seq] = second
    else:
        _refuse(outcome, known, second.core, Why.FORK, second.item)


def _take_feed(known: Known, outcome: Outcome, key: FeedKey, reads: Sequence[_Read]) -> None:
    """Verify a feed's part of the page run by run, from the newest signature back."""
    fresh: list[_Read] = []
    feed = known.feeds.get(key)
    ids: Mapping[int, bytes] = {}
    if feed is not None and reads[-1].core.seq >= feed.base:
        ids = known.held(key, reads[0].core.seq, reads[-1].core.seq)
    for read in reads if ids else ():
        held = ids.get(read.core.seq)
        if held is None:
            fresh.append(read)
        elif held == read.identifier:
            # Replayed, or ours coming back with its place at the relay.
            outcome.accepted.append(_envelope(read, ()))
        else:
            why = Why.FORK if _signed(known, read) else Why.BAD_SIGNATURE
            _refuse(outcome, known, read.core, why, read.item)
    runs: list[Sequence[_Read]] = []
    for run in _runs(fresh if ids else reads):
        signed = len(run)
        while signed and not _signed(known, run[signed - 1]):
            signed -= 1
            _refuse(outcome, known, run[signed].core, Why.BAD_SIGNATURE, run[signed].item)
        if signed:
            runs.append(run[:signed])
    # The past joins on from its newest end, what is new from its oldest: each link is checked.
    base = 0 if feed is None else feed.base
    older = sum(run[0].core.seq < base for run in runs)
    for number in (*reversed(range(older)), *range(older, len(runs))):
        run = runs[number]
        joined_on = _joined_on(known, outcome, key, feed, run)
        if joined_on is None:
            feed = _take_one_by_one(known, outcome, key, feed, run, runs[number + 1 :])
            continue
        feed = joined_on
        _open_run(known, outcome, run)
    if feed is not None and feed is not known.feeds.get(key):
        outcome.feeds[key] = feed


def _joined_on(
    known: Known, outcome: Outcome, key: FeedKey, feed: Feed | None, run: Sequence[_Read]
) -> Feed | None:
    """Return the feed with a whole run in it, or None where each envelope has to be looked at.

    Within a run each names the one before it, so only its ends can contradict what is held.
    """
    first, last = run[0].core, run[-1].core
    if first.seq == 1 and first.previous != ZERO_HASH:
        return None
    own = last.device == known.device
    height = 0 if feed is None else feed.height
    older = feed is not None and last.seq < feed.base
    if not older and feed is not None and first.seq <= feed.head:
        return None
    for read in run:
        if not (own or read.item.envelope.ciphertext):
            return None
        if not older:
            if read.core.registry_height < height:
                return None
            height = read.core.registry_height
    linked = _linked(known, outcome, key, feed, run[-1] if older else run[0])
    if linked is None:
        return None
    if older:
        return Feed(first.seq, first.previous, linked.head, linked.head_id, linked.height, linked.told)
    return Feed(
        linked.base,
        linked.base_previous,
        last.seq,
        run[-1].identifier,
        last.registry_height,
        linked.told,
    )


def _take_one_by_one(
    known: Known,
    outcome: Outcome,
    key: FeedKey,
    feed: Feed | None,
    run: Sequence[_Read],
    later: Sequence[Sequence[_Read]],
) -> Feed | None:
    """Take a signed run in, each envelope on its own; return the feed with it."""
    older = feed is not None and run[0].core.seq < feed.base
    rest = [read for other in later for read in other]
    for number in reversed(range(len(run))) if older else range(len(run)):
        read = run[number]
        own_or_whole = read.core.device == known.device or read.item.envelope.ciphertext
        if not own_or_whole and not _resealed(known, read, [*run[number + 1 :], *rest]):
            # The signature holds without its content: until the feed shows why, that was kept from us.
            _gap(known, outcome, key, read.core.seq, read.core.seq + 1, read)
            continue
        if not _heights_follow(feed, read):
            _refuse(outcome, known, read.core, Why.BAD_CHAIN, read.item)
            continue
        linked = _linked(known, outcome, key, feed, read)
        if linked is None:
            _refuse(outcome, known, read.core, Why.BAD_CHAIN, read.item)
            continue
        feed = linked
        _open(known, outcome, read)
    return feed


def _runs(reads: Sequence[_Read]) -> Iterable[Sequence[_Read]]:
    """Cut into contiguous runs in which each envelope names the one before it."""
    run: list[_Read] = []
    for read in reads:
        if run and not (read.core.seq == run[-1].core.seq + 1 and read.core.previous == run[-1].identifier):
            yield run
            run = []
        run.append(read)
    if run:
        yield run


def _resealed(known: Known, stub: _Read, later: Sequence[_Read]) -> bool:
    """Whether an envelope without content is an honest stub: stale, and sealed again in a newer epoch."""
    for read in later:
        if read.core.epoch > stub.core.epoch:
            return True
        if read.item.envelope.ciphertext:
            return False
    feed = known.feeds.get((stub.core.stream, stub.core.device))
    state = known.chain.at(feed.height) if feed is not None and feed.head > stub.core.seq else None
    return state is not None and state.streams[_STREAMS[stub.core.stream]].current > stub.core.epoch


def _heights_follow(feed: Feed | None, read: _Read) -> bool:
    return feed is None or read.core.seq < feed.head or read.core.registry_height >= feed.height


def _linked(known: Known, outcome: Outcome, key: FeedKey, feed: Feed | None, read: _Read) -> Feed | None:
    """Return the feed with this envelope in it, noting what lies between as missing."""
    core = read.core
    starts = core.seq == 1 and core.previous != ZERO_HASH
    if starts:
        return None
    if feed is None:
        if known.complete and core.seq > 1:
            _gap(known, outcome, key, 1, core.seq, read)
            return Feed(1, ZERO_HASH, core.seq, read.identifier, core.registry_height)
        return Feed(core.seq, core.previous, core.seq, read.identifier, core.registry_height)
    if core.seq == feed.head + 1 and core.previous != feed.head_id:
        return None
    if core.seq == feed.base - 1 and read.identifier != feed.base_previous:
        return None
    if core.seq > feed.head:
        if not is_resumed(known.chain, known.device, _STREAMS[core.stream], feed):
            _gap(known, outcome, key, feed.head + 1, core.seq, read)
        return Feed(feed.base, feed.base_previous, core.seq, read.identifier, core.registry_height, feed.told)
    if core.seq < feed.base:
        _gap(known, outcome, key, core.seq + 1, feed.base, read)
        return Feed(core.seq, core.previous, feed.head, feed.head_id, feed.height, feed.told)
    return feed


def _gap(known: Known, outcome: Outcome, key: FeedKey, first: int, end: int, read: _Read) -> None:
    stream, device = key
    for seq in range(max(first, end - MOST_MISSING), end):
        outcome.missing.append(MissingItem(known.circle, stream, device, seq, 0, read.item.position))


def _envelope(read: _Read, revisions: tuple[OpenedRevision, ...]) -> AcceptedEnvelope:
    core = read.core
    return AcceptedEnvelope(core.stream, core.device, core.seq, read.identifier, read.item.index, revisions)


def _open_run(known: Known, outcome: Outcome, run: Sequence[_Read]) -> None:
    """Open the envelopes of a run, all at once where nothing stands against it."""
    stream, epochs = run[0].core.stream, {read.core.epoch for read in run}
    secret = known.keys.get((stream, run[0].core.epoch)) if len(epochs) == 1 else None
    if secret is not None and all(read.item.envelope.ciphertext for read in run):
        sealed = [(read.core, read.header.core, read.item.envelope.ciphertext) for read in run]
        try:
            opened = [_revisions_of(body) for body in open_envelopes(sealed, secret)]
        except (UnsealError, ValueError):
            pass  # One of them is unreadable: the others are not.
        else:
            for read, (body, revisions) in zip(run, opened, strict=True):
                kept = _carried(known, outcome, read.core, read.item.position, body, revisions)
                outcome.accepted.append(_envelope(read, kept))
            return
    for read in run:
        _open(known, outcome, read)


def _open(known: Known, outcome: Outcome, read: _Read) -> None:
    core, ciphertext = read.core, read.item.envelope.ciphertext
    if not ciphertext:
        outcome.accepted.append(_envelope(read, ()))
        return
    secret = known.keys.get((core.stream, core.epoch))
    if secret is None:
        outcome.accepted.append(_envelope(read, ()))
        outcome.waiting.append(
            WaitingEnvelope(core.stream, core.epoch, read.identifier, read.item.envelope.header, ciphertext)
        )
        return
    revisions = opened_revisions(known, outcome, read.header, core, ciphertext, secret, read.item.position)
    if revisions is None:
        _refuse(outcome, known, core, Why.UNREADABLE, read.item)
        revisions = ()
    outcome.accepted.append(_envelope(read, revisions))


def opened_revisions(
    known: Known,
    outcome: Outcome,
    header: Header,
    core: EnvelopeCore,
    ciphertext: bytes,
    secret: bytes,
    position: int,
) -> tuple[OpenedRevision, ...] | None:
    """Decrypt a verified envelope; refused revisions go to `outcome`.

    Returns:
        Its revisions, or None if it cannot be read.
    """
    try:
        body, revisions = _revisions_of(open_envelope(core, header.core, ciphertext, secret))
    except (UnsealError, ValueError):
        return None
    return _carried(known, outcome, core, position, body, revisions)


def _revisions_of(body: Body) -> tuple[Body, tuple[OpenedRevision, ...]]:
    return body, tuple(
        [OpenedRevision(revision_id(data), data, decode_revision(data)) for data in body.revisions]
    )


def _carried(
    known: Known,
    outcome: Outcome,
    core: EnvelopeCore,
    position: int,
    body: Body,
    revisions: tuple[OpenedRevision, ...],
) -> tuple[OpenedRevision, ...]:
    """Return the revisions that the device's owner may write; the others are refused."""
    for head in body.heads:
        outcome.told.append((core.stream, head, position))
    stream = _STREAMS[core.stream]
    refused = [
        opened
        for opened in revisions
        if not (_owner_wrote(known, core, opened.revision) and known.may_carry(core, stream, opened.revision))
    ]
    if not refused:
        return revisions
    outcome.refused.extend(
        RefusedItem(known.circle, core.stream, core.device, core.seq, Why.NO_RIGHT, opened.data)
        for opened in refused
    )
    return tuple(opened for opened in revisions if opened not in refused)


def _owner_wrote(known: Known, core: EnvelopeCore, revision: Revision) -> bool:
    """Whether a revision names as its author whoever owns the device that sent it."""
    state = known.chain.state
    return state is not None and state.owners.get(core.device) == revision.author
