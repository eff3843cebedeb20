"""Cuts: how far the feed of a device that lost a right reaches, and what comes after it.

Whoever opens the first epoch after the loss says it, sealed under the epoch before: how many envelopes
a stream holds is no business of those who don't read it (PROTOCOL.md, "Streams, epochs, keys").
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState
from carelink.access.statements import SealedCut
from carelink.crypto.primitives import KEY_BYTES, UnsealError, derive, seal, unseal
from carelink.records.transfer import Feed, FeedKey, KeyRing
from carelink.sync.chain import Chain

_INFO = b"carelink/1/cut"
_SEQ_BYTES = 8

# For each feed: heights at which its device lost the right, each with the last seq that counts.
Cuts = Mapping[FeedKey, tuple[tuple[int, int], ...]]


def lost_writers(before: CircleState, after: CircleState, stream: Stream) -> set[bytes]:
    """Return the devices that wrote in a stream and no longer do."""
    return _writers(before, stream) - _writers(after, stream)


def _writers(state: CircleState, stream: Stream) -> set[bytes]:
    return {device for m in state.active_members() if m.writes(stream) for device in m.devices}


def uncut_writers(chain: Chain, stream: Stream) -> set[bytes]:
    """Return the devices that lost the right since the stream's current epoch was opened."""
    state = chain.state
    if state is None or not state.streams[stream].current:
        return set()
    opened = state.streams[stream].epochs[-1].height
    wrote: set[bytes] = set()
    for height in range(opened, state.height + 1):
        wrote |= _writers(chain.states[height], stream)
    return wrote - _writers(state, stream)


def seal_cut(
    stream: Stream, epoch: int, secret: bytes, devices: Iterable[bytes], feeds: Mapping[FeedKey, Feed]
) -> SealedCut:
    """Return the sealed heads of some devices' feeds in a stream.

    Args:
        stream: Which stream.
        epoch: The epoch whose secret seals.
        secret: Key of that epoch, or private half of its pair.
        devices: Whose feeds end.
        feeds: Every feed as held here.
    """
    heads = [
        device + (feeds[stream, device].head if (stream, device) in feeds else 0).to_bytes(_SEQ_BYTES, "big")
        for device in sorted(devices)
    ]
    salt = secrets.token_bytes(KEY_BYTES)
    plain = msgspec.msgpack.encode(heads)
    return SealedCut(stream, epoch, salt + seal(derive(secret, salt, _INFO), plain, stream.encode()))


def cut_feeds(chain: Chain, keys: KeyRing) -> Cuts:
    """Return the places after which feeds no longer count, as far as we hold the keys that say them."""
    cuts: defaultdict[FeedKey, list[tuple[int, int]]] = defaultdict(list)
    for height, cut in chain.cuts:
        secret = keys.get((cut.stream, cut.epoch))
        if secret is None:
            continue
        for device, seq in _opened(cut, secret):
            lost = _lost_at(chain, Stream(cut.stream), device, height)
            if lost is not None:
                cuts[cut.stream, device].append((lost, seq))
    return {key: tuple(places) for key, places in cuts.items()}


def is_after_cut(cuts: Cuts, key: FeedKey, height: int, seq: int) -> bool:
    """Tell whether an envelope was sealed before its device lost the right and yet lies after the cut."""
    return any(height < lost and seq > last for lost, last in cuts.get(key, ()))


def _opened(cut: SealedCut, secret: bytes) -> list[tuple[bytes, int]]:
    salt, sealed = cut.sealed[:KEY_BYTES], cut.sealed[KEY_BYTES:]
    try:
        plain = unseal(derive(secret, salt, _INFO), sealed, cut.stream.encode())
        heads = msgspec.msgpack.decode(plain, type=list[bytes])
    except (UnsealError, msgspec.MsgspecError):
        return []
    return [(head[:-_SEQ_BYTES], int.from_bytes(head[-_SEQ_BYTES:], "big")) for head in heads]


def _lost_at(chain: Chain, stream: Stream, device: bytes, height: int) -> int | None:
    for lost in range(height, 0, -1):
        before = chain.states[lost - 1].member_of(device)
        after = chain.states[lost].member_of(device)
        wrote = before is not None and before.writes(stream)
        if wrote and not (after is not None and after.writes(stream)):
            return lost
    return None
