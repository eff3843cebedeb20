"""`carelink succeed`: whom one wants as coordinator, when the only one is gone."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.language import tr
from carelink.services.succession import Succession


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    succeed = commands.add_parser(
        "succeed", parents=[common], help=tr("dire qui devrait coordonner\u202f; il faut être deux à le dire")
    )
    succeed.add_argument("circle")
    succeed.add_argument("member")
    succeed.set_defaults(run=_succeed)


def _succeed(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        appointed = Succession(session).want(parsed.circle, parsed.member)
    if appointed:
        output.message(tr("Cette personne coordonne maintenant le cercle, sans rien lire de plus."))
    else:
        output.message(tr("C’est noté. Dès qu’une autre personne du cercle dit la même chose, c’est fait."))
    output.result({"member": parsed.member, "coordinates": appointed})
    return 0
