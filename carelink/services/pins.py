"""The PIN of an account: choosing it, removing it, and what it re-opens the vault with."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from carelink.access.policy import Permission
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.pins import KeptKey, PinRecord, require_good_pin
from carelink.models.vault.slots import passphrase_mark, unlock
from carelink.services.requirements import Service, requires
from carelink.services.session import Stores

_SETTING = "pin"


def kept_key(stores: Stores, folder: Path, key: bytes) -> KeptKey | None:
    """Return what the PIN re-opens a vault with, or None where none was chosen with this passphrase."""
    record = PinRecord.loaded(stores.setting(_SETTING))
    with suppress(KnownError):
        if record is not None and record.mark == passphrase_mark(folder):
            return KeptKey(key, record)
    return None


class Pins(Service):
    """The PIN of the account that is open."""

    @requires(Permission.VAULT_USE)
    def choose(self, passphrase: str, pin: str) -> None:
        """Let a PIN re-open this account until the application ends; takes two Argon2id.

        Raises:
            WeakPinError: It is no PIN, or one that would be tried first.
            WrongPassphraseError: `passphrase` is not this account's, or it is too soon to try another.
            KnownError: This is the demonstration, the keyring does not answer, the disk is full.
        """
        session = self.session
        if session.home.is_demo:
            raise KnownError(
                tr("Les comptes de la démonstration n’ont pas de code PIN\u00a0: rien n’a été changé.")
            )
        digits = require_good_pin(pin)
        folder = session.home.folder(session.card.account)
        key = unlock(folder, passphrase, session.home.secrets(session.card))
        record = PinRecord.of(digits, passphrase_mark(folder))
        with session.write() as stores:
            stores.set_setting(_SETTING, record.setting())
        self.forget()
        session.kept = KeptKey(key, record)

    @requires(Permission.VAULT_USE)
    def remove(self) -> None:
        """Let only the passphrase open this account.

        Raises:
            KnownError: The disk is full.
        """
        with self.session.write() as stores:
            stores.set_setting(_SETTING, None)
        self.forget()

    @requires(Permission.VAULT_USE)
    def forget(self) -> None:
        """Re-open this account by nothing that was chosen with a passphrase which is another one now."""
        if self.session.kept is not None:
            self.session.kept.forget()
        self.session.kept = None
