"""Accounts of this PC: making one, opening one, what the unlock screen shows."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from carelink.access.roles import CIRCLE_ROLES
from carelink.access.statements import SignedCertificate, decode_certificate
from carelink.crypto.keys import DeviceKeys, enrol_first_device, new_identity
from carelink.crypto.recovery import Owner
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.account import AccountRow
from carelink.models.vault.home import VAULT_NAME, AccountCard, Home
from carelink.models.vault.migrate import create_vault, open_vault
from carelink.models.vault.passphrases import require_strong
from carelink.models.vault.pins import KeptKey
from carelink.models.vault.secrets import SecretKind, SecretStore
from carelink.models.vault.slots import change_passphrase as change_slot
from carelink.models.vault.slots import create as create_slots
from carelink.models.vault.slots import passphrase_mark, unlock
from carelink.services.pins import kept_key
from carelink.services.session import Clock, Session, Stores, system_clock
from carelink.services.sheets import Sheet, make_sheet, sheet_of

MAX_NAME_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A fresh account; `secret_in_file` when no OS keyring could keep its secret.

    Attributes:
        key: The vault's key: `open_with_key` opens it without asking for the passphrase again.
        sheet: The recovery sheet that was asked for; it counts once it is confirmed.
    """

    account: str
    device: str
    secret_in_file: bool
    key: bytes = field(repr=False)
    sheet: Sheet | None = None


def clean_name(text: str) -> str:
    """Return a name as it is kept: NFC, one space between words.

    Raises:
        KnownError: Empty or too long.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise KnownError(tr("Le nom est vide\u00a0: donnez le prénom et le nom."))
    if len(name) > MAX_NAME_CHARACTERS:
        raise KnownError(tr("Le nom est trop long ({limit} caractères au plus).", limit=MAX_NAME_CHARACTERS))
    return name


def create_account(
    home: Home,
    name: str,
    passphrase: str,
    profession: str = "",
    rpps: str = "",
    clock: Clock = system_clock,
    secret_kind: SecretKind | None = None,
    *,
    sheet: bool = False,
) -> NewAccount:
    """Make an account with its first device and its vault; all of it, or nothing.

    `profession` is a role code, or empty for someone who is not a professional; `rpps` the eleven digits
    of the national directory of health professionals, or empty; `secret_kind` where this PC's secret is
    to be kept, by default the keyring where one works. With `sheet`, a recovery sheet is made by the
    identity key itself, which is then in it and nowhere else.

    Raises:
        KnownError: A weak passphrase, an unknown profession, no room on the disk.
    """
    name = clean_name(name)
    if profession and profession not in {role.value for role in CIRCLE_ROLES if role.is_professional}:
        known = ", ".join(role.value for role in CIRCLE_ROLES if role.is_professional)
        raise KnownError(
            tr("Cette profession n’est pas connue\u202f; choisissez parmi\u00a0: {known}.", known=known)
        )
    if rpps and not (rpps.isdecimal() and len(rpps) == 11):
        raise KnownError(tr("Un numéro RPPS a onze chiffres\u00a0: vérifiez-le, ou laissez-le vide."))
    require_strong(passphrase, (name,))
    now = clock()
    identity = new_identity()
    enrolled = enrol_first_device(name, now, identity)
    certificate = decode_certificate(enrolled.certificate.body)
    account = certificate.account
    owner = Owner(identity, certificate.account_key, name, enrolled.name_salt, profession, rpps)
    made = make_sheet(owner, identity, now) if sheet else None
    if secret_kind is None:
        store = SecretStore.choose(home.path, account.hex())
    else:
        store = SecretStore(home.path, account.hex(), secret_kind)
    with home.new_account_folder(account.hex(), name, profession or None, store.kind) as folder:
        key = create_slots(folder, passphrase, store, (name,))
        database = create_vault(folder / VAULT_NAME, key)
        try:
            with database.write() as connection:
                stores = Stores(connection)
                if made is not None:
                    stores.add_device(made.row)
                stores.save(
                    AccountRow(
                        account=account,
                        name=name,
                        profession=profession,
                        rpps=rpps,
                        name_salt=enrolled.name_salt,
                        device=enrolled.keys.device,
                        signing_key=enrolled.keys.signing,
                        hpke_key=enrolled.keys.hpke,
                        certificate=enrolled.certificate.body,
                        certificate_signature=enrolled.certificate.signature,
                        created=now,
                    )
                )
        finally:
            database.lock()
    return NewAccount(
        account.hex(),
        enrolled.keys.device.hex(),
        store.kind is SecretKind.FILE,
        key,
        None if made is None else sheet_of(made, name),
    )


def open_account(home: Home, card: AccountCard, passphrase: str, clock: Clock = system_clock) -> Session:
    """Unlock an account; takes the time of one Argon2id.

    Raises:
        KnownError: A wrong passphrase, a damaged vault, a keyring that does not answer.
    """
    home.tidy(card.account)
    key = unlock(home.folder(card.account), passphrase, home.secrets(card))
    return open_with_key(home, card, key, clock)


def reopen_account(
    home: Home, card: AccountCard, kept: KeptKey, pin: str, clock: Clock = system_clock
) -> Session:
    """Unlock an account again by its PIN; takes the time of one Argon2id.

    Raises:
        WeakPinError: What was typed is no PIN; no try is counted.
        WrongPinError: It is another one.
        SpentPinError: Five were wrong, or the passphrase was changed: it alone opens now.
        KnownError: A damaged vault.
    """
    key = kept.key(pin, passphrase_mark(home.folder(card.account)))
    session = open_with_key(home, card, key, clock)
    # With the tries that are left: only the passphrase gives them back.
    session.kept = kept
    return session


def change_passphrase(home: Home, card: AccountCard, current: str, new: str) -> None:
    """Make another passphrase open an account, and the current one no more; takes two Argon2id.

    The vault's key stays the same: whoever has the account open goes on. A PIN ends with the passphrase that
    it was chosen with.

    Raises:
        WrongPassphraseError: `current` is not the passphrase, or it is too soon to try another.
        WeakPassphraseError: `new` is easily guessed.
        SamePassphraseError: Both are the same.
        KnownError: This is the demonstration, a damaged header, a keyring that does not answer, a full disk.
    """
    if home.is_demo:
        raise KnownError(
            tr(
                "Les comptes de la démonstration gardent tous la même phrase de passe\u00a0: rien n’a été "
                "changé."
            )
        )
    change_slot(home.folder(card.account), current, new, home.secrets(card), about=(card.name,))


def open_with_key(home: Home, card: AccountCard, key: bytes, clock: Clock = system_clock) -> Session:
    """Open an account's vault whose key is at hand.

    Raises:
        KnownError: A damaged vault.
    """
    database = open_vault(home.vault(card.account), key)
    with database.read() as connection:
        stores = Stores(connection)
        row = stores.load()
        kept = kept_key(stores, home.folder(card.account), key)
    return Session(
        home=home,
        card=card,
        database=database,
        account=row.account,
        name=row.name,
        profession=row.profession,
        rpps=row.rpps,
        name_salt=row.name_salt,
        keys=DeviceKeys(row.signing_key, row.hpke_key),
        certificate=SignedCertificate(row.certificate, row.certificate_signature, row.certificate_signer),
        clock=clock,
        kept=kept,
    )
