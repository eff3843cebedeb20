"""Identity and device keys, and the certificate that ties a device to an account."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from carelink.access.statements import SUITE, Certificate, SignedCertificate, decode_certificate
from carelink.crypto.primitives import (
    KEY_BYTES,
    SignatureKind,
    hpke_generate,
    hpke_public_key,
    sha256,
    sign,
    signing_public_key,
    verify,
)

SALT_BYTES = 16


@dataclass(frozen=True, repr=False)
class DeviceKeys:
    """A device's private keys; they never leave its vault.

    Attributes:
        signing: Ed25519 seed, 32 bytes.
        hpke: ML-KEM-768 seed and X25519 key, 96 bytes.
    """

    signing: bytes
    hpke: bytes

    @cached_property
    def device(self) -> bytes:
        """Device id: the first 16 bytes of the hash of both public keys."""
        return device_id(signing_public_key(self.signing), hpke_public_key(self.hpke))


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The public halves of a device's keys."""

    signing: bytes
    hpke: bytes


@dataclass(frozen=True, slots=True)
class AccountName:
    """What all certificates of an account have in common."""

    account_key: bytes
    name_hash: bytes


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """What setting up an account leaves on a PC: the identity's private half is not in it."""

    keys: DeviceKeys
    certificate: SignedCertificate
    name_salt: bytes


def device_id(signing_key: bytes, hpke_key: bytes) -> bytes:
    """Return the id that two public keys make."""
    return sha256(b"carelink/1/device\x00", signing_key, hpke_key)[:16]


def sheet_id(signing_key: bytes) -> bytes:
    """Return where the blob of a recovery sheet is, by the public key that its words give."""
    return sha256(b"carelink/1/recovery-id\x00", signing_key)[:16]


def name_hash(salt: bytes, name: str) -> bytes:
    """Return the salted hash that a certificate carries in place of the name."""
    return sha256(b"carelink/1/name\x00", salt, name.encode("utf-8"))


def new_identity() -> bytes:
    """Return a new identity's private half."""
    return secrets.token_bytes(KEY_BYTES)


def new_device_keys() -> DeviceKeys:
    """Return a new device's private keys."""
    return DeviceKeys(secrets.token_bytes(KEY_BYTES), hpke_generate())


def enrol_first_device(name: str, issued: int, identity: bytes = b"") -> EnrolledDevice:
    """Make an account's first device.

    Args:
        name: The person's name, as the circle will see it.
        issued: Milliseconds since 1970.
        identity: The identity's private half; by default a new one, forgotten on return.
    """
    identity = identity or new_identity()
    keys = new_device_keys()
    salt = secrets.token_bytes(SALT_BYTES)
    account = AccountName(signing_public_key(identity), name_hash(salt, name))
    return EnrolledDevice(keys, certify(account, public_keys(keys), issued, identity), salt)


def public_keys(keys: DeviceKeys) -> PublicKeys:
    """Return the public halves of a device's keys."""
    return PublicKeys(signing_public_key(keys.signing), hpke_public_key(keys.hpke))


def certify(
    account: AccountName,
    device: PublicKeys,
    issued: int,
    by: DeviceKeys | bytes,
    *,
    paper: bool = False,
    portable: bool = False,
) -> SignedCertificate:
    """Return the certificate of a device, signed by another of the account or by its identity key.

    Args:
        account: Whose device it is.
        device: Its public keys.
        issued: Milliseconds since 1970.
        by: Another device's keys, or the identity's private half.
        paper: Whether it is a recovery sheet.
        portable: Whether it is what brings the account to shared workstations.
    """
    certificate = Certificate(
        suite=SUITE,
        account_key=account.account_key,
        device=device_id(device.signing, device.hpke),
        signing_key=device.signing,
        hpke_key=device.hpke,
        name_hash=account.name_hash,
        issued=issued,
        paper=paper,
        portable=portable,
    )
    body = msgspec.msgpack.encode(certificate)
    if isinstance(by, bytes):
        return SignedCertificate(body, sign(SignatureKind.CERTIFICATE, by, body))
    return SignedCertificate(body, sign(SignatureKind.CERTIFICATE, by.signing, body), by.device)


def verified_certificate(
    signed: SignedCertificate, devices: Mapping[bytes, Certificate] | None = None
) -> Certificate | None:
    """Return the certificate where its signature and its device id are right, otherwise None.

    Args:
        signed: The certificate.
        devices: Devices of the account that may have signed it, by id; without them the identity key
            must have.
    """
    try:
        certificate = decode_certificate(signed.body)
    except ValueError:
        return None
    if certificate.device != device_id(certificate.signing_key, certificate.hpke_key):
        return None
    key = certificate.account_key
    if signed.signer:
        by = (devices or {}).get(signed.signer)
        if by is None or by.account_key != certificate.account_key:
            return None
        key = by.signing_key
    return certificate if verify(SignatureKind.CERTIFICATE, key, signed.signature, signed.body) else None


def verified_certificates(signed: Sequence[SignedCertificate]) -> list[Certificate] | None:
    """Return the certificates of a newcomer's devices, each signed by the identity or one before it.

    Returns:
        None where one of them is not as it should be.
    """
    devices: dict[bytes, Certificate] = {}
    for one in signed:
        certificate = verified_certificate(one, devices)
        if certificate is None:
            return None
        devices[certificate.device] = certificate
    return list(devices.values())
