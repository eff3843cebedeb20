"""The rules of membership: one pure function that clients and relay run on the same chain.

`apply(state, statement)` gives the next state or says why the statement does not count. Dates and
clocks never change its result (PROTOCOL.md, "The registry of a circle").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from carelink.access.compartments import Right, Stream
from carelink.access.statements import (
    MAX_DEVICES,
    SUITE,
    ZERO_HASH,
    Add,
    Certificate,
    Create,
    EpochOpening,
    Expire,
    Newcomer,
    OpenEpochs,
    Statement,
    Vouch,
    circle_id_of,
    decode_certificate,
)

HPKE_PUBLIC_BYTES = 1216
KEY_BYTES = 32
ID_BYTES = 16


class Reason(StrEnum):
    """Why a statement does not count."""

    MALFORMED = "malformed"
    UNKNOWN_KIND = "unknown_kind"
    WRONG_CIRCLE = "wrong_circle"
    WRONG_POSITION = "wrong_position"
    UNKNOWN_DEVICE = "unknown_device"
    NOT_ENTITLED = "not_entitled"
    ALREADY_MEMBER = "already_member"
    NOT_A_MEMBER = "not_a_member"
    FORBIDDEN_RIGHTS = "forbidden_rights"
    WRONG_EPOCH = "wrong_epoch"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A statement that the rules refuse."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Member:
    """The public side of a member's current or last stay.

    Attributes:
        rights: What counts now.
        promised: `care` bits that wait for someone who holds `care` to countersign.
        first_epoch: For each stream, the first epoch that may be given.
        since: Height of the statement that let them in.
        ended: Height of the statement that ended the stay, or None.
    """

    account: bytes
    devices: Mapping[bytes, Certificate]
    rights: Mapping[Stream, Right]
    promised: Mapping[Stream, Right]
    coordinator: bool
    patient_side: bool
    invites: bool
    until: int | None
    first_epoch: Mapping[Stream, int]
    since: int
    ended: int | None = None

    @property
    def active(self) -> bool:
        """Whether the stay is under way."""
        return self.ended is None

    @property
    def runs_circle(self) -> bool:
        """Whether the member changes membership."""
        return self.active and (self.coordinator or self.patient_side)

    def reads(self, stream: Stream) -> bool:
        """Whether the member is entitled to the stream's keys."""
        return self.active and Right.READ in self.rights.get(stream, Right.NONE)

    def writes(self, stream: Stream) -> bool:
        """Whether the member may write in the stream."""
        return self.active and Right.WRITE in self.rights.get(stream, Right.NONE)


@dataclass(frozen=True, slots=True)
class Epoch:
    """One key of a stream, as the registry knows it."""

    number: int
    commitment: bytes
    public_key: bytes
    height: int


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream's epochs; `due` when the next writer must open a new one before writing."""

    epochs: tuple[Epoch, ...] = ()
    due: bool = False

    @property
    def current(self) -> int:
        """The number of the current epoch, 0 before the first."""
        return len(self.epochs)


@dataclass(frozen=True, slots=True)
class CircleState:
    """What the chain says up to `height`."""

    circle: bytes
    height: int
    head: bytes
    members: Mapping[bytes, Member]
    owners: Mapping[bytes, bytes]
    streams: Mapping[Stream, StreamState]

    def member_of(self, device: bytes) -> Member | None:
        """Return the member that a device belongs to in their current or last stay, active or not.

        Whoever comes back with another device leaves the earlier one without rights.
        """
        account = self.owners.get(device)
        member = None if account is None else self.members[account]
        return member if member is not None and device in member.devices else None

    def active_members(self) -> Iterable[Member]:
        """Return the members whose stay is under way."""
        return (member for member in self.members.values() if member.active)

    def someone_reads(self, stream: Stream) -> bool:
        """Whether any member is entitled to the stream's keys."""
        return any(member.reads(stream) for member in self.active_members())


