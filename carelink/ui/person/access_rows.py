"""Who reads and writes what, as rows of words: members of a circle, and roles in general."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.access.compartments import Compartment
from carelink.access.roles import Function
from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.members import MemberView
from carelink.services.rights import RoleView, default_roles
from carelink.services.wording import compartment_name, function_name, role_name
from carelink.ui.person.moments import day_words, local_time
from carelink.ui.person.words import as_what, first_name
from carelink.ui.theme import ToneName

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
    """What someone may do in a volet; `icon` says the same, and is empty where there is no access.

    Attributes:
        tone: Of what is out of the ordinary, or nothing.
    """

    volet: str
    icon: str
    words: str
    tone: ToneName | None = None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """Someone, or the heading of a group where there are no cells.

    Attributes:
        name: Who, or the group's heading.
        detail: As what, since when.
        key: Lasting id that gives the face its colour; without one there is no face.
        warning: Why this row does not add up, or nothing.
        action: What opening the row offers, in a word; a row without one opens nothing.
    """

    name: str
    detail: str = ""
    key: str = ""
    cells: tuple[AccessCell, ...] = ()
    warning: str = ""
    action: str = ""

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
    """Return those who are in a circle, in groups."""
    groups: list[tuple[str, list[MemberView]]] = [
        (tr("La personne et sa famille"), []),
        (tr("Équipe de soins"), []),
        (tr("Accompagnement"), []),
    ]
    for member in view.members:
        if member.active:
            groups[_group(member.role)][1].append(member)
    rows = []
    for heading, members in groups:
        if members:
            rows.append(AccessRow(heading))
            rows += [_member_row(view, member) for member in members]
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


def member_details(member: MemberView) -> list[str]:
    """Return as what someone is there, and with which functions."""
    # Many write in the words beside their name that they are the family's contact.
    said = member.relation.casefold()
    return [
        as_what(member.role, member.relation),
        *([tr("personne de confiance")] if member.trusted else []),
        *(
            function_name(function)
            for function in member.functions
            if not (function == Function.REFERENT and "référent" in said)
        ),
    ]


def _member_row(view: CircleView, member: MemberView) -> AccessRow:
    details = member_details(member)
    if member.until is not None:
        until = local_time(member.until).date()
        details.append(tr("jusqu’au {until}", until=day_words(until, year=True)))
    else:
        since = local_time(member.since).date()
        details.append(tr("depuis le {since}", since=day_words(since, year=True)))
    warning = ""
    if not member.consistent:
        warning = tr("Les droits publiés pour ce membre ne sont pas ceux de son rôle.")
    changes = member.may_change or member.may_decide or member.vouchable
    return AccessRow(
        name=tr("{name} (vous)", name=member.name) if member.mine else member.name,
        detail=" · ".join(details),
        key=member.id,
        cells=tuple(member_cell(view, member, volet) for volet in COLUMNS),
        warning=warning,
        action=tr("Modifier") if changes else tr("Voir"),
    )


def member_cell(view: CircleView, member: MemberView, volet: str) -> AccessCell:
    """Return what a member may do in a volet, and by whose word where that is known."""
    if volet in member.promised:
        return AccessCell(volet, "hourglass", tr("attend l’accord d’un soignant"), "caution")
    names = {known.id: first_name(known.name) for known in view.members}
    for denial in view.denials:
        if (denial.member, denial.compartment) == (member.id, volet):
            name = names.get(denial.by, tr("un membre"))
            words = tr("refus noté par {name}") if denial.on_behalf else tr("refusé par {name}")
            return AccessCell(volet, "hand-stop", words.format(name=name), "urgent")
    for grant in view.grants:
        if (grant.member, grant.compartment) == (member.id, volet):
            words = tr("accordé")
            if grant.until is not None:
                day = day_words(local_time(grant.until).date(), year=False)
                words = tr("accordé jusqu’au {day}", day=day)
            return AccessCell(volet, "key", words, "care")
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
