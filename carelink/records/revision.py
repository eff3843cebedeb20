"""Immutable revisions: a record is the set of its revisions, whatever order they came in."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

import msgspec

ID_BYTES: Final = 16
MAX_REVISION_BYTES: Final = 1024 * 1024
MAX_AUDIENCE: Final = 2000
MAX_PARENTS: Final = 256
# Year 9999: no calendar and no screen goes further, whatever a hostile clock says.
MAX_WALL: Final = 253_370_764_800_000


class Revision(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """One complete version of a record; never a delta.

    Attributes:
        record: Id of the record, 16 bytes (`new_record_id`).
        kind: What the body is, for example "entry"; unknown kinds are kept and passed on.
        parents: Ids of the revisions that this one replaces.
        author: Account id.
        wall: The author's clock, milliseconds since 1970; it orders nothing but ties.
        audience: Accounts shown to the author as readers before publishing.
        body: MessagePack of the kind's structure.
    """

    record: bytes
    kind: str
    parents: tuple[bytes, ...]
    author: bytes
    wall: int
    audience: tuple[bytes, ...]
    body: bytes


_decoder = msgspec.msgpack.Decoder(Revision)
_encoder = msgspec.msgpack.Encoder()


def new_record_id(now: int) -> bytes:
    """Return a new record's id: 48 bits of time, 80 random ones (after UUID version 7, RFC 9562).

    Ids that grow with time keep the index of a vault with years of records fast to extend.

    Args:
        now: Milliseconds since 1970.
    """
    return (now % (1 << 48)).to_bytes(6, "big") + secrets.token_bytes(ID_BYTES - 6)


def encode_revision(revision: Revision) -> bytes:
    """Return the exact bytes whose hash names the revision."""
    return _encoder.encode(revision)


def revision_id(data: bytes) -> bytes:
    """Return the id of a revision: 16 bytes of the hash of its exact bytes."""
    return hashlib.sha256(b"carelink/1/revision\x00" + data).digest()[:ID_BYTES]


def decode_revision(data: bytes) -> Revision:
    """Read a revision.

    Raises:
        ValueError: Not a revision, or over the limits.
    """
    if len(data) > MAX_REVISION_BYTES:
        raise ValueError("revision too long")
    try:
        revision = _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise ValueError("not a revision") from error
    if (
        len(revision.record) != ID_BYTES
        or len(revision.author) != ID_BYTES
        or len(revision.audience) > MAX_AUDIENCE
        or any(len(parent) != ID_BYTES for parent in revision.parents)
        or len(revision.parents) > MAX_PARENTS
        or not 0 <= revision.wall < MAX_WALL
    ):
        raise ValueError("revision out of bounds")
    return revision