class _Refused(Exception):  # noqa: N818  (control flow inside this module, never seen outside)
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def apply(state: CircleState | None, statement: Statement) -> CircleState | Refusal:
    """Return the state after `statement`, or why it does not count.

    Signatures are verified by the caller, over the exact bytes, before this is asked.
    """
    body = statement.body
    try:
        _require(body.suite == SUITE, Reason.MALFORMED)
        if state is None:
            return _create(statement)
        _require(body.circle == state.circle, Reason.WRONG_CIRCLE)
        _require(body.height == state.height + 1, Reason.WRONG_POSITION)
        _require(body.previous == state.head, Reason.WRONG_POSITION)
        author = state.member_of(body.device)
        if author is None or not author.active:
            raise _Refused(Reason.UNKNOWN_DEVICE)
        return replace(
            _change(state, author, statement),
            height=body.height,
            head=statement.digest,
        )
    except _Refused as refused:
        return Refusal(refused.reason)


def _require(condition: bool, reason: Reason) -> None:
    if not condition:
        raise _Refused(reason)


def _create(statement: Statement) -> CircleState:
    body, public = statement.body, statement.public
    if not isinstance(public, Create):
        raise _Refused(Reason.WRONG_POSITION)
    _require(body.circle == b"" and body.height == 0 and body.previous == ZERO_HASH, Reason.WRONG_POSITION)
    _require(len(public.nonce) == ID_BYTES, Reason.MALFORMED)
    creator = _member(public.creator, since=0)
    _require(body.device in creator.devices, Reason.UNKNOWN_DEVICE)
    _require(creator.runs_circle, Reason.NOT_ENTITLED)
    state = CircleState(
        circle=circle_id_of(statement.digest),
        height=0,
        head=statement.digest,
        members={creator.account: creator},
        owners=dict.fromkeys(creator.devices, creator.account),
        streams={stream: StreamState() for stream in Stream},
    )
    return _open(state, creator, public.epochs, 0)


def _change(state: CircleState, author: Member, statement: Statement) -> CircleState:
    height = statement.body.height
    match statement.public:
        case Add() as add:
            return _add(state, author, add, height)
        case Vouch(account):
            return _vouch(state, author, account)
        case OpenEpochs(epochs):
            _require(len(epochs) > 0, Reason.MALFORMED)
            return _open(state, author, epochs, height)
        case Expire(account):
            return _expire(state, account, statement)
        case Create():
            raise _Refused(Reason.WRONG_POSITION)
        case None:
            raise _Refused(Reason.UNKNOWN_KIND)


def _add(state: CircleState, author: Member, add: Add, height: int) -> CircleState:
    _require(author.runs_circle, Reason.NOT_ENTITLED)
    member = _member(add.member, since=height)
    _require(member.account != author.account, Reason.ALREADY_MEMBER)
    earlier = state.members.get(member.account)
    _require(earlier is None or not earlier.active, Reason.ALREADY_MEMBER)
    _require(
        all(state.owners.get(device, member.account) == member.account for device in member.devices),
        Reason.ALREADY_MEMBER,
    )
    if member.patient_side and not author.patient_side:
        _require(not any(m.patient_side for m in state.active_members()), Reason.NOT_ENTITLED)
    # Who confirms must hold what it gives: `care` counts only when a reader of `care` gives it, or while
    # nobody reads it (the first professional of a family's circle). The patient side reads `care`, unless
    # its own waits for a reader: otherwise a coordinator could appoint a patient side to let oneself in.
    may_give_care = author.reads(Stream.CARE) or not state.someone_reads(Stream.CARE)
    if Stream.CARE in member.rights and not may_give_care:
        rights = dict(member.rights)
        promised = {Stream.CARE: rights.pop(Stream.CARE)}
        member = replace(member, rights=rights, promised=promised)
    streams = dict(state.streams)
    first_epoch: dict[Stream, int] = {}
    for stream in (*member.rights, *member.promised):
        known = streams[stream]
        first_epoch[stream] = 1
        if not add.member.history and stream is not Stream.REGISTRY and known.current:
            first_epoch[stream] = known.current + 1
            streams[stream] = replace(known, due=True)
    member = replace(member, first_epoch=first_epoch)
    state = replace(
        state,
        members={**state.members, member.account: member},
        owners={**state.owners, **dict.fromkeys(member.devices, member.account)},
        streams=streams,
    )
    return _open(state, author, add.epochs, height)


