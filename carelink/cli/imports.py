"""`carelink import …`: lists of people from a spreadsheet."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.interop.tables import MAX_BYTES
from carelink.language import tr
from carelink.services.imports.files import read_list
from carelink.services.imports.lines import LinesError, PlannedLine, Step
from carelink.services.imports.residents import ResidentImport, ResidentPlan


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    group = commands.add_parser("import", help=tr("faire entrer une liste de personnes"))
    lists = group.add_subparsers(dest="list", required=True, metavar=tr("liste"))
    residents = lists.add_parser(
        "residents",
        parents=[common],
        help=tr("un cercle pour chaque personne d’un tableau CSV qui n’en a pas encore"),
    )
    _add_file(residents)
    residents.add_argument("--hub", default="", metavar="URL")
    residents.add_argument("--as", dest="role", default="", metavar="ROLE")
    residents.add_argument("--function", action="append", default=[], choices=["coordinator", "referent"])
    residents.set_defaults(run=_residents)


def _add_file(command: ArgumentParser) -> None:
    command.add_argument(
        "file", type=Path, metavar="FILE", help=tr("tableau CSV\u202f; «\u00a0-\u00a0» lit l’entrée standard")
    )
    command.add_argument(
        "--check", action="store_true", help=tr("dire ce qui serait fait, sans rien changer")
    )


def _residents(parsed: Namespace, output: Output) -> int:
    data = _content(parsed.file)
    with unlocked(parsed, output) as session:
        service = ResidentImport(session)
        plan = service.check(data)
        _tell(plan.lines, plan.ignored, output)
        if plan.wrong:
            output.result(_counts(plan))
            raise LinesError(plan.wrong)
        if parsed.check:
            output.result(
                _counts(plan),
                tr(
                    "{new} cercles seraient créés, {known} personnes sont déjà là.",
                    new=plan.count(Step.NEW),
                    known=plan.count(Step.KNOWN),
                ),
            )
            return 0
        done = service.carry_out(data, parsed.hub, parsed.role, parsed.function)
    new = [resident for resident in done if resident.new]
    output.result(
        {
            "imported": len(new),
            "circles": [resident.circle for resident in new],
            "skipped": [
                {"line": resident.line, "what": resident.name, "why": "known", "circle": resident.circle}
                for resident in done
                if not resident.new
            ],
            "ignored": list(plan.ignored),
        },
        tr(
            "{new} cercles créés, envoyés au relais au prochain échange\u202f; {known} personnes étaient "
            "déjà là.",
            new=len(new),
            known=len(done) - len(new),
        ),
    )
    return 0


def _content(file: Path) -> bytes:
    """Return what a file holds, no more of it than a list may be long.

    Raises:
        KnownError: It cannot be read.
    """
    if str(file) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    return read_list(file)


def _tell(lines: tuple[PlannedLine, ...], ignored: tuple[str, ...], output: Output) -> None:
    if ignored:
        output.message(tr("Colonnes non reprises\u00a0: {titles}.", titles=", ".join(ignored)))
    for line in lines:
        for warning in line.warnings:
            output.message(
                tr(
                    "Ligne {number}, {name}\u00a0: {warning}",
                    number=line.number,
                    name=line.name,
                    warning=warning,
                )
            )


def _counts(plan: ResidentPlan) -> dict[str, object]:
    return {
        "imported": 0,
        "new": plan.count(Step.NEW),
        "known": plan.count(Step.KNOWN),
        "errors": [
            {"line": line.number, "what": line.name, "why": error}
            for line in plan.lines
            for error in line.errors
        ],
        "ignored": list(plan.ignored),
    }
