"""`carelink letters`: invitations to print, one page each."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.language import tr
from carelink.services.letters import Letters, LetterWishes
from carelink.services.session import Session


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    letters = commands.add_parser(
        "letters", parents=[common], help=tr("imprimer une lettre pour chaque invitation sans réponse")
    )
    letters.add_argument("circle")
    letters.add_argument("--out", type=Path, required=True, metavar="F.pdf")
    letters.add_argument("--invitation", action="append", default=[], metavar="ID")
    add_wishes(letters)
    letters.set_defaults(run=_letters)


def add_wishes(command: ArgumentParser) -> None:
    """Add how letters are written."""
    command.add_argument("--establishment", default="", help=tr("au nom de quel établissement"))
    command.add_argument(
        "--name-person",
        action="store_true",
        help=tr("nommer la personne accompagnée\u202f; d’autres peuvent ouvrir une lettre"),
    )


def print_letters(
    session: Session, circle: str, out: Path, wishes: LetterWishes, output: Output
) -> tuple[str, ...]:
    """Write the letters of a circle's invitations to a PDF, and return whom they are for.

    Raises:
        KnownError: There is none to write, or the file is there already or cannot be written.
    """
    from carelink.ui.letters.pages import letters_pdf

    letters = Letters(session)
    pages = letters.pages(circle, wishes)
    letters.save(out, letters_pdf(pages))
    output.message(
        tr(
            "{path} porte les codes d’invitation en clair\u00a0: imprimez les lettres, puis effacez ce "
            "fichier.",
            path=out,
        )
    )
    return tuple(page.receiver for page in pages)


def _letters(parsed: Namespace, output: Output) -> int:
    wishes = LetterWishes(parsed.establishment, parsed.name_person, tuple(parsed.invitation))
    with unlocked(parsed, output) as session:
        names = print_letters(session, parsed.circle, parsed.out, wishes, output)
    output.result(
        {"letters": len(names), "names": list(names), "out": str(parsed.out)},
        tr("{n} lettres dans {out}", n=len(names), out=parsed.out),
    )
    return 0
