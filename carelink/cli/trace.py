"""`carelink trace`: who opened what, searched, exported; never words."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from carelink.access.compartments import COMPARTMENT_STREAMS, Stream
from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.values import iso, moment
from carelink.language import tr
from carelink.records.bodies import TraceAction
from carelink.services.circles import Circles
from carelink.services.session import Session
from carelink.services.trace import FirstOpening, Trace, TraceQuery, TraceView

_AT_ONCE = 500


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    trace = commands.add_parser("trace", parents=[common], help=tr("qui a ouvert quoi"))
    trace.add_argument("circle")
    trace.add_argument("--who", default="", metavar="NAME|ID", help=tr("cette personne seulement"))
    trace.add_argument(
        "--compartment", choices=[stream.value for stream in (*COMPARTMENT_STREAMS, Stream.TRACE)], default=""
    )
    trace.add_argument("--action", choices=[action.value for action in TraceAction], default="")
    trace.add_argument("--since", type=moment, default=None, metavar="T")
    trace.add_argument("--limit", type=int, default=None)
    trace.add_argument(
        "--export", type=Path, default=None, metavar="F", help=tr("écrire un tableau CSV au lieu de lister")
    )
    trace.add_argument(
        "--seen",
        action="store_true",
        help=tr("marquer comme vues les premières ouvertures du dossier médical"),
    )
    trace.set_defaults(run=_trace)


def _trace(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        trace = Trace(session)
        query = TraceQuery(
            member=trace.person(parsed.circle, parsed.who).id if parsed.who else "",
            compartment=parsed.compartment,
            action=parsed.action,
            since=parsed.since,
        )
        if parsed.export is not None:
            count = trace.export(parsed.circle, parsed.export, query)
            output.result({"out": str(parsed.export), "count": count})
        else:
            _list(trace, parsed.circle, query, parsed.limit, output)
        if parsed.seen:
            _acknowledge(session, trace, parsed.circle)
    return 0


def _list(trace: Trace, circle: str, query: TraceQuery, limit: int | None, output: Output) -> None:
    empty = True
    for view in _read(trace, circle, query, limit):
        empty = False
        output.result(
            {
                "member": view.person.id,
                "name": view.person.name,
                "role": view.person.role,
                "what": view.person.what,
                "left": view.person.left,
                "action": view.action,
                "compartment": view.compartment,
                "time": iso(view.time),
                "sentence": view.sentence,
            },
            view.sentence,
        )
    trace.record(circle, (Stream.TRACE,))
    if empty:
        output.message(tr("Aucune consultation ne correspond."))


def _read(trace: Trace, circle: str, query: TraceQuery, limit: int | None) -> Iterator[TraceView]:
    left = limit
    while left is None or left > 0:
        wanted = _AT_ONCE if left is None else min(left, _AT_ONCE)
        page = trace.read(circle, query, wanted)
        yield from page
        if len(page) < wanted:
            return
        left = None if left is None else left - len(page)
        query = replace(query, before=page[-1].place)


def _acknowledge(session: Session, trace: Trace, circle: str) -> None:
    identifier = Circles(session).resolve(circle)
    trace.acknowledge(
        identifier, [opening.person.id for opening in trace.first_openings() if opening.circle == identifier]
    )


def opening_values(opening: FirstOpening) -> dict[str, object]:
    """Return a first opening of a medical record, for `carelink status`."""
    return {
        "circle": opening.circle,
        "member": opening.person.id,
        "name": opening.person.name,
        "what": opening.person.what,
        "time": iso(opening.time),
        "sentence": opening.sentence,
    }
