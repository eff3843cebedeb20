"""A team's own registry, made by hand, as its coordinator's PC would."""

from __future__ import annotations

import secrets
from collections.abc import Collection

import msgspec

from carelink.access.compartments import Stream
from carelink.access.roles import Function, Role
from carelink.access.statements import (
    SUITE,
    Add,
    Announce,
    Create,
    EpochOpening,
    Newcomer,
    OpenEpochs,
    Public,
    SignedTeamEpoch,
    decode_certificate,
)
from carelink.access.team_statements import RosterCard, SignedCard, TeamEpoch
from carelink.crypto.primitives import (
    SignatureKind,
    hpke_generate,
    hpke_public_key,
    sign,
    signing_public_key,
)
from carelink.sync.wire.verification import key_commitment
from tests.hub.people import Circle, Person


class TeamRegistry:
    """The chain of a team that one person runs, with the secrets of its streams."""

    def __init__(self, coordinator: Person) -> None:
        self.coordinator = coordinator
        self.circle = Circle()
        self.name_hash = secrets.token_bytes(32)
        self.secrets: dict[Stream, bytes] = {}
        self.rosters: list[bytes] = []
        newcomer = coordinator.as_newcomer(Role.STAFF, {Function.COORDINATOR})
        mine = [Stream(code) for code, bits in newcomer.rights if bits == 3]
        epochs = tuple(self._new(stream, 1) for stream in mine)
        self.say(Create(secrets.token_bytes(16), newcomer, epochs, team=True))

    @property
    def id(self) -> bytes:
        return self.circle.id

    def _new(self, stream: Stream, number: int) -> EpochOpening:
        secret, public = secrets.token_bytes(32), b""
        if stream.is_write_only_for_most:
            secret = hpke_generate()
            public = hpke_public_key(secret)
        elif stream is Stream.ROSTER:
            public = signing_public_key(secret)
            self.rosters.append(secret)
        self.secrets[stream] = secret
        return EpochOpening(stream.value, number, key_commitment(stream.value, public or secret), public)

    def say(self, public: Public) -> None:
        self.circle.take(self.circle.statement(self.coordinator, public))

    def let_in(self, person: Person, functions: Collection[Function] = ()) -> None:
        self.say(Add(person.as_newcomer(Role.STAFF, functions), ()))

    def open(self, *streams: Stream) -> None:
        current = self.circle.now.streams
        self.say(OpenEpochs(tuple(self._new(stream, current[stream].current + 1) for stream in streams)))

    def announcement(self, **changes: object) -> Announce:
        """Return the next announcement; `changes` make it a lie."""
        state = self.circle.now
        keys, roster = state.streams[Stream.TEAM_KEY].epochs[-1], state.streams[Stream.ROSTER].epochs[-1]
        honest = TeamEpoch(
            SUITE,
            self.id,
            len(state.announced) + 1,
            keys.number,
            keys.public_key,
            roster.number,
            roster.public_key,
            self.name_hash,
            (),
        )
        body = msgspec.msgpack.encode(msgspec.structs.replace(honest, **changes))
        by = [sign(SignatureKind.TEAM_EPOCH, seed, body) for seed in self.rosters[-2:]]
        previous = by[0] if len(by) > 1 else b""
        return Announce(SignedTeamEpoch(body, by[-1], previous), ())

    def card(self, person: Person) -> SignedCard:
        certificate = decode_certificate(person.enrolled.certificate.body)
        card = RosterCard(
            SUITE,
            self.id,
            len(self.circle.now.announced),
            certificate.account_key,
            certificate.name_hash,
        )
        body = msgspec.msgpack.encode(card)
        return SignedCard(body, sign(SignatureKind.ROSTER_CARD, self.rosters[-1], body))

    def as_newcomer(self, role: Role) -> Newcomer:
        """Return what lets the team into a circle, as it last announced itself."""
        newcomer = self.coordinator.as_newcomer(role)
        return msgspec.structs.replace(newcomer, certificates=(), team=self.circle.now.announced[-1])
