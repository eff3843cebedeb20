"""`carelink fact …`, `facts`, `decisions`: who the person trusts, who protects them, what was agreed."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.cli.values import iso
from carelink.language import tr
from carelink.records.facts import FactType
from carelink.services.decisions import Decisions
from carelink.services.facts import FactRequest, Facts, FactView
from carelink.services.facts_words import fact_sentence


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    group = commands.add_parser("fact", help=tr("personne de confiance, mesures de protection, directives"))
    actions = group.add_subparsers(dest="action", required=True, metavar=tr("action"))
    add = actions.add_parser("add", parents=[common], help=tr("écrire un fait"))
    add.add_argument("circle")
    _wanted(add)
    add.set_defaults(run=_add)
    correct = actions.add_parser("correct", parents=[common], help=tr("réécrire un fait tel qu’il est"))
    correct.add_argument("circle")
    correct.add_argument("id")
    _wanted(correct)
    correct.set_defaults(run=_correct)
    end = actions.add_parser("end", parents=[common], help=tr("dire qu’un fait ne vaut plus"))
    end.add_argument("circle")
    end.add_argument("id")
    end.add_argument("--reason", required=True)
    end.set_defaults(run=_end)
    listed = commands.add_parser("facts", parents=[common], help=tr("les faits que ce compte peut connaître"))
    listed.add_argument("circle")
    listed.set_defaults(run=_list)
    decisions = commands.add_parser("decisions", parents=[common], help=tr("ce qui a été décidé et accordé"))
    decisions.add_argument("circle")
    decisions.set_defaults(run=_decisions)


def _wanted(parser: ArgumentParser) -> None:
    parser.add_argument("fact", choices=[fact.value for fact in FactType])
    parser.add_argument("--person", default="")
    parser.add_argument("--member", default="", metavar="ID")
    parser.add_argument(
        "--represents", action="store_true", help=tr("avec représentation relative à la personne")
    )
    parser.add_argument("--from", dest="begins", default="", metavar="2026-04-12")
    parser.add_argument("--until", dest="ends", default="", metavar="2030-04-12")
    parser.add_argument("--document", default="")
    parser.add_argument("--seen", default="", metavar="2026-04-12")
    parser.add_argument("--where", default="")


def _request(parsed: Namespace) -> FactRequest:
    return FactRequest(
        fact=parsed.fact,
        person=parsed.person,
        member=parsed.member,
        represents=parsed.represents,
        begins=parsed.begins,
        ends=parsed.ends,
        document=parsed.document,
        seen=parsed.seen,
        where=parsed.where,
    )


def _add(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        fact = Facts(session).record(parsed.circle, _request(parsed))
    output.result({"fact": fact})
    return 0


def _correct(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Facts(session).correct(parsed.circle, parsed.id, _request(parsed))
    output.result({"fact": parsed.id})
    return 0


def _end(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Facts(session).end(parsed.circle, parsed.id, parsed.reason)
    output.result({"fact": parsed.id})
    return 0


def _list(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        facts = Facts(session).known(parsed.circle)
    for fact in facts:
        output.result(_values(fact), f"{fact.id}  {fact_sentence(fact)}")
    if not facts:
        output.message(tr("Aucun fait n’est connu de ce compte."))
    return 0


def _values(fact: FactView) -> dict[str, object]:
    return {
        "id": fact.id,
        "fact": fact.fact,
        "person": fact.person,
        "member": fact.member,
        "represents": fact.represents,
        "from": fact.begins,
        "until": fact.ends,
        "document": fact.document,
        "seen": fact.seen,
        "seen_by": fact.seen_by,
        "where": fact.where,
        "stands": fact.stands,
        "over": fact.over,
        "reason": fact.reason,
        "told": fact.told,
        "parallel": fact.parallel,
    }


def _decisions(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        decisions = Decisions(session).read(parsed.circle)
    for decision in decisions:
        output.result(
            {"decision": decision.sentence, "by": decision.by, "time": iso(decision.time)},
            f"{decision.sentence} ({decision.by})",
        )
    return 0
