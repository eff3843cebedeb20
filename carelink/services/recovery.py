"""The recovery sheet of an account that is open: making it, checking it, whether there is one."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from carelink.access.policy import Permission
from carelink.access.statements import decode_certificate
from carelink.crypto.recovery import Owner, plain
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.certificates import active_sheet
from carelink.services.requirements import Service, requires
from carelink.services.session import Stores
from carelink.services.sheets import Sheet, make_sheet, page_text, sheet_of

ASKED_WORDS = 3


@dataclass(frozen=True, slots=True)
class SheetState:
    """Whether there is a recovery sheet.

    Attributes:
        made: When the one that counts was made, milliseconds since 1970, or None.
    """

    made: int | None


class Recovery(Service):
    """The recovery sheet of one account."""

    @requires(Permission.VAULT_USE)
    def state(self) -> SheetState:
        """Say whether a sheet counts."""
        with self.session.read() as stores:
            sheet = active_sheet(stores)
        return SheetState(None if sheet is None else decode_certificate(sheet.body).issued)

    @requires(Permission.VAULT_USE)
    def new_sheet(self) -> Sheet:
        """Make a sheet; it counts once `confirm` says that its words are on paper, the old one until then."""
        session = self.session
        certificate = decode_certificate(session.certificate.body)
        owner = Owner(
            identity=b"",
            account_key=certificate.account_key,
            name=session.name,
            name_salt=session.name_salt,
            profession=session.profession,
            rpps=session.rpps,
        )
        new = make_sheet(owner, session.keys, session.clock())
        with session.write() as stores:
            _forget_pending(stores)
            stores.add_device(new.row)
            relays = printed_relays(stores)
        return sheet_of(new, session.name, relays)

    @requires(Permission.VAULT_USE)
    def confirm(self, sheet: Sheet) -> None:
        """Let a sheet count from now on, and the one before it no more.

        Circles and relays are told at the next exchange with each.
        """
        device = bytes.fromhex(sheet.device)
        with self.session.write() as stores:
            old = active_sheet(stores)
            if old is not None and old.device != device:
                stores.set_device_state(old.device, "revoked")
            stores.set_device_state(device, "active")

    @requires(Permission.VAULT_USE)
    def put_off(self) -> None:
        """Forget a sheet whose words were not checked."""
        with self.session.write() as stores:
            _forget_pending(stores)


def asked_numbers() -> tuple[int, ...]:
    """Return the numbers of three words to ask for, to see that the page is at hand."""
    return tuple(sorted(secrets.SystemRandom().sample(range(1, 25), ASKED_WORDS)))


def wrong_numbers(sheet: Sheet, answers: dict[int, str]) -> list[int]:
    """Return the numbers whose word is not the one on the page, whatever its accents and case."""
    return [
        number for number, word in answers.items() if plain(word.strip()) != plain(sheet.words[number - 1])
    ]


def printed_relays(stores: Stores) -> tuple[str, ...]:
    """Return the addresses of the account's relays, as a page shows them."""
    return tuple(f"{row.url}#{row.fingerprint}" if row.fingerprint else row.url for row in stores.hubs())


def reserve_page(path: Path) -> None:
    """Make the empty file of a page, readable by its owner alone, before there is anything to lose.

    Raises:
        KnownError: It exists, or cannot be made.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise KnownError(
            tr(
                "Le fichier {path} existe déjà\u00a0: rien n’a été fait. Choisissez un autre nom pour la "
                "feuille de secours.",
                path=path,
            )
        ) from None
    except OSError as error:
        raise KnownError(
            tr(
                "La feuille de secours ne peut pas être écrite dans {path}\u00a0: rien n’a été fait.",
                path=path,
            )
        ) from error


def write_page(path: Path, sheet: Sheet) -> None:
    """Write the page into the file that was reserved for it.

    Raises:
        KnownError: The disk is full, or refuses.
    """
    try:
        with path.open("w", encoding="utf-8") as file:
            file.write(page_text(sheet))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        drop_page(path)
        raise KnownError(
            tr(
                "La feuille de secours n’a pas pu être écrite dans {path}\u00a0: elle ne compte pas. "
                "Faites de la place, puis recommencez.",
                path=path,
            )
        ) from error


def drop_page(path: Path) -> None:
    """Remove a page that counts for nothing."""
    with suppress(OSError):
        path.unlink()


def _forget_pending(stores: Stores) -> None:
    for row in stores.devices():
        if row.state == "pending":
            stores.drop_device(row.device)
