"""The sealed part of a statement: names, roles, a status, under the registry epoch in force after it."""

from __future__ import annotations

import secrets
from typing import TypeVar

import msgspec

from carelink.crypto.primitives import KEY_BYTES, UnsealError, derive, seal, unseal
from carelink.records.patient import GenesisPart, MemberCard, TeamPart
from carelink.records.status import StatusPart

SealedPart = GenesisPart | TeamPart | MemberCard | StatusPart
Part = TypeVar("Part", GenesisPart, TeamPart, MemberCard, StatusPart)
_INFO = b"carelink/1/registry-sealed"


def seal_part(part: SealedPart, epoch_key: bytes, height: int) -> bytes:
    """Return salt and ciphertext for the statement at `height`."""
    salt = secrets.token_bytes(KEY_BYTES)
    associated = height.to_bytes(8, "big")
    return salt + seal(derive(epoch_key, salt, _INFO), msgspec.msgpack.encode(part), associated)


def open_part(kind: type[Part], sealed: bytes, epoch_key: bytes, height: int) -> Part:
    """Read a sealed part.

    Raises:
        UnsealError: Another key, another statement, or not such a part.
    """
    key = derive(epoch_key, sealed[:KEY_BYTES], _INFO)
    plain = unseal(key, sealed[KEY_BYTES:], height.to_bytes(8, "big"))
    try:
        return msgspec.msgpack.decode(plain, type=kind)
    except msgspec.MsgspecError as error:
        raise UnsealError from error
