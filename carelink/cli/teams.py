"""`carelink team …`: teams of carers, who is in them, and the code by which circles let them in."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from carelink.access.roles import Role
from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.values import duration, iso
from carelink.language import tr
from carelink.services.invitations import DEFAULT_LIFETIME_MS, InvitationRequest, Invitations
from carelink.services.teams import Teams, TeamView
from carelink.services.wording import function_name


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    group = commands.add_parser("team", help=tr("équipes de soin"))
    actions = group.add_subparsers(dest="action", required=True, metavar=tr("action"))
    create = actions.add_parser("create", parents=[common], help=tr("créer une équipe"))
    create.add_argument("name")
    create.add_argument("--establishment", default="")
    create.add_argument("--hub", default="", metavar="URL")
    create.set_defaults(run=_create)
    actions.add_parser("list", parents=[common], help=tr("lister les équipes")).set_defaults(run=_list)
    show = actions.add_parser("show", parents=[common], help=tr("qui est dans une équipe"))
    show.add_argument("team")
    show.set_defaults(run=_show)
    invite = actions.add_parser("invite", parents=[common], help=tr("inviter quelqu’un dans une équipe"))
    invite.add_argument("team")
    invite.add_argument("--name", default="")
    invite.add_argument("--function", action="append", default=[], choices=["coordinator"])
    invite.add_argument("--in-person", action="store_true")
    invite.add_argument("--expires", type=duration, default=DEFAULT_LIFETIME_MS, metavar="7d")
    invite.set_defaults(run=_invite)
    confirm = actions.add_parser(
        "confirm", parents=[common], help=tr("faire entrer qui a répondu à une équipe")
    )
    confirm.add_argument("team")
    confirm.add_argument("--invitation", default="", metavar="ID")
    confirm.add_argument("--words", default="", metavar='"a b c"')
    confirm.set_defaults(run=_confirm)
    remove = actions.add_parser("remove", parents=[common], help=tr("retirer quelqu’un d’une équipe"))
    remove.add_argument("team")
    remove.add_argument("member", help=tr("identifiant du membre, ou son nom entier"))
    remove.add_argument("--reason", default="")
    remove.set_defaults(run=_remove)
    code = actions.add_parser(
        "code", parents=[common], help=tr("le code à donner à qui coordonne un cercle sans être de l’équipe")
    )
    code.add_argument("team")
    code.set_defaults(run=_code)


def _create(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        team = Teams(session).create(parsed.name, parsed.establishment, parsed.hub)
    output.result({"team": team})
    return 0


def _list(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        for team in Teams(session).summaries():
            output.result(
                {
                    "team": team.team,
                    "name": team.name,
                    "establishment": team.establishment,
                    "state": team.state,
                    "runs": team.runs,
                    "people": team.people,
                },
                f"{team.team}  {team.name}  {team.establishment}  {team.state}",
            )
    return 0


def _show(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        view = Teams(session).show(parsed.team)
    output.result(
        {
            "team": view.team,
            "name": view.name,
            "establishment": view.establishment,
            "state": view.state,
            "members": [
                {
                    "id": member.id,
                    "name": member.name,
                    "functions": list(member.functions),
                    "profession": member.profession,
                    "since": iso(member.since),
                    "active": member.active,
                }
                for member in view.people
            ],
            "circles": list(view.circles),
        },
        _spoken(view),
    )
    return 0


def _spoken(view: TeamView) -> str:
    lines = [f"{view.name}  {view.establishment}".strip()]
    for member in view.people:
        if member.active:
            functions = ", ".join(function_name(function) for function in member.functions)
            lines.append(f"  {member.name}  {functions}".rstrip())
    return "\n".join(lines)


def _invite(parsed: Namespace, output: Output) -> int:
    request = InvitationRequest(
        role=Role.STAFF,
        name=parsed.name,
        functions=tuple(parsed.function),
        in_person=parsed.in_person,
        lifetime=parsed.expires,
    )
    with unlocked(parsed, output) as session:
        made = Invitations(session).invite(Teams(session).resolve(parsed.team), request)
    output.result({"invitation": made.invitation, "code": made.code, "link": made.link})
    return 0


def _confirm(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        team = Teams(session).resolve(parsed.team)
        admitted = Invitations(session).confirm(team, parsed.invitation, parsed.words)
    if not admitted:
        output.message(tr("Personne n’attend d’être confirmé dans cette équipe."))
    output.result({"members": [{"id": one.id, "name": one.name, "role": one.role} for one in admitted]})
    return 0


def _remove(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Teams(session).remove(parsed.team, parsed.member, parsed.reason)
    output.message(
        tr("Cette personne n’est plus dans l’équipe. Ce qu’elle a déjà reçu reste sur son ordinateur.")
    )
    output.result({"member": parsed.member})
    return 0


def _code(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        code = Teams(session).code(parsed.team)
    output.result({"code": code}, code)
    return 0
