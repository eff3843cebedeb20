"""The 32-byte secret that this PC adds to the passphrase, in the OS keyring or in a file of mode 0600."""

from __future__ import annotations

import os
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from carelink.language import tr
from carelink.models.vault.errors import SecretUnavailableError
from carelink.models.vault.files import create_file, make_folder, sync_folder

SERVICE = "carelink"
SECRET_BYTES = 32
CHOICE = "CARELINK_SECRETS"  # "file" leaves the keyring alone: servers, tests


class SecretKind(StrEnum):
    """Where the secret is."""

    KEYRING = "keyring"
    FILE = "file"


class SecretStore(NamedTuple):
    """The secret of one account on one PC.

    Attributes:
        home: CareLink's folder.
        account: The account's id in hexadecimal.
        kind: Where the secret is, chosen once when the account is made on this PC.
    """

    home: Path
    account: str
    kind: SecretKind

    @classmethod
    def choose(cls, home: Path, account: str) -> SecretStore:
        """Return the store of a new account: the keyring where one works, else a file."""
        forced = os.environ.get(CHOICE) == SecretKind.FILE
        works = not forced and _keyring_works(f"{account}.probe")
        return cls(home, account, SecretKind.KEYRING if works else SecretKind.FILE)

    def as_kind(self, kind: SecretKind) -> SecretStore:
        """Return the store of the same account at another place."""
        return self._replace(kind=kind)

    def obtain(self) -> bytes:
        """Return the account's secret, made now if there is none; for new vaults only.

        Raises:
            SecretUnavailableError: The place does not answer, or holds something else.
            KnownError: The disk is full.
        """
        known = self._find()
        if known is None:
            self._store(os.urandom(SECRET_BYTES))
            return self.secret()
        return self._decode(known)

    def secret(self) -> bytes:
        """Return the account's secret.

        Raises:
            SecretUnavailableError: It cannot be had now, or is gone.
        """
        known = self._find()
        if known is None:
            raise other_secret(self)
        return self._decode(known)

    def forget(self) -> None:
        """Remove the secret, with the account."""
        if self.kind is SecretKind.FILE:
            self.path.unlink(missing_ok=True)
            return
        import keyring

        with suppress(Exception):
            keyring.delete_password(SERVICE, self.account)

    @property
    def path(self) -> Path:
        """The file, where the secret is in a file."""
        return self.home / "keys" / f"{self.account}.key"

    def _find(self) -> str | None:
        if self.kind is SecretKind.FILE:
            try:
                return self.path.read_text(encoding="ascii")
            except FileNotFoundError:
                return None
            except (OSError, UnicodeDecodeError) as error:
                raise other_secret(self) from error
        import keyring

        try:
            return keyring.get_password(SERVICE, self.account)
        except Exception as error:  # each system's keyring has errors of its own
            raise SecretUnavailableError(
                tr(
                    "Le trousseau de cet ordinateur est verrouillé ou ne répond pas, et le coffre ne s’ouvre "
                    "pas sans lui : rien n’est perdu. Déverrouillez le trousseau de votre session, puis "
                    "recommencez."
                )
            ) from error

    def _store(self, secret: bytes) -> None:
        if self.kind is SecretKind.FILE:
            make_folder(self.path.parent)
            create_file(self.path, secret.hex().encode())
            sync_folder(self.path.parent)
            return
        import keyring

        try:
            keyring.set_password(SERVICE, self.account, secret.hex())
        except Exception as error:
            raise SecretUnavailableError(
                tr(
                    "Le trousseau de cet ordinateur a refusé de garder le secret du coffre : rien n’a été "
                    "créé. Déverrouillez le trousseau de votre session, puis recommencez."
                )
            ) from error

    def _decode(self, known: str) -> bytes:
        with suppress(ValueError):
            secret = bytes.fromhex(known.strip())
            if len(secret) == SECRET_BYTES:
                return secret
        raise other_secret(self)


def other_secret(store: SecretStore) -> SecretUnavailableError:
    """Return the error for a secret that is gone, unreadable, or not the one of this vault."""
    if store.kind is SecretKind.FILE:
        return SecretUnavailableError(
            tr(
                "Le fichier {path}, sans lequel le coffre ne s’ouvre pas, est absent ou abîmé : le coffre "
                "n’est pas touché. Remettez ce fichier depuis une sauvegarde de cet ordinateur, ou créez "
                "un nouveau compte et faites-vous inviter de nouveau : l’historique revient des autres "
                "membres.",
                path=store.path,
            )
        )
    return SecretUnavailableError(
        tr(
            "Le trousseau de cet ordinateur n’a plus le secret de ce compte, sans lequel le coffre ne "
            "s’ouvre pas : le coffre n’est pas touché. Ouvrez la session et le trousseau avec lesquels ce "
            "compte a été créé, ou créez-en un nouveau et faites-vous inviter de nouveau : l’historique "
            "revient des autres membres."
        )
    )


def _keyring_works(username: str) -> bool:
    """Tell whether a secret of the real size comes back from a keyring that encrypts it."""
    try:
        import keyring
        from keyring.core import recommended

        # Below this, a back end keeps secrets in plain text or nowhere.
        if not recommended(keyring.get_keyring()):
            return False
        probe = os.urandom(SECRET_BYTES).hex()
        keyring.set_password(SERVICE, username, probe)
        back = keyring.get_password(SERVICE, username)
        keyring.delete_password(SERVICE, username)
    except Exception:  # each system's keyring has errors of its own
        return False
    return back == probe
