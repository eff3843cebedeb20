"""CareLink's folder on this PC: one folder an account, and what is remembered before any is open.

<home>/accounts/<account>/{card.json, header.json, vault.db}
<home>/keys/<account>.key        only where the OS has no keyring
<home>/settings.json
"""

from __future__ import annotations

import json
import os
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.files import (
    clear_unfinished,
    create_file,
    disk_trouble,
    make_folder,
    replace_file,
    sync_folder,
)
from carelink.models.vault.secrets import SecretKind, SecretStore
from carelink.models.vault.workstation import (
    DoorPerson,
    Workstation,
    came_by_door,
    load_workstation,
)

CARD_NAME = "card.json"
VAULT_NAME = "vault.db"
DEMO_MARKER = "demonstration.json"
TEXT_SCALES = (100, 200)
AUTO_LOCK_MINUTES = (1, 120)

_UNFINISHED = ".new-"
_ABANDONED_SECONDS = 3600.0

Theme = Literal["system", "light", "dark", "contrast"]

# Named tuples: the unlock screen waits for these, and for no msgspec (15 ms) nor dataclasses (1 ms each).


class AccountCard(NamedTuple):
    """What the unlock screen shows of an account, readable before it is open.

    Attributes:
        account: Its id in hexadecimal.
        profession: A role's code, or None for someone who is not a professional.
        secret_kind: Where this PC's secret is; "file" is to be said aloud.
    """

    account: str
    name: str
    profession: str | None
    created: datetime
    secret_kind: SecretKind


class HomeSettings(NamedTuple):
    """What is remembered of this PC, outside any account.

    Attributes:
        auto_lock_minutes: An open account locks after so long without a key or the mouse.
    """

    last_account: str | None = None
    theme: Theme = "system"
    text_scale: int = 100
    auto_lock_minutes: int = 10


class Home(NamedTuple):
    """CareLink's folder."""

    path: Path

    @classmethod
    def default(cls) -> Home:
        """Return the folder named by CARELINK_HOME, or the system's place for user data."""
        if chosen := os.environ.get("CARELINK_HOME"):
            return cls(Path(chosen))
        from platformdirs import user_data_path

        return cls(user_data_path("CareLink", appauthor=False))

    @property
    def is_demo(self) -> bool:
        """Whether this is the demonstration's folder."""
        return (self.path / DEMO_MARKER).is_file()

    def workstation(self) -> Workstation | None:
        """Return what this PC is for a team, or None where it is nobody's workstation."""
        return load_workstation(self.path)

    @property
    def has_door(self) -> bool:
        """Whether there is anybody to choose, or a team whose people may come."""
        return bool(self.accounts()) or self.workstation() is not None

    def came_by_door(self) -> set[str]:
        """Return the accounts that were opened here as their owners do on any workstation of the team."""
        return came_by_door(self.path)

    def folder(self, account: str) -> Path:
        """Return the folder of an account, by its id in hexadecimal."""
        return self._accounts / account

    def vault(self, account: str) -> Path:
        """Return the path of an account's vault."""
        return self.folder(account) / VAULT_NAME

    def secrets(self, card: AccountCard) -> SecretStore:
        """Return the store of an account's secret."""
        return SecretStore(self.path, card.account, card.secret_kind)

    def accounts(self) -> tuple[AccountCard, ...]:
        """Return the accounts of this PC by name; one whose card is damaged is still there.

        On a team's workstation, those of the team who may open theirs here are among them; those who left
        it, and have been here, are not.
        """
        try:
            names = [path.name for path in self._accounts.iterdir() if path.is_dir()]
        except FileNotFoundError:
            names = []
        cards = [self._card(name) for name in names if not name.startswith(".")]
        if (workstation := self.workstation()) is not None:
            on_door = {person.account: person for person in workstation.people}
            left = self.came_by_door() - set(on_door)
            cards = [card for card in cards if card.account not in left]
            known = {card.account for card in cards}
            cards += [_door_card(workstation, on_door[account]) for account in on_door.keys() - known]
        return tuple(sorted(cards, key=lambda card: (plain_name(card.name), card.account)))

    def tidy(self, account: str) -> None:
        """Remove what a crash left half-written, here and in an account's folder."""
        for folder in (self.path, self.folder(account)):
            clear_unfinished(folder)

    def find(self, name_or_id: str | None) -> AccountCard:
        """Return the account that is meant; None means the only one.

        Raises:
            KnownError: There is none, or several.
        """
        cards = self.accounts()
        if name_or_id is None:
            found = list(cards)
        else:
            wanted = plain_name(name_or_id)
            found = [card for card in cards if wanted in (card.account, plain_name(card.name))]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(f"{card.name} ({card.account})" for card in found)
            raise KnownError(
                tr(
                    "Plusieurs comptes sont possibles : {names}. Donnez l’identifiant de l’un d’eux.",
                    names=names,
                )
            )
        if not cards:
            raise KnownError(tr("Il n’y a pas encore de compte sur cet ordinateur : créez-en un d’abord."))
        names = ", ".join(card.name for card in cards)
        raise KnownError(
            tr(
                "Aucun compte de cet ordinateur ne s’appelle « {name} ». Comptes présents : {names}.",
                name=name_or_id,
                names=names,
            )
        )

    @contextmanager
    def new_account_folder(
        self, account: str, name: str, profession: str | None, secret_kind: SecretKind
    ) -> Iterator[Path]:
        """Give a folder to fill with header and vault; it becomes the account's when the block ends.

        Every database in it must be closed by then. If the block fails, nothing is left.

        Raises:
            KnownError: The account is already on this PC, or the disk is full.
        """
        make_folder(self._accounts)
        self._clear_abandoned()
        target = self.folder(account)
        if target.exists():
            raise KnownError(tr("Ce compte est déjà sur cet ordinateur : ouvrez-le avec sa phrase de passe."))
        folder = self._accounts / f"{_UNFINISHED}{os.urandom(8).hex()}"
        make_folder(folder)
        try:
            yield folder
            card = AccountCard(account, name, profession, datetime.now(UTC), secret_kind)
            create_file(folder / CARD_NAME, _encode(card))
            sync_folder(folder)
            with disk_trouble(target):
                folder.rename(target)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        sync_folder(self._accounts)

    def set_aside(self, account: str) -> Path:
        """Move an account out of the way, whole: its own passphrase would open it again, put back.

        Raises:
            KnownError: It is open, or the disk refuses.
        """
        place = self.path / "set-aside"
        make_folder(place)
        target = place / f"{account}-{time.time_ns() // 1_000_000}"
        with disk_trouble(target):
            self.folder(account).rename(target)
        sync_folder(place)
        sync_folder(self._accounts)
        return target

    def save_card(self, card: AccountCard) -> None:
        """Write what the unlock screen shows of an account again."""
        replace_file(self.folder(card.account) / CARD_NAME, _encode(card))

    def settings(self) -> HomeSettings:
        """Return what is remembered of this PC; what is missing or unreadable is as at first."""
        try:
            found = _decode_settings(self._settings.read_bytes())
        except (OSError, ValueError, RecursionError):
            return HomeSettings()
        return found._replace(
            text_scale=_within(found.text_scale, TEXT_SCALES),
            auto_lock_minutes=_within(found.auto_lock_minutes, AUTO_LOCK_MINUTES),
        )

    def save_settings(self, settings: HomeSettings) -> None:
        """Remember something of this PC.

        Raises:
            KnownError: The disk is full.
        """
        make_folder(self.path)
        replace_file(self._settings, _encode(settings))

    @property
    def _accounts(self) -> Path:
        return self.path / "accounts"

    @property
    def _settings(self) -> Path:
        return self.path / "settings.json"

    def _card(self, account: str) -> AccountCard:
        with suppress(OSError, ValueError, RecursionError):
            card = _decode_card((self.folder(account) / CARD_NAME).read_bytes())
            if card.account == account:
                return card
        # Its vault opens all the same: the header says where the secret is.
        return AccountCard(account, account, None, datetime.fromtimestamp(0, UTC), SecretKind.FILE)

    def _clear_abandoned(self) -> None:
        """Remove what a process ended in mid-creation left; a young one may still be at work."""
        for folder in self._accounts.glob(f"{_UNFINISHED}*"):
            with suppress(OSError):
                if abs(time.time() - folder.stat().st_mtime) > _ABANDONED_SECONDS:
                    shutil.rmtree(folder)


