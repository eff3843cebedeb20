"""One policy function for every use case: what a person may do in a circle. Default deny.

Keys come first: what may not be read is not in the vault. This second line keeps a service from
offering what the registry does not give.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from carelink.access.compartments import Compartment, Right, Stream, stream_of
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
    compartment: Compartment | None = None,
    kind: str | None = None,
) -> bool:
    """Tell whether `standing` gives `permission`, in a compartment and for a kind where named."""
    if permission is Permission.VAULT_USE:
        return True
    if standing is None:
        return False
    match permission:
        case Permission.CIRCLE_READ:
            return True
        case Permission.MEMBER_INVITE:
            return standing.active and (standing.runs_circle or standing.invites)
        case Permission.MEMBER_CONFIRM | Permission.MEMBER_CHANGE | Permission.EMERGENCY_OPPOSE:
            return standing.active and standing.runs_circle
        case Permission.CIRCLE_LEAVE | Permission.EMERGENCY_OPEN:
            on_call = permission is Permission.CIRCLE_LEAVE or standing.role is Role.ON_CALL
            return standing.active and on_call
        case Permission.STATUS_CHANGE:
            return standing.active and (standing.runs_circle or _has(standing, Stream.CARE, Right.WRITE))
        case Permission.TRACE_READ:
            return _has(standing, Stream.TRACE, Right.READ)
        case Permission.ENTRY_READ:
            held = compartment is None or _has(standing, stream_of(compartment), Right.READ)
            return held or not standing.active
        case Permission.ENTRY_WRITE:
            return _may_write(standing, compartment, kind)


def _has(standing: Standing, stream: Stream, right: Right) -> bool:
    return standing.active and right in standing.rights.get(stream, Right.NONE)


def _may_write(standing: Standing, compartment: Compartment | None, kind: str | None) -> bool:
    if compartment is None or not _has(standing, stream_of(compartment), Right.WRITE):
        return False
    if standing.role is None or kind is None:
        return standing.role is not None
    return default_matrix().may_write_kind(standing.role, compartment, kind)
