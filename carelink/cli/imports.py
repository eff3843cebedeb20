"""`carelink import …`: lists of people from a spreadsheet."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from carelink.cli.letters import print_letters
from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.values import duration, iso
from carelink.errors import KnownError
from carelink.interop.tables import MAX_BYTES
from carelink.language import tr
from carelink.services.imports.files import read_list
from carelink.services.imports.lines import LinesError, PlannedLine, Step
from carelink.services.imports.residents import ImportedResident, ResidentImport, ResidentPlan
from carelink.services.imports.staff import LIFETIME_MS, StaffImport, StaffPlan
from carelink.services.letters import LetterWishes
from carelink.services.session import Session
from carelink.services.teams import Teams, team_role


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    group = commands.add_parser("import", help=tr("faire entrer une liste de personnes"))
    lists = group.add_subparsers(dest="list", required=True, metavar=tr("liste"))
    residents = lists.add_parser(
        "residents",
        parents=[common],
        help=tr("un cercle pour chaque personne d’un tableau CSV qui n’en a pas encore"),
    )
    _add_file(residents)
    residents.add_argument("--hub", default="", metavar="URL")
    residents.add_argument("--as", dest="role", default="", metavar="ROLE")
    residents.add_argument("--function", action="append", default=[], choices=["coordinator", "referent"])
    residents.add_argument(
        "--team", default="", metavar="T", help=tr("équipe à faire entrer dans chacun de ces cercles")
    )
    residents.add_argument("--role", dest="team_role", default="", metavar="ROLE")
    residents.set_defaults(run=_residents)
    staff = lists.add_parser(
        "staff",
        parents=[common],
        help=tr(
            "une invitation dans une équipe pour chaque personne d’un tableau CSV qui n’y est pas encore"
        ),
    )
    _add_file(staff)
    staff.add_argument("--team", required=True, metavar="T")
    staff.add_argument("--in-person", action="store_true")
    staff.add_argument("--expires", type=duration, default=LIFETIME_MS, metavar="31d")
    staff.add_argument("--letters", type=Path, metavar="OUT.pdf", help=tr("imprimer une lettre pour chacune"))
    staff.add_argument("--establishment", default="", help=tr("au nom de quel établissement"))
    staff.set_defaults(run=_staff)


def _add_file(command: ArgumentParser) -> None:
    command.add_argument(
        "file", type=Path, metavar="FILE", help=tr("tableau CSV\u202f; «\u00a0-\u00a0» lit l’entrée standard")
    )
    command.add_argument(
        "--check", action="store_true", help=tr("dire ce qui serait fait, sans rien changer")
    )


def _residents(parsed: Namespace, output: Output) -> int:
    data = _content(parsed.file)
    with unlocked(parsed, output) as session:
        service = ResidentImport(session)
        if parsed.team:
            team_role(parsed.team_role)
            Teams(session).resolve(parsed.team)
        plan = service.check(data)
        _tell(plan.lines, plan.ignored, output)
        if plan.wrong:
            output.result(_counts(plan))
            raise LinesError(plan.wrong)
        if parsed.check:
            output.result(
                _counts(plan),
                tr(
                    "{new} cercles seraient créés, {known} personnes sont déjà là.",
                    new=plan.count(Step.NEW),
                    known=plan.count(Step.KNOWN),
                ),
            )
            return 0
        done = service.carry_out(data, parsed.hub, parsed.role, parsed.function)
        joined = _let_team_in(session, done, parsed.team, parsed.team_role)
    new = [resident for resident in done if resident.new]
    output.result(
        {
            "imported": len(new),
            "circles": [resident.circle for resident in new],
            "skipped": [
                {"line": resident.line, "what": resident.name, "why": "known", "circle": resident.circle}
                for resident in done
                if not resident.new
            ],
            "ignored": list(plan.ignored),
            "team_joined": joined,
        },
        tr(
            "{new} cercles créés, envoyés au relais au prochain échange\u202f; {known} personnes étaient "
            "déjà là.",
            new=len(new),
            known=len(done) - len(new),
        ),
    )
    return 0


def _let_team_in(
    session: Session, residents: tuple[ImportedResident, ...], team: str, role: str
) -> list[str]:
    """Let a team into those circles that do not have it yet; interrupted, it goes on when asked again."""
    if not team:
        return []
    teams = Teams(session)
    there = set(teams.show(team).circles)
    circles = [circle for circle in dict.fromkeys(one.circle for one in residents) if circle not in there]
    for circle in circles:
        teams.add_to_circle(circle, team, role)
    return circles


def _staff(parsed: Namespace, output: Output) -> int:
    data = _content(parsed.file)
    if parsed.letters is not None and parsed.letters.exists():
        raise KnownError(
            tr(
                "Le fichier {out} existe déjà\u00a0: personne n’a été invité. Donnez un autre nom.",
                out=parsed.letters,
            )
        )
    with unlocked(parsed, output) as session:
        service, team = StaffImport(session), Teams(session).resolve(parsed.team)
        plan = service.check(team, data)
        _tell(plan.lines, plan.ignored, output)
        if plan.wrong or parsed.check:
            output.result(
                _counts(plan),
                tr(
                    "{new} personnes seraient invitées, {known} sont déjà dans l’équipe ou invitées.",
                    new=plan.count(Step.NEW),
                    known=plan.count(Step.KNOWN),
                ),
            )
            if plan.wrong:
                raise LinesError(plan.wrong)
            return 0
        made = service.carry_out(team, data, in_person=parsed.in_person, lifetime=parsed.expires)
        if parsed.letters is not None and made:
            invitations = tuple(one.invitation.invitation for one in made)
            wishes = LetterWishes(parsed.establishment, invitations=invitations)
            print_letters(session, team, parsed.letters, wishes, output)
    output.result(
        {
            "imported": len(made),
            "invitations": [
                {
                    "line": one.line,
                    "name": one.name,
                    "invitation": one.invitation.invitation,
                    "code": one.invitation.code,
                    "link": one.invitation.link,
                    "expires": iso(one.invitation.expires),
                }
                for one in made
            ],
            "skipped": [
                {"line": line.number, "what": line.name, "why": "known"}
                for line in plan.lines
                if line.step is Step.KNOWN
            ],
            "ignored": list(plan.ignored),
        },
        "\n".join(f"{one.invitation.link}  {one.name}" for one in made)
        or tr("Personne à inviter\u00a0: toutes ces personnes sont dans l’équipe ou invitées."),
    )
    return 0


def _content(file: Path) -> bytes:
    """Return what a file holds, no more of it than a list may be long.

    Raises:
        KnownError: It cannot be read.
    """
    if str(file) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    return read_list(file)


def _tell(lines: tuple[PlannedLine, ...], ignored: tuple[str, ...], output: Output) -> None:
    if ignored:
        output.message(tr("Colonnes non reprises\u00a0: {titles}.", titles=", ".join(ignored)))
    for line in lines:
        for warning in line.warnings:
            output.message(
                tr(
                    "Ligne {number}, {name}\u00a0: {warning}",
                    number=line.number,
                    name=line.name,
                    warning=warning,
                )
            )


def _counts(plan: ResidentPlan | StaffPlan) -> dict[str, object]:
    return {
        "imported": 0,
        "new": plan.count(Step.NEW),
        "known": plan.count(Step.KNOWN),
        "errors": [
            {"line": line.number, "what": line.name, "why": error}
            for line in plan.lines
            for error in line.errors
        ],
        "ignored": list(plan.ignored),
    }
