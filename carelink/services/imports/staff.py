"""Staff from a table: an invitation into the team for each who is not in it and has none, all or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from carelink.access.policy import Permission
from carelink.access.roles import Function, Role
from carelink.errors import KnownError
from carelink.interop.tables import TableLine, folded, read_table, write_table
from carelink.language import tr
from carelink.models.vault.files import create_named_file
from carelink.records.identifiers import is_rpps, is_rpps_length, plain_number
from carelink.services.accounts import MAX_NAME_CHARACTERS
from carelink.services.imports.columns import Column, Columns, find_columns
from carelink.services.imports.lines import LinesError, PlannedLine, Step
from carelink.services.invitations import InvitationRequest, Invitations, NewInvitation
from carelink.services.requirements import Service, requires
from carelink.services.session import Stores

MAX_PEOPLE: Final = 300
LIFETIME_MS: Final = 31 * 24 * 3600 * 1000
_YES: Final = frozenset({"oui", "o", "x", "1", "vrai", "true", "yes"})
_NO: Final = frozenset({"", "non", "n", "0", "faux", "false", "no"})
_RUNS: Final = ("responsable", "coordinat", "coordonn")


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person of the list."""

    line: int
    name: str
    profession: str
    rpps: str
    runs: bool


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """What an import would do.

    Attributes:
        invited: Those who would be invited, in order.
        ignored: Headings of columns that are not taken over.
    """

    lines: tuple[PlannedLine, ...]
    invited: tuple[Colleague, ...]
    ignored: tuple[str, ...]

    @property
    def wrong(self) -> tuple[PlannedLine, ...]:
        """The lines that cannot be taken."""
        return tuple(line for line in self.lines if line.errors)

    def count(self, step: Step) -> int:
        """Return for how many lines something will be done."""
        return sum(line.step is step for line in self.lines)


@dataclass(frozen=True, slots=True)
class InvitedColleague:
    """A line for which there is an invitation now."""

    line: int
    name: str
    invitation: NewInvitation


