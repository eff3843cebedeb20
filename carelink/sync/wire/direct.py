"""Direct streams as they travel: envelopes for named readers, and how a relay is asked for them.

An *opening* begins a stream of its own, whose id is the opening envelope's. Every device has a feed under
each opening; the opening envelope is the first of its maker's.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from carelink.access.direct import DIRECT, MAX_AUDIENCE, MAX_FOLLOWED, MAX_GIVEN
from carelink.access.statements import SUITE, ZERO_HASH, Count
from carelink.sync.wire.structures import MAX_HEADER_BYTES, Envelope, Header
from carelink.sync.wire.verification import BadSignatureError

_Id = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Account = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
_HASH_BYTES = 32
# As all positions of the relay (`api.Position`).
_Position = Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]


class Named(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A reader, with the height of the registry that says which devices are theirs."""

    account: _Account
    height: Count


class Opening(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What an opening says to everyone who carries it.

    Attributes:
        kind: A `DirectKind`.
        commitment: Labelled hash of the key.
        audience: Who reads, its maker among them.
        origin: Account of whoever made the first opening of what this one goes on from; its maker's own
            where it goes on from nothing.
        follows: Openings that it goes on from.
        given: Openings whose keys its body hands to the whole audience.
    """

    kind: str
    commitment: _Id
    audience: Annotated[tuple[Named, ...], msgspec.Meta(min_length=1, max_length=MAX_AUDIENCE)]
    origin: _Account
    follows: Annotated[tuple[_Id, ...], msgspec.Meta(max_length=MAX_FOLLOWED)]
    given: Annotated[tuple[_Id, ...], msgspec.Meta(max_length=MAX_GIVEN)]

    @property
    def accounts(self) -> tuple[bytes, ...]:
        """The readers."""
        return tuple(named.account for named in self.audience)


class DirectCore(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The core of a direct envelope's header; these bytes are the associated data.

    Attributes:
        stream: `DIRECT`, so that it passes for no other stream's.
        opening: Id of the opening that it stands under; empty in the opening itself.
        seq: 1 for the opening, or for the device's first envelope under another's.
        previous: Id of the device's previous envelope under the opening, or 32 zero bytes.
        opens: What the opening says, in the opening itself and nowhere else.
    """

    suite: int
    circle: _Account
    stream: str
    opening: bytes
    registry_height: Count
    registry_head: _Id
    device: _Account
    seq: Count
    previous: _Id
    salt: _Id
    opens: Opening | None


class DirectItem(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A direct envelope with its place among what is given to this account."""

    position: _Position
    envelope: Envelope


_header = msgspec.msgpack.Decoder(Header)
_core = msgspec.msgpack.Decoder(DirectCore)


def decode_direct(header: bytes) -> tuple[Header, DirectCore]:
    """Read a direct envelope's header and its core.

    Raises:
        BadSignatureError: Not such a header.
    """
    if len(header) > MAX_HEADER_BYTES:
        raise BadSignatureError
    try:
        decoded = _header.decode(header)
        core = _core.decode(decoded.core)
    except msgspec.MsgspecError as error:
        raise BadSignatureError from error
    if core.suite != SUITE or core.stream != DIRECT or core.seq < 1 or not _is_placed(core):
        raise BadSignatureError
    return decoded, core


def _is_placed(core: DirectCore) -> bool:
    """Whether the core says one thing about where it stands."""
    if core.opens is None:
        return len(core.opening) == _HASH_BYTES
    accounts = core.opens.accounts
    return (
        not core.opening
        and core.seq == 1
        and core.previous == ZERO_HASH
        and len(set(accounts)) == len(accounts)
        and all(named.height == core.registry_height for named in core.opens.audience)
    )
