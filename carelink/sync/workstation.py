"""What a team says of its shared workstations, and what a PC that becomes one leaves under a code."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

import msgspec

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState
from carelink.access.statements import SUITE, Count, Time
from carelink.crypto.keys import DeviceKeys
from carelink.crypto.packing import decoded
from carelink.crypto.primitives import (
    KEY_BYTES,
    SignatureKind,
    UnsealError,
    derive,
    seal,
    sign,
    unseal,
    verify,
)
from carelink.crypto.workstation import TeamPlace, WorkstationKeys
from carelink.sync.invitation import opened, sealed

_OFFER: Final = b"carelink/1/workstation-offer"
_ANSWER: Final = b"carelink/1/workstation-answer"
_SHOWN: Final = b"carelink/1/workstation-board"
_DESK: Final = b"carelink/1/workstation-desk"

Keys = dict[tuple[str, int], bytes]


class StationOffer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a code gives the PC that becomes a workstation."""

    team: bytes
    team_name: str
    hub_key: bytes
    secret: bytes


class StationAnswer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What that PC leaves in return: where later secrets are sealed to."""

    identifier: bytes
    name: str
    hpke_key: bytes


class Station(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A workstation, as those who run the team know it."""

    identifier: bytes
    name: str
    hpke_key: bytes
    added: Time


class Lost(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A workstation that was stolen or given away.

    Attributes:
        since: When this was said, milliseconds since 1970.
        devices: The members' devices that are on it.
    """

    identifier: bytes
    name: str
    since: Time
    devices: tuple[bytes, ...]


class Shown(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What every member of the team knows: where to leave an account, and which PCs are lost."""

    place: TeamPlace
    lost: tuple[Lost, ...]


class Desk(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What those who run the team know besides.

    Attributes:
        secret: The workstations' own.
        runners: The accounts that may know it; once one of them runs the team no more, it is replaced.
    """

    secret: bytes
    runners: tuple[bytes, ...]
    stations: tuple[Station, ...]


class BoardBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A board as it is signed; each part is sealed under a key of a stream of the team."""

    suite: int
    team: bytes
    serial: Count
    shown_epoch: Count
    shown: bytes
    desk_epoch: Count
    desk: bytes


class SignedBoard(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A board with the signature of a device of someone who runs the team."""

    body: bytes
    device: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Board:
    """A board as one member reads it; `desk` is None for those who do not run the team."""

    serial: int
    shown: Shown
    desk: Desk | None


def seal_board(
    keys: DeviceKeys, state: CircleState, held: Keys, serial: int, desk: Desk, shown: Shown
) -> bytes:
    """Return a board, sealed under the newest keys of the team and signed.

    Raises:
        UnsealError: One of those keys is not here yet.
    """
    shown_epoch = state.streams[Stream.REGISTRY].current
    # Those who run a team read that stream, and the rest of it does not.
    desk_epoch = state.streams[Stream.ROSTER].current
    body = msgspec.msgpack.encode(
        BoardBody(
            SUITE,
            state.circle,
            serial,
            shown_epoch,
            _sealed(held, Stream.REGISTRY, shown_epoch, _SHOWN, msgspec.msgpack.encode(shown)),
            desk_epoch,
            _sealed(held, Stream.ROSTER, desk_epoch, _DESK, msgspec.msgpack.encode(desk)),
        )
    )
    signature = sign(SignatureKind.WORKSTATIONS, keys.signing, body)
    return msgspec.msgpack.encode(SignedBoard(body, keys.device, signature))


def open_board(state: CircleState, held: Keys, data: bytes) -> Board:
    """Read a board that someone who runs the team now has signed.

    Raises:
        UnsealError: It is not, or the key is not here yet.
    """
    signed = decoded(data, SignedBoard)
    author = state.member_of(signed.device)
    if author is None or not author.runs_circle:
        raise UnsealError
    key = author.devices[signed.device].signing_key
    if not verify(SignatureKind.WORKSTATIONS, key, signed.signature, signed.body):
        raise UnsealError
    body = decoded(signed.body, BoardBody)
    if body.suite != SUITE or body.team != state.circle:
        raise UnsealError
    shown = decoded(_opened(held, Stream.REGISTRY, body.shown_epoch, _SHOWN, body.shown), Shown)
    desk = None
    if (Stream.ROSTER, body.desk_epoch) in held:
        desk = decoded(_opened(held, Stream.ROSTER, body.desk_epoch, _DESK, body.desk), Desk)
        if WorkstationKeys(desk.secret).place != shown.place:
            raise UnsealError
    return Board(body.serial, shown, desk)


def seal_offer(key: bytes, offer: StationOffer) -> bytes:
    """Seal what a code gives."""
    return sealed(key, _OFFER, msgspec.msgpack.encode(offer))


def open_offer(key: bytes, data: bytes) -> StationOffer:
    """Open what a code gives.

    Raises:
        UnsealError: Not made with this code.
    """
    return decoded(opened(key, _OFFER, data), StationOffer)


def seal_answer(key: bytes, answer: StationAnswer) -> bytes:
    """Seal what a new workstation leaves."""
    return sealed(key, _ANSWER, msgspec.msgpack.encode(answer))


def open_answer(key: bytes, data: bytes) -> StationAnswer:
    """Open what a new workstation left.

    Raises:
        UnsealError: Not made with this code.
    """
    return decoded(opened(key, _ANSWER, data), StationAnswer)


def _sealed(held: Keys, stream: Stream, epoch: int, label: bytes, data: bytes) -> bytes:
    key = held.get((stream, epoch))
    if key is None:
        raise UnsealError
    salt = secrets.token_bytes(KEY_BYTES)
    return salt + seal(derive(key, salt, label), data, label)


def _opened(held: Keys, stream: Stream, epoch: int, label: bytes, data: bytes) -> bytes:
    key = held.get((stream, epoch))
    if key is None:
        raise UnsealError
    return unseal(derive(key, data[:KEY_BYTES], label), data[KEY_BYTES:], label)
