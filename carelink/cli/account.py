"""`carelink account …`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from carelink.cli.opening import home_of
from carelink.cli.output import Output
from carelink.cli.values import new_passphrase, passphrase
from carelink.language import tr
from carelink.models.vault.passphrases import propose
from carelink.services.accounts import change_passphrase, create_account


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    group = commands.add_parser("account", help=tr("comptes de cet ordinateur"))
    actions = group.add_subparsers(dest="action", required=True, metavar=tr("action"))
    create = actions.add_parser("create", parents=[common], help=tr("créer un compte"))
    create.add_argument("--name", required=True)
    create.add_argument("--profession", default="")
    create.add_argument("--rpps", default="")
    create.set_defaults(run=_create)
    listing = actions.add_parser("list", parents=[common], help=tr("lister les comptes"))
    listing.set_defaults(run=_list)
    change = actions.add_parser("passphrase", parents=[common], help=tr("changer la phrase de passe"))
    change.add_argument(
        "--new-passphrase-file",
        type=Path,
        metavar="F",
        help=tr("fichier de la nouvelle phrase de passe (ou CARELINK_NEW_PASSPHRASE)"),
    )
    change.set_defaults(run=_passphrase)


def _create(parsed: Namespace, output: Output) -> int:
    if not output.as_json and parsed.passphrase_file is None:
        output.message(tr("Une phrase de passe proposée\u00a0: {words}", words=propose()))
    typed = passphrase(
        parsed.passphrase_file,
        tr("Nouvelle phrase de passe\u00a0: "),
        interactive=not output.as_json,
        again=True,
    )
    made = create_account(home_of(parsed), parsed.name, typed, parsed.profession, parsed.rpps)
    if made.secret_in_file:
        output.message(
            tr(
                "Aucun trousseau du système n’est disponible\u00a0: le secret de ce compte est gardé "
                "dans un fichier lisible par vous seulement."
            )
        )
    output.result({"account": made.account, "device": made.device})
    return 0


def _list(parsed: Namespace, output: Output) -> int:
    for card in home_of(parsed).accounts():
        output.result(
            {"account": card.account, "name": card.name, "profession": card.profession or ""},
            f"{card.account}  {card.name}",
        )
    return 0


def _passphrase(parsed: Namespace, output: Output) -> int:
    home, interactive = home_of(parsed), not output.as_json
    card = home.find(parsed.account)
    current = passphrase(
        parsed.passphrase_file,
        tr("Phrase de passe actuelle de {name}\u00a0: ", name=card.name),
        interactive=interactive,
    )
    change_passphrase(
        home, card, current, new_passphrase(parsed.new_passphrase_file, interactive=interactive)
    )
    output.result(
        {"account": card.account},
        tr("La phrase de passe de {name} est changée\u00a0: l’ancienne n’ouvre plus rien.", name=card.name),
    )
    return 0
