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


def page_text(sheet: Sheet) -> str:
    """Return the printed page."""
    made = datetime.datetime.fromtimestamp(sheet.made / 1000, datetime.UTC).astimezone()
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
        tr(
            "Compte\u00a0: {name}\nFaite le {date}",
            name=sheet.name,
            date=made.strftime("%d/%m/%Y %H:%M"),
        ),
        _filled(
            tr(
                "Ces 24 mots rouvrent tous vos cercles si vos ordinateurs sont perdus, volés ou en panne, "
                "ou si vous avez oublié votre phrase de passe. Qui les a peut lire tout ce que vous lisez."
            )
        ),
        "\n".join(lines),
        "\n".join(
            (
                tr("Relais\u00a0:"),
                *(sheet.relays or (tr("(aucun encore\u00a0: écrivez ici l’adresse de votre relais)"),)),
            )
        ),
        _filled(
            tr(
                "Rangez cette page dans un endroit sûr, loin de l’ordinateur, comme vous le feriez d’un acte "
                "notarié. Ne la photographiez pas, ne l’envoyez pas par courriel, n’en gardez pas de copie "
                "sur un ordinateur."
            )
        ),
        _filled(
            tr(
                "Pour vous en servir\u00a0: installez CareLink, recopiez les 24 mots et l’adresse du relais "
                "dans un fichier, puis lancez «\u00a0carelink account recover --words-file FICHIER\u00a0». "
                "Majuscules et accents n’importent pas."
            )
        ),
        _filled(
            tr(
                "Si vous la perdez, ou si quelqu’un a pu la lire\u00a0: faites-en une nouvelle avec "
                "«\u00a0carelink account sheet --out FICHIER\u00a0». Celle-ci ne rouvrira plus rien."
            )
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _filled(text: str) -> str:
    return textwrap.fill(text, PAGE_WIDTH)
