"""Who reads and writes what by default: the whole table, for everyone to see."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.access.compartments import Right
from carelink.access.matrix import default_matrix
from carelink.access.roles import CIRCLE_ROLES, Role


@dataclass(frozen=True, slots=True)
class RoleView:
    """What a role reads and writes by default; `limited` volets take some kinds of records only."""

    role: str
    professional: bool
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    limited: tuple[str, ...]


def default_roles() -> tuple[RoleView, ...]:
    """Return every role of the default matrix, in its order."""

    def view(role: Role) -> RoleView:
        table = default_matrix().roles[role]
        held = table.compartments.items()
        return RoleView(
            role=role.value,
            professional=role.is_professional,
            reads=tuple(c.value for c, right in held if Right.READ in right),
            writes=tuple(c.value for c, right in held if Right.WRITE in right),
            limited=tuple(c.value for c in table.kinds),
        )

    return tuple(view(role) for role in CIRCLE_ROLES)
