"""Shared workstations: what a team's PCs alone open, and an account sealed for them under its passphrase.

Two locks stand one within the other. The outer is to the team's workstations: neither the relay nor the
rest of the team gets to try a passphrase. The inner is the passphrase: a workstation alone opens nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec

from carelink.access.statements import SUITE, Count, SignedCertificate
from carelink.crypto.keys import DeviceKeys
from carelink.crypto.packing import decoded, padded, unpadded
from carelink.crypto.primitives import (
    KEY_BYTES,
    UnsealError,
    derive,
    hpke_open,
    hpke_public_key,
    hpke_seal,
    seal,
    sha256,
    unseal,
)
from carelink.crypto.recovery import Owner, Place

ID_BYTES: Final = 16
# Whatever they hold, plates and bundles have one size each: a relay learns nothing by it.
PLATE_BYTES: Final = 1024
BUNDLE_BYTES: Final = 24 * 1024

_PLATE: Final = b"carelink/1/workstation-plate"
_OUTER: Final = b"carelink/1/workstation-bundle"
_INNER: Final = b"carelink/1/workstation-account"
_LETTER: Final = b"carelink/1/workstation-letter"
_KEPT: Final = b"carelink/1/workstation-kept"


class TeamPlace(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What members of a team know of its workstations: where and to what key accounts are left.

    Attributes:
        group: Under which id the relay keeps them; only members and workstations know it.
        hpke_key: Public key that the workstations have the private half of.
    """

    group: bytes
    hpke_key: bytes

    def slot(self, identifier: bytes) -> bytes:
        """Return where an account, or the seat of a device, lies at the relay."""
        return sha256(b"carelink/1/workstation-slot\x00", self.group, identifier)[:ID_BYTES]


