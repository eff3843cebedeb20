"""`carelink write`, `share`, `readers`, `entries`, `amend`, `withdraw`, `history`, `publish`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from carelink.access.compartments import RESTRICTED
from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.values import iso, moment, spoken_time, text_argument
from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import EntryKind, TraceAction
from carelink.services.cahier import Cahier
from carelink.services.restricted import Restricted
from carelink.services.signals import Signals
from carelink.services.time_line import EntryView, TimeLineQuery
from carelink.services.trace import Trace
from carelink.services.wording import compartment_name

COMPARTMENTS = ("life", "coordination", "care", "restricted", "care_inbox")


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    write = commands.add_parser("write", parents=[common], help=tr("écrire une transmission"))
    write.add_argument("circle")
    write.add_argument(
        "--compartment",
        required=True,
        choices=COMPARTMENTS,
        help=tr("le volet\u202f; «\u00a0care_inbox\u00a0» signale aux soignants, qui seuls le liront"),
    )
    write.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="MEMBER",
        help=tr("qui lira une note du volet «\u00a0restricted\u00a0»\u202f; personne\u00a0: vous seul"),
    )
    write.add_argument("--text", required=True, help=_text_help())
    write.add_argument("--kind", default=EntryKind.NOTE)
    write.add_argument("--urgent", action="store_true")
    write.set_defaults(run=_write)
    entries = commands.add_parser("entries", parents=[common], help=tr("lire le cahier"))
    entries.add_argument("circle")
    entries.add_argument("--compartment", choices=COMPARTMENTS, default=None)
    entries.add_argument("--since", type=moment, default=None, metavar="T")
    entries.add_argument("--search", default="", metavar="Q")
    entries.add_argument("--limit", type=int, default=100)
    entries.set_defaults(run=_entries)
    take = commands.add_parser(
        "take",
        parents=[common],
        help=tr("prendre en charge un signalement\u00a0: il est cité dans le dossier médical"),
    )
    take.add_argument("signal")
    take.set_defaults(run=_take)
    amend = commands.add_parser("amend", parents=[common], help=tr("corriger une transmission"))
    amend.add_argument("entry")
    amend.add_argument("--text", required=True, help=_text_help())
    amend.set_defaults(run=_amend)
    withdraw = commands.add_parser("withdraw", parents=[common], help=tr("retirer une transmission"))
    withdraw.add_argument("entry")
    withdraw.add_argument("--reason", required=True)
    withdraw.set_defaults(run=_withdraw)
    history = commands.add_parser("history", parents=[common], help=tr("versions d’une transmission"))
    history.add_argument("entry")
    history.set_defaults(run=_history)
    share = commands.add_parser(
        "share", parents=[common], help=tr("faire lire une note restreinte à d’autres personnes")
    )
    share.add_argument("entry")
    share.add_argument("--to", action="append", required=True, metavar="MEMBER")
    share.add_argument(
        "--with-history", action="store_true", help=tr("avec ses versions d’avant, et qui l’a ouverte")
    )
    share.set_defaults(run=_share)
    readers = commands.add_parser(
        "readers", parents=[common], help=tr("qui lit une note restreinte, et qui l’a ouverte")
    )
    readers.add_argument("entry")
    readers.set_defaults(run=_readers)
    publish = commands.add_parser(
        "publish",
        parents=[common],
        help=tr("laisser partir une note que de nouveaux membres liront aussi"),
    )
    publish.add_argument("entry")
    publish.set_defaults(run=_publish)


def _text_help() -> str:
    return tr(
        "le texte\u202f; avec «\u00a0--text -\u00a0», il est lu sur l’entrée standard\u00a0: un texte donné "
        "en argument reste dans l’historique du terminal et se voit dans la liste des processus"
    )


def _write(parsed: Namespace, output: Output) -> int:
    text = text_argument(parsed.text)
    restricted = parsed.compartment == RESTRICTED
    if parsed.to and not restricted:
        raise KnownError(
            tr(
                "Seule une note du volet «\u00a0restricted\u00a0» nomme ses lecteurs (--to)\u00a0: rien n’a "
                "été publié."
            )
        )
    with unlocked(parsed, output) as session:
        if restricted:
            entry = Restricted(session).write(parsed.circle, text, parsed.to, parsed.kind, parsed.urgent)
        else:
            entry = Cahier(session).write(parsed.circle, parsed.compartment, text, parsed.kind, parsed.urgent)
    output.result({"entry": entry})
    return 0


def _share(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Restricted(session).share(parsed.entry, parsed.to, parsed.with_history)
    output.result({"entry": parsed.entry})
    return 0


def _readers(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        named = Restricted(session)
        readers, accesses = named.readers(parsed.entry), named.accesses(parsed.entry)
    for reader in readers.readers:
        opened = [access.time for access in accesses if access.id == reader.id]
        output.result(
            {"reader": reader.id, "name": reader.name, "opened": iso(opened[0]) if opened else None},
            reader.name,
        )
    return 0


def _entry(view: EntryView) -> dict[str, object]:
    return {
        "entry": view.entry,
        "compartment": view.compartment,
        "kind": view.kind,
        "author": view.author.name,
        "time": iso(view.time),
        "text": view.text,
        "urgent": view.urgent,
        "withdrawn": view.withdrawn,
        "amended": view.amended,
        "parallel": view.parallel,
        **({"taken_by": view.taken_by} if view.is_signal else {}),
    }


def _entries(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        cahier = Cahier(session)
        compartments = (parsed.compartment,) if parsed.compartment else ()
        query = TimeLineQuery(compartments, parsed.search, since=parsed.since)
        views = cahier.entries(parsed.circle, query, max(0, parsed.limit))
        action = TraceAction.SEARCHED if parsed.search else TraceAction.OPENED
        opened = compartments or cahier.readable(parsed.circle)
        Trace(session).record(parsed.circle, opened, action)
        Restricted(session).opened(parsed.circle, [view.entry for view in views if view.is_restricted])
    for view in views:
        urgent = tr("URGENT ") if view.urgent else ""
        text = tr("(retirée)") if view.withdrawn else tr("(envoyé)") if view.is_sent_away else view.text
        output.result(
            _entry(view),
            f"{spoken_time(view.time)}  {compartment_name(view.compartment)}  {view.author.name} : "
            f"{urgent}{text}  [{view.entry}]",
        )
    return 0


def _take(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        entry = Signals(session).take(parsed.signal)
    output.result({"entry": entry})
    return 0


def _amend(parsed: Namespace, output: Output) -> int:
    text = text_argument(parsed.text)
    with unlocked(parsed, output) as session:
        Cahier(session).amend(parsed.entry, text)
    output.result({"entry": parsed.entry})
    return 0


def _withdraw(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Cahier(session).withdraw(parsed.entry, parsed.reason)
    output.result({"entry": parsed.entry})
    return 0


def _history(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        versions = Cahier(session).history(parsed.entry)
        Trace(session).record_entry(parsed.entry)
    for version in versions:
        output.result(
            {
                "revision": version.revision,
                "author": version.author.name,
                "time": iso(version.time),
                "text": version.text,
                "urgent": version.urgent,
                "withdrawn": version.withdrawn,
                "reason": version.reason,
                "stands": version.stands,
            },
            f"{spoken_time(version.time)}  {version.author.name} : {version.text}",
        )
    return 0


def _publish(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Cahier(session).confirm_readers(parsed.entry)
    output.result({"entry": parsed.entry})
    return 0
