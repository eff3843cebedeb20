"""How what is sealed is written: MessagePack in one size, whatever it holds."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from carelink.crypto.primitives import UnsealError

_T = TypeVar("_T")


def padded(data: bytes, size: int) -> bytes:
    """Return data with its length before it, in one size.

    Raises:
        ValueError: It is longer than that.
    """
    if len(data) > size - 4:
        raise ValueError("too long for what it is sealed in")
    return len(data).to_bytes(4, "big") + data + bytes(size - 4 - len(data))


def unpadded(data: bytes) -> bytes:
    """Return what `padded` made longer.

    Raises:
        UnsealError: Not made by it.
    """
    length = int.from_bytes(data[:4], "big")
    if length > len(data) - 4:
        raise UnsealError
    return data[4 : 4 + length]


def decoded(data: bytes, kind: type[_T]) -> _T:
    """Read a structure.

    Raises:
        UnsealError: Not one.
    """
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise UnsealError from error
