"""Setting up an account that exists already on one more PC: from the words, or by another PC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from carelink.access.statements import SignedCertificate
from carelink.crypto.keys import DeviceKeys
from carelink.crypto.primitives import sha256
from carelink.crypto.recovery import Owner, Place
from carelink.models.stores.account import AccountRow, DeviceRow
from carelink.models.vault.home import VAULT_NAME, Home
from carelink.models.vault.migrate import create_vault
from carelink.models.vault.passphrases import require_strong
from carelink.models.vault.secrets import SecretStore
from carelink.models.vault.slots import create as create_slots
from carelink.services.accounts import open_with_key
from carelink.services.session import Clock, Session, Stores

Lock = Callable[[Path, SecretStore], bytes]


def account_of(owner: Owner) -> bytes:
    """Return an account's id."""
    return sha256(owner.account_key)[:16]


def by_passphrase(passphrase: str, name: str) -> Lock:
    """Return what makes a vault that a passphrase opens.

    Raises:
        WeakPassphraseError: It is easily guessed.
    """
    require_strong(passphrase, (name,))
    return lambda folder, store: create_slots(folder, passphrase, store, (name,))


def set_up_here(
    home: Home,
    owner: Owner,
    device: tuple[DeviceKeys, SignedCertificate],
    others: Sequence[DeviceRow],
    relays: Sequence[Place],
    lock: Lock,
    clock: Clock,
) -> Session:
    """Make an account's folder with a device of its own, and open it; all of it, or nothing.

    Args:
        home: Where to.
        owner: Whose account it is.
        device: This PC's own, with its certificate.
        others: The account's other devices.
        relays: Where the account is at home.
        lock: Makes the vault's header in a folder, and returns the vault's key.
        clock: Milliseconds since 1970.

    Raises:
        KnownError: A weak passphrase, an account that is here already, no room on the disk.
    """
    keys, certificate = device
    account = account_of(owner)
    store = SecretStore.choose(home.path, account.hex())
    with home.new_account_folder(account.hex(), owner.name, owner.profession or None, store.kind) as folder:
        key = lock(folder, store)
        database = create_vault(folder / VAULT_NAME, key)
        try:
            with database.write() as connection:
                stores = Stores(connection)
                stores.save(
                    AccountRow(
                        account=account,
                        name=owner.name,
                        profession=owner.profession,
                        rpps=owner.rpps,
                        name_salt=owner.name_salt,
                        device=keys.device,
                        signing_key=keys.signing,
                        hpke_key=keys.hpke,
                        certificate=certificate.body,
                        certificate_signature=certificate.signature,
                        certificate_signer=certificate.signer,
                        created=clock(),
                    )
                )
                for row in others:
                    stores.add_device(row)
                for place in relays:
                    stores.relay(place.url, place.fingerprint, place.hub_key or None)
        finally:
            database.lock()
    return open_with_key(home, home.find(account.hex()), key, clock)
