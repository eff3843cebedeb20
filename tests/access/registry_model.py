"""Who may read and write what, told a second time: a ledger of what was given, by whom, and denied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from carelink.access.compartments import Right, Stream
from carelink.access.statements import Deny, Grant

VOLETS = (Stream.LIFE, Stream.COORDINATION, Stream.CARE)
Rights = dict[Stream, Right]


@dataclass
class Stay:
    """One member's stay in the ledger."""

    role: Rights
    coordinator: bool
    patient_side: bool
    patient: bool
    until: int | None
    sound: Rights = field(default_factory=dict)
    grants: dict[Stream, Grant] = field(default_factory=dict)
    through: bytes = b""

    def asked(self, volet: Stream) -> Right:
        """What role and grants would give, if it counted and nobody denied it."""
        grant = self.grants.get(volet)
        return self.role.get(volet, Right(0)) | (Right(grant.bits) if grant else Right(0))


@dataclass
class Ledger:
    """Everybody's stay now, the denials of everybody who ever came, and the devices."""

    stays: dict[bytes, Stay] = field(default_factory=dict)
    denials: dict[bytes, dict[Stream, tuple[bytes, Deny]]] = field(default_factory=dict)
    devices: dict[bytes, set[bytes]] = field(default_factory=dict)

    def rights(self, account: bytes) -> Rights:
        """What counts now."""
        stay = self.stays.get(account)
        if stay is None:
            return {}
        if stay.through:
            return self._through(account, stay.through)
        rights = {s: bits for s, bits in stay.role.items() if s not in VOLETS}
        for volet in VOLETS:
            bits = stay.asked(volet) & stay.sound.get(volet, Right(0))
            if bits and volet not in self.denials.get(account, {}):
                rights[volet] = bits
        if Stream.CARE in rights:
            rights[Stream.CARE_INBOX] = rights.get(Stream.CARE_INBOX, Right(0)) | rights[Stream.CARE]
        return rights

    def _through(self, account: bytes, team: bytes) -> Rights:
        """What a team has, less what is closed to one of its people."""
        closed = set(self.denials.get(account, {}))
        rights = {s: bits for s, bits in self.rights(team).items() if s not in closed}
        if Stream.CARE in closed:
            rights.pop(Stream.CARE_INBOX, None)
            if signals := self.stays[team].role.get(Stream.CARE_INBOX):
                rights[Stream.CARE_INBOX] = signals
        return rights

    def end(self, account: bytes) -> None:
        """End a stay, and those that hang on it."""
        del self.stays[account]
        for other in [a for a, stay in self.stays.items() if stay.through == account]:
            del self.stays[other]

    def reads(self, account: bytes, stream: Stream) -> bool:
        """Whether someone is entitled to a stream's keys."""
        return Right.READ in self.rights(account).get(stream, Right(0))

    def runs(self, account: bytes) -> bool:
        """Whether someone changes membership."""
        stay = self.stays.get(account)
        return stay is not None and (stay.coordinator or stay.patient_side)

    def decides(self, account: bytes) -> bool:
        """Whether someone speaks for the patient, or records what the patient said."""
        stay = self.stays.get(account)
        nobody = not any(other.patient_side for other in self.stays.values())
        return stay is not None and (stay.patient_side or (stay.coordinator and nobody))

    def holders(self, author: bytes) -> set[Stream]:
        """The volets that `author` may make count for others now."""
        return {
            volet
            for volet in VOLETS
            if self.reads(author, volet) or not any(self.reads(known, volet) for known in self.stays)
        }

    def give(self, account: bytes, stay: Stay, sound: Iterable[Stream]) -> None:
        """Enter a stay as it is after a statement whose author makes `sound` volets count."""
        before = self.stays.get(account)
        held = before.sound if before else {}
        stay.sound = {
            volet: stay.asked(volet) & (Right.READ_WRITE if volet in sound else held.get(volet, Right(0)))
            for volet in VOLETS
        }
        self.stays[account] = stay
