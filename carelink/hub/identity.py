"""The relay's own keys: the Ed25519 key that clients pin, and a certificate where none is given."""

from __future__ import annotations

import datetime
import ipaddress
import os
import secrets
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from carelink.errors import KnownError
from carelink.language import tr

SEED_BYTES: Final = 32
_VALID_DAYS: Final = 3650
_PEM_END: Final = "-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate that was read and found good, with the hex SHA-256 of its DER bytes."""

    certificate: Path
    key: Path | None
    fingerprint: str


def hub_seed(data: Path) -> bytes:
    """Return the relay's Ed25519 seed, made at the first start."""
    path = data / "identity.key"
    if not path.exists():
        _write_private(path, secrets.token_bytes(SEED_BYTES))
    seed = path.read_bytes()
    if len(seed) != SEED_BYTES:
        raise KnownError(
            tr(
                "La clé du relais ({path}) est abîmée\u202f; les données sont intactes\u00a0: remettez ce "
                "fichier depuis une sauvegarde.",
                path=path,
            )
        )
    return seed


def read_tls(certificate: Path, key: Path | None) -> Tls:
    """Check a certificate and its key.

    Raises:
        KnownError: They can't be read, or do not go together.
    """
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        first, end, _rest = certificate.read_text(encoding="utf-8").partition(_PEM_END)
        der = ssl.PEM_cert_to_DER_cert(first[first.index("-----BEGIN CERTIFICATE-----") :] + end)
    except (OSError, ValueError) as error:
        raise KnownError(
            tr(
                "Le certificat {certificate} ne peut pas être lu avec sa clé\u202f; le relais n’a pas "
                "démarré\u00a0: vérifiez les fichiers donnés par --cert et --key.",
                certificate=certificate,
            )
        ) from error
    return Tls(certificate, key, sha256(der).hexdigest())


def own_tls(data: Path, hosts: Collection[str]) -> Tls:
    """Return the relay's self-signed certificate, made at the first start for `hosts`."""
    certificate, key = data / "certificate.pem", data / "certificate.key"
    if not (certificate.exists() and key.exists()):
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write_private(key, pem)
        signed = _self_signed(private, hosts)
        _write_private(certificate, signed.public_bytes(serialization.Encoding.PEM))
    return read_tls(certificate, key)


def _self_signed(private: ec.EllipticCurvePrivateKey, hosts: Collection[str]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CareLink")])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_san(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )


def _san(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode("ascii"))


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone reads, whole or not at all."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
