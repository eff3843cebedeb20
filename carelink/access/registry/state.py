"""What a chain says of a circle: its members, their rights, the epochs of its streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from carelink.access.compartments import Right, Stream
from carelink.access.statements import Certificate
from carelink.access.team_statements import SignedCard, SignedTeamEpoch


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
    NOTHING_CHANGES = "nothing_changes"


class RefusedError(Exception):
    """A statement does not count; never seen outside this package."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def require(condition: bool, reason: Reason) -> None:
    """Refuse the statement unless `condition` holds."""
    if not condition:
        raise RefusedError(reason)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A statement that the rules refuse."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Granted:
    """A volet opened beyond the role; `until` in milliseconds since 1970, or None."""

    right: Right
    until: int | None


@dataclass(frozen=True, slots=True)
class Denied:
    """A volet closed whatever the role.

    Attributes:
        by: Account that said so.
        on_behalf: Whether a coordinator recorded it for a patient without a device.
        until: Milliseconds since 1970, or None.
    """

    by: bytes
    on_behalf: bool
    until: int | None


@dataclass(frozen=True, slots=True)
class TeamKeys:
    """What a circle last heard of a team in it, as of `TeamEpoch`."""

    serial: int
    number: int
    hpke_key: bytes
    roster_number: int
    roster_key: bytes
    name_hash: bytes


@dataclass(frozen=True, slots=True)
class Member:
    """The public side of a member's current or last stay.

    Attributes:
        account: The person's account, or the team's id.
        devices: Those that count, by id; revoked ones are not among them.
        emergency: Whether they may break the glass.
        emergency_until: Until when the glass is broken, milliseconds since 1970, or None.
        certified_by: For each device that came later, the device that brought it.
        role_rights: What the role gives.
        grants, denials: What the patient decided beyond or below it; denials outlive a stay.
        confirmed: What someone who holds it gave or countersigned, in the guarded streams.
        rights: What counts now.
        promised: What waits for someone who holds it to countersign.
        first_epoch: For each stream, the first epoch that may be given.
        since: Height of the statement that let them in.
        ended: Height of the statement that ended the stay, or None.
        team: For a team: what it announced; its one "device" bears its id and takes its letters.
        through: For someone enrolled: the team by which they are here, whose rights they follow.
    """

    account: bytes
    devices: Mapping[bytes, Certificate]
    role_rights: Mapping[Stream, Right]
    rights: Mapping[Stream, Right]
    coordinator: bool
    patient_side: bool
    patient: bool
    invites: bool
    until: int | None
    since: int
    promised: Mapping[Stream, Right] = field(default_factory=dict)
    confirmed: Mapping[Stream, Right] = field(default_factory=dict)
    grants: Mapping[Stream, Granted] = field(default_factory=dict)
    denials: Mapping[Stream, Denied] = field(default_factory=dict)
    first_epoch: Mapping[Stream, int] = field(default_factory=dict)
    certified_by: Mapping[bytes, bytes] = field(default_factory=dict)
    emergency: bool = False
    emergency_until: int | None = None
    ended: int | None = None
    team: TeamKeys | None = None
    through: bytes = b""

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

    def may_take(self, stream: Stream, epoch: int) -> bool:
        """Whether the member is entitled to an epoch of the stream."""
        return self.reads(stream) and epoch >= self.first_epoch.get(stream, 1)


@dataclass(frozen=True, slots=True)
class Epoch:
    """One key of a stream, as the registry knows it; `opener` is the device that made it."""

    number: int
    commitment: bytes
    public_key: bytes
    height: int
    opener: bytes


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
    """What the chain says up to `height`.

    Attributes:
        owners: The account of every device that ever was in the circle.
        wishes: Who wants whom as coordinator, by account.
        opposed: Whether the patient's side forbids emergency access.
        team: Whether it is a team's registry.
        announced: In a team's registry: what it announced, in order.
        cards: In a team's registry: the cards under the last announcement, by account.
        announced_at: Height of the last announcement.
    """

    circle: bytes
    height: int
    head: bytes
    members: Mapping[bytes, Member]
    owners: Mapping[bytes, bytes]
    streams: Mapping[Stream, StreamState]
    wishes: Mapping[bytes, bytes] = field(default_factory=dict)
    opposed: bool = False
    team: bool = False
    announced: tuple[SignedTeamEpoch, ...] = ()
    cards: Mapping[bytes, SignedCard] = field(default_factory=dict)
    announced_at: int = 0

    def member_of(self, device: bytes) -> Member | None:
        """Return the member that a device belongs to in their current or last stay, active or not.

        Whoever comes back with another device leaves the earlier one without rights, and so does
        whoever revoked it.
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

    @property
    def has_patient_side(self) -> bool:
        """Whether someone in the circle decides for the patient."""
        return any(member.patient_side for member in self.active_members())
