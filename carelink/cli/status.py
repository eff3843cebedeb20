"""`carelink status-of`: where the person is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.values import iso, moment
from carelink.language import tr
from carelink.records.status import PatientStatus
from carelink.services.status import Statuses
from carelink.services.status_views import StatusView, status_name


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    status = commands.add_parser("status-of", parents=[common], help=tr("dire où est la personne"))
    status.add_argument("circle")
    status.add_argument("status", choices=[status.value for status in PatientStatus])
    status.add_argument("--since", type=moment, default=None, metavar="T")
    status.set_defaults(run=_say)


def _say(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        said = Statuses(session).say(parsed.circle, parsed.status, parsed.since)
    output.result(status_values(said), status_name(said.status))
    return 0


def status_values(status: StatusView) -> dict[str, object]:
    """Return a status for scripts."""
    return {
        "status": status.status,
        "since": iso(status.since),
        "by": status.by,
        "said": iso(status.said),
    }
