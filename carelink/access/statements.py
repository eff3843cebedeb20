"""The public parts of registry statements, and how they are read from bytes.

A statement is signed and chained by its exact bytes; nothing is re-serialised to check it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

from carelink.access.parts import (
    MAX_TIME,
    SUITE,
    Certificate,
    Count,
    EpochOpening,
    SealedCut,
    SignedCertificate,
    Time,
)
from carelink.access.team_statements import Announce, Enrol, MoveTeam, SignedTeamEpoch

__all__ = [
    "KINDS",
    "MAX_DEVICES",
    "MAX_STATEMENT_BYTES",
    "MAX_TIME",
    "SUITE",
    "ZERO_HASH",
    "Add",
    "AddDevice",
    "Announce",
    "BreakGlass",
    "Certificate",
    "ChangeRole",
    "Count",
    "Create",
    "Decision",
    "Deny",
    "Enrol",
    "EpochOpening",
    "Expire",
    "Grant",
    "Leave",
    "MoveTeam",
    "Newcomer",
    "OpenEpochs",
    "OpposeEmergency",
    "Public",
    "Remove",
    "RevokeDevices",
    "SealedCut",
    "SignedCertificate",
    "SignedTeamEpoch",
    "Statement",
    "StatementBody",
    "Succeed",
    "Time",
    "Vouch",
    "circle_id_of",
    "decode_certificate",
    "decode_statement",
    "encode_public",
    "encode_statement",
    "statement_hash",
]

ZERO_HASH: Final = bytes(32)
MAX_STATEMENT_BYTES: Final = 64 * 1024
MAX_DEVICES: Final = 16


class Newcomer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The public part of a member: devices, bits per stream, flags.

    Attributes:
        rights: Pairs (stream, bits); 1 reads, 2 writes: what the role gives.
        patient_side: Whether the member decides for the patient.
        until: End of the stay in milliseconds since 1970, or none.
        history: Whether past epochs are given.
        patient: Whether the member is the patient.
        emergency: Whether the member reads nothing and may break the glass.
        retired: Devices among `certificates` that count no more: they signed for those that do.
        team: What the team says of itself, where it is a team that comes in; it has no certificates.
    """

    certificates: tuple[SignedCertificate, ...]
    rights: tuple[tuple[str, int], ...]
    coordinator: bool
    patient_side: bool
    invites: bool
    until: Time | None
    history: bool
    patient: bool = False
    emergency: bool = False
    retired: tuple[bytes, ...] = ()
    team: SignedTeamEpoch | None = None


