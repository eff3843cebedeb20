"""Compartments (volets) as people know them, and the streams that carry them."""

from __future__ import annotations

from enum import IntFlag, StrEnum
from typing import Final


class Compartment(StrEnum):
    """One confidentiality level of a person's record, with its own keys (HL7 N, N, R)."""

    LIFE = "life"
    COORDINATION = "coordination"
    CARE = "care"


class Stream(StrEnum):
    """What has epochs and keys of its own in a circle, or in a team (`TEAM_STREAMS`).

    Letters to a team are for the pair of its `team_key`; `roster` signs what the team says of itself.
    """

    REGISTRY = "registry"
    LIFE = "life"
    COORDINATION = "coordination"
    CARE = "care"
    CARE_INBOX = "care_inbox"
    DECISIONS = "decisions"
    TRACE = "trace"
    TEAM = "team"
    TEAM_KEY = "team_key"
    ROSTER = "roster"

    @property
    def is_write_only_for_most(self) -> bool:
        """Whether each envelope wraps its own key to the epoch's public key."""
        return self in {Stream.TRACE, Stream.CARE_INBOX, Stream.TEAM_KEY}


class Right(IntFlag):
    """What a member may do in a stream."""

    NONE = 0
    READ = 1
    WRITE = 2
    READ_WRITE = 3


COMPARTMENT_STREAMS: tuple[Stream, ...] = (Stream.LIFE, Stream.COORDINATION, Stream.CARE)

# Those of a team's registry, which no circle has.
TEAM_STREAMS: tuple[Stream, ...] = (Stream.TEAM, Stream.TEAM_KEY, Stream.ROSTER)

# Those that carry what people write to each other; signals stand beside the volets.
NOTE_STREAMS: tuple[Stream, ...] = (*COMPARTMENT_STREAMS, Stream.CARE_INBOX)

# The volet whose notes name their readers one by one: no stream of the registry, and no role's by default.
RESTRICTED: Final = "restricted"


def note_stream(code: str) -> Stream:
    """Return the stream of a volet, or that of the signals to the carers.

    Raises:
        ValueError: Neither.
    """
    stream = Stream(code)
    if stream not in NOTE_STREAMS:
        raise ValueError(code)
    return stream


def stream_of(compartment: Compartment) -> Stream:
    """Return the stream that carries `compartment`."""
    return Stream(compartment.value)
