"""What is written to people by name, as it passes between the sync engine and the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from carelink.records.transfer import OpenedRevision


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """An opening that was verified and read.

    Attributes:
        opening: Its id.
        device: Of its maker.
        origin: Account of whoever made the first opening of what it goes on from.
        height: Registry height at which it was sealed.
        audience: Accounts of its readers, its maker's among them.
        record: What it is about; empty where it only hands keys on.
        follows: Openings that it goes on from.
        closed: Whether the relay takes nothing more under it.
    """

    opening: bytes
    device: bytes
    maker: bytes
    origin: bytes
    height: int
    audience: tuple[bytes, ...]
    kind: str
    record: bytes
    follows: tuple[bytes, ...]
    closed: bool = False


def standing(openings: Iterable[OpeningRow]) -> list[OpeningRow]:
    """Return the openings of a record that no other goes on from; what came first changes nothing."""
    known = {row.opening: row for row in openings}
    followed = {opening for row in known.values() for opening in row.follows}
    return sorted((row for row in known.values() if row.opening not in followed), key=lambda row: row.opening)


def readers(openings: Iterable[OpeningRow]) -> frozenset[bytes]:
    """Return who reads what is written next about a record: whom its standing openings name, together."""
    return frozenset(account for row in standing(openings) for account in row.audience)


@dataclass(frozen=True, slots=True)
class DirectFeed:
    """How far a device's envelopes under an opening are held; `told` as in `Feed`."""

    head: int
    head_id: bytes
    height: int
    told: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """Readers that someone here wants to add to a record.

    Attributes:
        history: Whether they are to have what came before.
    """

    pk: int
    accounts: tuple[bytes, ...]
    history: bool


@dataclass(frozen=True, slots=True)
class AcceptedDirect:
    """A verified direct envelope with the revisions that it carried; `opening` is that it stands under."""

    opening: bytes
    device: bytes
    seq: int
    identifier: bytes
    feed: DirectFeed
    revisions: tuple[OpenedRevision, ...]


@dataclass(frozen=True, slots=True)
class DirectOutgoing:
    """A sealed direct envelope of ours that the relay does not have yet."""

    circle: bytes
    opening: bytes
    seq: int
    identifier: bytes
    header: bytes
    signature: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class DirectWaiting:
    """A verified direct envelope whose key has not come."""

    identifier: bytes
    position: int
    header: bytes
    signature: bytes
    ciphertext: bytes
