"""The five operations that the protocol is made of, one suite: number 1.

HPKE (RFC 9180) with ML-KEM-768 + X25519, HKDF-SHA-256 and AES-256-GCM; Ed25519; AES-256-GCM under
once-used keys; SHA-256; HKDF; Argon2id (64 MiB, 3 passes, 4 lanes).
"""

from __future__ import annotations

import hashlib
import threading
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
MLKEM_SEED_BYTES = 64
MLKEM_PUBLIC_BYTES = 1184
ARGON2_MEMORY_KIB = 64 * 1024
ARGON2_PASSES = 3
ARGON2_LANES = 4

_NONCE = bytes(12)
_SHA256 = SHA256()
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class SignatureKind(StrEnum):
    """What a signature is about: one kind per structure, so that none passes for another."""

    CERTIFICATE = "certificate"
    STATEMENT = "statement"
    ENVELOPE = "envelope"
    LETTER = "letter"
    RECEIPT = "receipt"
    SESSION = "session"
    CHECKPOINT = "checkpoint"
    HUB_SESSION = "hub-session"
    RECOVERY = "recovery"
    TEAM_EPOCH = "team-epoch"
    ROSTER_CARD = "roster-card"
    WORKSTATIONS = "workstations"


class UnsealError(Exception):
    """A ciphertext does not open under this key, or was altered."""


def _signed_bytes(kind: SignatureKind, data: bytes) -> bytes:
    return b"carelink/1/" + kind.value.encode() + b"\x00" + data


def sign(kind: SignatureKind, private_key: bytes, data: bytes) -> bytes:
    """Return the Ed25519 signature of `data` in the domain `kind`; the key is its 32-byte seed."""
    return Ed25519PrivateKey.from_private_bytes(private_key).sign(_signed_bytes(kind, data))


def verify(kind: SignatureKind, public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Tell whether `signature` is `public_key`'s over `data` in the domain `kind`."""
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(signature, _signed_bytes(kind, data))
    except (InvalidSignature, ValueError):
        return False
    return True


def signing_public_key(private_key: bytes) -> bytes:
    """Return the Ed25519 public key of a 32-byte seed."""
    return Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def hpke_generate() -> bytes:
    """Return a new hybrid private key: 64-byte ML-KEM seed, then 32-byte X25519 key."""
    return MLKEM768PrivateKey.generate().private_bytes_raw() + X25519PrivateKey.generate().private_bytes_raw()


def _hpke_private(private_key: bytes) -> hpke.MLKEM768X25519PrivateKey:
    return hpke.MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(private_key[:MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(private_key[MLKEM_SEED_BYTES:]),
    )


def hpke_public_key(private_key: bytes) -> bytes:
    """Return the 1,216-byte public key: ML-KEM-768, then X25519."""
    mlkem = MLKEM768PrivateKey.from_seed_bytes(private_key[:MLKEM_SEED_BYTES]).public_key()
    x25519 = X25519PrivateKey.from_private_bytes(private_key[MLKEM_SEED_BYTES:]).public_key()
    return mlkem.public_bytes_raw() + x25519.public_bytes_raw()


def hpke_seal(public_key: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Encrypt to a public key. `info` carries circle, stream, epoch and recipient."""
    key = hpke.MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public_key[:MLKEM_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(public_key[MLKEM_PUBLIC_BYTES:]),
    )
    return _SUITE.encrypt(plaintext, key, info)


def hpke_open(private_key: bytes, info: bytes, ciphertext: bytes) -> bytes:
    """Decrypt what `hpke_seal` made.

    Raises:
        UnsealError: Another key, other `info`, or altered bytes.
    """
    try:
        return _SUITE.decrypt(ciphertext, _hpke_private(private_key), info)
    except (InvalidTag, ValueError) as error:
        raise UnsealError from error


def seal(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Encrypt with AES-256-GCM under a key that is used once (so the nonce is zero)."""
    return AESGCM(key).encrypt(_NONCE, plaintext, associated)


def unseal(key: bytes, ciphertext: bytes, associated: bytes) -> bytes:
    """Decrypt what `seal` made.

    Raises:
        UnsealError: Another key, other associated data, or altered bytes.
    """
    try:
        return AESGCM(key).decrypt(_NONCE, ciphertext, associated)
    except (InvalidTag, ValueError) as error:
        raise UnsealError from error


def derive(key: bytes, salt: bytes, info: bytes) -> bytes:
    """Return the 32 bytes of HKDF-SHA-256 (RFC 5869)."""
    return HKDF(_SHA256, KEY_BYTES, salt, info).derive(key)


_ONE_STRETCH: Final = threading.Lock()


def stretch(secret: str | bytes, salt: bytes, length: int = KEY_BYTES) -> bytes:
    """Argon2id (RFC 9106), 64 MiB, 3 passes, 4 lanes; takes about a tenth of a second or more."""
    data = secret.encode("utf-8") if isinstance(secret, str) else secret
    # Two at once wait for each other for ever: OpenSSL shares one pool of threads between them.
    with _ONE_STRETCH:
        return Argon2id(
            salt=salt,
            length=length,
            iterations=ARGON2_PASSES,
            lanes=ARGON2_LANES,
            memory_cost=ARGON2_MEMORY_KIB,
        ).derive(data)


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the parts, one after the other."""
    return hashlib.sha256(b"".join(parts)).digest()
