"""A team as a circle sees it: announcements and cards, honest or not."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence

import msgspec

from carelink.access.registry import HPKE_PUBLIC_BYTES
from carelink.access.roles import Function, Role
from carelink.access.statements import SUITE, Newcomer, SignedTeamEpoch, decode_certificate
from carelink.access.team_statements import RosterCard, SignedCard, TeamEpoch
from carelink.crypto.primitives import SignatureKind, sign, signing_public_key
from tests.hub.people import Person

FORGER = bytes(range(32))


class Team:
    """A team with these people in it; its account and its "device" are its id."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.account = self.device = secrets.token_bytes(16)
        self.people = {person.account for person in people}
        self.name_hash = secrets.token_bytes(32)
        self.roster = secrets.token_bytes(32)
        self.number = self.roster_number = 1
        self.announced: list[tuple[SignedTeamEpoch, tuple[bytes, ...]]] = []
        self.announce()

    @property
    def serial(self) -> int:
        return len(self.announced)

    def announce(self, gone: Sequence[bytes] = (), *, previous: bytes = b"") -> SignedTeamEpoch:
        """Announce what stands, as whoever holds the keys would."""
        signed = self.epoch(gone, self.roster, previous)
        self.announced.append((signed, tuple(gone)))
        return signed

    def epoch(self, gone: Sequence[bytes], seed: bytes, previous: bytes = b"") -> SignedTeamEpoch:
        """Return the next announcement signed with a seed."""
        body = msgspec.msgpack.encode(
            TeamEpoch(
                SUITE,
                self.account,
                self.serial + 1,
                self.number,
                secrets.token_bytes(HPKE_PUBLIC_BYTES),
                self.roster_number,
                signing_public_key(seed),
                self.name_hash,
                tuple(gone),
            )
        )
        before = sign(SignatureKind.TEAM_EPOCH, previous, body) if previous else b""
        return SignedTeamEpoch(body, sign(SignatureKind.TEAM_EPOCH, seed, body), before)

    def toggle(self, person: Person, *, new_roster: bool = False) -> None:
        """See someone leave, which changes the keys, or come."""
        if person.account not in self.people:
            self.people.add(person.account)
            return
        self.people.remove(person.account)
        self.number += 1
        previous = b""
        if new_roster:
            previous, self.roster = self.roster, secrets.token_bytes(32)
            self.roster_number += 1
        self.announce([person.account], previous=previous)

    def moves(self, known: int, *, forged: bool = False) -> tuple[SignedTeamEpoch, ...]:
        """Return what a circle lacks that knows the announcements up to `known`."""
        moves = tuple(signed for signed, _ in self.announced[known:])
        if forged:
            body = msgspec.msgpack.decode(self.announced[-1][0].body, type=TeamEpoch)
            lie = msgspec.structs.replace(
                body, serial=known + len(moves) + 1, roster_key=signing_public_key(FORGER)
            )
            data = msgspec.msgpack.encode(lie)
            by_forger = sign(SignatureKind.TEAM_EPOCH, FORGER, data)
            moves = (*moves, SignedTeamEpoch(data, by_forger, by_forger))
        return moves

    def gone_since(self, known: int) -> set[bytes]:
        return {account for _, gone in self.announced[known:] for account in gone}

    def card(self, person: Person, *, forged: bool = False, serial: int | None = None) -> SignedCard:
        """Return someone's card: whoever left has none under the last announcement."""
        certificate = decode_certificate(person.enrolled.certificate.body)
        latest = self.serial if person.account in self.people else self.serial - 1
        body = msgspec.msgpack.encode(
            RosterCard(
                SUITE,
                self.account,
                max(0, latest if serial is None else min(serial, latest)),
                certificate.account_key,
                certificate.name_hash,
            )
        )
        return SignedCard(body, sign(SignatureKind.ROSTER_CARD, FORGER if forged else self.roster, body))

    def as_newcomer(
        self,
        role: Role,
        functions: Collection[Function] = (),
        *,
        until: int | None = None,
        history: bool = True,
    ) -> Newcomer:
        """Return what lets the team into a circle, as it stands."""
        person = Person("nobody") if not _NOBODY else _NOBODY[0]
        _NOBODY[:] = [person]
        newcomer = person.as_newcomer(role, functions, until=until, history=history)
        return msgspec.structs.replace(newcomer, certificates=(), team=self.announced[-1][0])


_NOBODY: list[Person] = []
