"""`carelink circle …`, `invite`, `join`, `confirm`, `vouch`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.status import status_values
from carelink.cli.values import duration, iso, moment
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import Circles, CircleView, checked_patient
from carelink.services.invitations import DEFAULT_LIFETIME_MS, InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.notice import notice_text
from carelink.services.status import Statuses
from carelink.services.status_views import status_name
from carelink.services.teams import Teams
from carelink.services.wording import compartment_name, role_name


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    group = commands.add_parser("circle", help=tr("cercles de soins"))
    actions = group.add_subparsers(dest="action", required=True, metavar=tr("action"))
    create = actions.add_parser("create", parents=[common], help=tr("créer un cercle"))
    create.add_argument("--given", required=True)
    create.add_argument("--birth-name", required=True)
    create.add_argument("--birth", required=True, metavar="1938-04-12")
    create.add_argument("--used-name", default="")
    create.add_argument("--sex", default="", choices=["", "F", "M"])
    create.add_argument("--hub", default="", metavar="URL")
    create.add_argument("--as", dest="role", default="", metavar="ROLE")
    create.add_argument("--function", action="append", default=[], choices=["coordinator", "referent"])
    create.set_defaults(run=_create)
    actions.add_parser("list", parents=[common], help=tr("lister les cercles")).set_defaults(run=_list)
    show = actions.add_parser("show", parents=[common], help=tr("qui est dans un cercle et lit quoi"))
    show.add_argument("circle")
    show.set_defaults(run=_show)
    add_team = actions.add_parser(
        "add-team", parents=[common], help=tr("donner un rôle à une équipe dans un cercle")
    )
    add_team.add_argument("circle")
    add_team.add_argument("--team", default="", metavar="NAME|ID|CODE", help=tr("l’équipe, ou son code"))
    add_team.add_argument("--code-file", type=Path, default=None, metavar="F", help=tr("fichier du code"))
    add_team.add_argument("--role", required=True)
    add_team.add_argument("--no-history", action="store_true")
    add_team.set_defaults(run=_add_team)

    invite = commands.add_parser("invite", parents=[common], help=tr("inviter quelqu’un"))
    invite.add_argument("circle")
    invite.add_argument("--role", required=True)
    invite.add_argument("--name", default="")
    invite.add_argument("--relation", default="")
    invite.add_argument("--function", action="append", default=[], choices=["coordinator", "referent"])
    invite.add_argument("--in-person", action="store_true")
    invite.add_argument("--history", choices=["all", "none"], default="all")
    invite.add_argument("--until", type=moment, default=None, metavar="DATE")
    invite.add_argument("--expires", type=duration, default=DEFAULT_LIFETIME_MS, metavar="7d")
    invite.add_argument("--agreed", default="", metavar="oral|written|representative|care_team|none:REASON")
    invite.add_argument("--no-measure", default="", metavar="REASON")
    invite.set_defaults(run=_invite)
    join = commands.add_parser("join", parents=[common], help=tr("entrer avec un code ou un lien"))
    join.add_argument("code", metavar="CODE_OR_LINK")
    join.add_argument("--hub", default="", metavar="URL")
    join.set_defaults(run=_join)
    confirm = commands.add_parser("confirm", parents=[common], help=tr("faire entrer qui a répondu"))
    confirm.add_argument("circle")
    confirm.add_argument("--invitation", default="", metavar="ID")
    confirm.add_argument("--words", default="", metavar='"a b c"')
    confirm.set_defaults(run=_confirm)
    vouch = commands.add_parser(
        "vouch", parents=[common], help=tr("contresigner l’accès médical promis à un membre")
    )
    vouch.add_argument("circle")
    vouch.add_argument("member")
    vouch.set_defaults(run=_vouch)


def _create(parsed: Namespace, output: Output) -> int:
    patient = checked_patient(parsed.given, parsed.birth_name, parsed.birth, parsed.used_name, parsed.sex)
    with unlocked(parsed, output) as session:
        circle = Circles(session).create(patient, parsed.hub, parsed.role, parsed.function)
    output.result({"circle": circle})
    return 0


def _list(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        for summary in Circles(session).summaries():
            output.result(
                {
                    "circle": summary.circle,
                    "state": summary.state,
                    "patient": summary.name,
                    "role": summary.role,
                    "unread": summary.unread,
                    "to_send": summary.unsent,
                },
                f"{summary.circle}  {summary.name}  {summary.state}",
            )
    return 0


def _show(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        service = Circles(session)
        view = service.show(parsed.circle)
        history = Statuses(session).history(parsed.circle)
    patient = view.patient
    output.result(
        {
            "circle": view.circle,
            "state": view.state,
            "patient": {
                "given": patient.given,
                "birth_name": patient.birth_name,
                "used_name": patient.used_name,
                "birth": patient.birth,
                "sex": patient.sex,
            }
            if patient
            else None,
            "status": view.status.status,
            "status_since": iso(view.status.since),
            "status_history": [status_values(status) for status in history],
            "members": [
                {
                    "id": member.id,
                    "name": member.name,
                    "role": member.role,
                    "functions": list(member.functions),
                    "since": iso(member.since),
                    "until": iso(member.until),
                    "reads": list(member.reads),
                    "writes": list(member.writes),
                    "promised": list(member.promised),
                    "active": member.active,
                }
                for member in view.members
            ],
            "denials": [
                {
                    "member": denial.member,
                    "compartment": denial.compartment,
                    "by": denial.by,
                    "on_behalf": denial.on_behalf,
                    "until": iso(denial.until),
                }
                for denial in view.denials
            ],
            "awaited": list(view.awaited),
        },
        _spoken(view),
    )
    return 0


def _add_team(parsed: Namespace, output: Output) -> int:
    team = parsed.team
    if parsed.code_file is not None:
        try:
            team = parsed.code_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise KnownError(
                tr("Le fichier {file} ne peut pas être lu\u00a0: rien n’a été changé.", file=parsed.code_file)
            ) from error
    with unlocked(parsed, output) as session:
        added = Teams(session).add_to_circle(parsed.circle, team, parsed.role, history=not parsed.no_history)
    output.result({"circle": parsed.circle, "team": added})
    return 0


def _spoken(view: CircleView) -> str:
    sex = view.patient.sex if view.patient else ""
    name = view.patient.display if view.patient else view.circle
    lines = [f"{name} ({status_name(view.status.status, sex)})"]
    for member in view.members:
        reads = ", ".join(compartment_name(c) for c in member.reads) or tr("ne lit rien")
        lines.append(f"  {member.name} ({role_name(member.role)}) : {reads}")
    return "\n".join(lines)


def _invite(parsed: Namespace, output: Output) -> int:
    agreed, _, reason = parsed.agreed.partition(":")
    request = InvitationRequest(
        role=parsed.role,
        name=parsed.name,
        relation=parsed.relation,
        functions=tuple(parsed.function),
        in_person=parsed.in_person,
        history=parsed.history == "all",
        until=parsed.until,
        lifetime=parsed.expires,
        agreed=agreed,
        agreed_reason=reason,
        no_measure=parsed.no_measure,
    )
    with unlocked(parsed, output) as session:
        made = Invitations(session).invite(parsed.circle, request)
    output.result({"invitation": made.invitation, "code": made.code, "link": made.link})
    return 0


def _join(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        joining = Joinings(session).join(parsed.code, parsed.hub)
    if joining.words:
        output.message(
            tr(
                "Lisez ces trois mots à {inviter}\u00a0: {words}",
                inviter=joining.inviter,
                words=" ".join(joining.words),
            )
        )
    output.message(notice_text())
    output.result(
        {
            "circle": joining.circle,
            "state": joining.state,
            "words": list(joining.words),
            "notice": notice_text(),
        },
        f"{joining.circle}  {joining.state}",
    )
    return 0


def _confirm(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        admitted = Invitations(session).confirm(parsed.circle, parsed.invitation, parsed.words)
    if not admitted:
        output.message(tr("Personne n’attend d’être confirmé dans ce cercle."))
    output.result({"members": [{"id": one.id, "name": one.name, "role": one.role} for one in admitted]})
    return 0


def _vouch(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Invitations(session).vouch(parsed.circle, parsed.member)
    output.result({"member": parsed.member})
    return 0