class Create(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Statement 0: the circle begins with its creator. `nonce` makes each circle unique.

    Attributes:
        team: Whether it is a team of carers that begins, and nobody is cared for in it.
    """

    nonce: bytes
    creator: Newcomer
    epochs: tuple[EpochOpening, ...]
    team: bool = False


class Add(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A member comes in; epochs may be opened in the same statement."""

    member: Newcomer
    epochs: tuple[EpochOpening, ...]


class Vouch(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Someone who holds what another was promised countersigns it."""

    account: bytes


class ChangeRole(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A member's role or functions become others; grants and denials stay.

    Attributes:
        rights: As of `Newcomer`.
        history: Whether past epochs of what they newly read are given.
    """

    account: bytes
    rights: tuple[tuple[str, int], ...]
    coordinator: bool
    patient_side: bool
    patient: bool
    invites: bool
    history: bool
    epochs: tuple[EpochOpening, ...] = ()
    cuts: tuple[SealedCut, ...] = ()
    emergency: bool = False


class Grant(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The patient's side opens a volet beyond the role, or lifts a denial.

    Attributes:
        stream: `life`, `coordination` or `care`.
        bits: 1 reads, 3 reads and writes.
        until: End in milliseconds since 1970, or none.
        history: Whether past epochs are given.
    """

    account: bytes
    stream: str
    bits: int
    until: Time | None
    history: bool
    epochs: tuple[EpochOpening, ...] = ()


class Deny(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The patient's side closes a volet, whatever role and grants say; `until` as of `Grant`."""

    account: bytes
    stream: str
    until: Time | None
    epochs: tuple[EpochOpening, ...] = ()
    cuts: tuple[SealedCut, ...] = ()


class Remove(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A member's stay is ended by another."""

    account: bytes
    epochs: tuple[EpochOpening, ...] = ()
    cuts: tuple[SealedCut, ...] = ()


class Leave(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The author's own stay ends."""


class AddDevice(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The author's account has one more device; a new recovery sheet takes the place of the old."""

    certificate: SignedCertificate
    epochs: tuple[EpochOpening, ...] = ()


class RevokeDevices(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Devices of a member count no more: a stolen PC, and what it certified since."""

    account: bytes
    devices: tuple[bytes, ...]
    epochs: tuple[EpochOpening, ...] = ()
    cuts: tuple[SealedCut, ...] = ()


class OpenEpochs(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """New epochs of streams that the author writes and reads."""

    epochs: tuple[EpochOpening, ...]
    cuts: tuple[SealedCut, ...] = ()


class Expire(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What had an end date that has passed ends: a stay, or a grant or denial of one stream.

    Attributes:
        stream: Whose grant or denial ends; empty for the stay.
    """

    account: bytes
    stream: str = ""


class Succeed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A member wants another as coordinator; two who want the same appoint them."""

    account: bytes


class Decision(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Something of the circle that all its members know, as the patient's status; what, is sealed."""


class BreakGlass(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Someone on call opens the record for some hours, for a reason that all may read.

    Attributes:
        until: End in milliseconds since 1970.
        reason: In their words; the relay records it too.
    """

    until: Time
    reason: str


class OpposeEmergency(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The patient's side forbids emergency access, or allows it again."""

    opposed: bool


Public = (
    Create
    | Add
    | Vouch
    | ChangeRole
    | Grant
    | Deny
    | Remove
    | Leave
    | AddDevice
    | RevokeDevices
    | OpenEpochs
    | Expire
    | Succeed
    | Decision
    | BreakGlass
    | OpposeEmergency
    | Announce
    | Enrol
    | MoveTeam
)

KINDS: Final[dict[str, type[Public]]] = {
    "create": Create,
    "add": Add,
    "vouch": Vouch,
    "change_role": ChangeRole,
    "grant": Grant,
    "deny": Deny,
    "remove": Remove,
    "leave": Leave,
    "add_device": AddDevice,
    "revoke_devices": RevokeDevices,
    "open_epochs": OpenEpochs,
    "expire": Expire,
    "succeed": Succeed,
    "decision": Decision,
    "break_glass": BreakGlass,
    "oppose_emergency": OpposeEmergency,
    "announce": Announce,
    "enrol": Enrol,
    "move_team": MoveTeam,
}


class StatementBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a device signs. `circle` is empty in statement 0, whose hash names the circle."""

    suite: int
    circle: bytes
    height: Count
    previous: bytes
    device: bytes
    time: Time
    kind: str
    public: bytes
    sealed_hash: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """A decoded statement with the hash of its exact bytes.

    Attributes:
        public: The decoded public part, or None where this version does not know the kind.
    """

    body: StatementBody
    public: Public | None
    digest: bytes


def statement_hash(body: bytes) -> bytes:
    """Return the labelled SHA-256 that chains statements."""
    return hashlib.sha256(b"carelink/1/statement-hash\x00" + body).digest()


def circle_id_of(genesis_hash: bytes) -> bytes:
    """Return the circle's id: the first 16 bytes of statement 0's hash."""
    return genesis_hash[:16]


def encode_statement(body: StatementBody) -> bytes:
    """Return the bytes to sign."""
    return msgspec.msgpack.encode(body)


def encode_public(public: Public) -> tuple[str, bytes]:
    """Return a public part's kind and bytes."""
    kind = next(name for name, struct in KINDS.items() if isinstance(public, struct))
    return kind, msgspec.msgpack.encode(public)


_body_decoder = msgspec.msgpack.Decoder(StatementBody)
_public_decoders = {kind: msgspec.msgpack.Decoder(struct) for kind, struct in KINDS.items()}
_certificate_decoder = msgspec.msgpack.Decoder(Certificate)


def decode_statement(body: bytes) -> Statement:
    """Read a statement.

    Raises:
        ValueError: The bytes are not a statement, or are too long.
    """
    if len(body) > MAX_STATEMENT_BYTES:
        raise ValueError("statement too long")
    try:
        decoded = _body_decoder.decode(body)
        decoder = _public_decoders.get(decoded.kind)
        public = None if decoder is None else decoder.decode(decoded.public)
    except msgspec.MsgspecError as error:
        raise ValueError("not a statement") from error
    return Statement(decoded, public, statement_hash(body))


def decode_certificate(body: bytes) -> Certificate:
    """Read a certificate; its signature is checked elsewhere.

    Raises:
        ValueError: The bytes are not a certificate.
    """
    try:
        return _certificate_decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise ValueError("not a certificate") from error
