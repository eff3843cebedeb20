"""An account that opens on the shared workstations of its owner's teams: making it so, and no more."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from carelink.access.policy import Permission
from carelink.access.statements import decode_certificate
from carelink.crypto.keys import AccountName, DeviceKeys, certify, new_device_keys, public_keys
from carelink.crypto.primitives import stretch
from carelink.crypto.workstation import new_secret
from carelink.models.vault.passphrases import normal, require_strong
from carelink.models.vault.slots import unlock
from carelink.services.certificates import row_of
from carelink.services.devices import Devices
from carelink.services.requirements import Service, requires
from carelink.services.session import Session, Stores

_SETTING = "portable"


@dataclass(frozen=True, slots=True, repr=False)
class PortableKeys:
    """What a vault keeps to leave its account for workstations again, without asking for the passphrase.

    Attributes:
        signing, hpke: Private keys of the portable device.
        vault_secret: What opens the account's vaults on workstations.
        stretched: The passphrase, stretched under `salt`.
        serial: Of the newest bundle that this vault knows of.
    """

    signing: bytes
    hpke: bytes
    vault_secret: bytes
    stretched: bytes
    salt: bytes
    serial: int = 0

    @property
    def keys(self) -> DeviceKeys:
        """The portable device's keys."""
        return DeviceKeys(self.signing, self.hpke)


@dataclass(frozen=True, slots=True)
class PortableState:
    """Whether an account opens on workstations.

    Attributes:
        made: Whether it does, as far as this vault knows.
        teams: Ids of the teams for whose workstations it was left at a relay.
        here: Whether this PC is a workstation.
    """

    made: bool
    teams: tuple[str, ...]
    here: bool


class PortableAccount(Service):
    """One account, for the workstations of its teams."""

    @requires(Permission.VAULT_USE)
    def state(self) -> PortableState:
        """Say whether this account opens on workstations."""
        with self.session.read() as stores:
            kept = portable_keys(stores)
            left = left_for(stores)
        return PortableState(kept is not None, tuple(sorted(left)), self._at_the_door())

    @requires(Permission.VAULT_USE)
    def make(self, passphrase: str) -> None:
        """Let this account be opened on its teams' workstations; they get it at the next exchange.

        Args:
            passphrase: The account's own, which opens it there too.

        Raises:
            WrongPassphraseError: It is not the account's.
            KnownError: The keyring does not answer, the disk is full.
        """
        session = self.session
        if not self._at_the_door():
            unlock(session.home.folder(session.card.account), passphrase, session.home.secrets(session.card))
        with session.read() as stores:
            known = portable_keys(stores)
        if known is None:
            self._keep(new_portable(), passphrase)
        else:
            self._keep(known, passphrase)

    @requires(Permission.VAULT_USE)
    def renew(self, passphrase: str) -> None:
        """Let another passphrase open this account on workstations, where it opens on them at all.

        Raises:
            WeakPassphraseError: It is easily guessed.
        """
        with self.session.read() as stores:
            known = portable_keys(stores)
        if known is not None:
            require_strong(passphrase, (self.session.name,))
            self._keep(known, passphrase)

    @requires(Permission.VAULT_USE)
    def stop(self) -> bool:
        """Let this account be opened on no workstation any more, from the next exchange on.

        Its devices on them count no more either.

        Returns:
            Whether it could be.
        """
        session = self.session
        with session.write() as stores:
            known = portable_keys(stores)
            stores.set_setting(_SETTING, None)
            forget_left(stores)
        if known is None:
            return False
        Devices(session).revoke(known.keys.device.hex())
        return True

    def _at_the_door(self) -> bool:
        home, account = self.session.home, self.session.card.account
        return home.workstation() is not None and account in home.came_by_door()

    def _keep(self, known: PortableKeys, passphrase: str) -> None:
        salt = new_secret()
        stretched = stretch(normal(passphrase), salt)
        fresh = PortableKeys(known.signing, known.hpke, known.vault_secret, stretched, salt, known.serial)
        with self.session.write() as stores:
            keep_portable(self.session, stores, fresh)


def new_portable(known: PortableKeys | None = None) -> PortableKeys:
    """Return the keys of a new portable device; the passphrase and the vaults' secret stay those known."""
    keys = new_device_keys()
    if known is None:
        return PortableKeys(keys.signing, keys.hpke, new_secret(), b"", b"")
    return PortableKeys(
        keys.signing, keys.hpke, known.vault_secret, known.stretched, known.salt, known.serial
    )


def keep_portable(session: Session, stores: Stores, fresh: PortableKeys) -> None:
    """Keep what leaves the account for workstations; a device that is new is certified by this one."""
    own = decode_certificate(session.certificate.body)
    if fresh.keys.device not in {row.device for row in stores.devices()}:
        signed = certify(
            AccountName(own.account_key, own.name_hash),
            public_keys(fresh.keys),
            session.clock(),
            session.keys,
            portable=True,
        )
        stores.add_device(row_of(signed, session.clock()))
    record = asdict(fresh)
    stores.set_setting(
        _SETTING, {name: value.hex() if isinstance(value, bytes) else value for name, value in record.items()}
    )


def portable_keys(stores: Stores) -> PortableKeys | None:
    """Return what leaves the account for workstations, or None where nothing does."""
    kept = stores.setting(_SETTING)
    if not isinstance(kept, dict):
        return None
    secrets = {name: bytes.fromhex(value) for name, value in kept.items() if name != "serial"}
    return PortableKeys(**secrets, serial=int(kept["serial"]))


def left_for(stores: Stores) -> dict[str, str]:
    """Return for which teams the account was left, each with the mark of what was left."""
    left = stores.setting("portable-left")
    return dict(left) if isinstance(left, dict) else {}


def note_left(stores: Stores, team: bytes, mark: str) -> None:
    """Note what was left for a team's workstations."""
    stores.set_setting("portable-left", left_for(stores) | {team.hex(): mark})


def forget_left(stores: Stores) -> None:
    """Note that nothing is left any more that opens."""
    stores.set_setting("portable-left", None)
