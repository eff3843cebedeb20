"""The header beside a vault: the vault's random key, sealed once for each way to open it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from carelink.crypto.primitives import (
    ARGON2_LANES,
    ARGON2_MEMORY_KIB,
    ARGON2_PASSES,
    KEY_BYTES,
    UnsealError,
    derive,
    seal,
    sha256,
    stretch,
    unseal,
)
from carelink.models.vault.attempts import Attempts, Clock
from carelink.models.vault.errors import (
    DamagedHeaderError,
    NewerVaultError,
    SamePassphraseError,
    UncertainPassphraseError,
)
from carelink.models.vault.files import create_file, replace_file, sync_folder
from carelink.models.vault.passphrases import normal, require_strong
from carelink.models.vault.secrets import SecretKind, SecretStore, other_secret

HEADER_NAME: Final = "header.json"
FORMAT: Final = 1
PASSPHRASE: Final = "passphrase"  # noqa: S105 - the name of a slot
PORTABLE: Final = "portable"
SALT_BYTES: Final = 32

_SLOT_INFO: Final = b"carelink/1/vault-slot/passphrase"
_PORTABLE_INFO: Final = b"carelink/1/vault-slot/portable"
_SECRET_INFO: Final = b"carelink/1/vault-secret-check"


class Argon2(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With what a slot's passphrase was stretched."""

    memory_kib: int = ARGON2_MEMORY_KIB
    passes: int = ARGON2_PASSES
    lanes: int = ARGON2_LANES


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to open the vault."""

    kind: str
    salt: bytes
    argon2: Argon2
    sealed: bytes


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says.

    Attributes:
        secret_kind: Where this PC's secret is, chosen once.
        secret_check: Tells that secret from another, so that a wrong passphrase is not blamed.
    """

    secret_kind: SecretKind
    secret_check: bytes
    slots: tuple[Slot, ...]


class _File(msgspec.Struct, frozen=True):
    """The header's bytes as they were written, and their hash: damage is not a wrong passphrase."""

    format: int
    sha256: str
    header: msgspec.Raw


def create(folder: Path, passphrase: str, store: SecretStore, about: Sequence[str] = ()) -> bytes:
    """Make the key of a new vault and its header; `about` its owner: a passphrase is not their name.

    Returns:
        The vault's 32-byte random key.

    Raises:
        WeakPassphraseError: The passphrase is easily guessed.
        KnownError: The keyring refuses, or the disk is full.
    """
    require_strong(passphrase, about)
    secret = store.obtain()
    key = secrets.token_bytes(KEY_BYTES)
    header = Header(store.kind, _check(secret), (_passphrase_slot(key, passphrase, secret),))
    create_file(folder / HEADER_NAME, _encode(header))
    sync_folder(folder)
    return key


def create_portable(folder: Path, vault_secret: bytes, store: SecretStore) -> bytes:
    """Make the key of a new vault that whatever opens the portable account opens, and its header.

    Returns:
        The vault's 32-byte random key.

    Raises:
        KnownError: The keyring refuses, or the disk is full.
    """
    secret = store.obtain()
    key, salt = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(SALT_BYTES)
    sealed = seal(_portable_key(vault_secret, salt, secret), key, _PORTABLE_INFO)
    header = Header(store.kind, _check(secret), (Slot(PORTABLE, salt, Argon2(), sealed),))
    create_file(folder / HEADER_NAME, _encode(header))
    sync_folder(folder)
    return key


def unlock_portable(folder: Path, vault_secret: bytes, store: SecretStore) -> bytes:
    """Return the key of a vault that a portable account opens.

    Raises:
        DamagedHeaderError: The header is not whole, or not for this account's secret.
        SecretUnavailableError: This PC's secret cannot be had.
        NewerVaultError: A newer CareLink made this header, or it opens by another way.
    """
    header = read_header(folder)
    slot = next((slot for slot in header.slots if slot.kind == PORTABLE), None)
    if slot is None:
        raise NewerVaultError
    store = store.as_kind(header.secret_kind)
    secret = store.secret()
    if _check(secret) != header.secret_check:
        raise other_secret(store)
    try:
        return unseal(_portable_key(vault_secret, slot.salt, secret), slot.sealed, _PORTABLE_INFO)
    except UnsealError as error:
        raise DamagedHeaderError(folder / HEADER_NAME) from error


