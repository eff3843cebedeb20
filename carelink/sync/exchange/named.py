"""The certificates that a registry's statements carry."""

from __future__ import annotations

from carelink.access.statements import (
    Add,
    AddDevice,
    Create,
    Enrol,
    SignedCertificate,
    decode_certificate,
    decode_statement,
)
from carelink.sync.store import Transaction


def named_certificates(tx: Transaction, circle: bytes) -> dict[bytes, SignedCertificate]:
    """Return every certificate that a circle's statements carry, by device."""
    named: dict[bytes, SignedCertificate] = {}
    for row in tx.statements(circle):
        match decode_statement(row.body).public:
            case Create(creator=newcomer) | Add(member=newcomer):
                signed = newcomer.certificates
            case AddDevice(certificate):
                signed = (certificate,)
            case Enrol() as enrol:
                signed = enrol.certificates
            case _:
                continue
        named |= {decode_certificate(one.body).device: one for one in signed}
    return named
