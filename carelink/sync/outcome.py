"""What a page of envelopes is checked against, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from carelink.access.compartments import Stream
from carelink.records.revision import Revision
from carelink.records.transfer import (
    AcceptedEnvelope,
    Feed,
    FeedKey,
    KeyRing,
    MissingItem,
    RefusedItem,
    WaitingEnvelope,
)
from carelink.sync.chain import Chain
from carelink.sync.cuts import Cuts
from carelink.sync.sealing import SeenHead
from carelink.sync.wire.structures import EnvelopeCore

# Of a longer gap the newest part is asked for first; what is still absent then shows as a gap again.
MOST_MISSING: Final = 1000


class Why(StrEnum):
    """Why something was refused or set aside; the names of CLI.md."""

    BAD_SIGNATURE = "bad_signature"
    BAD_CHAIN = "bad_chain"
    GAP = "gap"
    FORK = "fork"
    WRONG_EPOCH = "wrong_epoch"
    NO_RIGHT = "no_right"
    UNKNOWN_DEVICE = "unknown_device"
    UNREADABLE = "unreadable"
    REGISTRY_SPLIT = "registry_split"
    CHECKPOINT_REGRESSION = "checkpoint_regression"


def is_resumed(chain: Chain, device: bytes, stream: Stream, feed: Feed) -> bool:
    """Whether a feed was read in an earlier stay or before a denial, and what lies since is not for us."""
    now, then = chain.state, chain.at(feed.height)
    me = now.member_of(device) if now else None
    first = me.first_epoch.get(stream, 1) if me else 1
    return then is not None and then.streams[stream].current < first


Held = Callable[[FeedKey, int, int], Mapping[int, bytes]]


@dataclass(frozen=True, slots=True)
class Known:
    """What a circle's page is checked against.

    Attributes:
        may_carry: Whether the author of a device may write this revision (kinds by role).
        held: Ids held of a feed between two places, both included; asked only where a page reaches into
            the stretch that is held.
        complete: Whether everything older was fetched, so that an unknown past is an omission.
        cuts: Where the feeds of devices that lost a right end.
    """

    circle: bytes
    device: bytes
    chain: Chain
    feeds: Mapping[FeedKey, Feed]
    keys: KeyRing
    may_carry: Callable[[EnvelopeCore, Stream, Revision], bool]
    held: Held
    complete: bool
    cuts: Cuts = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What a page came to.

    Attributes:
        unproven: Relay positions of what was refused without proof that its author sent it so: what
            stands there is still to come.
        split: Whether a member signed something at a place of a registry that is not the one we were shown.
    """

    accepted: list[AcceptedEnvelope] = field(default_factory=list)
    waiting: list[WaitingEnvelope] = field(default_factory=list)
    refused: list[RefusedItem] = field(default_factory=list)
    missing: list[MissingItem] = field(default_factory=list)
    feeds: dict[FeedKey, Feed] = field(default_factory=dict)
    told: list[tuple[str, SeenHead, int]] = field(default_factory=list)
    unproven: set[int] = field(default_factory=set)
    split: bool = False


def joined(outcomes: Iterable[Outcome]) -> Outcome:
    """Return what several pages, one after the other, came to together."""
    whole = Outcome()
    for outcome in outcomes:
        whole.accepted += outcome.accepted
        whole.waiting += outcome.waiting
        whole.refused += outcome.refused
        whole.missing += outcome.missing
        whole.feeds |= outcome.feeds
        whole.told += outcome.told
        whole.unproven |= outcome.unproven
        whole.split |= outcome.split
    return whole
