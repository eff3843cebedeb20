"""Who reads and writes what, as rows of words: members of a circle, and roles in general."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.access.compartments import Compartment
from carelink.access.roles import Function
from carelink.language import tr
from carelink.services.circles import CircleView, MemberView
from carelink.services.rights import RoleView, default_roles
from carelink.services.wording import compartment_name, function_name, role_name
from carelink.ui.person.moments import day_words, local_time
from carelink.ui.person.words import as_what

COLUMNS: tuple[str, ...] = tuple(compartment.value for compartment in Compartment)
_RELATIVES_SIDE = {"patient", "legal_representative", "family_carer", "relative", "volunteer"}
_CARE_TEAM = {
    "physician",
    "coordinating_physician",
    "nurse",
    "care_assistant",
    "therapist",
    "psychologist",
    "pharmacist",
}


@dataclass(frozen=True, slots=True)
class AccessCell:
    """What someone may do in a volet; `icon` says the same, and is empty where there is no access."""

    volet: str
    icon: str
    words: str
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class AccessRow:
    """Someone, or the heading of a group where there are no cells.

    Attributes:
        name: Who, or the group's heading.
        detail: As what, since when.
        key: Lasting id that gives the face its colour; without one there is no face.
        past: No longer in the circle.
        warning: Why this row does not add up, or nothing.
    """

    name: str
    detail: str = ""
    key: str = ""
    cells: tuple[AccessCell, ...] = ()
    past: bool = False
    warning: str = ""

    @property
    def is_heading(self) -> bool:
        """Whether it names a group."""
        return not self.cells

    def sentence(self) -> str:
        """Return the row as it is read aloud."""
        parts = [self.name, self.detail, self.warning]
        parts += [f"{compartment_name(cell.volet)}\u00a0: {cell.words}" for cell in self.cells]
        return ". ".join(part for part in parts if part)


def member_rows(view: CircleView) -> list[AccessRow]:
    """Return the members of a circle in groups, those of the past last."""
    groups: list[tuple[str, list[MemberView]]] = [
        (tr("La personne et sa famille"), []),
        (tr("Équipe de soins"), []),
        (tr("Accompagnement"), []),
        (tr("Membres passés"), []),
    ]
    for member in view.members:
        groups[_group(member.role) if member.active else 3][1].append(member)
    rows = []
    for heading, members in groups:
        if members:
            rows.append(AccessRow(heading))
            rows += [_member_row(member) for member in members]
    return rows


def role_rows(roles: tuple[RoleView, ...]) -> list[AccessRow]:
    """Return what each role has by default, in the same groups."""
    headings = (tr("La personne et sa famille"), tr("Équipe de soins"), tr("Accompagnement"))
    rows = []
    for group, heading in enumerate(headings):
        rows.append(AccessRow(heading))
        for role in roles:
            if _group(role.role) == group:
                name = role_name(role.role)
                cells = tuple(_role_cell(role, volet) for volet in COLUMNS)
                rows.append(AccessRow(name[:1].upper() + name[1:], cells=cells))
    return rows


def _group(role: str) -> int:
    return 0 if role in _RELATIVES_SIDE else 1 if role in _CARE_TEAM else 2


def _member_row(member: MemberView) -> AccessRow:
    details = [as_what(member.role, member.relation)]
    # Many write in the words beside their name that they are the family's contact.
    said = member.relation.casefold()
    details += [
        function_name(function)
        for function in member.functions
        if not (function == Function.REFERENT and "référent" in said)
    ]
    since = local_time(member.since).date()
    if not member.active:
        until = local_time(member.until).date() if member.until is not None else None
        words = day_words(since, year=True)
        if until is None:
            details.append(tr("a été membre depuis le {since}", since=words))
        else:
            details.append(tr("du {since} au {until}", since=words, until=day_words(until, year=True)))
    elif member.until is not None:
        until = local_time(member.until).date()
        details.append(tr("jusqu’au {until}", until=day_words(until, year=True)))
    else:
        details.append(tr("depuis le {since}", since=day_words(since, year=True)))
    warning = ""
    if not member.consistent:
        warning = tr("Les droits publiés pour ce membre ne sont pas ceux de son rôle.")
    return AccessRow(
        name=tr("{name} (vous)", name=member.name) if member.mine else member.name,
        detail=" · ".join(details),
        key=member.id,
        cells=tuple(_member_cell(member, volet) for volet in COLUMNS),
        past=not member.active,
        warning=warning,
    )


def _member_cell(member: MemberView, volet: str) -> AccessCell:
    if not member.active:
        return AccessCell(volet, "", tr("plus d’accès"))
    if volet in member.promised:
        return AccessCell(volet, "hourglass", tr("attend l’accord d’un soignant"), waiting=True)
    writes = volet in member.writes
    if writes and volet in _limited(member.role):
        return _limited_cell(volet)
    return _cell(volet, reads=volet in member.reads, writes=writes)


def _limited(role: str) -> tuple[str, ...]:
    return next((known.limited for known in default_roles() if known.role == role), ())


def _limited_cell(volet: str) -> AccessCell:
    return AccessCell(volet, "eye", tr("lit, écrit ses relevés"))


def _role_cell(role: RoleView, volet: str) -> AccessCell:
    if volet in role.writes and volet in role.limited:
        return _limited_cell(volet)
    return _cell(volet, reads=volet in role.reads, writes=volet in role.writes)


def _cell(volet: str, *, reads: bool, writes: bool) -> AccessCell:
    if reads and writes:
        return AccessCell(volet, "pencil", tr("lit et écrit"))
    if reads:
        return AccessCell(volet, "eye", tr("lit"))
    if writes:
        return AccessCell(volet, "send", tr("écrit, sans lire"))
    return AccessCell(volet, "", tr("pas d’accès"))
