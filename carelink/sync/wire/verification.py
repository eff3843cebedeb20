"""The checks that anyone can make without a key: clients and the relay share them."""

from __future__ import annotations

import msgspec

from carelink.access.registry import CircleState, Member, Refusal, apply
from carelink.access.statements import (
    SUITE,
    Add,
    AddDevice,
    Create,
    Enrol,
    Statement,
    decode_statement,
)
from carelink.crypto.keys import sheet_id, verified_certificate, verified_certificates
from carelink.crypto.primitives import SignatureKind, sha256, verify
from carelink.sync.wire.structures import (
    MAX_HEADER_BYTES,
    MAX_LETTER_BYTES,
    MAX_SEALED_BYTES,
    Checkpoint,
    CheckpointBody,
    EnvelopeCore,
    Header,
    Letter,
    LetterBody,
    Receipt,
    ReceiptBody,
    SignedStatement,
)
from carelink.sync.wire.teams import team_signed

__all__ = [
    "BadSignatureError",
    "decode_header",
    "decode_letter",
    "decode_receipt",
    "envelope_id",
    "is_ciphertext_of",
    "key_commitment",
    "letter_id",
    "next_checkpoint",
    "sheet_id",
    "verified_apply",
    "verified_checkpoint",
    "verified_letter",
    "verified_receipt",
    "verify_envelope",
]

_header = msgspec.msgpack.Decoder(Header)
_core = msgspec.msgpack.Decoder(EnvelopeCore)
_letter = msgspec.msgpack.Decoder(LetterBody)
_receipt = msgspec.msgpack.Decoder(ReceiptBody)
_checkpoint = msgspec.msgpack.Decoder(CheckpointBody)


class BadSignatureError(Exception):
    """Bytes that are not what their signer signed, or not of the structure's form."""


def envelope_id(header: bytes) -> bytes:
    """Return the id that is signed and chained."""
    return sha256(b"carelink/1/envelope-id\x00", header)


def letter_id(body: bytes) -> bytes:
    """Return the id of a letter's body, by which receipts and the relay's list name it."""
    return sha256(b"carelink/1/letter-id\x00", body)


def next_checkpoint(digest: bytes, identifier: bytes) -> bytes:
    """Return H_N from H_{N-1} and the N-th envelope's id."""
    return sha256(digest, identifier)


def key_commitment(stream: str, key: bytes) -> bytes:
    """Return the labelled hash of an epoch key (or public key) that the registry holds."""
    return sha256(b"carelink/1/epoch\x00", stream.encode(), b"\x00", key)


def decode_header(header: bytes) -> tuple[Header, EnvelopeCore]:
    """Read a header and its core.

    Raises:
        BadSignatureError: Not a header.
    """
    if len(header) > MAX_HEADER_BYTES:
        raise BadSignatureError
    try:
        decoded = _header.decode(header)
        core = _core.decode(decoded.core)
    except msgspec.MsgspecError as error:
        raise BadSignatureError from error
    if core.suite != SUITE or core.seq < 1:
        raise BadSignatureError
    return decoded, core


def is_ciphertext_of(header: Header, ciphertext: bytes) -> bool:
    """Tell whether these are the bytes that a header speaks of."""
    return len(ciphertext) == header.length and sha256(ciphertext) == header.digest


def verify_envelope(signing_key: bytes, identifier: bytes, signature: bytes) -> bool:
    """Tell whether a device signed the envelope of that id."""
    return verify(SignatureKind.ENVELOPE, signing_key, signature, identifier)


def _certified(state: CircleState | None, statement: Statement) -> bool:
    if not team_signed(state, statement.public):
        return False
    match statement.public:
        case Create() as create:
            return verified_certificates(create.creator.certificates) is not None
        case Add() as add:
            return verified_certificates(add.member.certificates) is not None
        case Enrol() as enrol:
            return verified_certificates(enrol.certificates) is not None
        case AddDevice(certificate):
            author = None if state is None else state.member_of(statement.body.device)
            devices = None if author is None else author.devices
            return verified_certificate(certificate, devices) is not None
        case _:
            return True


def verified_apply(state: CircleState | None, signed: SignedStatement) -> CircleState | Refusal:
    """Check a statement's signatures over its exact bytes, then `apply` it.

    Raises:
        BadSignatureError: A signature, a certificate or the sealed part's hash is wrong.
    """
    try:
        statement = decode_statement(signed.body)
    except ValueError as error:
        raise BadSignatureError from error
    if len(signed.sealed) > MAX_SEALED_BYTES or sha256(signed.sealed) != statement.body.sealed_hash:
        raise BadSignatureError
    if not _certified(state, statement):
        raise BadSignatureError
    after = apply(state, statement)
    if isinstance(after, Refusal):
        return after
    # By its keys before: a device may revoke itself. Whoever begins or is enrolled has none before.
    begins = state is None or isinstance(statement.public, Enrol)
    author = (after if begins or state is None else state).member_of(statement.body.device)
    if author is None:
        raise BadSignatureError
    key = author.devices[statement.body.device].signing_key
    if not verify(SignatureKind.STATEMENT, key, signed.signature, signed.body):
        raise BadSignatureError
    return after


def verified_letter(letter: Letter, sender: Member | None) -> LetterBody:
    """Return a letter's content once its signature by one of the sender's devices holds.

    Raises:
        BadSignatureError: Not so, or the sender is unknown.
    """
    body = decode_letter(letter)
    if sender is None or body.sender not in sender.devices:
        raise BadSignatureError
    key = sender.devices[body.sender].signing_key
    if not verify(SignatureKind.LETTER, key, letter.signature, letter.body):
        raise BadSignatureError
    return body


def decode_letter(letter: Letter) -> LetterBody:
    """Read a letter, unverified.

    Raises:
        BadSignatureError: Not a letter.
    """
    if len(letter.body) > MAX_LETTER_BYTES:
        raise BadSignatureError
    try:
        return _letter.decode(letter.body)
    except msgspec.MsgspecError as error:
        raise BadSignatureError from error


def verified_receipt(receipt: Receipt, owner: Member | None) -> ReceiptBody:
    """Return a receipt's content once its signature by one of the owner's devices holds.

    Raises:
        BadSignatureError: Not so, or the owner is unknown.
    """
    body = decode_receipt(receipt)
    if owner is None or body.device not in owner.devices:
        raise BadSignatureError
    key = owner.devices[body.device].signing_key
    if not verify(SignatureKind.RECEIPT, key, receipt.signature, receipt.body):
        raise BadSignatureError
    return body


def decode_receipt(receipt: Receipt) -> ReceiptBody:
    """Read a receipt, unverified.

    Raises:
        BadSignatureError: Not a receipt.
    """
    try:
        return _receipt.decode(receipt.body)
    except msgspec.MsgspecError as error:
        raise BadSignatureError from error


def verified_checkpoint(checkpoint: Checkpoint, hub_key: bytes) -> CheckpointBody:
    """Return a checkpoint once the pinned relay key's signature holds.

    Raises:
        BadSignatureError: Not signed by that relay.
    """
    if not verify(SignatureKind.CHECKPOINT, hub_key, checkpoint.signature, checkpoint.body):
        raise BadSignatureError
    try:
        return _checkpoint.decode(checkpoint.body)
    except msgspec.MsgspecError as error:
        raise BadSignatureError from error