class Plate(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Who is on the door: the name beside an account that is left for the workstations."""

    account: bytes
    name: str
    profession: str


class Seat(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """On which workstation a device of an account is."""

    account: bytes
    device: bytes
    workstation: bytes


class Portable(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An account as it travels: what makes a device of its own on a workstation.

    Attributes:
        signing, hpke: Private keys of the portable device.
        certificates: The portable device's, after all that vouch for it.
        vault_secret: What opens the account's vault on each workstation, with that PC's own secret.
    """

    owner: Owner
    signing: bytes
    hpke: bytes
    certificates: tuple[SignedCertificate, ...]
    relays: tuple[Place, ...]
    vault_secret: bytes

    @property
    def keys(self) -> DeviceKeys:
        """The portable device's keys."""
        return DeviceKeys(self.signing, self.hpke)


class Bundle(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An account under its passphrase, once the outer lock is open.

    Attributes:
        serial: Grows with each renewal, so that an old one is not taken for the newest.
        salt: With which the passphrase is stretched.
    """

    suite: int
    team: bytes
    account: bytes
    serial: Count
    salt: bytes
    sealed: bytes


@dataclass(frozen=True, repr=False)
class WorkstationKeys:
    """All that a team's workstation secret gives; `secret` is 32 random bytes."""

    secret: bytes

    @cached_property
    def hpke(self) -> bytes:
        """The private half of the workstations' key."""
        return hpke_private_key(self.secret, b"carelink/1/workstation/")

    @cached_property
    def place(self) -> TeamPlace:
        """What the team's members know."""
        return TeamPlace(
            derive(self.secret, b"", b"carelink/1/workstation/group")[:ID_BYTES],
            hpke_public_key(self.hpke),
        )

    def open_plate(self, sealed: bytes) -> Plate | Seat:
        """Open what stands beside a bundle, or in the place of one.

        Raises:
            UnsealError: Not sealed for these workstations.
        """
        data = unpadded(hpke_open(self.hpke, _PLATE + self.place.group, sealed))
        kind, body = data[:1], data[1:]
        return decoded(body, Plate) if kind == b"p" else decoded(body, Seat)

    def open_outer(self, team: bytes, account: bytes, sealed: bytes) -> Bundle:
        """Open the outer lock of a bundle.

        Raises:
            UnsealError: Not sealed for these workstations, or another account's.
        """
        bundle = decoded(unpadded(hpke_open(self.hpke, _OUTER + team + account, sealed)), Bundle)
        if bundle.suite != SUITE or (bundle.team, bundle.account) != (team, account):
            raise UnsealError
        return bundle


def hpke_private_key(secret: bytes, label: bytes) -> bytes:
    """Return the HPKE private key that 32 random bytes give."""
    return b"".join(derive(secret, b"", label + part) for part in (b"mlkem-d", b"mlkem-z", b"x25519"))


def new_secret() -> bytes:
    """Return a new workstation secret, vault secret or salt."""
    return secrets.token_bytes(KEY_BYTES)


def seal_plate(place: TeamPlace, plate: Plate | Seat) -> bytes:
    """Seal a name for the door, or a seat, to the team's workstations."""
    kind = b"p" if isinstance(plate, Plate) else b"s"
    data = padded(kind + msgspec.msgpack.encode(plate), PLATE_BYTES)
    return hpke_seal(place.hpke_key, _PLATE + place.group, data)


def seal_inner(stretched: bytes, salt: bytes, team: bytes, serial: int, portable: Portable) -> Bundle:
    """Seal an account under its stretched passphrase.

    Args:
        stretched: Argon2id of the passphrase under `salt`.
        salt: 32 random bytes.
        team: For whose workstations.
        serial: One more than the last.
        portable: The account.
    """
    account = sha256(portable.owner.account_key)[:ID_BYTES]
    fresh = new_secret()
    info = _inner_info(team, account, serial)
    body = padded(msgspec.msgpack.encode(portable), BUNDLE_BYTES)
    sealed = fresh + seal(derive(stretched, fresh, info), body, info)
    return Bundle(SUITE, team, account, serial, salt, sealed)


def open_inner(bundle: Bundle, stretched: bytes) -> Portable:
    """Open an account with its stretched passphrase.

    Raises:
        UnsealError: Another passphrase, or not the account that it should be.
    """
    info = _inner_info(bundle.team, bundle.account, bundle.serial)
    fresh, sealed = bundle.sealed[:KEY_BYTES], bundle.sealed[KEY_BYTES:]
    portable = decoded(unpadded(unseal(derive(stretched, fresh, info), sealed, info)), Portable)
    if sha256(portable.owner.account_key)[:ID_BYTES] != bundle.account:
        raise UnsealError
    return portable


def seal_outer(place: TeamPlace, bundle: Bundle) -> bytes:
    """Seal a bundle to the team's workstations."""
    data = padded(msgspec.msgpack.encode(bundle), BUNDLE_BYTES + PLATE_BYTES)
    return hpke_seal(place.hpke_key, _OUTER + bundle.team + bundle.account, data)


def seal_letter(hpke_key: bytes, identifier: bytes, secret: bytes) -> bytes:
    """Seal a team's new workstation secret to one workstation."""
    return hpke_seal(hpke_key, _LETTER + identifier, secret)


def open_letter(hpke_key: bytes, identifier: bytes, sealed: bytes) -> bytes:
    """Open a new workstation secret with this PC's private key.

    Raises:
        UnsealError: Not for this PC.
    """
    secret = hpke_open(hpke_key, _LETTER + identifier, sealed)
    if len(secret) != KEY_BYTES:
        raise UnsealError
    return secret


def seal_kept(secret: bytes, label: bytes, data: bytes) -> bytes:
    """Seal what a workstation keeps on its disk under that PC's own secret."""
    fresh = new_secret()
    info = _KEPT + b"/" + label
    return fresh + seal(derive(secret, fresh, info), data, info)


def open_kept(secret: bytes, label: bytes, data: bytes) -> bytes:
    """Open what `seal_kept` sealed.

    Raises:
        UnsealError: Another PC's, or altered.
    """
    info = _KEPT + b"/" + label
    return unseal(derive(secret, data[:KEY_BYTES], info), data[KEY_BYTES:], info)


def encode_bundle(bundle: Bundle) -> bytes:
    """Return a bundle's bytes."""
    return msgspec.msgpack.encode(bundle)


def decode_bundle(data: bytes) -> Bundle:
    """Read a bundle.

    Raises:
        UnsealError: Not one.
    """
    return decoded(data, Bundle)


def _inner_info(team: bytes, account: bytes, serial: int) -> bytes:
    return _INNER + team + account + serial.to_bytes(8, "big")