def is_portable(folder: Path) -> bool:
    """Whether a vault is opened by the account that its owner takes from workstation to workstation.

    Raises:
        DamagedHeaderError: The header is missing or not whole.
        NewerVaultError: A newer CareLink made it.
    """
    return any(slot.kind == PORTABLE for slot in read_header(folder).slots)


def unlock(folder: Path, passphrase: str, store: SecretStore, now: Clock = time.time) -> bytes:
    """Return the vault's key.

    Raises:
        WrongPassphraseError: With `retry_after`, the seconds to wait before the next try.
        DamagedHeaderError: The header is not whole.
        SecretUnavailableError: This PC's secret cannot be had.
        NewerVaultError: A newer CareLink made this header.
    """
    header = read_header(folder)
    slot = next((slot for slot in header.slots if slot.kind == PASSPHRASE), None)
    if slot is None or slot.argon2 != Argon2():
        raise NewerVaultError
    attempts = Attempts(folder, now)
    attempts.ensure_allowed()
    store = store.as_kind(header.secret_kind)
    secret = store.secret()
    if _check(secret) != header.secret_check:
        raise other_secret(store)
    attempts.begin()
    try:
        key = unseal(_slot_key(passphrase, slot.salt, secret), slot.sealed, _SLOT_INFO)
    except UnsealError as error:
        raise attempts.wrong() from error
    attempts.reset()
    return key


def change_passphrase(
    folder: Path,
    old: str,
    new: str,
    store: SecretStore,
    now: Clock = time.time,
    about: Sequence[str] = (),
) -> None:
    """Seal the same key under another passphrase; at any moment one of the two opens the vault.

    `about` is its owner: a passphrase is not their name.

    Raises:
        WeakPassphraseError: The new passphrase is easily guessed.
        SamePassphraseError: It is the old one.
        UncertainPassphraseError: The disk failed; which of the two opens is not known.
        KnownError: As for `unlock`, or the disk is full: the old passphrase still opens.
    """
    if normal(new) == normal(old):
        raise SamePassphraseError
    require_strong(new, about)
    key = unlock(folder, old, store, now)
    header = read_header(folder)
    slot = _passphrase_slot(key, new, store.as_kind(header.secret_kind).secret())
    slots = tuple(slot if one.kind == PASSPHRASE else one for one in header.slots)
    path = folder / HEADER_NAME
    try:
        replace_file(path, _encode(msgspec.structs.replace(header, slots=slots)))
    except OSError as error:
        raise UncertainPassphraseError(path) from error


def read_header(folder: Path) -> Header:
    """Return what an account's header says.

    Raises:
        DamagedHeaderError: It is missing or not whole.
        NewerVaultError: A newer CareLink made it.
    """
    path = folder / HEADER_NAME
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
        if sha256(b"%d:" % file.format, bytes(file.header)).hex() != file.sha256:
            raise DamagedHeaderError(path)
        if file.format > FORMAT:
            raise NewerVaultError
        return msgspec.json.decode(file.header, type=Header)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedHeaderError(path) from error


def passphrase_mark(folder: Path) -> bytes:
    """Return what becomes another whenever the passphrase does; nothing of it tells the passphrase.

    Raises:
        DamagedHeaderError: The header is missing or not whole.
        NewerVaultError: A newer CareLink made it.
    """
    for slot in read_header(folder).slots:
        if slot.kind == PASSPHRASE:
            return slot.salt
    raise NewerVaultError


def _encode(header: Header) -> bytes:
    body = msgspec.json.encode(header)
    digest = sha256(b"%d:" % FORMAT, body).hex()
    return msgspec.json.encode(_File(FORMAT, digest, msgspec.Raw(body)))


def _check(secret: bytes) -> bytes:
    return derive(secret, b"", _SECRET_INFO)[:16]


def _passphrase_slot(key: bytes, passphrase: str, secret: bytes) -> Slot:
    # A fresh salt each time: the slot's key is used once.
    salt = secrets.token_bytes(SALT_BYTES)
    return Slot(PASSPHRASE, salt, Argon2(), seal(_slot_key(passphrase, salt, secret), key, _SLOT_INFO))


def _portable_key(vault_secret: bytes, salt: bytes, secret: bytes) -> bytes:
    return derive(vault_secret + secret, salt, _PORTABLE_INFO)


def _slot_key(passphrase: str, salt: bytes, secret: bytes) -> bytes:
    return derive(stretch(normal(passphrase), salt) + secret, salt, _SLOT_INFO)
