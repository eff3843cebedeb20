"""Sealing and opening one envelope: pure, given the keys."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import zstandard

from carelink.access.compartments import Stream
from carelink.access.statements import SUITE, Count
from carelink.crypto.primitives import (
    KEY_BYTES,
    SignatureKind,
    UnsealError,
    derive,
    hpke_open,
    hpke_seal,
    seal,
    sha256,
    sign,
    unseal,
)
from carelink.sync.wire.structures import Envelope, EnvelopeCore, Header
from carelink.sync.wire.verification import envelope_id

MAX_BODY_BYTES: Final = 8 * 1024 * 1024
_LENGTH_BYTES: Final = 4


class SeenHead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How far the author holds a device's envelopes, with 8 bytes of the last one's id."""

    device: bytes
    seq: Count
    short_id: bytes


class Body(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What an envelope carries, in the clear.

    Attributes:
        revisions: Exact bytes of each revision.
        heads: What changed since the device's previous envelope in the stream.
        checkpoint_count: Count of the relay's last verified checkpoint of the stream, or 0.
    """

    revisions: tuple[bytes, ...]
    heads: tuple[SeenHead, ...]
    checkpoint_count: Count
    checkpoint_digest: bytes


@dataclass(frozen=True, slots=True)
class SealingPlace:
    """Where an envelope goes: the epoch in force and the device's own feed."""

    circle: bytes
    stream: Stream
    epoch: int
    registry_height: int
    registry_head: bytes
    device: bytes
    seq: int
    previous: bytes


@dataclass(frozen=True, slots=True)
class SealedEnvelope:
    """A sealed envelope with its id."""

    identifier: bytes
    seq: int
    envelope: Envelope


_body_decoder = msgspec.msgpack.Decoder(Body)


class _Codec(threading.local):
    """zstd contexts are costly to make and serve one thread at a time."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=3)
        self.decompressor = zstandard.ZstdDecompressor()


_codec = _Codec()


def padded_size(size: int) -> int:
    """Return the Padmé size (Nikitin et al., PETS 2019): it leaks O(log log size) bits."""
    if size < 2:
        return 2
    exponent = size.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (size + mask) & ~mask


def pack_body(body: msgspec.Struct) -> bytes:
    """Return the compressed and padded bytes that are encrypted."""
    packed = _codec.compressor.compress(msgspec.msgpack.encode(body))
    framed = len(packed).to_bytes(_LENGTH_BYTES, "big") + packed
    return framed + bytes(padded_size(len(framed)) - len(framed))


def unpack_body(data: bytes) -> Body:
    """Read what `pack_body` made.

    Raises:
        ValueError: Not such bytes, or more than `MAX_BODY_BYTES` when decompressed.
    """
    try:
        return _body_decoder.decode(unpack(data))
    except msgspec.MsgspecError as error:
        raise ValueError("not a body") from error


def unpack(data: bytes) -> bytes:
    """Return the encoded body out of what `pack_body` made; whatever size is declared, it is bounded.

    Raises:
        ValueError: Not such bytes, or more than `MAX_BODY_BYTES` when decompressed.
    """
    length = int.from_bytes(data[:_LENGTH_BYTES], "big")
    packed = data[_LENGTH_BYTES : _LENGTH_BYTES + length]
    if len(packed) != length:
        raise ValueError("truncated body")
    try:
        # -1 where none is declared.
        if zstandard.frame_content_size(packed) > MAX_BODY_BYTES:
            raise ValueError("body too long")
        return _codec.decompressor.decompress(packed, max_output_size=MAX_BODY_BYTES)
    except zstandard.ZstdError as error:
        raise ValueError("not a body") from error


def _context(circle: bytes, stream: str, epoch: int, device: bytes, seq: int) -> bytes:
    return b"\x00".join(
        (
            b"carelink/1/envelope",
            circle,
            stream.encode(),
            epoch.to_bytes(8, "big"),
            device,
            seq.to_bytes(8, "big"),
        )
    )


def seal_envelope(place: SealingPlace, epoch_key: bytes, signing_key: bytes, body: Body) -> SealedEnvelope:
    """Seal `body` under a once-used key.

    Args:
        place: Where it goes.
        epoch_key: The epoch's secret; for write-only streams, its HPKE public key.
        signing_key: The device's Ed25519 seed.
        body: What to carry.
    """
    salt = secrets.token_bytes(KEY_BYTES)
    context = _context(place.circle, place.stream, place.epoch, place.device, place.seq)
    wrap = b""
    if place.stream.is_write_only_for_most:
        own_key = secrets.token_bytes(KEY_BYTES)
        wrap = hpke_seal(epoch_key, context, own_key)
        epoch_key = own_key
    core = msgspec.msgpack.encode(
        EnvelopeCore(
            suite=SUITE,
            circle=place.circle,
            stream=place.stream,
            epoch=place.epoch,
            registry_height=place.registry_height,
            registry_head=place.registry_head,
            device=place.device,
            seq=place.seq,
            previous=place.previous,
            salt=salt,
            wrap=wrap,
        )
    )
    ciphertext = seal(derive(epoch_key, salt, context), pack_body(body), core)
    header = msgspec.msgpack.encode(Header(core, len(ciphertext), sha256(ciphertext)))
    identifier = envelope_id(header)
    signature = sign(SignatureKind.ENVELOPE, signing_key, identifier)
    return SealedEnvelope(identifier, place.seq, Envelope(header, signature, ciphertext))


def open_envelope(core: EnvelopeCore, core_bytes: bytes, ciphertext: bytes, secret: bytes) -> Body:
    """Decrypt a verified envelope.

    Args:
        core: The decoded core.
        core_bytes: Its exact bytes.
        ciphertext: As it travelled.
        secret: The epoch's key, or the private half in a write-only stream.

    Raises:
        UnsealError: It does not open, or what is inside is not a body.
    """
    return open_envelopes([(core, core_bytes, ciphertext)], secret)[0]


def open_envelopes(sealed: Sequence[tuple[EnvelopeCore, bytes, bytes]], secret: bytes) -> list[Body]:
    """Decrypt verified envelopes of one epoch, each step for all: a quarter faster than one by one.

    Args:
        sealed: Decoded core, its exact bytes, and the ciphertext of each.
        secret: As for `open_envelope`.

    Raises:
        UnsealError: One of them does not open, or what is inside is not a body.
    """
    contexts = [
        _context(core.circle, core.stream, core.epoch, core.device, core.seq) for core, _, _ in sealed
    ]
    own_keys = [
        hpke_open(secret, context, core.wrap) if core.wrap else secret
        for (core, _, _), context in zip(sealed, contexts, strict=True)
    ]
    keys = [
        derive(own, core.salt, context)
        for (core, _, _), context, own in zip(sealed, contexts, own_keys, strict=True)
    ]
    plains = [
        unseal(key, ciphertext, core_bytes)
        for (_, core_bytes, ciphertext), key in zip(sealed, keys, strict=True)
    ]
    try:
        return [unpack_body(plain) for plain in plains]
    except ValueError as error:
        raise UnsealError from error
