"""Bodies are padded and bounded, and open in their own place only."""

from __future__ import annotations

import struct

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from carelink.access.compartments import Stream
from carelink.access.statements import ZERO_HASH
from carelink.crypto.primitives import UnsealError
from carelink.sync.sealing import (
    MAX_BODY_BYTES,
    Body,
    SealingPlace,
    SeenHead,
    open_envelope,
    pack_body,
    padded_size,
    seal_envelope,
    unpack_body,
)
from carelink.sync.wire.verification import decode_header

KEY, SIGNING = bytes(range(32)), bytes(range(1, 33))
EMPTY = Body((), (), 0, ZERO_HASH)


@given(st.integers(min_value=0, max_value=1 << 40))
def test_a_padded_size_says_little_and_costs_little(size: int) -> None:
    padded = padded_size(size)
    assert padded >= size
    assert padded <= max(2, size + size // 8 + 1)
    assert padded_size(padded) == padded
    if size > 1:
        # Padmé: only as many significant bits as the length of the exponent.
        exponent = size.bit_length() - 1
        assert padded % (1 << (exponent - exponent.bit_length())) == 0


def test_close_sizes_look_alike() -> None:
    assert len({padded_size(size) for size in range(10_000, 11_000)}) <= 5


@given(
    st.lists(st.binary(max_size=300), max_size=5),
    st.lists(st.tuples(st.binary(max_size=16), st.integers(0, 1 << 50), st.binary(max_size=8)), max_size=3),
    st.integers(min_value=0, max_value=1 << 50),
)
def test_a_body_is_read_back(
    revisions: list[bytes], heads: list[tuple[bytes, int, bytes]], count: int
) -> None:
    body = Body(tuple(revisions), tuple(SeenHead(*head) for head in heads), count, ZERO_HASH)
    packed = pack_body(body)
    assert len(packed) == padded_size(len(packed))
    assert unpack_body(packed) == body


def framed(packed: bytes) -> bytes:
    return struct.pack(">I", len(packed)) + packed


def test_a_bomb_that_lies_about_its_size_is_refused_without_being_blown_up() -> None:
    bomb = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(MAX_BODY_BYTES * 8))
    assert len(bomb) < 10_000
    with pytest.raises(ValueError, match="not a body"):
        unpack_body(framed(bomb))
    honest = zstandard.ZstdCompressor(write_content_size=True).compress(bytes(MAX_BODY_BYTES + 1))
    with pytest.raises(ValueError, match="too long"):
        unpack_body(framed(honest))
    small = bytearray(zstandard.ZstdCompressor(write_content_size=True).compress(bytes(300)))
    # The frame's declared size: 300 is written as 44 in two bytes after the magic and the descriptor.
    small[5:7] = (0xFFFF).to_bytes(2, "little")
    with pytest.raises(ValueError, match="not a body"):
        unpack_body(framed(bytes(small)))


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_garbage_is_refused_in_one_way(data: bytes) -> None:
    for candidate in (data, framed(data), framed(zstandard.ZstdCompressor().compress(data))):
        with pytest.raises(ValueError):  # noqa: PT011  (any of its words)
            unpack_body(candidate)


def place(stream: Stream = Stream.LIFE, seq: int = 1) -> SealingPlace:
    return SealingPlace(bytes(16), stream, 1, 0, bytes(32), bytes(16), seq, ZERO_HASH)


def test_an_envelope_opens_in_its_own_place_only() -> None:
    sealed = seal_envelope(place(), KEY, SIGNING, EMPTY)
    header, core = decode_header(sealed.envelope.header)
    assert open_envelope(core, header.core, sealed.envelope.ciphertext, KEY) == EMPTY
    moved = [
        msgspec.structs.replace(core, **{name: value})
        for name, value in (
            ("circle", bytes(15) + b"\x01"),
            ("stream", "care"),
            ("epoch", 2),
            ("device", bytes(15) + b"\x01"),
            ("seq", 2),
            ("salt", bytes(32)),
        )
    ]
    for other in moved:
        with pytest.raises(UnsealError):
            open_envelope(other, msgspec.msgpack.encode(other), sealed.envelope.ciphertext, KEY)
        with pytest.raises(UnsealError):
            open_envelope(other, header.core, sealed.envelope.ciphertext, KEY)


def test_the_registry_it_was_sealed_at_is_authenticated_too() -> None:
    sealed = seal_envelope(place(), KEY, SIGNING, EMPTY)
    core = decode_header(sealed.envelope.header)[1]
    for change in (
        {"registry_height": 1},
        {"registry_head": bytes(31) + b"\x01"},
        {"previous": b"\x01" * 32},
    ):
        other = msgspec.msgpack.encode(msgspec.structs.replace(core, **change))
        with pytest.raises(UnsealError):
            open_envelope(core, other, sealed.envelope.ciphertext, KEY)


def test_the_same_words_are_never_sealed_alike() -> None:
    one, other = (seal_envelope(place(), KEY, SIGNING, EMPTY).envelope for _ in range(2))
    assert one.ciphertext != other.ciphertext
    assert one.header != other.header
