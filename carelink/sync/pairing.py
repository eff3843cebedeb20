"""What two PCs of one account leave each other at a relay, under a code, as an invitation."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from carelink.access.statements import SignedCertificate
from carelink.crypto.primitives import UnsealError, hpke_open, hpke_seal
from carelink.crypto.recovery import Owner, Place
from carelink.sync.invitation import opened, sealed

_T = TypeVar("_T")

_OFFER = b"carelink/1/pairing-offer"
_ANSWER = b"carelink/1/pairing-answer"
_LUGGAGE = b"carelink/1/pairing-luggage"


class Offer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the first PC leaves: who it is."""

    hub_key: bytes
    certificates: tuple[SignedCertificate, ...]


class Answer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the second PC leaves: its public keys, and what to call it."""

    signing: bytes
    hpke: bytes
    name: str


class Luggage(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the second PC takes with it.

    Attributes:
        certificate: Its own.
        others: Those that vouch for it, and the recovery sheet's.
        sheet: The part of the sheet's blob that never changes, or empty.
    """

    owner: Owner
    certificate: SignedCertificate
    others: tuple[SignedCertificate, ...]
    sheet: bytes
    relays: tuple[Place, ...]


def seal_offer(key: bytes, offer: Offer) -> bytes:
    """Seal the first PC's side."""
    return sealed(key, _OFFER, msgspec.msgpack.encode(offer))


def open_offer(key: bytes, data: bytes) -> Offer:
    """Open the first PC's side.

    Raises:
        UnsealError: Not made with this code.
    """
    return _decoded(opened(key, _OFFER, data), Offer)


def seal_answer(key: bytes, answer: Answer) -> bytes:
    """Seal the second PC's side."""
    return sealed(key, _ANSWER, msgspec.msgpack.encode(answer))


def open_answer(key: bytes, data: bytes) -> Answer:
    """Open the second PC's side.

    Raises:
        UnsealError: Not made with this code.
    """
    return _decoded(opened(key, _ANSWER, data), Answer)


def seal_luggage(key: bytes, hpke_key: bytes, luggage: Luggage) -> bytes:
    """Seal what goes to the second PC: who overheard the code opens it no more than the relay does."""
    return sealed(key, _LUGGAGE, hpke_seal(hpke_key, _LUGGAGE, msgspec.msgpack.encode(luggage)))


def open_luggage(key: bytes, hpke_key: bytes, data: bytes) -> Luggage:
    """Open what came for us.

    Raises:
        UnsealError: Not made with this code, or for another PC.
    """
    return _decoded(hpke_open(hpke_key, _LUGGAGE, opened(key, _LUGGAGE, data)), Luggage)


def _decoded(data: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise UnsealError from error
