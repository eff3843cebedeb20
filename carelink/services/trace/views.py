"""What is asked of the access trace, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PAGE: Final = 60


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """Which accesses are wanted; the default is all of them.

    Attributes:
        member: Id of the person whose accesses are wanted, in hexadecimal.
        compartment: A volet, or "trace" for readings of the trace itself.
        since: Not older than this, milliseconds since 1970.
        before: `TraceView.place` of the last one already had, to go on from.
    """

    member: str = ""
    compartment: str = ""
    action: str = ""
    since: int | None = None
    before: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class TracedPerson:
    """Someone whose accesses may be in the trace.

    Attributes:
        what: As what they are in the circle, in words; empty where their card does not tell.
        left: No longer in the circle.
        known: Whether their card could be read.
        mine: Whether it is the reader.
    """

    id: str
    name: str
    role: str
    what: str
    left: bool
    known: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class TraceView:
    """An access.

    Attributes:
        act: What was done, in words: "a ouvert le dossier médical".
        sentence: All of it in words, for a reader today.
        place: Where it stands in the list.
    """

    person: TracedPerson
    action: str
    compartment: str
    time: int
    act: str
    sentence: str
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class FirstOpening:
    """Someone opened the medical record for the first time, and the reader has not acknowledged it.

    Attributes:
        sentence: In words, for a reader today.
    """

    circle: str
    person: TracedPerson
    time: int
    sentence: str
