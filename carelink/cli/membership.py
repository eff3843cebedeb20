"""`carelink grant`, `deny`, `role`, `remove`, `leave`: who is in a circle, as what, reading what."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.values import moment
from carelink.language import tr
from carelink.records.bodies import ChangeAction
from carelink.services.consequences import consequences
from carelink.services.membership import Change, Membership


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    decisions = (
        ("grant", ChangeAction.GRANTED, tr("ouvrir un volet à un membre, ou lever un refus")),
        ("deny", ChangeAction.DENIED, tr("fermer un volet à un membre\u202f; un refus l’emporte toujours")),
    )
    for name, action, says in decisions:
        decide = _command(commands, common, name, says)
        decide.add_argument("compartment", metavar="life|coordination|care")
        decide.add_argument("--until", type=moment, default=None, metavar="DATE")
        decide.add_argument("--reason", default="")
        if action is ChangeAction.GRANTED:
            decide.add_argument("--history", choices=["all", "none"], default="all")
        decide.set_defaults(run=_change, change=action)
    role = _command(commands, common, "role", tr("changer le rôle ou les fonctions d’un membre"))
    role.add_argument("role")
    role.add_argument(
        "--function", action="append", default=None, choices=["coordinator", "referent", "none"]
    )
    role.add_argument("--history", choices=["all", "none"], default="all")
    role.add_argument("--reason", default="")
    role.set_defaults(run=_change, change=ChangeAction.ROLE)
    remove = _command(commands, common, "remove", tr("retirer quelqu’un du cercle"))
    remove.add_argument("--reason", required=True)
    remove.set_defaults(run=_change, change=ChangeAction.REMOVED)
    leave = commands.add_parser("leave", parents=[common], help=tr("quitter un cercle, sans raison à donner"))
    leave.add_argument("circle")
    leave.set_defaults(run=_leave)


def _command(commands: Any, common: ArgumentParser, name: str, says: str) -> ArgumentParser:  # noqa: ANN401
    parser: ArgumentParser = commands.add_parser(name, parents=[common], help=says)
    parser.add_argument("circle")
    parser.add_argument("member", help=tr("identifiant du membre, ou son nom entier"))
    return parser


def _change(parsed: Namespace, output: Output) -> int:
    functions = getattr(parsed, "function", None)
    change = Change(
        action=parsed.change,
        member=parsed.member,
        compartment=getattr(parsed, "compartment", ""),
        role=getattr(parsed, "role", ""),
        functions=None if functions is None else tuple(f for f in functions if f != "none"),
        until=getattr(parsed, "until", None),
        history=getattr(parsed, "history", "all") == "all",
        reason=parsed.reason,
    )
    with unlocked(parsed, output) as session:
        service = Membership(session)
        foreseen = service.foresee(parsed.circle, change)
        service.change(parsed.circle, change)
    for sentence in consequences(foreseen):
        output.message(sentence)
    output.result({"member": parsed.member, "change": change.action})
    return 0


def _leave(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Membership(session).leave(parsed.circle)
    output.message(tr("Vous avez quitté ce cercle. Ce que vous aviez reçu reste sur cet ordinateur."))
    output.result({"circle": parsed.circle, "state": "left"})
    return 0
