"""Making a recovery sheet, and the page that is printed of it."""

from __future__ import annotations

import datetime
import textwrap
from dataclasses import dataclass, field

from carelink.access.statements import decode_certificate
from carelink.crypto.keys import AccountName, DeviceKeys, certify, name_hash, public_keys
from carelink.crypto.recovery import Owner, SheetKeys, new_words, sheet_keys
from carelink.language import tr
from carelink.models.stores.account import DeviceRow
from carelink.services.certificates import row_of

COLUMNS = 4
PAGE_WIDTH = 88


@dataclass(frozen=True, slots=True)
class Sheet:
    """A recovery sheet as its owner gets it: once, on paper.

    Attributes:
        device: Its id in hexadecimal.
        made: Milliseconds since 1970.
        relays: Addresses as they are copied, with a fingerprint where one is needed.
    """

    device: str
    name: str
    made: int
    words: tuple[str, ...] = field(repr=False)
    relays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class NewSheet:
    """A sheet that counts for nothing yet: its words, and what the vault keeps of it."""

    words: tuple[str, ...]
    row: DeviceRow


def make_sheet(owner: Owner, by: DeviceKeys | bytes, now: int) -> NewSheet:
    """Make a sheet, certified by a device of the account or by its identity key."""
    words = new_words()
    made: SheetKeys = sheet_keys(words)
    account = AccountName(owner.account_key, name_hash(owner.name_salt, owner.name))
    signed = certify(account, public_keys(made.keys), now, by, paper=True)
    return NewSheet(words, row_of(signed, now, state="pending", owner=made.seal_owner(owner)))


def sheet_of(new: NewSheet, name: str, relays: tuple[str, ...] = ()) -> Sheet:
    """Return a sheet as its owner gets it."""
    certificate = decode_certificate(new.row.body)
    return Sheet(certificate.device.hex(), name, certificate.issued, new.words, relays)


@dataclass(frozen=True, slots=True)
class PageWords:
    """What a page says around the words, on paper as in a file.

    Attributes:
        relays: The addresses, or none: whoever prints it leaves room to write one.
    """

    account: str
    made: str
    what: str
    relays: tuple[str, ...]
    no_relay: str
    keep: str
    use: str
    renew: str


def page_words(sheet: Sheet) -> PageWords:
    """Return what the page of a sheet says around its words."""
    made = datetime.datetime.fromtimestamp(sheet.made / 1000, datetime.UTC).astimezone()
    return PageWords(
        account=tr("Compte\u00a0: {name}", name=sheet.name),
        made=tr("Faite le {date}", date=made.strftime("%d/%m/%Y %H:%M")),
        what=tr(
            "Ces 24 mots rouvrent tous vos cercles si vos ordinateurs sont perdus, volés ou en panne, "
            "ou si vous avez oublié votre phrase de passe. Qui les a peut lire tout ce que vous lisez."
        ),
        relays=sheet.relays,
        no_relay=tr("(aucun encore\u00a0: écrivez ici l’adresse de votre relais)"),
        keep=tr(
            "Rangez cette page dans un endroit sûr, loin de l’ordinateur, comme vous le feriez d’un acte "
            "notarié. Ne la photographiez pas, ne l’envoyez pas par courriel, n’en gardez pas de copie "
            "sur un ordinateur."
        ),
        use=tr(
            "Pour vous en servir\u00a0: installez CareLink sur un ordinateur, choisissez «\u00a0Restaurer "
            "depuis la feuille de secours\u00a0», puis recopiez les 24 mots et l’adresse du relais. En ligne "
            "de commande\u00a0: «\u00a0carelink account recover --words-file FICHIER\u00a0». Majuscules et "
            "accents n’importent pas."
        ),
        renew=tr(
            "Si vous la perdez, ou si quelqu’un a pu la lire\u00a0: faites-en une nouvelle dans Réglages, "
            "«\u00a0Feuille de secours\u00a0» (ou «\u00a0carelink account sheet --out FICHIER\u00a0»). "
            "Celle-ci ne rouvrira plus rien."
        ),
    )


def page_text(sheet: Sheet) -> str:
    """Return the page as a text file."""
    said = page_words(sheet)
    rows = len(sheet.words) // COLUMNS
    columns = [sheet.words[start : start + rows] for start in range(0, len(sheet.words), rows)]
    lines = [
        "   ".join(
            f"{column * rows + row + 1:2d}. {words[row]:<14}" for column, words in enumerate(columns)
        ).rstrip()
        for row in range(rows)
    ]
    parts = [
        tr("CARELINK — FEUILLE DE SECOURS"),
        f"{said.account}\n{said.made}",
        _filled(said.what),
        "\n".join(lines),
        "\n".join((tr("Relais\u00a0:"), *(said.relays or (said.no_relay,)))),
        _filled(said.keep),
        _filled(said.use),
        _filled(said.renew),
    ]
    return "\n\n".join(parts) + "\n"


def _filled(text: str) -> str:
    return textwrap.fill(text, PAGE_WIDTH)