class StaffImport(Service):
    """Invitations of an establishment's staff into their team."""

    @requires(Permission.MEMBER_INVITE)
    def check(self, circle: str, data: bytes) -> StaffPlan:
        """Return what would be done with each line of a file; nothing is.

        Args:
            circle: The team.
            data: The file.

        Raises:
            KnownError: It is no table, columns are missing, or it has too many people.
        """
        table = read_table(data)
        columns = find_columns(table, staff_columns())
        if len(table.lines) > MAX_PEOPLE:
            raise KnownError(
                tr(
                    "Cette liste a plus de {limit}\u00a0personnes\u00a0: rien n’a été lu. Importez-la en "
                    "plusieurs fichiers.",
                    limit=MAX_PEOPLE,
                )
            )
        with self.session.read() as stores:
            there = _There(stores, self.session.circle_id(stores, circle), self)
        lines, invited = [], []
        for line in table.lines:
            reading = _Reading(columns, line)
            colleague = reading.colleague
            if colleague is None:
                lines.append(reading.planned(Step.WRONG))
                continue
            reading.warnings += there.doubts(colleague)
            known = there.knows(colleague)
            if not known:
                invited.append(colleague)
            lines.append(reading.planned(Step.KNOWN if known else Step.NEW))
        return StaffPlan(tuple(lines), tuple(invited), columns.ignored)

    @requires(Permission.VAULT_USE)
    def save_model(self, out: Path, *, replacing: bool = False) -> None:
        """Write an empty list to fill in, as a spreadsheet opens it.

        Raises:
            KnownError: There is such a file already, or it cannot be written.
        """
        titles = [column.title for column in staff_columns()]
        create_named_file(out, write_table([titles]), replacing=replacing)

    @requires(Permission.MEMBER_INVITE)
    def carry_out(
        self,
        circle: str,
        data: bytes,
        *,
        in_person: bool = False,
        lifetime: int = LIFETIME_MS,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[InvitedColleague, ...]:
        """Invite everyone of a file who is not in the team and has no invitation: all of them, or none.

        Args:
            circle: The team.
            data: The file.
            in_person: The codes are handed over in person, so no words will be asked.
            lifetime: How long the codes work, milliseconds.
            progress: Told how many are at the relay.

        Raises:
            LinesError: Lines that cannot be taken; nobody was invited.
            KnownError: It is no table, or the relay cannot be used; nobody was invited.
        """
        plan = self.check(circle, data)
        if plan.wrong:
            raise LinesError(plan.wrong)
        if not plan.invited:
            return ()
        people = [
            InvitationRequest(
                role=Role.STAFF,
                name=colleague.name,
                relation=colleague.profession,
                functions=(Function.COORDINATOR,) if colleague.runs else (),
                in_person=in_person,
                lifetime=lifetime,
            )
            for colleague in plan.invited
        ]
        made = Invitations(self.session).invite_all(circle, people, progress)
        return tuple(
            InvitedColleague(colleague.line, colleague.name, invitation)
            for colleague, invitation in zip(plan.invited, made, strict=True)
        )


def staff_columns() -> tuple[Column, ...]:
    """Return the columns of a list of staff."""
    return (
        Column(
            "name",
            tr("nom"),
            ("nom de famille", "nom d’usage", "nom d'usage", "nom utilisé", "nom usuel"),
            vague=("nom de naissance",),
            required=True,
        ),
        Column("given", tr("prénom"), ("prénoms", "prénom(s)", "prénom usuel"), required=True),
        Column("profession", tr("profession"), ("métier", "qualification", "emploi"), vague=("fonction",)),
        Column("rpps", tr("RPPS"), ("numéro rpps", "n° rpps", "n rpps")),
        Column(
            "runs",
            tr("responsable d’équipe"),
            ("responsable", "responsable d'équipe", "coordinateur", "coordinatrice"),
            vague=("fonction",),
        ),
    )


class _Reading:
    """One line as it is read: the person, or what is wrong."""

    def __init__(self, columns: Columns, line: TableLine) -> None:
        self._line = line
        self.errors: list[str] = []
        self.warnings: list[str] = []
        text = {column.code: columns.text(line, column.code) for column in staff_columns()}
        self._profession = text["profession"]
        self.name = " ".join(part for part in (text["given"], text["name"]) if part)
        if line.too_many:
            self.errors.append(tr("La ligne a plus de cases que le tableau n’a de titres."))
        for code, title in (("name", tr("le nom")), ("given", tr("le prénom"))):
            if not text[code]:
                self.errors.append(tr("Il manque {what}.", what=title))
        if max(len(self.name), len(self._profession)) > MAX_NAME_CHARACTERS:
            self.errors.append(
                tr("Un nom est trop long ({limit} caractères au plus).", limit=MAX_NAME_CHARACTERS)
            )
        rpps = self._rpps(text["rpps"])
        self._runs = self._is_responsible(text["runs"])
        self.colleague = (
            None if self.errors else Colleague(line.number, self.name, self._profession, rpps, self._runs)
        )

    def planned(self, step: Step) -> PlannedLine:
        """Return what is said of the line."""
        what = (self._profession, tr("responsable d’équipe") if self._runs else "")
        return PlannedLine(
            self._line.number,
            self.name,
            ", ".join(part for part in what if part),
            step,
            tuple(self.errors),
            tuple(self.warnings),
        )

    def _rpps(self, text: str) -> str:
        number = plain_number(text)
        if not number:
            return ""
        if not is_rpps_length(number):
            self.errors.append(tr("Le numéro RPPS «\u00a0{text}\u00a0» n’a pas onze chiffres.", text=text))
            return ""
        if not is_rpps(number):
            self.warnings.append(
                tr("Le numéro RPPS {number} n’a pas la bonne clé\u00a0: vérifiez-le.", number=number)
            )
        return number

    def _is_responsible(self, text: str) -> bool:
        plain = folded(text)
        if plain in _YES or plain.startswith(_RUNS):
            return True
        if plain not in _NO:
            self.warnings.append(
                tr(
                    "«\u00a0{text}\u00a0» ne dit pas responsable d’équipe\u00a0: cette personne sera simple "
                    "membre.",
                    text=text,
                )
            )
        return False


class _There:
    """Who is in the team, who has an invitation, and who stood on a line above."""

    def __init__(self, stores: Stores, circle: bytes, service: Service) -> None:
        session = service.session
        context = session.context(stores, circle)
        members = context.state.members if context.state is not None else {}
        self._rpps: set[str] = set()
        self._names: Counter[str] = Counter()
        self._numbered: Counter[str] = Counter()
        self._lines: dict[tuple[str, str], int] = {}
        self._rpps_lines: dict[str, int] = {}
        for account, card in context.cards.items():
            if account in members and members[account].active:
                (self._numbered if card.rpps else self._names)[_spoken(card.name)] += 1
                if card.rpps:
                    self._rpps.add(card.rpps)
        now = session.clock()
        for row in stores.invitations(circle):
            if row.state == "answered" or (row.state == "open" and row.expires > now):
                self._names[_spoken(row.name)] += 1

    def knows(self, colleague: Colleague) -> bool:
        """Tell whether someone needs no invitation; each who is there counts for one line."""
        key = (_spoken(colleague.name), colleague.rpps)
        if key in self._lines or (colleague.rpps and colleague.rpps in self._rpps):
            return True
        self._lines[key] = colleague.line
        if colleague.rpps:
            self._rpps_lines[colleague.rpps] = colleague.line
        # Whoever gave their own number is nobody of the same name with another one.
        for names in (self._names, *(() if colleague.rpps else (self._numbered,))):
            if names[key[0]] > 0:
                names[key[0]] -= 1
                return True
        return False

    def doubts(self, colleague: Colleague) -> list[str]:
        """Return what to look at twice: a person on two lines, or two of one name."""
        name = _spoken(colleague.name)
        same = self._lines.get((name, colleague.rpps))
        if same is not None:
            return [tr("La même personne est déjà à la ligne {number}.", number=same)]
        if colleague.rpps in self._rpps_lines:
            return [tr("Même RPPS qu’à la ligne {number}.", number=self._rpps_lines[colleague.rpps])]
        others = [line for (other, _), line in self._lines.items() if other == name]
        if others:
            return [tr("Même nom qu’à la ligne {number}, avec un autre RPPS.", number=others[0])]
        return []


def _spoken(name: str) -> str:
    """Return a name whose words may come in any order: lists say "Martin Claire", people "Claire Martin"."""
    return " ".join(sorted(folded(name).split()))
