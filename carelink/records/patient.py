"""The identity of the person cared for, as entered by whoever created the circle."""

from __future__ import annotations

import msgspec


class PatientIdentity(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Identity traits in the order of the national identity reference (RNIV).

    Attributes:
        birth: ISO date.
        sex: "F", "M" or empty.
    """

    given: str
    birth_name: str
    used_name: str
    birth: str
    sex: str

    @property
    def display(self) -> str:
        """First name and the name in use."""
        return f"{self.given} {self.used_name or self.birth_name}"


class MemberCard(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the circle's members may know of one of them; it travels sealed.

    Attributes:
        name_salt: Salt of the name's hash in the device certificate.
        relation: In the family's words, for example "fille"; empty for professionals.
        invited_by: Account id, or empty for the creator.
    """

    name: str
    name_salt: bytes
    role: str
    functions: tuple[str, ...]
    profession: str
    rpps: str
    relation: str
    invited_by: bytes


class TeamIdentity(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a team of carers is called, as entered by whoever created it.

    Attributes:
        salt: Of the hash of `display` that the team announces.
    """

    name: str
    establishment: str
    salt: bytes

    @property
    def display(self) -> str:
        """The name with the establishment's."""
        return f"{self.name} ({self.establishment})" if self.establishment else self.name


class GenesisPart(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sealed part of statement 0: who the circle is for, and its creator."""

    patient: PatientIdentity
    creator: MemberCard


class TeamPart(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sealed part of a team's statement 0: what it is called, and its creator."""

    team: TeamIdentity
    creator: MemberCard
