"""One policy function for every use case: what a person may do in a circle. Default deny.

Keys come first: what may not be read is not in the vault. This second line keeps a service from
offering what the registry does not give.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from carelink.access.compartments import COMPARTMENT_STREAMS, Compartment, Right, Stream
from carelink.access.matrix import default_matrix
from carelink.access.roles import Function, Role


class Permission(StrEnum):
    """`scope:resource:action`."""

    VAULT_USE = "vault:own:use"
    CIRCLE_READ = "circle:members:read"
    MEMBER_INVITE = "circle:member:invite"
    MEMBER_CONFIRM = "circle:member:confirm"
    MEMBER_CHANGE = "circle:member:change"
    CIRCLE_LEAVE = "circle:own:leave"
    EMERGENCY_OPEN = "emergency:own:open"
    EMERGENCY_OPPOSE = "emergency:access:oppose"
    ENTRY_READ = "cahier:entry:read"
    ENTRY_WRITE = "cahier:entry:write"
    TRACE_READ = "trace:access:read"
    FACT_WRITE = "decisions:fact:write"
    STATUS_CHANGE = "circle:status:change"


@dataclass(frozen=True, slots=True)
class Standing:
    """What someone is in a circle now.

    Attributes:
        role: None until their card could be read.
        active: False once the stay has ended; what is held may still be read.
    """

    role: Role | None
    functions: Collection[Function]
    rights: Mapping[Stream, Right]
    active: bool
    runs_circle: bool
    invites: bool


def allows(
    permission: Permission,
    standing: Standing | None,
    compartment: Compartment | Stream | None = None,
    kind: str | None = None,
) -> bool:
    """Tell whether `standing` gives `permission`, in a compartment and for a kind where named.

    Beside the compartments stands `Stream.CARE_INBOX`: carers read there, and whoever signals sees
    that their own signals were sent.
    """
    stream = None if compartment is None else Stream(compartment.value)
    if permission is Permission.VAULT_USE:
        return True
    if standing is None:
        return False
    match permission:
        case Permission.CIRCLE_READ:
            return True
        case Permission.MEMBER_INVITE:
            return standing.active and (standing.runs_circle or standing.invites)
        case (
            Permission.MEMBER_CONFIRM
            | Permission.MEMBER_CHANGE
            | Permission.EMERGENCY_OPPOSE
            | Permission.FACT_WRITE
        ):
            return standing.active and standing.runs_circle
        case Permission.CIRCLE_LEAVE | Permission.EMERGENCY_OPEN:
            on_call = permission is Permission.CIRCLE_LEAVE or standing.role is Role.ON_CALL
            return standing.active and on_call
        case Permission.STATUS_CHANGE:
            return standing.active and (standing.runs_circle or _has(standing, Stream.CARE, Right.WRITE))
        case Permission.TRACE_READ:
            return _has(standing, Stream.TRACE, Right.READ)
        case Permission.ENTRY_READ:
            return _may_read(standing, stream)
        case Permission.ENTRY_WRITE:
            return _may_write(standing, stream, kind)


def _has(standing: Standing, stream: Stream, right: Right) -> bool:
    return standing.active and right in standing.rights.get(stream, Right.NONE)


def _may_read(standing: Standing, stream: Stream | None) -> bool:
    if standing.role is Role.ON_CALL:
        # An emergency gives to read, not to keep.
        streams = COMPARTMENT_STREAMS if stream is None else (stream,)
        return any(_has(standing, one, Right.READ) for one in streams)
    held = stream is None or _has(standing, stream, Right.READ)
    own = stream is Stream.CARE_INBOX and _has(standing, stream, Right.WRITE)
    return held or own or not standing.active


def _may_write(standing: Standing, stream: Stream | None, kind: str | None) -> bool:
    if stream is None or not _has(standing, stream, Right.WRITE):
        return False
    if stream is Stream.CARE_INBOX:
        # Whoever reads the medical record has nothing to signal to its readers: they write in it.
        return standing.role is not None and not _has(standing, stream, Right.READ)
    if standing.role is None or kind is None:
        return standing.role is not None
    return default_matrix().may_write_kind(standing.role, Compartment(stream.value), kind)
