"""`carelink workstation …`: a team's shared workstations, and this PC as one of them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from carelink.cli.opening import home_of, unlocked
from carelink.cli.output import Output
from carelink.cli.values import iso, spoken_time
from carelink.language import tr
from carelink.services.stations import Station, enrol
from carelink.services.teams import Teams
from carelink.services.workstations import Workstations


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    group = commands.add_parser("workstation", help=tr("postes partagés d’une équipe"))
    actions = group.add_subparsers(dest="action", required=True, metavar=tr("action"))
    code = actions.add_parser(
        "code", parents=[common], help=tr("donner un code qui fait d’un ordinateur un poste de l’équipe")
    )
    code.add_argument("team", metavar="TEAM")
    code.set_defaults(run=_code)
    enrolling = actions.add_parser(
        "enrol", parents=[common], help=tr("faire de cet ordinateur un poste partagé")
    )
    enrolling.add_argument("code", metavar="CODE_OR_LINK")
    enrolling.add_argument("--hub", default="", metavar="URL")
    enrolling.add_argument("--name", required=True, help=tr("comment appeler ce poste"))
    enrolling.set_defaults(run=_enrol)
    people = actions.add_parser(
        "people", parents=[common], help=tr("demander qui peut ouvrir son compte sur ce poste")
    )
    people.set_defaults(run=_people)
    listing = actions.add_parser("list", parents=[common], help=tr("lister les postes d’une équipe"))
    listing.add_argument("team", metavar="TEAM")
    listing.set_defaults(run=_list)
    lost = actions.add_parser(
        "lost", parents=[common], help=tr("couper un poste volé ou cédé, et tout ce qui y était ouvert")
    )
    lost.add_argument("team", metavar="TEAM")
    lost.add_argument("workstation", metavar="WORKSTATION")
    lost.set_defaults(run=_lost)


def _code(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        made = Workstations(session).offer(Teams(session).resolve(parsed.team))
    output.result(
        {"code": made.code, "link": made.link, "expires": iso(made.expires)},
        tr("Sur l’ordinateur à partager\u00a0: carelink workstation enrol {link} --name NOM", link=made.link),
    )
    return 0


def _enrol(parsed: Namespace, output: Output) -> int:
    done = enrol(home_of(parsed), parsed.code, parsed.hub, parsed.name)
    if done.secret_in_file:
        output.message(
            tr(
                "Aucun trousseau du système n’est disponible\u00a0: la clé de ce poste est gardée dans un "
                "fichier. Chiffrez le disque de cet ordinateur."
            )
        )
    output.result(
        {
            "workstation": done.workstation,
            "name": done.name,
            "team": done.team,
            "team_name": done.team_name,
            "people": done.people,
        },
        tr(
            "{name} est un poste de l’équipe {team}. Personnes qui peuvent y ouvrir leur compte\u00a0: "
            "{count}.",
            name=done.name,
            team=done.team_name,
            count=done.people,
        ),
    )
    return 0


def _people(parsed: Namespace, output: Output) -> int:
    for person in Station.of(home_of(parsed)).refresh():
        output.result(
            {"account": person.account, "name": person.name, "profession": person.profession},
            f"{person.account}  {person.name}",
        )
    return 0


def _list(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        views = Workstations(session).known(Teams(session).resolve(parsed.team))
    for view in views:
        words = tr("poste depuis le {date}") if view.state == "active" else tr("perdu, coupé le {date}")
        output.result(
            {"workstation": view.id, "name": view.name, "since": iso(view.since), "state": view.state},
            "  ".join((view.id, view.name, words.format(date=spoken_time(view.since)))),
        )
    return 0


def _lost(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        team = Teams(session).resolve(parsed.team)
        done = Workstations(session).lose(team, parsed.workstation)
    output.result(
        {"name": done.name, "devices": done.devices},
        tr(
            "{name} est coupé. Appareils de l’équipe qui y étaient\u00a0: {count}. Les autres postes "
            "continuent sans rien faire. Ce qu’il avait déjà reçu, il le garde, chiffré sous les phrases de "
            "passe\u00a0: que chacun change la sienne.",
            name=done.name,
            count=done.devices,
        ),
    )
    return 0
