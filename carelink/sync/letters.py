"""Letters that carry epoch keys, and the receipts that answer them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState, Member
from carelink.access.statements import SUITE
from carelink.crypto.keys import DeviceKeys
from carelink.crypto.primitives import (
    SignatureKind,
    UnsealError,
    hpke_open,
    hpke_public_key,
    hpke_seal,
    sign,
    signing_public_key,
)
from carelink.sync.wire.structures import Letter, LetterBody, Receipt, ReceiptBody
from carelink.sync.wire.verification import (
    BadSignatureError,
    key_commitment,
    letter_id,
    verified_letter,
)


def _info(circle: bytes, stream: str, epoch: int, recipient: bytes) -> bytes:
    return b"\x00".join((b"carelink/1/letter", circle, stream.encode(), epoch.to_bytes(8, "big"), recipient))


def write_letter(
    keys: DeviceKeys,
    circle: bytes,
    stream: Stream,
    epoch: int,
    secret: bytes,
    recipient: bytes,
    recipient_key: bytes,
) -> Letter:
    """Return a signed letter giving an epoch's secret to one device."""
    body = msgspec.msgpack.encode(
        LetterBody(
            suite=SUITE,
            circle=circle,
            stream=stream,
            epoch=epoch,
            sender=keys.device,
            recipient=recipient,
            wrap=hpke_seal(recipient_key, _info(circle, stream, epoch, recipient), secret),
        )
    )
    return Letter(body, sign(SignatureKind.LETTER, keys.signing, body))


def secret_matches(state: CircleState, stream: Stream, epoch: int, secret: bytes) -> bool:
    """Tell whether a secret is the one that the registry committed to."""
    epochs = state.streams[stream].epochs
    if not 0 < epoch <= len(epochs):
        return False
    try:
        committed = hpke_public_key(secret) if stream.is_write_only_for_most else secret
        committed = signing_public_key(secret) if stream is Stream.ROSTER else committed
    except ValueError:
        return False
    return key_commitment(stream, committed) == epochs[epoch - 1].commitment


def open_wrap(hpke_key: bytes, body: LetterBody) -> bytes:
    """Return the secret inside a letter, which proves nothing about who sent it.

    Raises:
        UnsealError: The letter is not for this key, or was altered.
    """
    return hpke_open(hpke_key, _info(body.circle, body.stream, body.epoch, body.recipient), body.wrap)


def read_letter(
    opens: Iterable[bytes], state: CircleState, letter: Letter, body: LetterBody, sender: Member | None
) -> bytes:
    """Return the secret that a letter gives, once everything about it holds.

    Args:
        opens: Private keys that letters to its recipient may be for; none where it is not for us.
        state: The circle's newest state.
        letter: The letter.
        body: What it says.
        sender: Who sent it, as they were in the circle.

    Raises:
        BadSignatureError: The sender is not entitled, or the signature is wrong.
        UnsealError: The key inside is not the one that the registry committed to.
    """
    verified_letter(letter, sender)
    try:
        stream = Stream(body.stream)
    except ValueError as error:
        raise BadSignatureError from error
    mine = tuple(opens)
    if sender is None or not sender.reads(stream) or not mine:
        raise BadSignatureError
    for key in mine:
        try:
            secret = open_wrap(key, body)
        except UnsealError:
            continue
        if secret_matches(state, stream, body.epoch, secret):
            return secret
    raise UnsealError


def write_receipt(keys: DeviceKeys, letter: Letter, body: LetterBody) -> Receipt:
    """Return a signed receipt for a letter whose key matched."""
    receipt = msgspec.msgpack.encode(
        ReceiptBody(
            suite=SUITE,
            circle=body.circle,
            stream=body.stream,
            epoch=body.epoch,
            device=keys.device,
            letter=letter_id(letter.body),
        )
    )
    return Receipt(receipt, sign(SignatureKind.RECEIPT, keys.signing, receipt))
