"""Direct streams: what is kept to people who are named, and needs no statement of the registry.

The rules are here, for clients and the relay alike; each *opening* has a key and an audience of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from carelink.access.compartments import RESTRICTED, Stream
from carelink.access.registry import CircleState, Member

DIRECT: Final = "direct"
MAX_AUDIENCE: Final = 64
# Of one header: openings that it goes on from, and those whose keys it hands on.
MAX_FOLLOWED: Final = 16
MAX_GIVEN: Final = 32


class DirectKind(StrEnum):
    """What an opening is for.

    `KEYS` is an account's own: a device hands the keys that it holds to the others of the same person.
    """

    RESTRICTED = RESTRICTED
    KEYS = "keys"


def may_restrict(member: Member) -> bool:
    """Tell whether someone may keep a medical note to people whom they name: a carer, the patient's side."""
    acts = member.active and member.team is None and not member.emergency
    return acts and (member.patient_side or member.writes(Stream.CARE))


def may_be_named(member: Member) -> bool:
    """Tell whether someone may be among the readers: a person who was not denied the medical record."""
    acts = member.active and member.team is None and not member.emergency
    return acts and Stream.CARE not in member.denials


def may_open(kind: str, member: Member, audience: Collection[bytes], origin: bytes, *, follows: bool) -> bool:
    """Tell whether someone may make such an opening.

    Args:
        kind: A `DirectKind`; of one that this version does not know, nobody may.
        member: Who makes it.
        audience: The accounts that are to read, the maker's among them.
        origin: Account of whoever made the first opening of what this one goes on from.
        follows: Whether it goes on from another.
    """
    if member.account not in audience:
        return False
    if kind == DirectKind.KEYS:
        return member.active and set(audience) == {member.account} == {origin} and not follows
    if kind != DirectKind.RESTRICTED or not may_restrict(member):
        return False
    return origin == member.account or (follows and member.patient_side)


def lost_reader(then: Member | None, now: Member | None) -> bool:
    """Tell whether a reader of an opening is no more who they were then: gone, denied, a device revoked."""
    return (
        then is None
        or now is None
        or not may_be_named(now)
        or now.since != then.since
        or not then.devices.keys() <= now.devices.keys()
    )


def is_over(then: CircleState, now: CircleState, audience: Collection[bytes]) -> bool:
    """Tell whether an opening made in one state is closed to writing in a later one."""
    return any(lost_reader(then.members.get(account), now.members.get(account)) for account in audience)
