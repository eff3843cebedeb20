"""Frozen records that pass between the sync engine and the store that it is handed.

Those made for every envelope of a first sync are msgspec Structs: a frozen dataclass takes ten times
as long to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from carelink.records.revision import Revision


@dataclass(frozen=True, slots=True)
class CircleLink:
    """A circle as this vault follows it at one relay.

    Attributes:
        state: "proposed", "waiting" or "member".
        genesis: Hash of statement 0, pinned.
        backfill_before: Relay position below which older items are to fetch; None when done.
        alarm: Why membership and key delivery are stopped, or None.
        team: Whether it is the registry of a team.
    """

    circle: bytes
    state: str
    genesis: bytes
    joined: int
    backfill_before: int | None
    alarm: str | None
    team: bool = False


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement of a chain as stored."""

    height: int
    digest: bytes
    body: bytes
    signature: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class CardRow:
    """What a sealed part says of a member, and whether the public bits are those of the role."""

    account: bytes
    height: int
    name: str
    role: str
    functions: tuple[str, ...]
    profession: str
    rpps: str
    relation: str
    invited_by: bytes
    since: int
    consistent: bool
    name_salt: bytes


@dataclass(frozen=True, slots=True)
class StatusRow:
    """What a sealed part says of where the person is.

    Attributes:
        since: When it began, as its author says.
        author: Account that said so.
        time: When it was said, by the author's clock.
    """

    height: int
    status: str
    since: int
    author: bytes
    time: int


class Feed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The stretch [base, head] held of one device's envelopes in one stream.

    Attributes:
        height: Registry height of the newest envelope.
        told: The head that our own last envelope in this stream told of.
    """

    base: int
    base_previous: bytes
    head: int
    head_id: bytes
    height: int
    told: int = 0


FeedKey = tuple[str, bytes]


class OpenedRevision(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A revision taken out of an envelope."""

    identifier: bytes
    data: bytes
    revision: Revision


class AcceptedEnvelope(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A verified envelope; `revisions` is empty for stubs and while the key is awaited."""

    stream: str
    device: bytes
    seq: int
    identifier: bytes
    place: int
    revisions: tuple[OpenedRevision, ...]


@dataclass(frozen=True, slots=True)
class WaitingEnvelope:
    """A verified envelope whose key has not come."""

    stream: str
    epoch: int
    identifier: bytes
    header: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """Something refused or quarantined, shown in the sync state."""

    circle: bytes
    stream: str
    device: bytes
    seq: int
    why: str
    envelope: bytes = b""


@dataclass(frozen=True, slots=True)
class MissingItem:
    """Something known to exist that the relay has not given; 0 where seq or place is unknown."""

    circle: bytes
    stream: str
    device: bytes
    seq: int
    place: int
    near: int


@dataclass(frozen=True, slots=True)
class OutboxRevision:
    """A published revision that is not sealed yet."""

    pk: int
    identifier: bytes
    data: bytes
    revision: Revision
    confirmed: bool


@dataclass(frozen=True, slots=True)
class OutgoingEnvelope:
    """A sealed envelope of ours that the relay does not have yet."""

    circle: bytes
    stream: str
    seq: int
    identifier: bytes
    header: bytes
    signature: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class CheckpointMark:
    """The highest count and chain hash of a stream that we verified."""

    count: int
    digest: bytes


KeyRing = Mapping[tuple[str, int], bytes]
