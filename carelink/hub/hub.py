"""What one running relay is made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from carelink.access.statements import SUITE
from carelink.hub.circles import Circles
from carelink.hub.database import Database
from carelink.hub.limits import RateLimit
from carelink.hub.sessions import Sessions
from carelink.hub.waking import Waking
from carelink.sync.wire.relay import relay_key, signed_checkpoint
from carelink.sync.wire.structures import Checkpoint, CheckpointBody

CREATIONS_PER_HOUR: Final = 600
GUESSES_PER_MINUTE: Final = 10
_SIGNED_CHECKPOINTS: Final = 16_384


def wall_clock() -> int:
    """Return milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Hub:
    """A running relay.

    Attributes:
        key: Its Ed25519 public key, which clients pin.
        address: Its canonical address.
        on_loopback: Whether it listens on this machine only.
        clock: Milliseconds since 1970.
        creations: New circles by source.
        guesses: Unknown invitations asked for by source.
        checkpoint: Signs where a stream stands; what was signed is kept.
    """

    key: bytes
    address: str
    on_loopback: bool
    clock: Callable[[], int]
    database: Database
    circles: Circles
    sessions: Sessions
    waking: Waking
    creations: RateLimit
    guesses: RateLimit
    checkpoint: Callable[[bytes, str, int, bytes], Checkpoint]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    Attributes:
        device: The device that the session proved; empty where none is needed.
        source: Where the request comes from, for limits.
    """

    device: bytes
    source: str


def make_hub(
    database: Database,
    seed: bytes,
    address: str,
    on_loopback: bool,
    clock: Callable[[], int] = wall_clock,
) -> Hub:
    """Put a relay together; its database is opened by the application when it starts."""

    @lru_cache(maxsize=_SIGNED_CHECKPOINTS)
    def checkpoint(circle: bytes, stream: str, count: int, digest: bytes) -> Checkpoint:
        return signed_checkpoint(seed, CheckpointBody(SUITE, circle, stream, count, digest))

    return Hub(
        key=relay_key(seed),
        address=address,
        on_loopback=on_loopback,
        clock=clock,
        database=database,
        circles=Circles(),
        sessions=Sessions(seed, clock),
        waking=Waking(),
        creations=RateLimit(CREATIONS_PER_HOUR, 3_600_000, clock),
        guesses=RateLimit(GUESSES_PER_MINUTE, 60_000, clock),
        checkpoint=checkpoint,
    )
