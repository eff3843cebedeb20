"""What an exchange and a process that opens pages beside it say to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from carelink.records.transfer import CardRow, Feed, FeedKey, StatusRow
from carelink.sync.outcome import Outcome
from carelink.sync.wire.api import Item


class Beginning(msgspec.Struct, frozen=True, array_like=True):
    """All that pages of a circle's past are checked against, for another process; it holds the keys."""

    circle: bytes
    device: bytes
    statements: tuple[bytes, ...]
    cards: tuple[CardRow, ...]
    keys: tuple[tuple[str, int, bytes], ...]
    feeds: dict[FeedKey, Feed]
    placement: bytes
    statuses: tuple[StatusRow, ...] = ()


class Opened(msgspec.Struct, frozen=True, array_like=True):
    """What a page came to. With its rows made, those of `RowsAhead`, the envelopes come without revisions."""

    outcome: Outcome
    rows: bytes | None = None


class HeldAlreadyError(Exception):
    """A page reaches into what the vault holds, which only the vault's own process can compare."""


class Beside(Protocol):
    """A process that opens pages, one after the other."""

    def ready(self) -> bool:
        """Whether it is up and waits for pages."""

    def begin(self, beginning: Beginning) -> None:
        """Say what the pages that follow are checked against."""

    def put(self, items: Sequence[Item]) -> Callable[[], Opened | None]:
        """Hand over a page; what is returned waits for its outcome, None if it can't be had there."""

    def close(self) -> None:
        """End the process."""
