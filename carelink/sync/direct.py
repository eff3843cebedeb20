"""Sealing and opening what is written to people by name: pure, given the keys.

The key of an opening is made with it and wrapped, inside its body, to each device of the audience.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from carelink.access.direct import DIRECT
from carelink.access.registry import CircleState
from carelink.access.statements import SUITE, ZERO_HASH
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
from carelink.sync.sealing import SeenHead, pack_body, unpack
from carelink.sync.wire.direct import DirectCore, Named, Opening
from carelink.sync.wire.structures import Envelope, Header
from carelink.sync.wire.verification import envelope_id, key_commitment


class GivenKey(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The key of an earlier opening."""

    opening: bytes
    secret: bytes


class DirectBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a direct envelope carries, in the clear.

    Attributes:
        record: What an opening is about; empty in all that stands under it.
        revisions: Exact bytes of each revision.
        heads: What of others' feeds under the opening its writer has seen since their envelope before.
        given: Keys of earlier openings, in an opening.
    """

    record: bytes
    revisions: tuple[bytes, ...]
    heads: tuple[SeenHead, ...]
    given: tuple[GivenKey, ...]


class Wrap(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The opening's key, for one device."""

    device: bytes
    wrap: bytes


class OpeningCiphertext(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What an opening has in the place of a ciphertext."""

    wraps: tuple[Wrap, ...]
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class DirectPlace:
    """Where a direct envelope goes; `opening` is empty for an opening."""

    circle: bytes
    opening: bytes
    registry_height: int
    registry_head: bytes
    device: bytes
    seq: int
    previous: bytes


@dataclass(frozen=True, slots=True)
class SealedDirect:
    """A sealed direct envelope with its id."""

    identifier: bytes
    seq: int
    envelope: Envelope


_ciphertext = msgspec.msgpack.Decoder(OpeningCiphertext)
_body = msgspec.msgpack.Decoder(DirectBody)


def new_key() -> bytes:
    """Return a key for an opening."""
    return secrets.token_bytes(KEY_BYTES)


def commitment(key: bytes) -> bytes:
    """Return what an opening's header says of its key."""
    return key_commitment(DIRECT, key)


def named(state: CircleState, accounts: Iterable[bytes]) -> tuple[Named, ...]:
    """Return an audience as its opening says it."""
    return tuple(Named(account, state.height) for account in sorted(accounts))


def _context(core: DirectCore) -> bytes:
    about = core.opens.commitment if core.opens is not None else core.opening
    place = (core.device, core.seq.to_bytes(8, "big"))
    return b"\x00".join((b"carelink/1/direct", core.circle, about, *place))


def _wrap_info(core: DirectCore, recipient: bytes) -> bytes:
    return b"\x00".join((b"carelink/1/direct-key", _context(core), recipient))


def seal_opening(
    place: DirectPlace,
    opens: Opening,
    key: bytes,
    recipients: Mapping[bytes, bytes],
    signing_key: bytes,
    body: DirectBody,
) -> SealedDirect:
    """Seal an opening with its key inside.

    Args:
        place: Where it goes.
        opens: What it says to everyone.
        key: The new stream's key.
        recipients: HPKE public key of each device of the audience, our own among them.
        signing_key: Our device's Ed25519 seed.
        body: What it carries.
    """
    core, core_bytes = _core(place, opens)
    wraps = tuple(
        Wrap(device, hpke_seal(public, _wrap_info(core, device), key))
        for device, public in sorted(recipients.items())
    )
    inner = seal(derive(key, core.salt, _context(core)), pack_body(body), core_bytes)
    return _sealed(place, core_bytes, msgspec.msgpack.encode(OpeningCiphertext(wraps, inner)), signing_key)


def seal_under(place: DirectPlace, key: bytes, signing_key: bytes, body: DirectBody) -> SealedDirect:
    """Seal what goes under an opening."""
    core, core_bytes = _core(place, None)
    ciphertext = seal(derive(key, core.salt, _context(core)), pack_body(body), core_bytes)
    return _sealed(place, core_bytes, ciphertext, signing_key)


def _core(place: DirectPlace, opens: Opening | None) -> tuple[DirectCore, bytes]:
    core = DirectCore(
        suite=SUITE,
        circle=place.circle,
        stream=DIRECT,
        opening=place.opening,
        registry_height=place.registry_height,
        registry_head=place.registry_head,
        device=place.device,
        seq=place.seq,
        previous=place.previous if opens is None else ZERO_HASH,
        salt=secrets.token_bytes(KEY_BYTES),
        opens=opens,
    )
    return core, msgspec.msgpack.encode(core)


def _sealed(place: DirectPlace, core: bytes, ciphertext: bytes, signing_key: bytes) -> SealedDirect:
    header = msgspec.msgpack.encode(Header(core, len(ciphertext), sha256(ciphertext)))
    identifier = envelope_id(header)
    signature = sign(SignatureKind.ENVELOPE, signing_key, identifier)
    return SealedDirect(identifier, place.seq, Envelope(header, signature, ciphertext))


def key_for(core: DirectCore, ciphertext: bytes, device: bytes, hpke_key: bytes) -> bytes | None:
    """Return an opening's key out of the wrap for a device, or None where it has none for it.

    Raises:
        UnsealError: Altered, or not the key that the header commits to.
    """
    wrapped = next((w.wrap for w in _decoded(ciphertext).wraps if w.device == device), None)
    if wrapped is None:
        return None
    key = hpke_open(hpke_key, _wrap_info(core, device), wrapped)
    if core.opens is None or commitment(key) != core.opens.commitment:
        raise UnsealError
    return key


def recipients_of(ciphertext: bytes) -> tuple[bytes, ...]:
    """Return the devices to which an opening wraps its key.

    Raises:
        UnsealError: Not an opening's.
    """
    return tuple(wrap.device for wrap in _decoded(ciphertext).wraps)


def open_direct(core: DirectCore, core_bytes: bytes, ciphertext: bytes, key: bytes) -> DirectBody:
    """Decrypt a verified direct envelope.

    Raises:
        UnsealError: It does not open, or what is inside is not a body.
    """
    inner = ciphertext if core.opens is None else _decoded(ciphertext).ciphertext
    plain = unseal(derive(key, core.salt, _context(core)), inner, core_bytes)
    try:
        return _body.decode(unpack(plain))
    except (ValueError, msgspec.MsgspecError) as error:
        raise UnsealError from error


def _decoded(ciphertext: bytes) -> OpeningCiphertext:
    try:
        return _ciphertext.decode(ciphertext)
    except msgspec.MsgspecError as error:
        raise UnsealError from error
