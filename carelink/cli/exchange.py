"""`carelink sync` and `status`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import Any

from carelink.cli.emergency import emergency_values
from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.trace import opening_values
from carelink.cli.values import iso, spoken_time
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.cahier import Cahier
from carelink.services.emergency import Emergency
from carelink.services.exchange.live import watch
from carelink.services.exchange.state import State
from carelink.services.exchange.sync import Sync, SyncReport
from carelink.services.session import Session
from carelink.services.trace import Trace


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    sync = commands.add_parser("sync", parents=[common], help=tr("échanger avec les relais"))
    sync.add_argument("--watch", action="store_true", help=tr("continuer jusqu’à Ctrl+C"))
    sync.set_defaults(run=_sync)
    status = commands.add_parser("status", parents=[common], help=tr("où en sont les échanges"))
    status.set_defaults(run=_status)


def _say(session: Session, report: SyncReport, output: Output) -> None:
    output.result(
        {
            "pushed": report.pushed,
            "pulled": report.pulled,
            "refused": [asdict(refused) for refused in report.refused],
            "missing": [asdict(missing) for missing in report.missing],
            "joined": report.joined,
            "admitted": report.admitted,
            "held": report.held,
        },
        tr("{pushed} envoyées, {pulled} reçues", pushed=report.pushed, pulled=report.pulled),
    )
    for note in Cahier(session).held():
        output.message(
            tr(
                "La note {entry} attend\u00a0: {names} la liraient aussi. Pour la laisser partir\u00a0: "
                "carelink publish {entry}",
                entry=note.entry,
                names=", ".join(note.readers),
            )
        )


def _sync(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        if not parsed.watch:
            _say(session, Sync(session).once(), output)
            return 0

        def failed(error: KnownError) -> None:
            output.message(str(error))

        watch(session, lambda report: _say(session, report, output), failed)
    return 0


def _status(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        state = State(session).read()
        openings = Trace(session).first_openings()
        emergencies = Emergency(session).to_review()
    lines = [
        tr("À envoyer\u00a0: {count}", count=state.to_send),
        tr("Dernier échange\u00a0: {when}", when=spoken_time(state.last_exchange))
        if state.last_exchange
        else tr("Aucun échange encore"),
    ]
    if state.offline_since:
        lines.append(tr("Hors ligne depuis\u00a0: {when}", when=spoken_time(state.offline_since)))
    if state.refusals:
        lines.append(tr("Refus à regarder\u00a0: {count}", count=len(state.refusals)))
    if state.missing:
        lines.append(tr("Éléments non reçus\u00a0: {count}", count=len(state.missing)))
    lines += [f"{view.sentence}." for view in emergencies]
    lines += [f"{opening.sentence}." for opening in openings]
    output.result(
        {
            "offline_since": iso(state.offline_since),
            "to_send": state.to_send,
            "last_exchange": iso(state.last_exchange),
            "held": state.held,
            "conflicts": state.conflicts,
            "refusals": [asdict(refusal) for refusal in state.refusals],
            "missing": [asdict(missing) for missing in state.missing],
            "alarms": list(state.alarms),
            "emergencies": [emergency_values(view) for view in emergencies],
            "first_openings": [opening_values(opening) for opening in openings],
        },
        "\n".join(lines),
    )
    return 0
