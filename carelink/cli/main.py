"""Reading a command and running it: exit 0 done, 1 refused or failed with a sentence, 2 wrong usage."""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from carelink import __version__
from carelink.cli import (
    account,
    cahier,
    circles,
    demonstration,
    emergency,
    exchange,
    facts,
    house,
    imports,
    letters,
    membership,
    status,
    succession,
    teams,
    trace,
    workstation,
)
from carelink.cli.output import Output
from carelink.errors import KnownError
from carelink.language import set_language, tr

_GLOBAL = {"home": None, "json": False, "account": None, "passphrase_file": None}


class _Parser(ArgumentParser):
    """Options are written in full: a shortened `--passphrase…` would take a secret for a file's name."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  (argparse's own options)
        super().__init__(allow_abbrev=False, **options)


def parser() -> ArgumentParser:
    """Return the whole command line."""
    # Accepted before or after the command: the same options stand on every subparser, where an
    # absent one must not undo what stood before the command.
    common = ArgumentParser(add_help=False, argument_default=SUPPRESS)
    common.add_argument("--home", type=Path, metavar="DIR", help=tr("dossier de CareLink (ou CARELINK_HOME)"))
    common.add_argument("--json", action="store_true", help=tr("un objet JSON par ligne"))
    common.add_argument("--account", metavar="NAME|ID", help=tr("compte, où un dossier en a plusieurs"))
    common.add_argument("--passphrase-file", type=Path, metavar="F", help=tr("fichier de la phrase de passe"))
    root = _Parser(prog="carelink", parents=[common], description=tr("CareLink, cahier de liaison"))
    root.add_argument("--version", action="version", version=f"carelink {__version__}")
    commands = root.add_subparsers(dest="command", metavar=tr("commande"))
    groups = (
        account,
        circles,
        membership,
        teams,
        imports,
        letters,
        emergency,
        succession,
        status,
        facts,
        cahier,
        trace,
        exchange,
        demonstration,
        workstation,
        house,
    )
    for group in groups:
        group.add_commands(commands, common)
    return root


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    set_language(os.environ.get("CARELINK_LANGUAGE", "fr"))
    try:
        parsed = parser().parse_args(arguments)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 2
    parsed = Namespace(**{**_GLOBAL, **vars(parsed)})
    output = Output(as_json=parsed.json)
    try:
        if parsed.command is None:
            return house.open_window(parsed, output)
        code: int = parsed.run(parsed, output)
    except KnownError as error:
        output.message(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        if os.environ.get("CARELINK_DEBUG"):
            raise
        # Never a traceback, never silence: the kind of fault, no content.
        output.message(
            tr(
                "CareLink a rencontré une erreur inattendue ({kind})\u00a0: ce qui était publié est dans "
                "votre coffre. Relancez la commande\u202f; si cela se répète, signalez-le avec "
                "CARELINK_DEBUG=1.",
                kind=type(error).__name__,
            )
        )
        return 1
    return code