def _door_card(workstation: Workstation, person: DoorPerson) -> AccountCard:
    """Return what the door shows of someone who was never here."""
    since = datetime.fromtimestamp(0, UTC)
    return AccountCard(person.account, person.name, person.profession or None, since, workstation.secret_kind)


def _encode(record: AccountCard | HomeSettings) -> bytes:
    return json.dumps(record._asdict(), ensure_ascii=False, default=datetime.isoformat).encode()


def _decode_card(data: bytes) -> AccountCard:
    """Read a card; ValueError where it is no card."""
    found = _object(data)
    name, created = found.get("name"), found.get("created")
    account, profession, kind = (found.get(key) for key in ("account", "profession", "secret_kind"))
    if not (isinstance(account, str) and isinstance(name, str) and isinstance(created, str)):
        raise ValueError(data)
    if not (isinstance(profession, str | None) and isinstance(kind, str)):
        raise ValueError(data)
    return AccountCard(account, name, profession, datetime.fromisoformat(created), SecretKind(kind))


def _decode_settings(data: bytes) -> HomeSettings:
    """Read settings; what is absent is as at first, and ValueError where something is no setting."""
    found = _object(data)
    settings = HomeSettings(**{name: value for name, value in found.items() if name in HomeSettings._fields})
    numbers = (settings.text_scale, settings.auto_lock_minutes)
    if settings.theme not in get_args(Theme) or not all(type(number) is int for number in numbers):
        raise ValueError(data)
    if not isinstance(settings.last_account, str | None):
        raise ValueError(data)
    return settings


def _object(data: bytes) -> dict[str, Any]:
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError(data)
    return found


def _within(value: int, limits: tuple[int, int]) -> int:
    return min(max(value, limits[0]), limits[1])


def plain_name(name: str) -> str:
    """Return a name as it is compared: without case, accents or doubled spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())
