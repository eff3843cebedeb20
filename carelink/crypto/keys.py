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
class EnrolledDevice:
    """What setting up an account leaves on a PC: the identity's private half is not in it."""

    keys: DeviceKeys
    certificate: SignedCertificate
    name_salt: bytes


def device_id(signing_key: bytes, hpke_key: bytes) -> bytes:
    """Return the id that two public keys make."""
    return sha256(b"carelink/1/device\x00", signing_key, hpke_key)[:16]


def name_hash(salt: bytes, name: str) -> bytes:
    """Return the salted hash that a certificate carries in place of the name."""
    return sha256(b"carelink/1/name\x00", salt, name.encode("utf-8"))


def enrol_first_device(name: str, issued: int) -> EnrolledDevice:
    """Make an identity and its first device; the identity key is forgotten on return.

    Args:
        name: The person's name, as the circle will see it.
        issued: Milliseconds since 1970.
    """
    identity = secrets.token_bytes(KEY_BYTES)
    keys = DeviceKeys(secrets.token_bytes(KEY_BYTES), hpke_generate())
    salt = secrets.token_bytes(SALT_BYTES)
    certificate = Certificate(
        suite=SUITE,
        account_key=signing_public_key(identity),
        device=keys.device,
        signing_key=signing_public_key(keys.signing),
        hpke_key=hpke_public_key(keys.hpke),
        name_hash=name_hash(salt, name),
        issued=issued,
    )
    body = msgspec.msgpack.encode(certificate)
    signature = sign(SignatureKind.CERTIFICATE, identity, body)
    return EnrolledDevice(keys, SignedCertificate(body, signature), salt)


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
