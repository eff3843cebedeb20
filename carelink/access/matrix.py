"""The default rights by role, as data (`resources/access/matrix.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from carelink.access.compartments import Compartment, Right, Stream, stream_of
from carelink.access.roles import Function, Role
from carelink.resources import read_text

_LETTERS = {"r": Right.READ, "rw": Right.READ_WRITE}


@dataclass(frozen=True, slots=True)
class RoleRights:
    """What a role reads and writes by default.

    Attributes:
        compartments: The right in each compartment; absent means no key.
        kinds: Where writing is limited to some kinds of records.
        signals: Whether the role signals to the carers, without reading `care`.
        team: Whether it is held in a team's registry, where there is no volet.
    """

    compartments: Mapping[Compartment, Right]
    kinds: Mapping[Compartment, frozenset[str]]
    signals: bool
    team: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole table "Qui peut lire quoi ?"."""

    roles: Mapping[Role, RoleRights]

    def stream_rights(self, role: Role, functions: Collection[Function]) -> dict[Stream, Right]:
        """Return the bits that the registry must hold for a member.

        Every member reads the registry and writes traces; whoever runs the circle (coordinator,
        patient side) writes the registry, reads traces, and keeps the recorded decisions. In a team all
        hold its key pair; who coordinates it changes that, and signs for it.
        """
        rights = {stream_of(c): right for c, right in self.roles[role].compartments.items()}
        if self.roles[role].signals:
            rights[Stream.CARE_INBOX] = Right.WRITE
        runs = role.is_patient_side or Function.COORDINATOR in functions
        rights[Stream.REGISTRY] = Right.READ_WRITE if runs else Right.READ
        rights[Stream.TRACE] = Right.READ_WRITE if runs else Right.WRITE
        if runs:
            rights[Stream.DECISIONS] = Right.READ_WRITE
        if self.roles[role].team:
            rights[Stream.TEAM] = Right.READ_WRITE
            rights[Stream.TEAM_KEY] = Right.READ_WRITE if runs else Right.READ
            if runs:
                rights[Stream.ROSTER] = Right.READ_WRITE
        return rights

    def may_write_kind(self, role: Role, compartment: Compartment, kind: str) -> bool:
        """Tell whether `role` writes records of `kind` in `compartment` by default."""
        rights = self.roles[role]
        if Right.WRITE not in rights.compartments.get(compartment, Right.NONE):
            return False
        limited = rights.kinds.get(compartment)
        return limited is None or kind in limited


def parse_matrix(text: str) -> Matrix:
    """Read the matrix from TOML.

    Raises:
        ValueError: A role is missing or unknown, or a right is none that a volet has.
    """
    tables = tomllib.loads(text)
    if set(tables) != {role.value for role in Role}:
        raise ValueError("the matrix must name every role once")
    roles: dict[Role, RoleRights] = {}
    for name, table in tables.items():
        compartments: dict[Compartment, Right] = {}
        kinds: dict[Compartment, frozenset[str]] = {}
        for key, value in table.items():
            if (key == Stream.CARE_INBOX and value == "w") or (key == Stream.TEAM and value == "rw"):
                continue
            if key.endswith("_kinds"):
                kinds[Compartment(key.removesuffix("_kinds"))] = frozenset(value)
            elif value in _LETTERS:
                compartments[Compartment(key)] = _LETTERS[value]
            else:
                raise ValueError(f"{name}.{key}: neither r nor rw")
        roles[Role(name)] = RoleRights(compartments, kinds, Stream.CARE_INBOX in table, Stream.TEAM in table)
    return Matrix(roles)


@cache
def default_matrix() -> Matrix:
    """Return the matrix that CareLink ships."""
    return parse_matrix(read_text("access/matrix.toml"))
