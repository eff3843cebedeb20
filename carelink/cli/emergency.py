"""`carelink emergency`: opening a record in an emergency, opposing it, and what was opened."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.values import iso, spoken_time
from carelink.language import tr
from carelink.services.emergency import Emergency, EmergencyView


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    group = commands.add_parser("emergency", help=tr("accès d’urgence au dossier (bris de glace)"))
    actions = group.add_subparsers(dest="action", required=True, metavar=tr("action"))
    opened = actions.add_parser("open", parents=[common], help=tr("ouvrir le dossier, en disant pourquoi"))
    opened.add_argument("circle")
    opened.add_argument("--reason", required=True)
    opened.add_argument("--hours", type=int, default=4)
    opened.set_defaults(run=_open)
    for name, opposed, says in (
        ("oppose", True, tr("interdire tout accès d’urgence")),
        ("allow", False, tr("permettre à nouveau l’accès d’urgence")),
    ):
        decide = actions.add_parser(name, parents=[common], help=says)
        decide.add_argument("circle")
        decide.set_defaults(run=_oppose, opposed=opposed)
    show = actions.add_parser(
        "show", parents=[common], help=tr("qui est d’astreinte, et ce qui a été ouvert")
    )
    show.add_argument("circle")
    show.add_argument(
        "--seen", action="store_true", help=tr("marquer comme vus les accès d’urgence qui restent à revoir")
    )
    show.set_defaults(run=_show)


def _open(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        view = Emergency(session).open(parsed.circle, parsed.reason, parsed.hours)
    output.message(
        tr(
            "Le dossier est ouvert jusqu’au {until}. Votre raison est enregistrée et tout le cercle en est "
            "averti.",
            until=spoken_time(view.until),
        )
    )
    output.result(emergency_values(view))
    return 0


def _oppose(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Emergency(session).oppose(parsed.circle, opposed=parsed.opposed)
    output.result({"circle": parsed.circle, "opposed": parsed.opposed})
    return 0


def _show(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        emergency = Emergency(session)
        state = emergency.state(parsed.circle)
        unseen = [view.height for view in state.opened if view.to_review]
        if parsed.seen and unseen:
            emergency.acknowledge(parsed.circle, unseen)
    output.result(
        {
            "opposed": state.opposed,
            "on_call": list(state.on_call),
            "opened": [emergency_values(view) for view in state.opened],
        }
    )
    return 0


def emergency_values(view: EmergencyView) -> dict[str, object]:
    """Return an opening in an emergency, for `carelink status` too."""
    return {
        "circle": view.circle,
        "member": view.member,
        "name": view.name,
        "since": iso(view.since),
        "until": iso(view.until),
        "reason": view.reason,
        "sentence": view.sentence,
        "under_way": view.under_way,
        "cut": None if view.cut is None else iso(view.cut),
        "to_review": view.to_review,
    }
