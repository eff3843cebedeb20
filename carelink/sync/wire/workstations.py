"""Requests and answers about shared workstations; a workstation is no device and opens no session.

BOARD_KEEP   BoardKeep   -> Accepted
BOARD_READ   BoardRead   -> BoardBlob
SLOT_KEEP    SlotKeep    -> Accepted
SLOT_LIST    SlotList    -> Slots              no session
SLOT_READ    SlotRead    -> SlotBody           no session
LETTER_READ  LetterRead  -> LetterBlob         no session
"""

from __future__ import annotations

from typing import Final

import msgspec

from carelink.access.statements import Count

BOARD_BYTES: Final = 256 * 1024
LETTER_BYTES: Final = 2 * 1024
PLATE_BYTES: Final = 4 * 1024
SLOT_BYTES: Final = 32 * 1024
MAX_WORKSTATIONS: Final = 100
# A person, and a place of theirs on each workstation.
MAX_SLOTS_PER_ACCOUNT: Final = 32

BOARD_KEEP: Final = "/v1/workstations/board/keep"
BOARD_READ: Final = "/v1/workstations/board/read"
SLOT_KEEP: Final = "/v1/workstations/slots/keep"
SLOT_LIST: Final = "/v1/workstations/slots/list"
SLOT_READ: Final = "/v1/workstations/slots/read"
LETTER_READ: Final = "/v1/workstations/letters/read"


class StationLetter(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The team's workstation secret, sealed for one workstation."""

    identifier: bytes
    blob: bytes


class BoardKeep(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Who runs a team says what its workstations are; with another `group`, the old one is forgotten.

    Attributes:
        serial: One more than that of the board before.
        letters: For every workstation; those that had one and have none any more are out.
    """

    team: bytes
    serial: Count
    group: bytes
    blob: bytes
    letters: tuple[StationLetter, ...]


class BoardRead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A member of a team asks what its workstations are."""

    team: bytes


class BoardBlob(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a team's workstations are; serial 0 and empty where it has none."""

    serial: Count
    blob: bytes


class SlotKeep(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A member leaves their account for the team's workstations, or says where a device of theirs is.

    Attributes:
        device: The portable device in `body`, or the device that is on a workstation.
        body: The account under its locks, or empty.
    """

    team: bytes
    group: bytes
    slot: bytes
    device: bytes
    plate: bytes
    body: bytes


class SlotList(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A workstation asks who is on the door, or which devices are on which workstation."""

    group: bytes
    seats: bool = False


class Slot(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One of them."""

    slot: bytes
    plate: bytes


class Slots(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """All of those who are members of the team now.

    Attributes:
        members: Their accounts, also of those who left nothing here, or nothing since the secret is new.
    """

    slots: tuple[Slot, ...]
    members: tuple[bytes, ...]


class SlotRead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A workstation asks for an account, which the relay says is of the team now, or not."""

    group: bytes
    slot: bytes
    account: bytes


class SlotBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An account under its locks."""

    body: bytes


class LetterRead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A workstation asks for its team's newest secret."""

    identifier: bytes


class LetterBlob(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """It, sealed for that workstation."""

    blob: bytes
