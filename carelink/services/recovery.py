"""The recovery sheet of an account that is open: making it, checking it, whether there is one."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from carelink.access.policy import Permission
from carelink.access.statements import decode_certificate
from carelink.crypto.primitives import stretch
from carelink.crypto.recovery import WORDS, BadSheetError, Owner, plain, sheet_keys
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.certificates import active_sheet
from carelink.services.requirements import Service, requires
from carelink.services.session import Stores
from carelink.services.sheets import Sheet, make_sheet, page_text, sheet_of

ASKED_WORDS = 3
QUIET_MS = 7 * 24 * 60 * 60 * 1000
_CHECK_SETTING = "sheet-check"
_PRINTED_SETTING = "sheet-printed"
_QUIET_SETTING = "sheet-quiet-until"


@dataclass(frozen=True, slots=True)
class SheetState:
    """Whether there is a recovery sheet.

    Attributes:
        made: When the one that counts was made, milliseconds since 1970, or None.
        asked: The numbers of the words by which it can be checked again here, or none where only all of
            them show that it is the right one: it was made elsewhere.
        to_write: The address to add to it by hand: it names none of the relays in use. Or empty.
    """

    made: int | None
    asked: tuple[int, ...] = ()
    to_write: str = ""


class Recovery(Service):
    """The recovery sheet of one account."""

    @requires(Permission.VAULT_USE)
    def state(self) -> SheetState:
        """Say whether a sheet counts."""
        with self.session.read() as stores:
            return _state(stores)

    @requires(Permission.VAULT_USE)
    def reminder(self) -> SheetState | None:
        """Say what remains to be done of the sheet: to make it, or to add an address; None for nothing.

        Nothing either for a week after `remind_later`, and before there is a circle to lose.
        """
        with self.session.read() as stores:
            state = _state(stores)
            quiet = stores.setting(_QUIET_SETTING)
            alone = all(link.state == "waiting" for link in stores.links())
        if alone or (isinstance(quiet, int) and self.session.clock() < quiet):
            return None
        return state if state.made is None or state.to_write else None

    @requires(Permission.VAULT_USE)
    def remind_later(self) -> None:
        """Say nothing of it for a week."""
        with self.session.write() as stores:
            stores.set_setting(_QUIET_SETTING, self.session.clock() + QUIET_MS)

    @requires(Permission.VAULT_USE)
    def written(self) -> None:
        """Take note that the address which `state` names was added by hand."""
        with self.session.write() as stores:
            sheet = active_sheet(stores)
            if sheet is not None:
                _keep_printed(stores, sheet.device.hex(), printed_relays(stores))

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
    def confirm(self, sheet: Sheet, asked: Sequence[int] = ()) -> None:
        """Let a sheet count from now on, and the one before it no more.

        Circles and relays are told at the next exchange with each.

        Args:
            sheet: The sheet.
            asked: Numbers of words by which it can be checked again; takes the time of one Argon2id.
        """
        device = bytes.fromhex(sheet.device)
        check = _new_check(sheet, asked) if asked else None
        with self.session.write() as stores:
            stores.set_setting(_CHECK_SETTING, check)
            _keep_printed(stores, sheet.device, sheet.relays)
            old = active_sheet(stores)
            if old is not None and old.device != device:
                stores.set_device_state(old.device, "revoked")
            stores.set_device_state(device, "active")

    @requires(Permission.VAULT_USE)
    def is_at_hand(self, answers: Mapping[int, str]) -> bool:
        """Say whether words are those of the sheet that counts, by their numbers.

        All 24 always tell; those that `state` names do too. Takes the time of one Argon2id.
        """
        with self.session.read() as stores:
            sheet, kept = active_sheet(stores), stores.setting(_CHECK_SETTING)
        if sheet is None:
            return False
        if len(answers) == WORDS:
            try:
                keys = sheet_keys([answers[number].strip() for number in range(1, WORDS + 1)])
            except BadSheetError:
                return False
            return keys.keys.device == sheet.device
        if not isinstance(kept, dict) or kept["device"] != sheet.device.hex():
            return False
        given = _mark([answers.get(number, "") for number in kept["numbers"]], bytes.fromhex(kept["salt"]))
        return hmac.compare_digest(given, kept["mark"])

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


def _state(stores: Stores) -> SheetState:
    sheet = active_sheet(stores)
    if sheet is None:
        return SheetState(None)
    device = sheet.device.hex()
    kept, printed = stores.setting(_CHECK_SETTING), stores.setting(_PRINTED_SETTING)
    asked: tuple[int, ...] = ()
    if isinstance(kept, dict) and kept["device"] == device:
        asked = tuple(kept["numbers"])
    to_write = ""
    if isinstance(printed, dict) and printed["device"] == device:
        relays = printed_relays(stores)
        if relays and not set(relays) & set(printed["relays"]):
            to_write = relays[-1]
    return SheetState(decode_certificate(sheet.body).issued, asked, to_write)


def _keep_printed(stores: Stores, device: str, relays: Sequence[str]) -> None:
    stores.set_setting(_PRINTED_SETTING, {"device": device, "relays": list(relays)})


def _new_check(sheet: Sheet, numbers: Sequence[int]) -> dict[str, object]:
    salt = secrets.token_bytes(16)
    mark = _mark([sheet.words[number - 1] for number in numbers], salt)
    return {"device": sheet.device, "numbers": list(numbers), "salt": salt.hex(), "mark": mark}


def _mark(words: Sequence[str], salt: bytes) -> str:
    return stretch(" ".join(plain(word.strip()) for word in words), salt).hex()


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


def save_page(path: Path, page: bytes) -> None:
    """Write a page where its owner chose, readable by them alone, in the place of what was there.

    Raises:
        KnownError: The disk is full, or refuses.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            path.chmod(0o600)
            file.truncate()
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise KnownError(
            tr(
                "La feuille de secours n’a pas pu être enregistrée dans {path}\u00a0: choisissez un autre "
                "endroit, ou imprimez-la.",
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