def _vouch(state: CircleState, author: Member, account: bytes) -> CircleState:
    member = state.members.get(account)
    if member is None or not member.active or not member.promised:
        raise _Refused(Reason.NOT_A_MEMBER)
    _require(author.account != account, Reason.NOT_ENTITLED)
    _require(author.reads(Stream.CARE), Reason.NOT_ENTITLED)
    member = replace(member, rights={**member.rights, **member.promised}, promised={})
    return replace(state, members={**state.members, account: member})


def _open(state: CircleState, author: Member, epochs: tuple[EpochOpening, ...], height: int) -> CircleState:
    streams = dict(state.streams)
    for opening in epochs:
        try:
            stream = Stream(opening.stream)
        except ValueError:
            raise _Refused(Reason.MALFORMED) from None
        _require(author.writes(stream) and author.reads(stream), Reason.NOT_ENTITLED)
        known = streams[stream]
        _require(opening.number == known.current + 1, Reason.WRONG_EPOCH)
        _require(len(opening.commitment) == KEY_BYTES, Reason.MALFORMED)
        wanted = HPKE_PUBLIC_BYTES if stream.is_write_only_for_most else 0
        _require(len(opening.public_key) == wanted, Reason.MALFORMED)
        epoch = Epoch(opening.number, opening.commitment, opening.public_key, height)
        streams[stream] = StreamState((*known.epochs, epoch), due=False)
    return replace(state, streams=streams)


def _expire(state: CircleState, account: bytes, statement: Statement) -> CircleState:
    member = state.members.get(account)
    if member is None or not member.active:
        raise _Refused(Reason.NOT_A_MEMBER)
    _require(member.until is not None and statement.body.time >= member.until, Reason.NOT_ENTITLED)
    streams = dict(state.streams)
    for stream in member.rights:
        if member.reads(stream) and streams[stream].current:
            streams[stream] = replace(streams[stream], due=True)
    ended = replace(member, rights={}, promised={}, ended=statement.body.height)
    return replace(state, members={**state.members, account: ended}, streams=streams)


def _member(newcomer: Newcomer, since: int) -> Member:
    _require(0 < len(newcomer.certificates) <= MAX_DEVICES, Reason.MALFORMED)
    devices: dict[bytes, Certificate] = {}
    for signed in newcomer.certificates:
        try:
            certificate = decode_certificate(signed.body)
        except ValueError:
            raise _Refused(Reason.MALFORMED) from None
        _require(
            certificate.suite == SUITE
            and len(certificate.account_key) == KEY_BYTES
            and len(certificate.device) == ID_BYTES
            and len(certificate.signing_key) == KEY_BYTES
            and len(certificate.hpke_key) == HPKE_PUBLIC_BYTES
            and certificate.device not in devices,
            Reason.MALFORMED,
        )
        devices[certificate.device] = certificate
    accounts = {certificate.account for certificate in devices.values()}
    _require(len(accounts) == 1, Reason.MALFORMED)
    rights = _rights(newcomer)
    return Member(
        account=accounts.pop(),
        devices=devices,
        rights=rights,
        promised={},
        coordinator=newcomer.coordinator,
        patient_side=newcomer.patient_side,
        invites=newcomer.invites,
        until=newcomer.until,
        first_epoch=dict.fromkeys(rights, 1),
        since=since,
    )


def _rights(newcomer: Newcomer) -> dict[Stream, Right]:
    rights: dict[Stream, Right] = {}
    for code, bits in newcomer.rights:
        try:
            stream = Stream(code)
        except ValueError:
            raise _Refused(Reason.MALFORMED) from None
        _require(stream not in rights and 0 < bits <= Right.READ_WRITE, Reason.MALFORMED)
        rights[stream] = Right(bits)
    runs = newcomer.coordinator or newcomer.patient_side
    _require(
        rights.get(Stream.REGISTRY) == (Right.READ_WRITE if runs else Right.READ)
        and rights.get(Stream.TRACE) == (Right.READ_WRITE if runs else Right.WRITE)
        and rights.get(Stream.DECISIONS) == (Right.READ_WRITE if runs else None),
        Reason.FORBIDDEN_RIGHTS,
    )
    return rights
