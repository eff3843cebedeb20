"""Where the person is, dated; and what a death leaves possible in their file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, Literal

import msgspec

from carelink.records.bodies import EntryKind, RecordKind, decode_entry
from carelink.records.revision import Revision
from carelink.records.transfer import StatusRow

_VOLETS: Final = frozenset({"life", "coordination", "care"})


class PatientStatus(StrEnum):
    """Where the person is, as everyone around them knows it: no cause and no diagnosis."""

    PRESENT = "present"
    HOSPITALISED = "hospitalised"
    ABSENT = "absent"
    LEFT = "left"
    DECEASED = "deceased"


class StatusPart(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sealed part of the statement that says it.

    Attributes:
        what: What the statement is about; a later version may tell its circles something else.
        since: When it began, milliseconds since 1970; it may lie before the statement.
    """

    what: Literal["status"]
    status: str
    since: int


def status_at(rows: Sequence[StatusRow], height: int) -> str:
    """Return the status that stood at a height of the registry; chain order is the only truth."""
    known = [row for row in rows if row.height <= height]
    return max(known, key=lambda row: row.height).status if known else PatientStatus.PRESENT


def is_frozen(rows: Sequence[StatusRow], height: int) -> bool:
    """Tell whether the person was dead, as far as the registry said, at one of its heights."""
    return bool(rows) and status_at(rows, height) == PatientStatus.DECEASED


def outlives(revision: Revision, stream: str) -> bool:
    """Tell whether a revision may still be sealed after the person's death.

    Closing notes are; so are withdrawals, which only hide, and what is no transmission at all.
    """
    if stream not in _VOLETS or revision.kind != RecordKind.ENTRY:
        return True
    try:
        body = decode_entry(revision.body)
    except ValueError:
        # Kept and passed on, but nothing that this version can show.
        return True
    return body.withdrawn or body.kind == EntryKind.CLOSING


def is_over(rows: Sequence[StatusRow]) -> bool:
    """Tell whether the circle follows the person no more: dead, or gone for good."""
    standing = newest(rows)
    return standing is not None and standing.status in {PatientStatus.DECEASED, PatientStatus.LEFT}


def newest(rows: Iterable[StatusRow]) -> StatusRow | None:
    """Return the status that stands, or None where nobody has said any."""
    return max(rows, key=lambda row: row.height, default=None)
