"""`carelink account …`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from carelink.cli.opening import home_of, unlocked
from carelink.cli.output import Output
from carelink.cli.values import iso, moment, new_passphrase, passphrase, spoken_time, words_text
from carelink.language import tr
from carelink.models.vault.passphrases import propose
from carelink.services.accounts import create_account, open_with_key
from carelink.services.circles import checked_address
from carelink.services.devices import Devices
from carelink.services.door import change_here, open_here
from carelink.services.exchange.sync import Sync
from carelink.services.pairing import Pairing, join_account
from carelink.services.portable import PortableAccount
from carelink.services.recovery import Recovery, drop_page, reserve_page, write_page
from carelink.services.restoring import read_words, restore


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    group = commands.add_parser("account", help=tr("comptes de cet ordinateur"))
    actions = group.add_subparsers(dest="action", required=True, metavar=tr("action"))
    create = actions.add_parser("create", parents=[common], help=tr("créer un compte"))
    create.add_argument("--name", required=True)
    create.add_argument("--profession", default="")
    create.add_argument("--rpps", default="")
    create.add_argument(
        "--sheet", type=Path, metavar="F", help=tr("écrire aussi la feuille de secours dans ce fichier")
    )
    create.set_defaults(run=_create)
    listing = actions.add_parser("list", parents=[common], help=tr("lister les comptes"))
    listing.set_defaults(run=_list)
    sheet = actions.add_parser(
        "sheet",
        parents=[common],
        help=tr("faire une nouvelle feuille de secours\u00a0; l’ancienne ne vaut plus"),
    )
    sheet.add_argument("--out", type=Path, required=True, metavar="F")
    sheet.set_defaults(run=_sheet)
    recover = actions.add_parser(
        "recover", parents=[common], help=tr("tout retrouver depuis la feuille de secours")
    )
    recover.add_argument(
        "--words-file",
        type=Path,
        required=True,
        metavar="F",
        help=tr("la page imprimée, ou ses 24 mots\u00a0; «\u00a0-\u00a0» lit l’entrée standard"),
    )
    recover.add_argument(
        "--hub",
        action="append",
        default=[],
        metavar="URL",
        help=tr("adresse du relais, si le fichier ne la dit pas"),
    )
    recover.set_defaults(run=_recover)
    pair = actions.add_parser(
        "pair",
        parents=[common],
        help=tr(
            "réunir deux ordinateurs\u00a0: un code sur le premier, --code sur le second, --words sur le "
            "premier"
        ),
    )
    pair.add_argument("--words", default="", help=tr("les trois mots que montre le nouvel ordinateur"))
    pair.add_argument("--code", default="", metavar="CODE_OR_LINK", help=tr("sur le nouvel ordinateur"))
    pair.add_argument("--hub", default="", metavar="URL")
    pair.add_argument("--name", default="", help=tr("comment appeler le nouvel ordinateur"))
    pair.set_defaults(run=_pair)
    devices = actions.add_parser("devices", parents=[common], help=tr("lister les appareils du compte"))
    devices.set_defaults(run=_devices)
    rename = actions.add_parser("rename", parents=[common], help=tr("nommer un appareil"))
    rename.add_argument("device", metavar="DEVICE")
    rename.add_argument("--name", required=True)
    rename.set_defaults(run=_rename)
    revoke = actions.add_parser(
        "revoke", parents=[common], help=tr("couper un appareil perdu ou volé, et ceux qu’il a ajoutés")
    )
    revoke.add_argument("device", metavar="DEVICE")
    revoke.add_argument(
        "--since",
        type=moment,
        metavar="DATE",
        help=tr("garder les appareils qu’il a ajoutés avant cette date"),
    )
    revoke.set_defaults(run=_revoke)
    portable = actions.add_parser(
        "portable", parents=[common], help=tr("rendre ce compte utilisable sur les postes de ses équipes")
    )
    portable.add_argument("--stop", action="store_true", help=tr("ne plus l’ouvrir sur aucun poste"))
    portable.set_defaults(run=_portable)
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
    page: Path | None = parsed.sheet
    if page is not None:
        reserve_page(page)
    try:
        made = create_account(
            home_of(parsed), parsed.name, typed, parsed.profession, parsed.rpps, sheet=page is not None
        )
    except BaseException:
        if page is not None:
            drop_page(page)
        raise
    if made.secret_in_file:
        _say_where_secret_is(output)
    result = {"account": made.account, "device": made.device}
    if page is not None and made.sheet is not None:
        write_page(page, made.sheet)
        home = home_of(parsed)
        session = open_with_key(home, home.find(made.account), made.key)
        try:
            Recovery(session).confirm(made.sheet)
        finally:
            session.close()
        _warn_of_page(page, output)
        result["sheet"] = str(page)
    output.result(result)
    return 0


def _say_where_secret_is(output: Output) -> None:
    output.message(
        tr(
            "Aucun trousseau du système n’est disponible\u00a0: le secret de ce compte est gardé "
            "dans un fichier lisible par vous seulement."
        )
    )


def _warn_of_page(page: Path, output: Output) -> None:
    output.message(
        tr(
            "ATTENTION\u00a0: {path} est votre feuille de secours. Qui la lit peut lire tout ce que vous "
            "lisez. Imprimez-la, rangez-la loin de l’ordinateur, puis effacez ce fichier.",
            path=page,
        )
    )


def _sheet(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        recovery = Recovery(session)
        reserve_page(parsed.out)
        try:
            sheet = recovery.new_sheet()
        except BaseException:
            drop_page(parsed.out)
            raise
        write_page(parsed.out, sheet)
        recovery.confirm(sheet)
        _warn_of_page(parsed.out, output)
        output.result(
            {"sheet": str(parsed.out), "device": sheet.device},
            tr(
                "La feuille de secours vaut dès le prochain échange avec vos relais\u00a0; l’ancienne ne "
                "vaut plus."
            ),
        )
    return 0


def _recover(parsed: Namespace, output: Output) -> int:
    keys, addresses = read_words(words_text(parsed.words_file))
    addresses += [checked_address(hub) for hub in parsed.hub]
    if not output.as_json and parsed.passphrase_file is None:
        output.message(tr("Une phrase de passe proposée\u00a0: {words}", words=propose()))
    typed = passphrase(
        parsed.passphrase_file,
        tr("Nouvelle phrase de passe\u00a0: "),
        interactive=not output.as_json,
        again=True,
    )
    done = restore(home_of(parsed), keys, addresses, typed)
    if done.secret_in_file:
        _say_where_secret_is(output)
    output.result(
        {
            "account": done.account,
            "device": done.device,
            "circles": list(done.circles),
            "problems": list(done.problems),
        },
        tr("{name}\u00a0: {count} cercles retrouvés.", name=done.name, count=len(done.circles)),
    )
    if done.problems:
        for problem in done.problems:
            output.message(problem)
        output.message(
            tr(
                "Ce qui est retrouvé est dans votre coffre. Relancez la même commande plus tard pour le "
                "reste."
            )
        )
        return 1
    output.message(
        tr(
            "Ces mots servent encore\u00a0: s’ils ont pu être vus, faites-en de nouveaux (carelink account "
            "sheet). Et révoquez l’ordinateur perdu (carelink account devices, puis revoke)."
        )
    )
    return 0


def _list(parsed: Namespace, output: Output) -> int:
    for card in home_of(parsed).accounts():
        output.result(
            {"account": card.account, "name": card.name, "profession": card.profession or ""},
            f"{card.account}  {card.name}",
        )
    return 0


def _pair(parsed: Namespace, output: Output) -> int:
    if parsed.code:
        return _come_in(parsed, output)
    with unlocked(parsed, output) as session:
        pairing = Pairing(session)
        if parsed.words:
            paired = pairing.confirm(parsed.words)
            output.result(
                {"account": paired.account, "device": paired.device, "name": paired.name},
                tr("{name} fait partie de vos appareils.", name=paired.name),
            )
            return 0
        made = pairing.offer()
    output.result(
        {"code": made.code, "link": made.link, "expires": iso(made.expires)},
        tr("Sur le nouvel ordinateur\u00a0: carelink account pair --code {link}", link=made.link),
    )
    return 0


def _come_in(parsed: Namespace, output: Output) -> int:
    typed = passphrase(
        parsed.passphrase_file,
        tr("Nouvelle phrase de passe\u00a0: "),
        interactive=not output.as_json,
        again=True,
    )

    def show(words: tuple[str, ...]) -> None:
        output.result(
            {"words": list(words)},
            tr(
                "Trois mots à donner sur l’autre ordinateur\u00a0: {words}\n"
                'carelink account pair --words "{words}"',
                words=" ".join(words),
            ),
        )

    paired = join_account(
        home_of(parsed), parsed.code, parsed.hub, typed, parsed.name or tr("nouvel ordinateur"), show
    )
    output.result(
        {"account": paired.account, "device": paired.device, "name": paired.name},
        tr("Cet ordinateur est prêt."),
    )
    return 0


def _devices(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        views = Devices(session).known()
    for view in views:
        kind = tr("feuille de secours") if view.paper else tr("ordinateur")
        name = view.name or (tr("postes partagés") if view.portable else kind)
        marks = [tr("cet ordinateur")] if view.this else []
        marks += {
            "revoking": [tr("révoqué, au prochain échange")],
            "revoked": [tr("révoqué")],
        }.get(view.state, [])
        output.result(
            {
                "device": view.id,
                "name": view.name,
                "since": iso(view.since),
                "this": view.this,
                "paper": view.paper,
                "portable": view.portable,
                "state": view.state,
            },
            "  ".join((view.id, name, spoken_time(view.since), *marks)),
        )
    return 0


def _rename(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        Devices(session).rename(parsed.device, parsed.name)
    output.result({"device": parsed.device, "name": parsed.name}, tr("L’appareil est renommé."))
    return 0


def _revoke(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        revoked = Devices(session).revoke(parsed.device, parsed.since)
    output.result(
        {"revoked": list(revoked.devices)},
        tr(
            "{count} appareils révoqués. Dès le prochain échange, ils ne recevront plus rien de nouveau. Ce "
            "qu’ils ont déjà reçu, ils le gardent.",
            count=len(revoked.devices),
        ),
    )
    if revoked.sheet:
        output.message(
            tr(
                "L’un d’eux a fait votre feuille de secours\u00a0: faites-en une nouvelle (carelink account "
                "sheet)."
            )
        )
    return 0


def _portable(parsed: Namespace, output: Output) -> int:
    home = home_of(parsed)
    card = home.find(parsed.account)
    typed = passphrase(
        parsed.passphrase_file,
        tr("Phrase de passe de {name}\u00a0: ", name=card.name),
        interactive=not output.as_json,
    )
    session = open_here(home, card, typed)
    try:
        account = PortableAccount(session)
        if parsed.stop:
            account.stop()
        else:
            account.make(typed)
        Sync(session).once(backfill_pages=0)
        state = account.state()
    finally:
        session.close()
    words = tr("Ce compte ne s’ouvre plus sur les postes partagés.")
    if state.made:
        words = (
            tr("Ce compte s’ouvre sur les postes de vos équipes, avec la même phrase de passe.")
            if state.teams
            else tr("Ce compte s’ouvrira sur les postes de vos équipes dès qu’elles en auront.")
        )
    output.result({"portable": state.made, "teams": list(state.teams)}, words)
    return 0


def _passphrase(parsed: Namespace, output: Output) -> int:
    home, interactive = home_of(parsed), not output.as_json
    card = home.find(parsed.account)
    current = passphrase(
        parsed.passphrase_file,
        tr("Phrase de passe actuelle de {name}\u00a0: ", name=card.name),
        interactive=interactive,
    )
    session = open_here(home, card, current)
    try:
        change_here(session, current, new_passphrase(parsed.new_passphrase_file, interactive=interactive))
    finally:
        session.close()
    output.result(
        {"account": card.account},
        tr("La phrase de passe de {name} est changée\u00a0: l’ancienne n’ouvre plus rien.", name=card.name),
    )
    return 0
